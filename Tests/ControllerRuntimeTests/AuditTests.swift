import ControllerAPI
import ControllerAudit
import ControllerStore
import Foundation
import Logging
import TandemCrypto
import TandemModel
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct AuditTests {
    private func addition(_ name: String, _ controller: RunningController) throws -> String {
        let (issued, _) = try controller.identities.agent("\(name)-1")
        let request = ClusterAddRequest(
            name: ClusterName(name),
            kind: .scef,
            site: SiteName("north"),
            isPrimarySite: false,
            servers: [
                .init(
                    name: ServerName("\(name)-1"),
                    certificate: String(decoding: issued.certificatePEM, as: UTF8.self)
                )
            ]
        )
        let body = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        return "POST /api/v1/clusters HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func aRequestIsToldWithItsOriginAndSignedAtTheEnd() async throws {
        let store = InMemoryStore()
        try await RunningController.with(store: store) { controller in
            let person = try await RawOperator.connect(to: controller)
            try await person.send(try addition("c1", controller))
            let answer = try await person.answerUntilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 201"), "\(answer)")
            let reader = try await RawOperator.connect(to: controller)
            try await reader.send(
                "GET /api/v1/audit/export HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
            )
            let export = try await reader.answerUntilClosed()
            #expect(export.contains("application/x-ndjson"))
            #expect(export.contains("add cluster c1"), "\(export)")
        }
        let entry = try #require(try await store.audit(before: nil, limit: 9).last?.item)
        #expect(entry.what == "add cluster c1" && entry.person.text == "ada")
        #expect(entry.address == "127.0.0.1" && entry.means == "certificate")
        let head = try #require(try await store.newestAuditHead())
        #expect(head.count == (try await store.auditTip().count))
    }

    /// A sealer alone, over a store that a test fills.
    private func sealer(_ folder: URL, _ store: any NetworkStore, _ pace: AuditSealer.Pace) throws
        -> AuditSealer
    {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try AuditSealer(store: store, folder: folder.path, pace: pace, logger: logger)
    }

    private func fill(_ store: any NetworkStore, _ count: Int) async throws {
        var transaction = StoreTransaction(epoch: try await store.open().epoch)
        transaction.audit = (0..<count).map { number in
            AuditEntry(
                time: WallTime(milliseconds: 1),
                person: PersonName("ada"),
                cluster: nil,
                server: nil,
                what: "press \(number)",
                reason: ""
            )
        }
        try await store.commit(transaction)
    }

    private func withFolder(_ work: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-sealer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await work(folder)
    }

    /// Pieces as a reader with little memory asks for them are the whole, row by row.
    @Test func theAuditIsExportedInPieces() async throws {
        let store = InMemoryStore()
        try await withFolder { folder in
            let sealer = try sealer(folder, store, AuditSealer.Pace())
            for count in [4, 3, 5] {
                try await fill(store, count)
                #expect(await sealer.seal())
            }
            try await fill(store, 2)
            try await RunningController.with(store: store) { controller in
                let count = try await store.auditTip().count
                var verifier = AuditVerifier(key: sealer.key.key.publicKey)
                var (last, pieceCount) = (UInt64(0), 0)
                while last < count {
                    let piece = try await controller.service.auditExport(after: last, limit: 3)
                    let lines = try piece.split(separator: 10).map { try AuditLine($0, line: 1) }
                    let rows = lines.compactMap { line -> UInt64? in
                        guard case .entry(let entry) = line else { return nil }
                        return entry.row
                    }
                    #expect(rows.count <= 3 && rows.first == last + 1)
                    for line in lines { try verifier.take(line) }
                    last = try #require(rows.last)
                    pieceCount += 1
                }
                #expect(try await controller.service.auditExport(after: last, limit: 3).isEmpty)
                #expect(try verifier.finish().headCount >= 3 && pieceCount >= 5)
            }
        }
    }

    /// Rows may be long: no piece is much more than its limit, whatever number was asked for.
    @Test func aPieceOfLongRowsIsBounded() async throws {
        let store = InMemoryStore()
        try await fill(store, 9)
        let row = try await AuditPiece(of: store, after: 0, limit: 1).bytes
        let piece = try await AuditPiece(
            of: store,
            after: 0,
            limit: 500,
            byteCount: 2 * row.count + 1
        )
        #expect(piece.last == 3 && piece.bytes.split(separator: 10).count == 3)
        let none = try await AuditPiece(of: store, after: 0, limit: 500, byteCount: 1)
        #expect(none.last == 1, "one row always goes on")
    }

    @Test func theKeyIsMadeOnceAndIsItsOwnersAlone() async throws {
        try await withFolder { folder in
            let first = try AuditKey(folder: folder.path)
            let again = try AuditKey(folder: folder.path)
            #expect(first.isNew && !again.isNew && first.text == again.text)
            let path = folder.appending(path: "audit-key.pem").path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let pub = try String(
                contentsOf: folder.appending(path: "audit-key.pub"),
                encoding: .utf8
            )
            #expect(pub == first.text + "\n")
        }
    }

    @Test func manyRowsAreSignedAtOnceAndTheFileHasTheHead() async throws {
        try await withFolder { folder in
            let store = InMemoryStore()
            let pace = AuditSealer.Pace(rowCount: 3, time: .seconds(600), look: .milliseconds(5))
            let sealer = try sealer(folder, store, pace)
            try await fill(store, 3)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await sealer.run() }
                while try await store.newestAuditHead() == nil { await Task.yield() }
                group.cancelAll()
            }
            let head = try #require(try await store.newestAuditHead())
            #expect(head.count == 3 && head.isSigned(by: sealer.key.key.publicKey))
            let lines = try Data(contentsOf: folder.appending(path: "audit-heads"))
                .split(separator: 10)
            #expect(try lines.map { try AuditLine($0, line: 1) } == [.head(head)])
            #expect(await sealer.seal())
            #expect(try await store.auditHeads(after: 0, limit: 9).count == 1)
        }
    }

    @Test func fewRowsWaitUntilTheirTimeHasCome() async throws {
        try await withFolder { folder in
            let store = InMemoryStore()
            let pace = AuditSealer.Pace(time: .milliseconds(30), look: .milliseconds(5))
            let sealer = try sealer(folder, store, pace)
            try await fill(store, 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await sealer.run() }
                while try await store.newestAuditHead() == nil { await Task.yield() }
                group.cancelAll()
            }
            #expect(try await store.newestAuditHead()?.count == 1)
        }
    }
}
