import ControllerCore
package import TandemModel

/// A small generator with a seed (SplitMix64), so that every run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

func digest(_ byte: UInt8) -> Digest {
    Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
}

/// What a simulated cluster is made of.
package struct Setting: Sendable {
    package var serverCount = 2
    /// Whether taking over is itself a compare-and-set: without, two can be active.
    package var hasReferee = true
    package var takeover = TakeoverWhileMixed.allowed
    /// Whether data replication works between the two releases.
    package var replicatesAcross = true
    package var hasConfiguration = true
    /// Whether the old release's image lies on the servers from the beginning.
    var isOldStaged = true
    package var seed: UInt64 = 1
    /// What it runs, and what it may be upgraded to.
    var lineage = Lineage.frontEnd
    var name = "fe"
    var isPrimarySite = false
    /// The images of a whole network; `nil`: those of its own lineage.
    var library: [CatalogueImage]?
    /// Whether somebody tells it of other clusters; else it is told that there are none.
    var isInNetwork = false
    /// A planted bug of the HA system: who was demoted serves again as soon as its mate does.
    package var hasRunawayMate = false
    /// How fast the servers' clocks go, in thousandths: at most 10 either way (`safety.md` 29).
    var driftsPerMille: [Int64] = []
    var upgradeSteps = Fixtures.steps
    var backOutSteps = Fixtures.steps

    package init(
        serverCount: Int = 2,
        hasReferee: Bool = true,
        takeover: TakeoverWhileMixed = .allowed,
        replicatesAcross: Bool = true,
        hasConfiguration: Bool = true,
        isOldStaged: Bool = true,
        seed: UInt64 = 1
    ) {
        self.serverCount = serverCount
        self.hasReferee = hasReferee
        self.takeover = takeover
        self.replicatesAcross = replicatesAcross
        self.hasConfiguration = hasConfiguration
        self.isOldStaged = isOldStaged
        self.seed = seed
    }

    /// Whether an upgrade begins with a snapshot of the root.
    var keepsRoots: Bool { upgradeSteps.contains { $0.action == .snapshot } }

    func drift(of index: Int) -> Int64 {
        index < driftsPerMille.count ? driftsPerMille[index] : 0
    }
}

package enum Fixtures {
    static let oldRelease = ReleaseID(product: "scef-fe", version: "12.5")
    static let newRelease = ReleaseID(product: "scef-fe", version: "12.6")
    package static let oldManifest = digest(0x50)
    package static let newManifest = digest(0x60)
    static let alice = PersonName("alice")
    static let bob = PersonName("bob")

    static func step(
        _ action: StepAction,
        isSafeAfter: Bool = false,
        onFailure: FailurePolicy = .return
    ) -> StepDefinition {
        StepDefinition(
            name: action.rawValue,
            action: action,
            arguments: [],
            expectedSeconds: 3,
            limitSeconds: 30,
            isSafeAfter: isSafeAfter,
            onFailure: onFailure
        )
    }

    static let steps = [
        step(.check, isSafeAfter: true, onFailure: .stop),
        step(.stopService),
        step(.installPackages),
        step(.configure),
        step(.startService),
        step(.verify),
    ]

    /// The same list, which keeps the root before it changes anything.
    static let keepingSteps = [steps[0], step(.snapshot, onFailure: .stop)] + steps.dropFirst()

    static func manifest(_ release: ReleaseID, over: [String], _ setting: Setting)
        -> ReleaseManifest
    {
        ReleaseManifest(
            release: release,
            format: .deb,
            kinds: [setting.lineage.kind],
            installsOver: over,
            installsOnBlank: true,
            rollsBackTo: over,
            minimumAgent: "",
            minimumController: "",
            minimumCMP: release == setting.lineage.new ? setting.lineage.minimumCMP : "",
            packages: [],
            carriedFiles: [],
            hooks: [],
            upgradeSteps: setting.upgradeSteps,
            backOutSteps: setting.backOutSteps,
            configuration: ConfigurationSchema(
                schema: "fe-1",
                path: "/etc/fe.conf",
                applyHook: nil
            ),
            service: "fe",
            buildID: release.version,
            identifyHook: "identify",
            healthHook: nil,
            replicatesData: !setting.replicatesAcross,
            replicatesWith: setting.replicatesAcross ? over : [],
            dataCarryHook: setting.replicatesAcross ? nil : "carry",
            takeoverWhileMixed: setting.takeover,
            notices: [],
            spaceNeeded: 0,
            dateSeconds: 0
        )
    }

    static func catalogue(_ setting: Setting) -> [CatalogueImage] {
        let lineage = setting.lineage
        return [
            (lineage.old, lineage.oldManifest, ["12.4"]),
            (lineage.new, lineage.newManifest, [lineage.old.version]),
        ].map { release, manifest, over in
            CatalogueImage(
                offer: ImageOffer(
                    image: digest(manifest.bytes[0] + 1),
                    byteCount: 600,
                    manifest: manifest,
                    release: release
                ),
                manifest: self.manifest(release, over: over, setting)
            )
        }
    }

    static func definition(_ count: Int) -> ClusterDefinition {
        definition(Setting(serverCount: count))
    }

    static func definition(_ setting: Setting) -> ClusterDefinition {
        ClusterDefinition(
            name: ClusterName(setting.name),
            kind: setting.lineage.kind,
            site: SiteName("east"),
            isPrimarySite: setting.isPrimarySite,
            servers: (1...setting.serverCount).map { number in
                ServerDefinition(
                    name: ServerName("\(setting.name)-\(number)"),
                    agent: AgentID(high: 7, low: UInt64(number)),
                    keyFingerprint: digest(UInt8(number)),
                    publicKey: [UInt8(number)]
                )
            }
        )
    }

    static let configuration = ConfigurationVersion(
        number: 1,
        schema: "fe-1",
        digest: digest(0x31),
        document: Array("port = 8001\n".utf8)
    )
}
