@testable import ControllerCore
import TandemModel
import Testing

/// What one server shows, for the table.
struct Sight: Hashable, Sendable, CustomTestStringConvertible {
    enum Heard: String, CaseIterable, Sendable { case here, quiet, silent }

    var heard = Heard.here
    var role = ServerRole.standby
    var letter = Letter.old
    var isZombie = false
    var change: Verb?

    var testDescription: String {
        heard == .here ? "\(role)/\(letter)\(isZombie ? "/zombie" : "")" : heard.rawValue
    }

    static let silent = Sight(heard: .silent)
    static let quiet = Sight(heard: .quiet)
    static func active(_ letter: Letter) -> Sight { Sight(role: .active, letter: letter) }
    static func standby(_ letter: Letter) -> Sight { Sight(letter: letter) }

    func observed(_ name: String) -> ObservedServer {
        let software: SoftwareState
        switch letter {
        case .old: software = .known(Fixtures.oldRelease)
        case .new: software = .known(Fixtures.newRelease)
        case .other: software = .halfInstalled("fe")
        }
        var agent = FakeAgent(
            Fixtures.server(1),
            release: Fixtures.oldRelease,
            staged: [],
            isActive: false
        )
        agent.software = software
        agent.ha.role = role
        agent.ha.isInService = role == .active
        return ObservedServer(
            name: ServerName(name),
            report: heard == .here ? agent.report : nil,
            isReady: heard == .here,
            isSilent: heard == .silent,
            silence: heard == .silent ? 60_000 : 0,
            isZombie: isZombie,
            change: change,
            letter: heard == .here ? letter : .other
        )
    }
}

struct PositionRow: Sendable, CustomTestStringConvertible {
    var first: Sight
    var second: Sight
    var isOpen = true
    var isUndecided = false
    var position: Position

    init(
        _ first: Sight,
        _ second: Sight,
        _ position: Position,
        isOpen: Bool = true,
        isUndecided: Bool = false
    ) {
        self.first = first
        self.second = second
        self.position = position
        self.isOpen = isOpen
        self.isUndecided = isUndecided
    }

    var cluster: ObservedCluster {
        ObservedCluster(
            servers: [first.observed("fe-1"), second.observed("fe-2")],
            single: nil,
            hasOperation: isOpen,
            isFailoverUndecided: isUndecided
        )
    }

    var testDescription: String {
        "\(first.testDescription) + \(second.testDescription)\(isOpen ? "" : ", closed")"
    }
}

/// Safety 6: the position is derived from observation, a row for each row of `domain.md`'s table.
struct PositionTableTests {
    static let rows: [PositionRow] = [
        PositionRow(.active(.old), .standby(.old), .oldOld),
        PositionRow(.active(.old), .standby(.new), .oldNew),
        PositionRow(.active(.new), .standby(.old), .newOld),
        PositionRow(.active(.new), .standby(.new), .newNew),
        PositionRow(.standby(.new), .active(.old), .oldNew),
        PositionRow(.active(.old), .standby(.other), .standbyBroken),
        PositionRow(.active(.new), .standby(.other), .standbyBroken),
        PositionRow(.active(.old), Sight(letter: .new, isZombie: true), .standbyBroken),
        PositionRow(.active(.old), Sight(role: .forcedStandby, letter: .new), .oldNew),
        PositionRow(.active(.new), Sight(role: .outOfService, letter: .old), .newOld),
        PositionRow(.active(.new), Sight(role: .unknown, letter: .old), .newOld),
        PositionRow(.active(.old), .silent, .standbySilent),
        PositionRow(.active(.other), .silent, .standbySilent),
        PositionRow(.active(.old), .quiet, .unseen),
        PositionRow(.standby(.old), .silent, .activeSilent),
        PositionRow(Sight(role: .outOfService), .silent, .activeSilent),
        PositionRow(.silent, .silent, .unseen),
        PositionRow(.quiet, .quiet, .unseen),
        PositionRow(.standby(.old), .standby(.old), .noneActive),
        PositionRow(.standby(.new), Sight(role: .outOfService, letter: .other), .noneActive),
        PositionRow(.standby(.old), Sight(role: .unknown), .unseen),
        PositionRow(.active(.old), .active(.new), .twoActive),
        PositionRow(.active(.new), .active(.new), .twoActive),
        PositionRow(.active(.other), .standby(.old), .activeUnknown),
        PositionRow(.active(.other), .standby(.new), .activeUnknown),
        PositionRow(
            Sight(role: .active, letter: .new, isZombie: true),
            .standby(.old),
            .activeUnknown
        ),
        PositionRow(.standby(.old), .standby(.new), .failoverUndecided, isUndecided: true),
        PositionRow(.active(.old), .standby(.new), .failoverUndecided, isUndecided: true),
        PositionRow(.active(.old), .standby(.old), .idle, isOpen: false),
        PositionRow(.active(.old), .standby(.new), .idle, isOpen: false),
        PositionRow(.active(.old), .standby(.other), .standbyBroken, isOpen: false),
        PositionRow(.active(.old), .silent, .standbySilent, isOpen: false),
        PositionRow(.standby(.old), .silent, .activeSilent, isOpen: false),
        PositionRow(.standby(.old), .standby(.old), .noneActive, isOpen: false),
        PositionRow(.active(.old), .active(.old), .twoActive, isOpen: false),
    ]

    @Test(arguments: rows)
    func row(_ row: PositionRow) {
        #expect(row.cluster.position == row.position)
    }

    static let sights: [Sight] = {
        var all: [Sight] = [.silent, .quiet]
        for role in ServerRole.allCases {
            for letter in [Letter.old, .new, .other] {
                all.append(Sight(role: role, letter: letter))
                all.append(Sight(role: role, letter: letter, isZombie: true))
            }
        }
        return all
    }()

    /// Every pair of sights, both ways round: the order of the servers never matters, and what is
    /// shown follows from counting alone.
    @Test
    func everyPairOfSights() {
        for first in Self.sights {
            for second in Self.sights {
                for isOpen in [true, false] {
                    let one = PositionRow(first, second, .unseen, isOpen: isOpen).cluster.position
                    let other = PositionRow(second, first, .unseen, isOpen: isOpen).cluster.position
                    #expect(one == other, "\(first) \(second)")
                    #expect(one == expected(first, second, isOpen), "\(first) \(second) \(isOpen)")
                }
            }
        }
    }

    /// The table again, written the other way: by counting.
    private func expected(_ first: Sight, _ second: Sight, _ isOpen: Bool) -> Position {
        let both = [first, second]
        if both.contains(where: { $0.heard == .quiet }) { return .unseen }
        let heard = both.filter { $0.heard == .here }
        if heard.isEmpty { return .unseen }
        let actives = heard.filter { $0.role == .active }
        if actives.count == 2 { return .twoActive }
        if actives.isEmpty {
            if heard.contains(where: { $0.role == .unknown }) { return .unseen }
            return heard.count == 2 ? .noneActive : .activeSilent
        }
        if heard.count == 1 { return .standbySilent }
        let active = actives[0]
        let standby = first == active && first.role == .active ? second : first
        guard isOpen else {
            return standby.isZombie || standby.letter == .other ? .standbyBroken : .idle
        }
        if active.letter == .other || active.isZombie { return .activeUnknown }
        if standby.letter == .other || standby.isZombie { return .standbyBroken }
        switch (active.letter == .new, standby.letter == .new) {
        case (false, false): return .oldOld
        case (false, true): return .oldNew
        case (true, false): return .newOld
        case (true, true): return .newNew
        }
    }

    static let singleRows: [(Sight, Bool, Position)] = [
        (.active(.old), true, .singleOld),
        (.active(.new), true, .singleNew),
        (.active(.other), true, .singleBroken),
        (Sight(role: .outOfService, letter: .other), true, .singleBroken),
        (Sight(role: .active, letter: .new, isZombie: true), true, .singleBroken),
        (.standby(.old), true, .noneActive),
        (.standby(.new), true, .noneActive),
        (.silent, true, .unseen),
        (.active(.old), false, .idle),
        (.standby(.old), false, .noneActive),
        (.active(.other), false, .singleBroken),
        (
            Sight(
                role: .outOfService,
                letter: .old,
                change: .install(manifest: .none, configuration: nil)
            ), true, .singleOld
        ),
    ]

    @Test(arguments: 0..<singleRows.count)
    func singleRow(_ index: Int) {
        let (sight, isOpen, position) = Self.singleRows[index]
        let cluster = ObservedCluster(
            servers: [sight.observed("fe-1")],
            single: ServerName("fe-1"),
            hasOperation: isOpen,
            isFailoverUndecided: false
        )
        #expect(cluster.position == position)
    }
}
