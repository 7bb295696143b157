package import TandemCrypto
package import TandemModel
import TandemSpawn

/// Whose signatures on a release manifest count, and how many are needed.
///
/// Lines `version N`, `threshold N` and one `key BASE64` per key (a raw Ed25519 public key); `#`
/// begins a comment. The version rises with each change; whoever keeps a trust file refuses a lower
/// one than it has seen.
package struct TrustFile: Hashable, Sendable {
    /// From 1; never falls.
    package let version: UInt64
    /// How many different keys must have signed; 1 up to the number of keys.
    package let threshold: Int
    /// The keys that count, each once.
    package let keys: [Ed25519.PublicKey]

    /// A trust file's longest content in bytes.
    package static let byteCountMax = 64 * 1024

    /// Trust in some keys; `nil` when the threshold can't be met or a key stands twice.
    package init?(version: UInt64, threshold: Int, keys: [Ed25519.PublicKey]) {
        guard version >= 1, threshold >= 1, threshold <= keys.count,
            Set(keys).count == keys.count
        else { return nil }
        self.version = version
        self.threshold = threshold
        self.keys = keys
    }

    /// Reads a trust file.
    package init(path: String) throws(TandemError) {
        let content = try Files.read(path, byteCountMax: Self.byteCountMax)
        try self.init(parsing: String(decoding: content, as: UTF8.self), path: path)
    }

    /// Reads the text of a trust file; `path` only names it in errors, which also name the line.
    package init(parsing text: String, path: String) throws(TandemError) {
        var version: UInt64?
        var threshold: Int?
        var keys: [Ed25519.PublicKey] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let word = words.first else { continue }
            func fail(_ what: String) -> TandemError {
                Self.invalid("\(path), line \(index + 1): \(what)")
            }
            guard words.count == 2 else { throw fail("a word and one value are expected") }
            switch word {
            case "version":
                guard version == nil else { throw fail("version stands twice") }
                guard let number = UInt64(words[1]), number >= 1 else {
                    throw fail("the version is a number from 1")
                }
                version = number
            case "threshold":
                guard threshold == nil else { throw fail("threshold stands twice") }
                guard let number = Int(words[1]), (1...255).contains(number) else {
                    throw fail("the threshold is a number from 1 to 255")
                }
                threshold = number
            case "key":
                guard let raw = Base64.decode(words[1]), let key = Ed25519.PublicKey(rawBytes: raw)
                else { throw fail("the key is not 32 bytes in base64") }
                guard !keys.contains(key) else { throw fail("this key stands twice") }
                keys.append(key)
            case _:
                throw fail("'\(word)' is none of version, threshold, key")
            }
        }
        guard let version else { throw Self.invalid("\(path) has no version line") }
        guard let threshold else { throw Self.invalid("\(path) has no threshold line") }
        guard let trust = TrustFile(version: version, threshold: threshold, keys: keys) else {
            throw Self.invalid(
                "\(path) asks for \(threshold) signatures but holds \(keys.count) keys"
            )
        }
        self = trust
    }

    /// The text that reads back as this trust file.
    package var text: String {
        "version \(version)\nthreshold \(threshold)\n" + keys.map(Self.line(for:)).joined()
    }

    /// The line of a trust file that names a key.
    package static func line(for key: Ed25519.PublicKey) -> String {
        "key \(Base64.encode(key.rawBytes))\n"
    }

    private static func invalid(_ what: String) -> TandemError {
        TandemError(
            .configurationInvalid,
            what,
            remedy: "Mend the trust file: lines 'version N', 'threshold N' and one 'key BASE64' "
                + "per key that `tandem image key` printed."
        )
    }
}
