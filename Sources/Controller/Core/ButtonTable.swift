import TandemModel

/// A button that stands at a position, and what it would do there.
struct Candidate: Hashable, Sendable {
    var button: Button
    var intent: Intent
    /// The button whose people and reason it asks for: for Try Again the one that is tried again.
    var policy: Button

    init(button: Button, intent: Intent, policy: Button? = nil) {
        self.button = button
        self.intent = intent
        self.policy = policy ?? button
    }

    /// Whether blocking alarms block it (`details.md` 21): the way forward, also when it is tried again.
    ///
    /// An install that is tried again may be what clears them.
    var isBlockedByAlarms: Bool {
        if case .upgrade = intent, button == .tryAgain { return false }
        return policy.isForward
    }
}

/// The table of `domain.md`, position and direction to buttons.
///
/// No gates: whether a button works now is told by `refusal(of:release:in:at:)`.
struct ButtonTable: Sendable {
    let position: Position
    let cluster: ObservedCluster
    let operation: OperationState?
    let hasFailure: Bool
    /// What failed, while nobody has dealt with it.
    let failed: Attempt?
    /// The reapply that Continue waits for.
    let reapplyOpen: ServerName?
    /// The active server, where a version of its schema exists.
    let reapplyPossible: ServerName?
    /// Silent servers that hold commands whose outcome nobody knows.
    let openOnSilent: [ServerName]
    let hasAction: Bool

    /// Every button that stands here, in the order of the page.
    var candidates: [Candidate] {
        var all: [Candidate] = []
        if let operation {
            all += operation.direction == .up ? upward : backward
            all += retry(operation)
            all += reapplying
            all += closing(operation)
        } else {
            all += atRest
        }
        if hasAction { all.append(Candidate(button: .stop, intent: .stop)) }
        return all + serverButtons
    }

    // MARK: - The two columns of the table

    /// The next action towards the new release.
    var forward: Intent? {
        switch position {
        case .oldOld, .newOld, .standbyBroken: cluster.standby.map { .upgrade($0.name) }
        case .oldNew: cluster.standby.map { .failover(to: $0.name) }
        case .newNew, .singleNew: operation?.direction == .back ? .turnUp : .accept
        case .singleOld, .singleBroken: cluster.single.map { .upgrade($0) }
        case .idle, .standbySilent, .activeSilent, .noneActive, .twoActive, .activeUnknown,
            .failoverUndecided, .unseen:
            nil
        }
    }

    /// The next action towards the old release.
    var back: Intent? {
        switch position {
        case .oldOld, .singleOld: .finishRollback
        case .oldNew, .newNew, .standbyBroken: cluster.standby.map { .backOut($0.name) }
        case .newOld:
            // An unfit standby is reinstalled before anybody fails over to it.
            cluster.standby.map { $0.isUnfit ? .backOut($0.name) : .failover(to: $0.name) }
        case .singleNew, .singleBroken: cluster.single.map { .backOut($0) }
        case .idle, .standbySilent, .activeSilent, .noneActive, .twoActive, .activeUnknown,
            .failoverUndecided, .unseen:
            nil
        }
    }

    private var upward: [Candidate] {
        var all: [Candidate] = []
        if let forward {
            all.append(Candidate(button: upwardButton, intent: forward, policy: upwardPolicy))
        }
        guard operation?.hasAcceptIntent != true else { return all }
        if let back, back != .finishRollback || operation?.hasChanged == true {
            all.append(Candidate(button: .startRollback, intent: back))
        }
        for server in repairable {
            all.append(Candidate(button: .tryAgain, intent: .upgrade(server)))
            all.append(Candidate(button: .startRollback, intent: .backOut(server)))
        }
        return all
    }

    /// A broken server is brought forward by as many people as Resume Upgrade needs (`safety.md` 24).
    private var upwardPolicy: Button {
        upwardButton == .tryAgain ? .resumeUpgrade : upwardButton
    }

    private var upwardButton: Button {
        switch forward {
        case .accept: .accept
        case .failover, .reapply: .continueUpgrade
        case .upgrade:
            switch position {
            case .newOld: .continueUpgrade
            case .standbyBroken, .singleBroken: .tryAgain
            case .oldOld, .singleOld, .idle, .oldNew, .newNew, .standbySilent, .activeSilent,
                .noneActive, .twoActive, .activeUnknown, .failoverUndecided, .singleNew, .unseen:
                .resumeUpgrade
            }
        case .start, .backOut, .repair, .turnUp, .finishRollback, .closeUnchanged,
            .closeAsObserved, .stop, .recover, .replace, .restore, .goOnSingle, .declare, .demote,
            .fence, .hold, .release, nil:
            .resumeUpgrade
        }
    }

    private var backward: [Candidate] {
        var all: [Candidate] = []
        if let back { all.append(Candidate(button: .continueRollback, intent: back)) }
        if let forward { all.append(Candidate(button: .resumeUpgrade, intent: forward)) }
        for server in repairable {
            all.append(Candidate(button: .continueRollback, intent: .backOut(server)))
            all.append(Candidate(button: .resumeUpgrade, intent: .upgrade(server)))
        }
        return all
    }

    /// Servers that may be changed while nobody is active (`safety.md` 4).
    private var repairable: [ServerName] {
        switch position {
        case .noneActive, .activeSilent:
            cluster.servers.filter { $0.report != nil && !$0.isActive && $0.letter == .other }
                .map(\.name)
        case .idle, .oldOld, .oldNew, .newOld, .newNew, .standbyBroken, .standbySilent,
            .twoActive, .activeUnknown, .failoverUndecided, .singleOld, .singleNew,
            .singleBroken, .unseen:
            []
        }
    }

    private var reapplying: [Candidate] {
        guard let reapplyOpen else { return optionalReapply }
        return [Candidate(button: .reapplyConfiguration, intent: .reapply(reapplyOpen))]
    }

    private var optionalReapply: [Candidate] {
        switch position {
        case .oldOld, .newOld, .newNew, .singleOld, .singleNew:
            reapplyPossible.map {
                [Candidate(button: .reapplyConfiguration, intent: .reapply($0))]
            } ?? []
        case .idle, .oldNew, .standbyBroken, .standbySilent, .activeSilent, .noneActive,
            .twoActive, .activeUnknown, .failoverUndecided, .singleBroken, .unseen:
            []
        }
    }

    // MARK: - Without an operation

    private var atRest: [Candidate] {
        switch position {
        case .idle:
            var all = [Candidate(button: .startUpgrade, intent: .start)]
            if let reapplyPossible {
                all.append(
                    Candidate(button: .reapplyConfiguration, intent: .reapply(reapplyPossible))
                )
            }
            if let standby = cluster.standby, standby.report?.isHeld == false {
                all.append(Candidate(button: .hold, intent: .hold(standby.name)))
            }
            return all
        case .standbyBroken:
            return cluster.standby.map {
                [Candidate(button: .tryAgain, intent: .repair($0.name))]
            } ?? []
        case .singleBroken:
            return cluster.single.map { [Candidate(button: .tryAgain, intent: .repair($0))] } ?? []
        case .oldOld, .oldNew, .newOld, .newNew, .standbySilent, .activeSilent, .noneActive,
            .twoActive, .activeUnknown, .failoverUndecided, .singleOld, .singleNew, .unseen:
            return []
        }
    }

    // MARK: - Ways out

    private func closing(_ operation: OperationState) -> [Candidate] {
        let asObserved = Candidate(button: .closeAsObserved, intent: .closeAsObserved)
        switch position {
        case .oldOld, .singleOld:
            let close = Candidate(button: .close, intent: .closeUnchanged)
            if !operation.hasChanged { return [close] }
            return hasFailure || operation.isAdopted ? [asObserved] : []
        case .oldNew, .newOld, .newNew, .singleNew:
            return hasFailure || operation.isAdopted ? [asObserved] : []
        case .standbyBroken, .standbySilent, .activeSilent, .noneActive, .activeUnknown,
            .singleBroken, .unseen, .idle:
            return [asObserved]
        case .twoActive, .failoverUndecided: return []
        }
    }

    private var serverButtons: [Candidate] {
        cluster.servers.flatMap(buttons(of:))
    }

    private func buttons(of server: ObservedServer) -> [Candidate] {
        var all: [Candidate] = []
        func add(_ button: Button, _ intent: Intent) {
            all.append(Candidate(button: button, intent: intent))
        }
        let name = server.name
        switch position {
        case .noneActive, .activeSilent, .unseen, .failoverUndecided:
            if server.report != nil, !server.isActive { add(.restoreService, .restore(name)) }
            if position == .unseen, server.report != nil { add(.fence, .fence(name)) }
        case .twoActive:
            guard server.isActive else { return [] }
            add(.demote, .demote(name))
            add(.fence, .fence(name))
            return all
        case .standbySilent, .standbyBroken:
            if server.isActive, position == .standbySilent || hasZombieStandby {
                add(.goOnSingle, .goOnSingle(name))
            }
        case .idle, .oldOld, .oldNew, .newOld, .newNew, .activeUnknown, .singleOld, .singleNew,
            .singleBroken:
            break
        }
        if server.isZombie || server.report?.role == .outOfService {
            add(.recovered, .recover(name))
        }
        // Also of a server that serves: it was fenced, and has taken its role back since. And only an
        // operation between releases that can't replicate has a reason to hold data back.
        if server.report?.isHeldAnyhow == true || (server.isInhibited && operation == nil) {
            add(.release, .release(name))
        }
        if !server.isActive, server.isSilent || server.isZombie || server.isBroken {
            add(.replaceServer, .replace(name))
        }
        if openOnSilent.contains(name) { add(.declareOutcome, .declare(name)) }
        return all
    }

    private var hasZombieStandby: Bool { cluster.standby?.isZombie ?? false }
}
