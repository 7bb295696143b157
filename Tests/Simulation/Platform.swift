import AgentCore
package import TandemModel

/// How a simulated package set ends an installation.
package enum PackageBehaviour: Hashable, Sendable {
    case works
    /// preinst fails and abort-upgrade puts everything back.
    case preinstFails
    /// postinst fails: the set stays in pieces.
    case postinstFails
}

/// What lies on a simulated server's disk and runs on it: outlives its agent.
package struct Platform: Sendable {
    package enum Packages: Hashable, Sendable {
        case blank
        case release(Digest)
        case pieces(of: Digest)
    }

    package var packages = Packages.release(Fixtures.oldManifest)
    package var isServiceRunning = true
    /// Runs and answers what it is, and does not serve.
    package var isIll = false
    package var configuration: Digest?
    /// Whether this server carries the service address.
    package var isActive = false
    package var isHeld = false
    package var isInhibited = false
    /// Manifests in the blob store.
    var manifests: [StoredManifest] = []
    /// Bytes of images on their way.
    var stagedBytes: [Digest: UInt64] = [:]
    package var boot: BootID
    /// By the manifest that is installed.
    package var behaviours: [Digest: PackageBehaviour] = [:]
    /// Actions whose child fails.
    package var failing: Set<StepAction> = []
    /// How long a step's child takes.
    var stepMilliseconds: UInt64 = 900
    /// Completed changes of packages, by command and step (`safety.md` 13).
    package var completed: [String: Int] = [:]

    /// What the root held when a snapshot of it was taken, by the snapshot's name.
    package struct Root: Hashable, Sendable {
        var packages: Packages
        var configuration: Digest?
    }
    package var snapshots: [String: Root] = [:]
    /// What the boot loader was asked for.
    var wantedBoot: String?
    /// What the root was made of at the newest boot; `nil`: it was not exchanged.
    package var bootedSnapshot: String?
    /// A boot loader that boots what was there before.
    var isBootLoaderDeaf = false

    init(boot: BootID) { self.boot = boot }

    func manifest(_ digest: Digest) -> StoredManifest? { manifests.first { $0.digest == digest } }

    package var software: SoftwareState {
        switch packages {
        case .blank: return .blank
        case .pieces: return .halfInstalled("fe is half-configured")
        case .release(let digest):
            guard let stored = manifest(digest) else { return .unknown("no image describes it") }
            guard isServiceRunning else { return .unknown("fe does not answer") }
            return .known(stored.manifest.release)
        }
    }

    /// What is really installed, whether or not anybody can name it.
    package var installed: Digest? {
        if case .release(let digest) = packages { return digest }
        return nil
    }

    func observation(peer: PeerRole, token: String, exclusion: Exclusion) -> LocalObservation {
        let known = software.release != nil ? installed : nil
        let digest: Digest
        switch packages {
        case .blank: digest = .none
        case .release(let manifest), .pieces(of: let manifest): digest = manifest
        }
        return LocalObservation(
            ha: HAStatus(
                role: isActive ? .active : .standby,
                isInService: isActive && isServiceRunning && !isIll,
                peerRole: peer,
                replication: ReplicationState(isCaughtUp: true, isInhibited: isInhibited),
                exclusion: exclusion,
                switchover: .twoStep,
                token: token,
                position: "p",
                isHeld: isHeld
            ),
            software: software,
            manifest: known,
            packageDigest: digest,
            configurationDigest: installed == nil ? nil : configuration,
            health: isServiceRunning && !isIll ? .healthy : .failing("no answer"),
            loadHundredths: 3,
            childMilliseconds: 5,
            snapshots: .possible
        )
    }

    /// Whatever was broken is whole.
    package mutating func mend() {
        behaviours = [:]
        failing = []
        isIll = false
        isBootLoaderDeaf = false
        stepMilliseconds = 900
    }

    /// What a person does before pressing Recovered: packages are whole, the product runs.
    package mutating func mendByHand() {
        if case .pieces(let manifest) = packages { packages = .release(manifest) }
        isServiceRunning = true
    }

    // MARK: - Steps

    private var failure: TandemFailure {
        TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "dpkg failed",
            remedy: "Read its words.",
            diagnostic: "fe.postinst: exit 1"
        )
    }

    /// Lets a step's child do its work.
    mutating func run(_ step: StepRun) -> StepResult {
        if failing.contains(step.definition.action) { return .failed(failure) }
        switch step.definition.action {
        case .stopService: isServiceRunning = false
        case .startService: isServiceRunning = true
        case .configure:
            if let version = step.configuration { configuration = version.digest }
        case .installPackages: return install(step)
        case .verify: return observe(step) == .reached ? .succeeded : .failed(failure)
        case .snapshot: return keepRoot(step.snapshot) ? .succeeded : .failed(failure)
        case .reboot:
            if case .boot(let name) = step.snapshot {
                guard snapshots[name] != nil else { return .failed(failure) }
                wantedBoot = name
            }
        case .check, .hook, .dataCarry: break
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

    mutating func forgetBoot() { wantedBoot = nil }

    /// The server starts, maybe from another root.
    mutating func boots() {
        boot = BootID(high: boot.high, low: boot.low + 1)
        isServiceRunning = true
        bootedSnapshot = nil
        defer { wantedBoot = nil }
        guard let wantedBoot, !isBootLoaderDeaf, let root = snapshots[wantedBoot] else { return }
        packages = root.packages
        configuration = root.configuration
        bootedSnapshot = wantedBoot
    }

    private mutating func install(_ step: StepRun) -> StepResult {
        switch behaviours[step.targetDigest] ?? .works {
        case .works:
            if packages != .release(step.targetDigest) {
                completed["\(step.command)/\(step.index)/\(step.isReturn)", default: 0] += 1
            }
            packages = .release(step.targetDigest)
            return .succeeded
        case .preinstFails:
            return .failed(failure)
        case .postinstFails:
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
        case .configure: isReached = step.configuration.map { $0.digest == configuration } ?? true
        case .installPackages:
            if case .pieces = packages { return .repairable }
            isReached = packages == .release(step.targetDigest)
        case .verify: isReached = software == .known(step.target.release)
        case .snapshot:
            switch step.snapshot {
            case nil, .boot: isReached = true
            case .take(let name), .keep(let name): isReached = snapshots[name] != nil
            }
        case .check, .hook, .dataCarry: isReached = true
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
        switch behaviours[step.targetDigest] ?? .works {
        case .works:
            packages = .release(step.targetDigest)
            isServiceRunning = true
            return .succeeded
        case .preinstFails, .postinstFails:
            return .failed(failure)
        }
    }
}
