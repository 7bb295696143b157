import ControllerAudit
import Foundation
import Synchronization
import TandemCrypto
import TandemModel
import Testing

@testable import tandem

/// An audit of any length is exported and verified with what little memory there is.
@Suite(.timeLimit(.minutes(2))) struct AuditDownloadTests {
    /// An audit of so many rows, every tenth signed.
    private struct Audit {
        let key: Ed25519.PrivateKey
        var rows: [ChainedEntry] = []
        var heads: [AuditHead] = []

        init(_ count: Int) throws {
            key = try Ed25519.PrivateKey.generate()
            var tip = AuditTip(count: 0, hash: AuditChain.start)
            for number in 1...count {
                let bytes = Array("{\"person\":\"ada\",\"what\":\"press \(number)\"}".utf8)
                let hash = AuditChain.hash(of: bytes, after: tip.hash)
                tip = AuditTip(count: tip.count + 1, hash: hash)
                rows.append(ChainedEntry(row: tip.count, entry: bytes, hash: hash))
                guard number.isMultiple(of: 10) else { continue }
                heads.append(try AuditHead(tip, at: WallTime(milliseconds: 1), by: key))
            }
        }

        /// As the controller answers.
        func piece(after row: UInt64, limit: Int) -> [UInt8] {
            let rows = rows.filter { $0.row > row }.prefix(limit)
            let newest = rows.last?.row ?? .max
            let heads = heads.filter { $0.count > row && $0.count <= newest }.prefix(limit)
            let lines = heads.map(AuditLine.head) + rows.map(AuditLine.entry)
            return lines.flatMap { (try? $0.bytes) ?? [] }
        }

        /// A controller that has it, with or without pieces.
        func controller(hasPieces: Bool = true) throws -> StubController {
            try StubController { request in
                let terms = URLComponents(string: request.path)?.queryItems ?? []
                let number = { (name: String) in
                    terms.first { $0.name == name }?.value.flatMap(UInt64.init)
                }
                return StubController.Answer(
                    status: 200,
                    body: hasPieces
                        ? piece(
                            after: number("after") ?? 0,
                            limit: number("limit").map { Int(clamping: $0) } ?? .max
                        ) : piece(after: 0, limit: .max)
                )
            }
        }
    }

    @Test func anExportIsLongerThanAnyAnswer() async throws {
        let audit = try Audit(205)
        let stub = try audit.controller()
        var client = try stub.client()
        client.answerByteCountMax = 8 * 1024
        let whole = audit.piece(after: 0, limit: .max)
        #expect(whole.count > 4 * client.answerByteCountMax)
        let path = stub.certificates.folder("audit.jsonl")
        try await AuditDownload(client: client, rowCount: 20).write(toNew: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let result = try AuditVerification(key: audit.key.publicKey)
            .verify(export: FileLines(path, pieceByteCount: 100))
        #expect(result.rowCount == 205 && result.headCount == 20 && result.unsignedCount == 5)
        #expect(stub.requests.count == 12)
        let again = await #expect(throws: TandemError.self) {
            try await AuditDownload(client: client, rowCount: 20).write(toNew: path)
        }
        #expect(again?.code == .fileUnavailable)
    }

    @Test func whatWasCutBehindItsHeadsIsExportedAndFound() async throws {
        var audit = try Audit(40)
        audit.rows.removeLast(15)
        let stub = try audit.controller()
        let path = stub.certificates.folder("audit.jsonl")
        try await AuditDownload(client: stub.client(), rowCount: 10).write(toNew: path)
        let error = #expect(throws: TandemError.self) {
            try AuditVerification(key: audit.key.publicKey).verify(export: FileLines(path))
        }
        #expect(error?.message.contains("cut after row 25: row 40 was signed") == true)
    }

    /// It would be asked for for ever, and each row would stand there twice.
    @Test func aControllerThatSendsAllAgainIsRefused() async throws {
        let stub = try Audit(30).controller(hasPieces: false)
        let path = stub.certificates.folder("audit.jsonl")
        let error = await #expect(throws: TandemError.self) {
            try await AuditDownload(client: stub.client(), rowCount: 10).write(toNew: path)
        }
        #expect(error?.code == .protocolViolation)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileWithoutEndIsNotReadIntoMemory() throws {
        let count = Mutex(0)
        var lines = FileLines {
            count.withLock { $0 += 1 }
            return Data(repeating: 65, count: 1 << 20)
        }
        let error = #expect(throws: TandemError.self) { try lines.next() }
        #expect(error?.code == .auditBroken && count.withLock { $0 } < 20)
    }
}
