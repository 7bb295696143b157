@testable import ControllerCore
import TandemModel

/// A small deterministic generator (SplitMix64).
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

enum Fixtures {
    static let oldRelease = ReleaseID(product: "scef-fe", version: "12.6.0")
    static let newRelease = ReleaseID(product: "scef-fe", version: "12.6.1")
    static let alice = PersonName("alice")
    static let bob = PersonName("bob")

    static func digest(_ byte: UInt8) -> Digest {
        Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
    }

    static func manifest(
        _ release: ReleaseID,
        over: [String],
        takeover: TakeoverWhileMixed = .allowed,
        schema: String? = "fe-1",
        replicatesData: Bool = false,
        replicatesWith: [String] = [],
        minimumCMP: String = "",
        notices: [String] = []
    ) -> ReleaseManifest {
        ReleaseManifest(
            release: release,
            format: .deb,
            kinds: [.scefFE, .cmp],
            installsOver: over,
            installsOnBlank: true,
            rollsBackTo: over,
            minimumAgent: "",
            minimumController: "",
            minimumCMP: minimumCMP,
            packages: [],
            carriedFiles: [],
            hooks: [],
            upgradeSteps: steps,
            backOutSteps: steps,
            configuration: schema.map {
                ConfigurationSchema(schema: $0, path: "/etc/fe.conf", applyHook: nil)
            },
            service: "fe",
            buildID: release.version,
            identifyHook: "identify",
            healthHook: nil,
            replicatesData: replicatesData,
            replicatesWith: replicatesWith,
            dataCarryHook: nil,
            takeoverWhileMixed: takeover,
            notices: notices,
            spaceNeeded: 0,
            dateSeconds: 0
        )
    }

    static let steps = ["stop", "install", "start"].map {
        StepDefinition(
            name: $0,
            action: $0 == "install"
                ? .installPackages : $0 == "stop" ? .stopService : .startService,
            arguments: [],
            expectedSeconds: 2,
            limitSeconds: 60,
            isSafeAfter: true,
            onFailure: .return
        )
    }

    static func image(_ manifest: ReleaseManifest, _ byte: UInt8) -> CatalogueImage {
        CatalogueImage(
            offer: ImageOffer(
                image: digest(byte),
                byteCount: 1,
                manifest: digest(byte &+ 100),
                release: manifest.release
            ),
            manifest: manifest
        )
    }

    static func definition(
        servers: Int = 2,
        kind: ClusterKind = .scefFE,
        isPrimarySite: Bool = true,
        people: Int = 1,
        reapplies: Bool = false
    ) -> ClusterDefinition {
        ClusterDefinition(
            name: ClusterName("fe"),
            kind: kind,
            site: SiteName("east"),
            isPrimarySite: isPrimarySite,
            servers: (1...servers).map(server),
            reappliesByItself: reapplies,
            peopleNeeded: people
        )
    }

    static func server(_ number: Int) -> ServerDefinition {
        ServerDefinition(
            name: ServerName("fe-\(number)"),
            agent: AgentID(high: 7, low: UInt64(number)),
            keyFingerprint: digest(UInt8(number)),
            publicKey: [UInt8(number)]
        )
    }

    static func staged(_ image: CatalogueImage) -> StagedImage {
        StagedImage(
            image: image.offer.image,
            manifest: image.offer.manifest,
            release: image.offer.release,
            isVerified: true
        )
    }
}
