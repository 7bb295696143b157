import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import TandemWire
import Testing

extension AgentBench {
    /// A real package `shop` whose file `/opt/shop/version` is its version.
    private func package(_ version: String, scripts: [String: String]) throws -> String {
        let tree = "tree-\(version)"
        try folder.write(
            "\(tree)/DEBIAN/control",
            """
            Package: shop
            Version: \(version)
            Architecture: all
            Maintainer: Tandem <tandem@example.net>
            Description: for a test

            """
        )
        for (name, body) in scripts { try folder.script("\(tree)/DEBIAN/\(name)", body) }
        try folder.write("\(tree)/opt/shop/version", version)
        try run("/bin/chmod", ["-R", "u=rwX,go=rX", folder(tree)])
        for name in scripts.keys {
            try run("/bin/chmod", ["0755", folder("\(tree)/DEBIAN/\(name)")])
        }
        let file = folder("debs/shop_\(version)_all.deb")
        try run("/usr/bin/dpkg-deb", ["--root-owner-group", "-Znone", "-b", folder(tree), file])
        return file
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let command = ChildCommand(program, arguments)
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
    }

    /// A signed image of `shop` at a version; the product answers its package's version.
    func image(_ version: String, scripts: [String: String] = [:]) throws -> ImageOffer {
        func hook(_ name: String, _ body: String) throws -> ReleaseDraft.Hook {
            let path = try folder.script("hooks/\(name)", body)
            return ReleaseDraft.Hook(path: path, isRepeatable: true, observes: false)
        }
        let draft = ReleaseDraft(
            manifest: Self.manifest(version),
            packagePaths: [try package(version, scripts: scripts)],
            hooks: [
                try hook("identify", Self.identify),
                try hook("health", Self.health),
            ]
        )
        let path = folder("shop-\(version).iso")
        try ImageBuilder.build(draft, to: path)
        try ImageBuilder.sign(imageAt: path, with: releaseKey)
        let trust = try TrustFile(path: folder("trust"))
        return try verifyImage(at: path, trust: trust).offer
    }

    /// The product's own word; late, where a file tells it to: behind the driver's answer.
    private static let identify = """
        [ ! -e "$TANDEM_ROOT/late" ] || sleep 0.3
        cat "$TANDEM_ROOT/running-shop"
        """

    /// Well while the product runs; hangs, and says so, where a file tells it to.
    private static let health = """
        [ ! -e "$TANDEM_ROOT/hang" ] || { : > "$TANDEM_ROOT/hanging"; exec sleep 60; }
        [ -e "$TANDEM_ROOT/running-shop" ] || exit 2
        echo well
        """

    static func manifest(_ version: String) -> ReleaseManifest {
        func step(_ name: String, _ action: StepAction, _ limit: UInt32 = 30) -> StepDefinition {
            StepDefinition(
                name: name,
                action: action,
                arguments: [],
                expectedSeconds: 1,
                limitSeconds: limit,
                isSafeAfter: false,
                onFailure: .return
            )
        }
        let steps = [
            step("Check", .check), step("Stop", .stopService),
            step("Install", .installPackages, 60),
            step("Start", .startService), step("Verify", .verify),
        ]
        return ReleaseManifest(
            release: ReleaseID(product: "shop", version: version),
            format: .deb,
            kinds: [ClusterKind("shop")],
            installsOver: ["1", "2"].filter { $0 != version },
            installsOnBlank: true,
            rollsBackTo: ["1", "2"].filter { $0 != version },
            minimumAgent: "",
            minimumController: "",
            minimumCMP: "",
            packages: [],
            carriedFiles: [],
            hooks: [],
            upgradeSteps: steps,
            backOutSteps: steps,
            configuration: nil,
            service: "shop",
            buildID: version,
            identifyHook: "identify",
            healthHook: "health",
            replicatesData: false,
            replicatesWith: [],
            dataCarryHook: nil,
            takeoverWhileMixed: .allowed,
            notices: [],
            spaceNeeded: 1 << 20,
            dateSeconds: 1_700_000_000
        )
    }

    /// Stages an image over the wire as a controller does.
    func stage(_ offer: ImageOffer, to peer: FakePeer) throws -> CommandResult {
        let path = folder("shop-\(offer.release.version).iso")
        let bytes = try Files.read(path, byteCountMax: 1 << 24)
        let command = try command(.stageImage(offer), to: peer)
        while true {
            let message = try peer.next(milliseconds: 30_000, "a request for a chunk")
            switch message {
            case .chunkRequest(_, let offset, let count):
                let end = min(bytes.count, Int(offset) + Int(count))
                try peer.send(
                    .chunk(
                        image: offer.image,
                        offset: offset,
                        bytes: Array(bytes[Int(offset)..<end])
                    )
                )
            case .finished(let result) where result.command == command.id: return result
            case .refused(_, let failure): throw Refused(failure: failure)
            case _: continue
            }
        }
    }

    struct Refused: Error { var failure: TandemFailure }

    /// Stages and installs a release on a one-server cluster's agent.
    func install(_ version: String, on peer: FakePeer) throws -> CommandResult {
        let offer = try image(version)
        #expect(try stage(offer, to: peer).outcome == .done)
        let command = try command(
            .install(manifest: offer.manifest, configuration: nil),
            to: peer
        )
        return try result(of: command, from: peer)
    }
}
