@testable import ControllerCore
import TandemModel
import Testing

struct ButtonRow: Sendable, CustomTestStringConvertible {
    var name: String
    var row: PositionRow
    var direction: Direction?
    var hasChanged = true
    var hasFailure = false
    /// What failed, where Try Again is to know.
    var failed: Intent?
    var isReapplyOpen = false
    /// Buttons with the words of what they do; those that act on the cluster's way, in order.
    var expected: [(Button, Intent)]

    var testDescription: String { name }
}

/// Position x direction -> buttons: both columns of `domain.md`'s table.
struct ButtonTableTests {
    static let one = ServerName("fe-1")
    static let two = ServerName("fe-2")

    static let oo = PositionRow(.active(.old), .standby(.old), .oldOld)
    static let on = PositionRow(.active(.old), .standby(.new), .oldNew)
    static let no = PositionRow(.active(.new), .standby(.old), .newOld)
    static let nn = PositionRow(.active(.new), .standby(.new), .newNew)
    static let broken = PositionRow(.active(.old), .standby(.other), .standbyBroken)
    static let zombie = PositionRow(
        .active(.new),
        Sight(letter: .other, isZombie: true),
        .standbyBroken
    )
    static let silent = PositionRow(.active(.old), .silent, .standbySilent)
    static let lost = PositionRow(.standby(.old), .silent, .activeSilent)
    static let none = PositionRow(.standby(.old), .standby(.other), .noneActive)
    static let twice = PositionRow(.active(.old), .active(.new), .twoActive)
    static let unknown = PositionRow(.active(.other), .standby(.old), .activeUnknown)

    static let rows: [ButtonRow] = [
        ButtonRow(
            name: "oo up, unchanged",
            row: oo,
            direction: .up,
            hasChanged: false,
            expected: [(.resumeUpgrade, .upgrade(two)), (.close, .closeUnchanged)]
        ),
        ButtonRow(
            name: "oo up, failed unchanged",
            row: oo,
            direction: .up,
            hasChanged: false,
            hasFailure: true,
            failed: .upgrade(two),
            expected: [
                (.resumeUpgrade, .upgrade(two)), (.tryAgain, .upgrade(two)),
                (.close, .closeUnchanged),
            ]
        ),
        ButtonRow(
            name: "oo up, changed",
            row: oo,
            direction: .up,
            expected: [(.resumeUpgrade, .upgrade(two)), (.startRollback, .finishRollback)]
        ),
        ButtonRow(
            name: "oo back",
            row: oo,
            direction: .back,
            expected: [(.continueRollback, .finishRollback), (.resumeUpgrade, .upgrade(two))]
        ),
        ButtonRow(
            name: "on up",
            row: on,
            direction: .up,
            expected: [(.continueUpgrade, .failover(to: two)), (.startRollback, .backOut(two))]
        ),
        ButtonRow(
            name: "on back",
            row: on,
            direction: .back,
            expected: [(.continueRollback, .backOut(two)), (.resumeUpgrade, .failover(to: two))]
        ),
        ButtonRow(
            name: "no up, reapply open",
            row: no,
            direction: .up,
            isReapplyOpen: true,
            expected: [
                (.continueUpgrade, .upgrade(two)), (.startRollback, .failover(to: two)),
                (.reapplyConfiguration, .reapply(one)),
            ]
        ),
        ButtonRow(
            name: "no up, reapply failed",
            row: no,
            direction: .up,
            hasFailure: true,
            failed: .reapply(one),
            isReapplyOpen: true,
            expected: [
                (.continueUpgrade, .upgrade(two)), (.startRollback, .failover(to: two)),
                (.tryAgain, .reapply(one)), (.reapplyConfiguration, .reapply(one)),
                (.closeAsObserved, .closeAsObserved),
            ]
        ),
        ButtonRow(
            name: "no up",
            row: no,
            direction: .up,
            expected: [(.continueUpgrade, .upgrade(two)), (.startRollback, .failover(to: two))]
        ),
        ButtonRow(
            name: "no back",
            row: no,
            direction: .back,
            expected: [(.continueRollback, .failover(to: two)), (.resumeUpgrade, .upgrade(two))]
        ),
        ButtonRow(
            name: "nn up",
            row: nn,
            direction: .up,
            expected: [(.accept, .accept), (.startRollback, .backOut(two))]
        ),
        ButtonRow(
            name: "nn back",
            row: nn,
            direction: .back,
            expected: [(.continueRollback, .backOut(two)), (.resumeUpgrade, .turnUp)]
        ),
        ButtonRow(
            name: "broken standby up",
            row: broken,
            direction: .up,
            hasFailure: true,
            expected: [
                (.tryAgain, .upgrade(two)), (.startRollback, .backOut(two)),
                (.closeAsObserved, .closeAsObserved), (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "broken standby back",
            row: broken,
            direction: .back,
            expected: [
                (.continueRollback, .backOut(two)), (.resumeUpgrade, .upgrade(two)),
                (.tryAgain, .backOut(two)), (.closeAsObserved, .closeAsObserved),
                (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "zombie standby up",
            row: zombie,
            direction: .up,
            expected: [
                (.tryAgain, .upgrade(two)), (.startRollback, .backOut(two)),
                (.closeAsObserved, .closeAsObserved), (.goOnSingle, .goOnSingle(one)),
                (.recovered, .recover(two)), (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "silent standby",
            row: silent,
            direction: .up,
            expected: [
                (.closeAsObserved, .closeAsObserved), (.goOnSingle, .goOnSingle(one)),
                (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "silent active",
            row: lost,
            direction: .back,
            expected: [
                (.closeAsObserved, .closeAsObserved), (.restoreService, .restore(one)),
                (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "none active, one broken",
            row: none,
            direction: .up,
            expected: [
                (.tryAgain, .upgrade(two)), (.startRollback, .backOut(two)),
                (.closeAsObserved, .closeAsObserved), (.restoreService, .restore(one)),
                (.restoreService, .restore(two)), (.replaceServer, .replace(two)),
            ]
        ),
        ButtonRow(
            name: "two active: demote, fence, nothing else",
            row: twice,
            direction: .up,
            expected: [
                (.demote, .demote(one)), (.fence, .fence(one)), (.demote, .demote(two)),
                (.fence, .fence(two)),
            ]
        ),
        ButtonRow(
            name: "active unknown",
            row: unknown,
            direction: .up,
            expected: [(.closeAsObserved, .closeAsObserved)]
        ),
        ButtonRow(
            name: "idle",
            row: PositionRow(.active(.old), .standby(.old), .idle, isOpen: false),
            direction: nil,
            expected: [(.startUpgrade, .start), (.hold, .hold(two))]
        ),
        ButtonRow(
            name: "broken at rest",
            row: PositionRow(.active(.old), .standby(.other), .standbyBroken, isOpen: false),
            direction: nil,
            expected: [(.tryAgain, .repair(two)), (.replaceServer, .replace(two))]
        ),
    ]

    static func operation(_ direction: Direction) -> OperationState {
        var operation = OperationState(
            id: OperationID(high: 1, low: 1),
            direction: direction,
            old: ReleaseFacts(release: Fixtures.oldRelease, manifest: .none, schema: nil),
            new: ReleaseFacts(release: Fixtures.newRelease, manifest: .none, schema: nil),
            owner: Fixtures.alice,
            reason: "",
            startedAt: WallTime(milliseconds: 0)
        )
        operation.hasChanged = true
        return operation
    }

    static func table(_ row: ButtonRow) -> ButtonTable {
        var operation = row.direction.map(operation)
        operation?.hasChanged = row.hasChanged
        let cluster = row.row.cluster
        return ButtonTable(
            position: cluster.position,
            cluster: cluster,
            operation: operation,
            hasFailure: row.hasFailure,
            failed: row.failed.map { Attempt(intent: $0, button: .continueUpgrade) },
            reapplyOpen: row.isReapplyOpen ? cluster.active?.name : nil,
            reapplyPossible: nil,
            openOnSilent: [],
            hasAction: false
        )
    }

    @Test(arguments: rows)
    func row(_ row: ButtonRow) {
        let found = Self.table(row).candidates
        #expect(found.map(\.button) == row.expected.map(\.0))
        #expect(found.map(\.intent) == row.expected.map(\.1))
    }

    private static let failures: [Intent?] = [
        nil, .upgrade(one), .upgrade(two), .backOut(two), .failover(to: two), .failover(to: one),
        .reapply(one), .accept, .turnUp, .finishRollback, .closeUnchanged, .recover(two),
        .restore(two),
    ]

    private static func everyTable() -> [ButtonTable] {
        var all: [ButtonTable] = []
        for first in PositionTableTests.sights {
            for second in PositionTableTests.sights {
                for direction in [Direction.up, .back] {
                    for hasChanged in [true, false] {
                        for failed in failures {
                            all.append(
                                table(
                                    ButtonRow(
                                        name: "",
                                        row: PositionRow(first, second, .unseen),
                                        direction: direction,
                                        hasChanged: hasChanged,
                                        hasFailure: failed != nil,
                                        failed: failed,
                                        expected: []
                                    )
                                )
                            )
                        }
                    }
                }
            }
        }
        return all
    }

    /// "Wherever Continue Upgrade is offered, Start Rollback is too", and the reverse.
    @Test
    func rulesThatNeverBend() {
        for table in Self.everyTable() {
            let buttons = Set(table.candidates.map(\.button))
            if buttons.contains(.continueUpgrade) { #expect(buttons.contains(.startRollback)) }
            if buttons.contains(.continueRollback) { #expect(buttons.contains(.resumeUpgrade)) }
        }
    }

    /// Safety 21b: from every position at least one button leads on; two people can always close one
    /// that can go nowhere. Two active is left by demote and fence alone.
    @Test
    func noPositionWithoutAWayOut() {
        for table in Self.everyTable() {
            let buttons = table.candidates.map(\.button)
            #expect(!buttons.isEmpty, "\(table.position)")
            switch table.position {
            case .twoActive: #expect(Set(buttons) == [.demote, .fence])
            case .oldOld, .oldNew, .newOld, .newNew: #expect(buttons.count >= 2)
            case _: #expect(buttons.contains(.closeAsObserved), "\(table.position)")
            }
        }
    }

    /// Try Again never means anything but what failed, where nothing is broken (`safety.md` 24).
    @Test
    func tryAgainMeansWhatFailed() {
        for table in Self.everyTable() {
            let retries = table.candidates.filter { $0.button == .tryAgain }
            switch table.position {
            case .standbyBroken, .noneActive, .activeSilent: continue
            case _:
                #expect(retries.allSatisfy { $0.intent == table.failed?.intent })
                #expect(retries.allSatisfy { $0.policy == .continueUpgrade })
            }
        }
    }

    /// No button twice for one server, and nothing that names a server twice differently.
    @Test
    func everyButtonStandsOnce() {
        for table in Self.everyTable() {
            let keys = table.candidates.map {
                "\($0.button.rawValue) \($0.intent.server?.text ?? "")"
            }
            #expect(Set(keys).count == keys.count, "\(table.position): \(keys)")
        }
    }
}
