import AgentCore
import TandemModel

/// How a simulated package set ends an installation.
enum PackageBehaviour: Hashable {
    case works
    /// preinst fails and abort-upgrade puts everything back.
    case preinstFails
    /// postinst fails: the set stays in pieces.
    case postinstFails
    case hangs
}

/// What lies on a simulated server's disk and runs on it: outlives its agent.
struct World {
    enum Packages: Hashable {
        case blank
        case release(Digest)
        case pieces(of: Digest)
    }

    var packages = Packages.release(oldManifest)
    var isServiceRunning = true
    var isHealthy = true
    var configuration: Digest?
    var role: ServerRole
    var isHeld = false
    var isInhibited = false
    var takeOverCount = 1
    var manifests = storedManifests()
    var boot: BootID
    /// By the manifest that is installed.
    var behaviours: [Digest: PackageBehaviour] = [:]
    /// Actions whose child says it failed, or lies.
    var failing: Set<StepAction> = []
    var lying: Set<StepAction> = []
    var driverResults: [String: DriverResult] = [:]
    /// Bytes of the image being staged that are on the disk.
    var stagedBytes: UInt64 = 0
    /// Completed changes of packages, by command and step: `safety.md` 13 counts them.
    var completed: [String: Int] = [:]

    /// What the root held when a snapshot of it was taken.
    struct Root: Hashable {
        var packages: Packages
        var configuration: Digest?
    }
    var snapshots: [String: Root] = [:]
    var snapshotAbility = SnapshotAbility.possible
    /// What the boot loader was asked for.
    var wantedBoot: String?
    /// What the root was made of at the newest boot; `nil`: it was not exchanged.
    var bootedSnapshot: String?
    /// A boot loader that boots what was there before.
    var isBootLoaderDeaf = false
    /// A server that takes the order to reboot and stays up.
    var hangsOnReboot = false

    init(role: ServerRole, boot: BootID) {
        self.role = role
        self.boot = boot
    }

    func manifest(_ digest: Digest) -> ReleaseManifest? {
        manifests.first { $0.digest == digest }?.manifest
    }

    var software: SoftwareState {
        switch packages {
        case .blank: return .blank
        case .pieces: return .halfInstalled("fe half-configured")
        case .release(let digest):
            guard let release = manifest(digest)?.release else { return .unknown("no image") }
            return isServiceRunning ? .known(release) : .unknown("fe does not answer")
        }
    }

    func observation(peer: PeerRole) -> LocalObservation {
        var manifest: Digest?
        if case .release(let digest) = packages, isServiceRunning { manifest = digest }
        let isServing = role == .active && isServiceRunning
        return LocalObservation(
            ha: HAStatus(
                role: role,
                isInService: isServing,
                peerRole: peer,
                replication: ReplicationState(isCaughtUp: true, isInhibited: isInhibited),
                exclusion: .none,
                switchover: .twoStep,
                token: "\(takeOverCount)",
                position: "p",
                isHeld: isHeld
            ),
            software: software,
            manifest: manifest,
            packageDigest: packageDigest,
            configurationDigest: configuration,
            health: isHealthy && isServiceRunning ? .healthy : .failing("no answer"),
            loadHundredths: 3,
            childMilliseconds: 5,
            snapshots: snapshotAbility
        )
    }

    private var packageDigest: Digest {
        switch packages {
        case .blank: .none
        case .release(let digest), .pieces(of: let digest): digest
        }
    }

    // MARK: - Steps

    /// Lets a step's child do its work.
    mutating func run(_ step: StepRun) -> StepResult {
        let action = step.definition.action
        if lying.contains(action) { return .succeeded }
        let failure = TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "\(action.rawValue) failed",
            remedy: "read on",
            diagnostic: "fe.postinst: exit 1"
        )
        if failing.contains(action) { return .failed(failure) }
        switch action {
        case .stopService:
            isServiceRunning = false
        case .startService:
            isServiceRunning = true
        case .configure:
            if let version = step.configuration { configuration = version.digest }
        case .installPackages:
            return install(step, failure)
        case .verify:
            return observe(step) == .reached ? .succeeded : .failed(failure)
        case .snapshot:
            return keepRoot(step.snapshot) ? .succeeded : .failed(failure)
        case .reboot:
            if case .boot(let name) = step.snapshot {
                guard snapshots[name] != nil else { return .failed(failure) }
                wantedBoot = name
            }
        case .check, .hook, .dataCarry:
            break
        }
        return .succeeded
    }

    private mutating func keepRoot(_ order: SnapshotOrder?) -> Bool {
        switch order {
        case nil, .boot: break
        case .keep(let name): return snapshots[name] != nil
        case .take(let name):
            if snapshots[name] == nil {
                snapshots[name] = Root(packages: packages, configuration: configuration)
            }
        }
        return true
    }

    mutating func dropSnapshots(keep kept: [String]) {
        snapshots = snapshots.filter { kept.contains($0.key) }
    }

    /// The server starts, maybe from another root.
    mutating func boots() {
        isServiceRunning = true
        bootedSnapshot = nil
        defer { wantedBoot = nil }
        guard let wantedBoot, !isBootLoaderDeaf, let root = snapshots[wantedBoot] else { return }
        packages = root.packages
        configuration = root.configuration
        bootedSnapshot = wantedBoot
    }

    private mutating func install(_ step: StepRun, _ failure: TandemFailure) -> StepResult {
        switch behaviours[step.targetDigest] ?? .works {
        case .works:
            if packages != .release(step.targetDigest) {
                let key = "\(step.command)/\(step.index)/\(step.isReturn)"
                completed[key, default: 0] += 1
            }
            packages = .release(step.targetDigest)
            return .succeeded
        case .preinstFails:
            return .failed(failure)
        case .postinstFails, .hangs:
            packages = .pieces(of: step.targetDigest)
            return .failed(failure)
        }
    }

    /// What is left of a step whose child was killed in the middle.
    mutating func cutShort(_ step: StepRun) {
        guard step.definition.action == .installPackages else { return }
        packages = .pieces(of: step.targetDigest)
    }

    func observe(_ step: StepRun) -> StepObservation {
        let isReached: Bool
        switch step.definition.action {
        case .stopService: isReached = !isServiceRunning
        case .startService: isReached = isServiceRunning
        case .configure:
            isReached = step.configuration.map { $0.digest == configuration } ?? true
        case .installPackages:
            if case .pieces = packages { return .repairable }
            isReached = packages == .release(step.targetDigest)
        case .verify: isReached = software == .known(step.target.release) && isHealthy
        case .check: isReached = !failing.contains(.check)
        case .snapshot:
            switch step.snapshot {
            case nil, .boot: isReached = true
            case .take(let name), .keep(let name): isReached = snapshots[name] != nil
            }
        case .hook, .dataCarry: isReached = true
        case .reboot:
            if case .boot(let name) = step.snapshot {
                isReached = bootedSnapshot == name
            } else {
                isReached = false
            }
        }
        return isReached ? .reached : .unchanged
    }

    /// `dpkg --configure -a`, then the target's set again.
    mutating func repair(_ step: StepRun) -> StepResult {
        let failure = TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "repair failed",
            remedy: "read on",
            diagnostic: "fe.postinst: exit 2"
        )
        switch behaviours[step.targetDigest] ?? .works {
        case .works:
            packages = .release(step.targetDigest)
            isServiceRunning = true
            return .succeeded
        case .preinstFails, .postinstFails, .hangs:
            return .failed(failure)
        }
    }

    // MARK: - Roles

    mutating func drive(_ call: DriverCall, peer: PeerRole) -> DriverResult {
        if let scripted = driverResults[call.name] { return scripted }
        switch call {
        case .promote(let token, _, _):
            if role == .active { return .done }
            guard token == "\(takeOverCount)", peer != .active else { return .refused("token") }
            role = .active
            takeOverCount += 1
        case .demote:
            guard role == .active else { return .refused("not active") }
            role = .standby
        case .fence:
            role = role == .active ? .standby : role
            isHeld = true
        case .hold: isHeld = true
        case .unhold: isHeld = false
        case .inhibitReplication: isInhibited = true
        case .allowReplication: isInhibited = false
        case .takeBack: break
        }
        return .done
    }

    /// The rule of `details.md` 10, for a driver without a referee.
    mutating func takeBack(peer: PeerRole) -> TakeBackResult {
        if role == .active { return .returned }
        switch peer {
        case .active: return .moved
        case .unseen: return .undecided("the mate is not seen")
        case .other:
            role = .active
            takeOverCount += 1
            return .returned
        }
    }
}

extension DriverCall {
    var name: String {
        switch self {
        case .promote: "promote"
        case .demote: "demote"
        case .takeBack: "take-back"
        case .fence: "fence"
        case .hold: "hold"
        case .unhold: "unhold"
        case .inhibitReplication: "inhibit"
        case .allowReplication: "allow"
        }
    }
}
