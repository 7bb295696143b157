import AgentCore
import TandemModel

/// A small generator with a seed, so that every run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func digest(_ byte: UInt8) -> Digest {
    Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
}

func id<Tag>(_ value: UInt64) -> Identifier<Tag> { Identifier(high: 7, low: value) }

let oldRelease = ReleaseID(product: "scef-fe", version: "12.5")
let newRelease = ReleaseID(product: "scef-fe", version: "12.6")
let thirdRelease = ReleaseID(product: "scef-fe", version: "12.7")
let oldManifest = digest(0x50)
let newManifest = digest(0x60)
let thirdManifest = digest(0x70)

func stepDefinition(
    _ action: StepAction,
    isSafeAfter: Bool = false,
    onFailure: FailurePolicy = .return
) -> StepDefinition {
    StepDefinition(
        name: action.rawValue,
        action: action,
        arguments: action == .hook ? ["migrate"] : [],
        expectedSeconds: 4,
        limitSeconds: 20,
        isSafeAfter: isSafeAfter,
        onFailure: onFailure
    )
}

let plainSteps = [
    stepDefinition(.check, isSafeAfter: true, onFailure: .stop),
    stepDefinition(.stopService),
    stepDefinition(.installPackages),
    stepDefinition(.configure),
    stepDefinition(.startService),
    stepDefinition(.verify),
]

func release(
    _ release: ReleaseID,
    over versions: [String],
    backTo: [String],
    upgradeSteps: [StepDefinition] = plainSteps,
    backOutSteps: [StepDefinition] = plainSteps
) -> ReleaseManifest {
    ReleaseManifest(
        release: release,
        format: .deb,
        kinds: [.scefFE],
        installsOver: versions,
        installsOnBlank: true,
        rollsBackTo: backTo,
        minimumAgent: "",
        minimumController: "",
        minimumCMP: "",
        packages: [],
        carriedFiles: [],
        hooks: [],
        upgradeSteps: upgradeSteps,
        backOutSteps: backOutSteps,
        configuration: ConfigurationSchema(schema: "fe-1", path: "/etc/fe.conf", applyHook: nil),
        service: "fe",
        buildID: release.version,
        identifyHook: "identify",
        healthHook: nil,
        replicatesData: true,
        replicatesWith: versions,
        dataCarryHook: nil,
        takeoverWhileMixed: .allowed,
        notices: [],
        spaceNeeded: 0,
        dateSeconds: 0
    )
}

func storedManifests(
    newUpgrade: [StepDefinition] = plainSteps,
    newBackOut: [StepDefinition] = plainSteps
) -> [StoredManifest] {
    [
        StoredManifest(
            digest: oldManifest,
            manifest: release(oldRelease, over: ["12.4"], backTo: ["12.4"])
        ),
        StoredManifest(
            digest: newManifest,
            manifest: release(
                newRelease,
                over: ["12.5"],
                backTo: ["12.5"],
                upgradeSteps: newUpgrade,
                backOutSteps: newBackOut
            )
        ),
        StoredManifest(
            digest: thirdManifest,
            manifest: release(thirdRelease, over: ["12.6"], backTo: ["12.6"])
        ),
    ]
}

func configuration(_ number: UInt32, schema: String = "fe-1") -> ConfigurationVersion {
    ConfigurationVersion(
        number: number,
        schema: schema,
        digest: digest(UInt8(number)),
        document: [UInt8(number)]
    )
}

func haStatus(
    _ role: ServerRole,
    peer: PeerRole = .other,
    exclusion: Exclusion = .none,
    token: String = "1",
    position: String = "p1",
    isCaughtUp: Bool = true,
    isHeld: Bool = false
) -> HAStatus {
    HAStatus(
        role: role,
        isInService: role == .active,
        peerRole: peer,
        replication: ReplicationState(isCaughtUp: isCaughtUp),
        exclusion: exclusion,
        switchover: .twoStep,
        token: token,
        position: position,
        isHeld: isHeld
    )
}

func observation(
    _ ha: HAStatus,
    software: SoftwareState = .known(oldRelease),
    manifest: Digest? = oldManifest,
    health: Health = .healthy,
    configuration: Digest? = nil
) -> LocalObservation {
    LocalObservation(
        ha: ha,
        software: software,
        manifest: manifest,
        packageDigest: manifest ?? .none,
        configurationDigest: configuration,
        health: health,
        loadHundredths: 7
    )
}

/// `Testing` has an `Expectation` of its own.
typealias ServerExpectation = Expectation
