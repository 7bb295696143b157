import ArgumentParser
import ControllerAudit
import Foundation
import TandemCrypto
import TandemModel

struct VerifyAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hold an exported audit against its own hashes and against signed heads.",
        discussion: """
            Asks no controller. The key is `audit-key.pub` of the controller's state folder: fetch it \
            when the controller is set up, and keep it elsewhere. Heads leave the controller in its \
            log (\"audit head\"): give what the log server has by --head or --heads, since rows that \
            were cut off behind the newest head in the file can't be noticed otherwise.

            Exit code 1 and TDM-7007 name the first row that does not hold.
            """
    )

    @Argument(
        help: "What `tandem audit export` wrote; `-` for standard input.",
        completion: .file()
    )
    var file: String

    @Option(name: .long, help: "The public key that signs heads.", completion: .file())
    var key: String

    @Option(name: .long, help: "The hash of a head that was noted elsewhere; may be repeated.")
    var head: [String] = []

    @Option(
        name: .long,
        help: "A copy of the controller's file `audit-heads`, kept elsewhere.",
        completion: .file()
    )
    var heads: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let result = try AuditVerification(
                key: try AuditVerification.key(Self.content(key), of: key),
                known: try head.map(Self.digest)
            ).verify(
                export: file == "-"
                    ? FileLines(.standardInput) : try FileLines(file),
                heads: try heads.map { try FileLines($0) }
            )
            try output.show(result) { result in
                """
                The audit holds: \(result.rowCount) rows, \(result.headCount) signed heads.
                Newest row's hash: \(result.hash)
                Not signed yet: \(result.unsignedCount) rows.

                """
            }
        }
    }

    private static func digest(_ text: String) throws -> Digest {
        guard let digest = Digest(text) else {
            throw TandemError(
                .usage,
                "'\(text.prefix(80))' is no hash of a head",
                remedy: "Give the 64 hexadecimal digits behind `hash=` in the log."
            )
        }
        return digest
    }

    private static func content(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TandemError(.fileUnavailable, "\(path) can't be read", remedy: "Check the path.")
        }
        return data
    }
}

/// Reads an export line by line and holds it against a key.
struct AuditVerification {
    /// What holds, as it is shown.
    struct Result: Encodable, Hashable {
        var rowCount: UInt64
        var hash: Digest
        var headCount: Int
        /// Rows behind the newest signed head.
        var unsignedCount: UInt64
    }

    let key: Ed25519.PublicKey
    var known: [Digest] = []

    /// - Throws: `auditBroken` naming the first row that does not hold.
    func verify(export: FileLines, heads: FileLines? = nil) throws -> Result {
        var verifier = AuditVerifier(key: key, known: Set(known))
        for lines in [heads, export].compactMap(\.self) {
            var lines = lines
            var number = 0
            while let line = try lines.next() {
                number += 1
                try verifier.take(try AuditLine(line, line: number))
            }
        }
        let result = try verifier.finish()
        return Result(
            rowCount: result.tip.count,
            hash: result.tip.hash,
            headCount: result.headCount,
            unsignedCount: result.unsignedCount
        )
    }

    /// Reads `audit-key.pub`.
    static func key(_ content: Data, of path: String) throws -> Ed25519.PublicKey {
        let words = String(decoding: content, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "tandem-audit-key",
            let raw = Data(base64Encoded: String(words[1])),
            let key = Ed25519.PublicKey(rawBytes: Array(raw))
        else {
            throw TandemError(
                .keyUnusable,
                "\(path) is no public key of an audit",
                remedy: "Give `audit-key.pub` of the controller's state folder."
            )
        }
        return key
    }
}
