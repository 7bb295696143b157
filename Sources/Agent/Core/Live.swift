import TandemModel

/// Everything that a restart of the agent forgets.
struct Live: Sendable {
    /// `nil` before `.restored`.
    var boot: BootID?
    var manifests: [StoredManifest] = []
    var observation: LocalObservation?
    var queue = ObservationQueue()
    /// Looks at the role alone, which wait for no question to the product.
    var roleQueue = ObservationQueue()
    /// Whether the newest look at the role began after the newest whole look.
    var isRoleNewer = false
    /// What such a look saw while the whole one was still under way.
    var newerHA: HAStatus?
    var observedAt: Tick?
    var session: Session?
    /// When the last connection ended, or this process began.
    var silentSince = Tick(milliseconds: 0)
    var view: ClusterView?
    var pending: Pending?
    var run: Run?
    var sides: [Side] = []
    var staging: Staging?
    /// Milliseconds by which the controller's wall clock was ahead when it last said so.
    var controllerAhead: Int64?
    /// Vouchers signed and not released.
    var given: [GivenVoucher] = []
    var vouchRequests: [VouchRequest] = []
    /// Until then a voucher of the process before may still count.
    var quietUntil = Tick(milliseconds: 0)
    /// What verifying stored releases told, newest last.
    var verified: [VerifiedRelease] = []
    /// The way back whose verification was asked for last.
    var verifyingWayBack: Digest?
    var takeBack = TakeBackWatch()
    /// A driver call that no command asked for.
    var housekeeping: DriverCall?
    var housekeepingAt = Tick(milliseconds: 0)
    /// Drawn ahead, so that only the entry point needs the generator.
    var nonces: [Nonce] = []

    /// Whether the look of that ticket is there.
    func has(_ ticket: LookTicket) -> Bool {
        switch ticket {
        case .whole(let number): queue.has(number)
        case .role(let number): roleQueue.has(number)
        }
    }
}

/// The look that somebody waits for.
enum LookTicket: Hashable, Sendable {
    case whole(UInt64)
    case role(UInt64)
}

/// Observations asked for and come: one is under way at most.
struct ObservationQueue: Hashable, Sendable {
    private(set) var issuedCount: UInt64 = 0
    private(set) var arrivedCount: UInt64 = 0
    /// Asked for while one was under way; `true` for a thorough one.
    private var wanted: Bool?

    var isUnderWay: Bool { issuedCount > arrivedCount }

    /// Asks for one that begins after this moment.
    ///
    /// - Returns: its ticket, and whether the effect is to be begun now.
    mutating func ask(isThorough: Bool) -> (ticket: UInt64, begins: Bool) {
        guard isUnderWay else {
            issuedCount += 1
            return (issuedCount, true)
        }
        wanted = wanted == true || isThorough
        return (issuedCount + 1, false)
    }

    /// Counts an answer; tells which observation is to begin next.
    mutating func arrive() -> Bool? {
        guard isUnderWay else { return nil }
        arrivedCount += 1
        guard let next = wanted else { return nil }
        wanted = nil
        issuedCount += 1
        return next
    }

    /// Whether the observation of that ticket is there.
    func has(_ ticket: UInt64) -> Bool { arrivedCount >= ticket }
}

/// A mutating command that is looked at before it is accepted.
struct Pending: Sendable {
    let command: Command
    let startBy: Tick
    /// Whether the journal has it already, from a connection before.
    let isKnown: Bool
    /// Not before this moment: a voucher of the process before may still count.
    let notBefore: Tick
    /// Releases that must be found intact first.
    var unverified: [Digest]
    var ticket: LookTicket?
}

/// A command that changes nothing and runs beside.
struct Side: Sendable {
    let command: Command
    let takenAt: Tick
    /// For `report`: the observation to wait for.
    var ticket: UInt64?
}

/// A voucher that this server signed for its mate.
struct GivenVoucher: Hashable, Sendable {
    var nonce: Nonce
    var failover: FailoverID?
    var at: Tick
}

/// A voucher that the controller asked for, waiting for a fresh observation.
struct VouchRequest: Hashable, Sendable {
    var command: CommandID?
    var failover: FailoverID?
    var nonce: Nonce
    var ticket: UInt64
}

/// What verifying a stored release told.
struct VerifiedRelease: Hashable, Sendable {
    var manifest: Digest
    var failure: TandemFailure?
}

/// How the end of an open demotion is pursued.
struct TakeBackWatch: Hashable, Sendable {
    /// The target's signed word that it will never promote, for this failover.
    var voided: FailoverID?
    var isUnderWay = false
    var nextAt = Tick(milliseconds: 0)
    /// Why the rule does not allow it yet.
    var undecided: String?
}
