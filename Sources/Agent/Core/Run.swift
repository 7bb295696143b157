import TandemModel

/// The one mutating command that this server is busy with, as far as a restart may forget it.
struct Run: Sendable {
    let command: Command
    /// By when the command must have started.
    let startBy: Tick
    /// When this process took it up: the start of its durations where another boot began it.
    var takenAt: Tick
    private(set) var phase: Phase
    private(set) var phaseSince: Tick
    /// The observation that the phase waits for.
    var ticket: LookTicket?
    /// When the phase does its next thing by itself.
    var dueAt: Tick?
    /// Vouchers asked for and not answered, oldest first.
    var asks: [VoucherAsk] = []
    /// When the newest voucher that convinced was asked for.
    var vouchedAt: Tick?
    /// After a crash nothing runs before a fresh voucher, whether it stops service or not.
    var needsFreshVoucher = false
    var isStopAsked = false
    /// Whether it waits, unchanged, for a voucher or a role: stays so while it looks again.
    var isInterrupted = false
    /// How often steps were run or repaired again after an end that nobody saw.
    var rerunCount = 0
    /// Milliseconds in which a child ran, a health check waited or another's word was awaited.
    var foreignMilliseconds: UInt64 = 0
    /// When the open step began, or was found again.
    var stepAt: Tick
    var isKilled = false
    /// Whether the list of a return has failed, and the snapshot of the root is what is left.
    var isBootingSnapshot = false
    /// Why the way back failed too.
    var returnFailure: TandemFailure?
    /// Why the snapshot of the root could not be booted.
    var bootFailure: TandemFailure?
    /// What the package system said when the last good release could not be put back.
    var repairFailure: TandemFailure?
    /// What progress last said, and when.
    var progress: StepProgress?
    var progressAt: Tick
    /// The step's own newest words, without ours around them.
    var progressText = ""

    init(command: Command, startBy: Tick, takenAt: Tick, phase: Phase) {
        self.command = command
        self.startBy = startBy
        self.takenAt = takenAt
        self.phase = phase
        phaseSince = takenAt
        stepAt = takenAt
        progressAt = takenAt
    }

    var id: CommandID { command.id }

    /// Enters a phase; what the old one waited for is void.
    mutating func enter(_ next: Phase, at now: Tick) {
        if phase.isForeign { foreignMilliseconds += now.since(phaseSince) }
        phase = next
        phaseSince = now
        ticket = nil
        dueAt = nil
    }

    /// Whether a voucher taken now counts.
    func isVouched(at now: Tick, within limits: AgentLimits) -> Bool {
        vouchedAt.map { now.since($0) < limits.voucherMilliseconds } ?? false
    }
}

/// What the mutating command is doing right now; the durable part of it is in ``StartedCommand``.
enum Phase: Hashable, Sendable {
    // Install and back-out.
    case awaitingVoucher(Gate)
    /// Own role and state are looked at once more.
    case passing(Gate)
    /// Unchanged since its last step, waiting for a voucher, a role or a person.
    case interrupted(why: String)
    case preparing(StepRun)
    case running(StepRun, ChildIdentity?)
    /// With the result that the step's child gave; `nil` after a crash or before a step of a return.
    case observingStep(StepRun, StepResult?)
    case repairing(StepRun, RepairPurpose)
    /// All steps are done: is the goal reached?
    case judging
    case failing(TandemFailure, FailurePolicy)
    /// A return was begun by a former process.
    case resumingReturn
    case judgingReturn(isRepaired: Bool)
    /// A person's stop came while nothing ran.
    case stopping

    // Promote.
    case armed(Arming)
    /// No proof came, or no word of it survived a restart.
    case expiring(why: String)
    case unholding(token: String, deadline: Tick)
    case promoting(deadline: Tick)
    case promoted(DriverResult, deadline: Tick)
    case fencing(TandemFailure)
    case fenced(TandemFailure)

    // Demote and take-back.
    case demoting
    case demoted(DriverResult)
    case takingBack
    case takenBack(TakeBackResult)

    // All others.
    case driving(DriverCall)
    case driven(DriverCall, DriverResult)
    case configuring
    case configured(TandemFailure?)
    case observing

    /// Whether what passes now is the time of a child, of the mate or of a person.
    var isForeign: Bool {
        switch self {
        case .awaitingVoucher, .interrupted, .running, .repairing, .armed, .unholding, .promoting,
            .fencing, .demoting, .takingBack, .driving, .configuring:
            true
        case .observingStep(let step, _):
            step.definition.action.isObservedByChild
        case .passing, .preparing, .judging, .failing, .resumingReturn,
            .judgingReturn, .stopping, .expiring, .promoted, .fenced, .demoted, .takenBack,
            .driven, .configured, .observing:
            false
        }
    }
}

/// What may happen once voucher and role are found right.
enum Gate: Hashable, Sendable {
    case start
    /// The next step, for the first time or again.
    case step
}

/// Why the package system is repaired.
enum RepairPurpose: Hashable, Sendable {
    /// A step was cut short.
    case step
    /// Packages are half-installed, and the way back is to begin.
    case beforeReturn
    /// The way back failed: the last thing that is tried.
    case afterReturn
}

/// A voucher that was asked for.
struct VoucherAsk: Hashable, Sendable {
    var nonce: Nonce
    var at: Tick
}

/// A promote that waits for the mate's proof.
struct Arming: Hashable, Sendable {
    var failover: FailoverID
    var nonce: Nonce
    /// The driver's token when the target was armed.
    var token: String
    var until: Tick
    var proof: DemotionProof?
    /// Why the proof alone is not enough yet.
    var blocker = "no proof of the mate's demotion came"
}

extension StepAction {
    /// Whether a hook, a check or the service's own tool tells if the goal is reached.
    fileprivate var isObservedByChild: Bool {
        switch self {
        case .check, .stopService, .hook, .dataCarry, .startService, .verify: true
        case .snapshot, .installPackages, .configure, .reboot: false
        }
    }
}
