import ControllerAudit
import Foundation
import TandemCrypto
import TandemModel
import Testing

@testable import tandem

@Suite(.timeLimit(.minutes(2))) struct AuditVerificationTests {
    private static func export(_ count: Int, _ key: Ed25519.PrivateKey) throws -> [AuditLine] {
        var lines: [AuditLine] = []
        var tip = AuditTip(count: 0, hash: AuditChain.start)
        for number in 1...count {
            let bytes = Array("{\"person\":\"ada\",\"what\":\"press \(number)\"}".utf8)
            let hash = AuditChain.hash(of: bytes, after: tip.hash)
            tip = AuditTip(count: tip.count + 1, hash: hash)
            lines.append(.entry(ChainedEntry(row: tip.count, entry: bytes, hash: hash)))
        }
        return [.head(try AuditHead(tip, at: WallTime(milliseconds: 1), by: key))] + lines
    }

    private static func data(_ lines: [AuditLine]) throws -> Data {
        Data(try lines.flatMap { try $0.bytes })
    }

    @Test func aHundredThousandRowsTakeSeconds() throws {
        let key = try Ed25519.PrivateKey.generate()
        let data = try Self.data(try Self.export(100_000, key))
        let clock = ContinuousClock()
        let begun = clock.now
        let result = try AuditVerification(key: key.publicKey).verify(export: FileLines(data))
        // Unoptimized here, on a busy machine; the program itself needs a second or two.
        #expect(clock.now - begun < .seconds(45))
        #expect(result.rowCount == 100_000 && result.unsignedCount == 0)
    }

    @Test func headsKeptElsewhereCount() throws {
        let key = try Ed25519.PrivateKey.generate()
        let lines = try Self.export(5, key)
        let heads = try Self.data(Array(lines.prefix(1)))
        let verification = AuditVerification(key: key.publicKey)
        let entries = try Self.data(Array(lines.dropFirst()))
        #expect(
            try verification.verify(export: FileLines(entries), heads: FileLines(heads)).headCount
                == 1
        )
        #expect(throws: TandemError.self) { try verification.verify(export: FileLines(entries)) }
        let cut = try Self.data(Array(lines.dropFirst().dropLast()))
        let error = #expect(throws: TandemError.self) {
            try verification.verify(export: FileLines(cut), heads: FileLines(heads))
        }
        #expect(error?.code == .auditBroken)
    }

    @Test(arguments: ["", "x", "{}", "{\"row\":1}", "{\"head\":{}}", "\u{0}"])
    func whatIsNoExportIsRefused(_ text: String) throws {
        let key = try Ed25519.PrivateKey.generate().publicKey
        let verification = AuditVerification(key: key)
        guard !text.isEmpty else {
            #expect(try verification.verify(export: FileLines(Data())).rowCount == 0)
            return
        }
        let error = #expect(throws: TandemError.self) {
            try verification.verify(export: FileLines(Data((text + "\n").utf8)))
        }
        #expect(error?.code == .auditBroken)
    }

    @Test func theKeysFileIsRead() throws {
        let key = try Ed25519.PrivateKey.generate().publicKey
        let text = "tandem-audit-key \(Data(key.rawBytes).base64EncodedString())\n"
        #expect(try AuditVerification.key(Data(text.utf8), of: "f") == key)
        for bad in ["", "tandem-audit-key", "key AAAA", "tandem-audit-key AAAA"] {
            let error = #expect(throws: TandemError.self) {
                try AuditVerification.key(Data(bad.utf8), of: "f")
            }
            #expect(error?.code == .keyUnusable)
        }
    }
}
