import COpenSSL
package import TandemModel

/// A password as it is kept: scrypt of it, with the parameters and the salt that were used.
///
/// Its text is `scrypt$N$r$p$SALT$HASH`, salt and hash in hexadecimal digits.
package struct PasswordHash: Sendable, Hashable, CustomStringConvertible {
    /// What one computation costs: memory is 128 · `cost` · `blockSize` bytes.
    package struct Parameters: Sendable, Hashable {
        var cost: UInt64
        var blockSize: UInt64
        var parallel: UInt64

        /// 128 MiB and about half a second of one core: OWASP ASVS 5.0, appendix C.
        package static let current = Parameters(cost: 1 << 17, blockSize: 8, parallel: 1)
        /// For tests that hash by the hundred.
        package static let cheap = Parameters(cost: 1 << 4, blockSize: 8, parallel: 1)
    }

    private static let saltByteCount = 16
    private static let hashByteCount = 32
    /// libcrypto refuses above 32 MiB unless told; 128 MiB are needed, and a little for itself.
    private static let memoryByteCountMax: UInt64 = 160 << 20

    private let parameters: Parameters
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// Computes the hash of a new password, with a salt of its own.
    package init(of password: String, _ parameters: Parameters = .current) throws(TandemError) {
        self.parameters = parameters
        salt = secureRandom(Self.saltByteCount)
        hash = try Self.scrypt(password, salt, parameters)
    }

    /// Reads the text; `nil` for anything else, or for parameters that would take too much memory.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let cost = UInt64(parts[1]),
            let blockSize = UInt64(parts[2]), let parallel = UInt64(parts[3]),
            (2...(1 << 17)).contains(cost), (1...8).contains(blockSize),
            (1...4).contains(parallel), let salt = bytes(ofHexadecimal: parts[4]),
            let hash = bytes(ofHexadecimal: parts[5]), hash.count == Self.hashByteCount,
            !salt.isEmpty
        else { return nil }
        parameters = Parameters(cost: cost, blockSize: blockSize, parallel: parallel)
        self.salt = salt
        self.hash = hash
    }

    package var description: String {
        [
            "scrypt", "\(parameters.cost)", "\(parameters.blockSize)", "\(parameters.parallel)",
            hexadecimal(salt), hexadecimal(hash),
        ].joined(separator: "$")
    }

    /// Whether it is the password; takes as long for a wrong one as for the right one.
    package func matches(_ password: String) throws(TandemError) -> Bool {
        areSame(try Self.scrypt(password, salt, parameters), hash)
    }

    /// Whether it was made as new ones are made.
    package func isMade(with parameters: Parameters) -> Bool { self.parameters == parameters }

    private static func scrypt(
        _ password: String,
        _ salt: [UInt8],
        _ parameters: Parameters
    ) throws(TandemError) -> [UInt8] {
        let bytes = Array(password.utf8)
        var key = [UInt8](repeating: 0, count: hashByteCount)
        let isDone = bytes.withUnsafeBytes { input in
            EVP_PBE_scrypt(
                input.bindMemory(to: CChar.self).baseAddress,
                input.count,
                salt,
                salt.count,
                parameters.cost,
                parameters.blockSize,
                parameters.parallel,
                memoryByteCountMax,
                &key,
                key.count
            )
        }
        guard isDone == 1 else {
            throw TandemError(
                .storeUnavailable,
                "a password can't be checked now",
                remedy: "See that the controller has 128 MiB of memory to spare for each sign-in.",
                cause: ErrorQueue.drainText()
            )
        }
        return key
    }
}
