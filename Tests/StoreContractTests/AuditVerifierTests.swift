import ControllerAudit
import TandemCrypto
import TandemModel
import Testing

/// Every way to tamper with an export, at every row.
@Suite struct AuditVerifierTests {
    private let key: Ed25519.PrivateKey
    private let heads: [AuditHead]
    private let entries: [ChainedEntry]
    private static let rowCount = 12

    init() throws {
        key = try .generate()
        var entries: [ChainedEntry] = []
        var heads: [AuditHead] = []
        var tip = AuditTip(count: 0, hash: AuditChain.start)
        for number in 1...Self.rowCount {
            let bytes = Array("{\"what\":\"press \(number)\"}".utf8)
            tip = AuditTip(
                count: tip.count + 1,
                hash: AuditChain.hash(of: bytes, after: tip.hash)
            )
            entries.append(ChainedEntry(row: tip.count, entry: bytes, hash: tip.hash))
            if [5, Self.rowCount].contains(number) {
                heads.append(try AuditHead(tip, at: WallTime(milliseconds: 1), by: key))
            }
        }
        self.entries = entries
        self.heads = heads
    }

    private func verify(
        _ entries: [ChainedEntry],
        heads: [AuditHead]? = nil,
        known: Set<Digest> = []
    ) throws(TandemError) -> AuditVerifier.Result {
        var verifier = AuditVerifier(key: key.publicKey, known: known)
        for head in heads ?? self.heads { try verifier.take(.head(head)) }
        for entry in entries { try verifier.take(.entry(entry)) }
        return try verifier.finish()
    }

    private func expectBroken(
        _ entries: [ChainedEntry],
        heads: [AuditHead]? = nil,
        known: Set<Digest> = [],
        names text: String = "",
        _ what: String
    ) {
        let error = #expect(throws: TandemError.self, "not noticed: \(what)") {
            try verify(entries, heads: heads, known: known)
        }
        #expect(error?.code == .auditBroken)
        #expect(error?.message.contains(text) == true, "\(what): \(error?.message ?? "")")
    }

    @Test func whatWasWrittenHolds() throws {
        let result = try verify(entries, known: [entries[3].hash])
        #expect(result.tip.count == 12 && result.headCount == 2 && result.unsignedCount == 0)
        #expect(try verify(entries, heads: [heads[0]]).unsignedCount == 7)
        #expect(try verify([], heads: []).tip.hash == AuditChain.start)
    }

    @Test func everyChangedByteIsFoundAtItsRow() {
        for index in entries.indices {
            for byte in entries[index].entry.indices {
                var changed = entries
                changed[index].entry[byte] ^= 1
                expectBroken(changed, names: "row \(index + 1) ", "byte \(byte) of \(index)")
            }
        }
    }

    @Test func everyLostDoubledOrMovedRowIsFound() {
        for index in entries.indices {
            var lost = entries
            lost.remove(at: index)
            expectBroken(lost, "row \(index + 1) is lost")
            var doubled = entries
            doubled.insert(entries[index], at: index)
            expectBroken(doubled, names: "comes row \(index + 1)", "row \(index + 1) twice")
            guard index > 0 else { continue }
            var moved = entries
            moved.swapAt(index - 1, index)
            expectBroken(moved, names: "after row \(index - 1)", "rows \(index) and before")
            // Under each other's numbers too.
            (moved[index - 1].row, moved[index].row) = (UInt64(index), UInt64(index + 1))
            expectBroken(moved, names: "row \(index) ", "rows \(index) and before, renumbered")
        }
    }

    /// Whoever can write the store can chain anew, but can't sign.
    @Test func everyNewChainIsFoundAtItsHead() {
        for index in entries.indices {
            var forged = Array(entries[..<index])
            for old in entries[index...] {
                let bytes = forged.count == index ? Array("{}".utf8) : old.entry
                let hash = AuditChain.hash(
                    of: bytes,
                    after: forged.last?.hash ?? AuditChain.start
                )
                forged.append(ChainedEntry(row: old.row, entry: bytes, hash: hash))
            }
            let from = index < 5 ? 1 : 6
            expectBroken(forged, names: "a row from \(from)", "a chain anew from \(index + 1)")
            expectBroken(
                forged,
                heads: [],
                known: [entries[11].hash],
                names: "known hash",
                "the same without heads"
            )
        }
    }

    @Test func everyCutIsFound() {
        for count in 0..<Self.rowCount {
            let cut = Array(entries[..<count])
            expectBroken(cut, names: "cut after row \(count)", "cut to \(count)")
            let left = heads.filter { $0.count <= UInt64(count) }
            expectBroken(
                cut,
                heads: left,
                known: [entries[11].hash],
                names: "cut after row \(count)",
                "cut to \(count) with its heads"
            )
        }
    }

    @Test func badHeadsAreFound() throws {
        let stranger = try Ed25519.PrivateKey.generate()
        let tip = AuditTip(count: 12, hash: entries[11].hash)
        let time = WallTime(milliseconds: 1)
        let forged = try AuditHead(tip, at: time, by: stranger)
        expectBroken(entries, heads: [forged], names: "not signed", "a stranger's head")
        for change: (inout AuditHead) -> Void in [
            { $0.count = 11 }, { $0.hash = AuditChain.start },
            { $0.time = WallTime(milliseconds: 2) }, { $0.signature = "" },
            { $0.signature = String(repeating: "z", count: 128) },
        ] {
            var head = heads[1]
            change(&head)
            expectBroken(entries, heads: [head], names: "not signed", "a changed head")
        }
        expectBroken(entries, heads: [], names: "signed head", "no head at all")
        let other = try AuditHead(AuditTip(count: 5, hash: .none), at: time, by: key)
        expectBroken(entries, heads: heads + [other], names: "differ", "two heads of one row")
    }
}
