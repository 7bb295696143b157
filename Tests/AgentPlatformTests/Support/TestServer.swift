import AgentCore
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import TandemWire

@testable import AgentPlatform

/// A server on a private root: real dpkg or rpm, a service that is a file, and a driver that is a script.
final class TestServer {
    let factory: PackageFactory
    let server: LocalServer
    var folder: TemporaryFolder { factory.folder }

    /// With `rpmRoot` packages are installed below that root, by rpm.
    convenience init(
        serviceControl: String = TestServer.serviceControl,
        rpmRoot: String? = nil
    ) throws {
        let factory = try PackageFactory()
        _ = try factory.root()
        try self.init(
            factory,
            root: rpmRoot ?? factory.folder("root"),
            backend: rpmRoot == nil ? "dpkg" : "rpm",
            serviceControl: serviceControl
        )
    }

    /// A server whose root is a subvolume, with a boot loader that is a file.
    convenience init(_ factory: PackageFactory, on disk: SmallBtrfs) throws {
        let folder = factory.folder
        try folder.write("trust", "")
        try folder.script(
            "boot-select",
            """
            cd "${0%/*}" || exit 1
            case $1 in
            select) echo "$2" > wanted ;;
            clear) rm -f wanted ;;
            *) exit 2 ;;
            esac
            """
        )
        try self.init(
            factory,
            root: "\(disk.path)/root",
            serviceControl: """
                cd "${0%/*}" || exit 1
                [ ! -e no-reboot ] || { echo "not now" >&2; exit 1; }
                echo "$*" >> reboots
                """,
            more: """
                snapshots = \(disk.path)/snapshots
                boot-select = \(folder("boot-select"))
                trust = \(folder("trust"))
                """
        )
    }

    private init(
        _ factory: PackageFactory,
        root: String,
        backend: String = "dpkg",
        serviceControl: String,
        more: String = ""
    ) throws {
        self.factory = factory
        let folder = factory.folder
        try folder.script("ha/test", Self.driver)
        try folder.script("service-control", serviceControl)
        let text = """
            server = a
            agent-id = 00000000-0000-0000-0000-00000000000a
            controller = localhost:1
            certificate = \(folder("crt"))
            key = \(folder("key"))
            authority = \(folder("ca"))
            state-directory = \(folder("state"))
            root = \(root)
            package-backend = \(backend)
            ha-driver = test
            ha-directory = \(folder("ha"))
            ha.folder = \(folder.path)
            service-control = \(folder("service-control"))
            checks-directory = \(folder("checks.d"))
            \(more)
            """
        let configuration = try AgentConfiguration(KeyValueFile(Array(text.utf8)))
        let state = StateFolder(path: configuration.stateDirectory)
        try state.create()
        server = try LocalServer(configuration, store: BlobStore(directory: state.store))
        try setDriver(role: "standby")
    }

    /// A service is a file below the root.
    static let serviceControl = """
        flag="$TANDEM_ROOT/running-$2"
        case $1 in
        start) [ ! -e "$TANDEM_ROOT/broken-$2" ] || { echo "port is taken" >&2; exit 1; }
            : > "$flag" ;;
        stop) rm -f "$flag" ;;
        is-active) [ -e "$flag" ] || exit 3 ;;
        *) exit 2 ;;
        esac
        """

    /// Answers `status` from a file, notes every other call, and ends as a file says.
    private static let driver = """
        cd "$TANDEM_HA_FOLDER" || exit 2
        [ "$1" != status ] || exec cat driver-status
        echo "$*" >> driver-calls
        [ ! -x "driver-$1" ] || "./driver-$1" "$2"
        """

    func setDriver(
        role: String,
        peer: String = "other",
        exclusion: String = "referee",
        token: String = "t1"
    ) throws {
        try folder.write(
            "driver-status",
            """
            role=\(role)
            in-service=\(role == "active" ? "yes" : "no")
            peer-role=\(peer)
            caught-up=yes
            exclusion=\(exclusion)
            token=\(token)

            """
        )
    }

    var driverCalls: [String] {
        let text = (try? folder.text("driver-calls")) ?? ""
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    // MARK: - Releases

    /// Puts bytes into the store as staging would have.
    func keep(_ bytes: [UInt8]) throws -> Digest {
        let digest = sha256(bytes)
        try Files.replace("\(server.state.store)/blobs/\(digest)", with: bytes, mode: 0o500)
        return digest
    }

    /// A release of product `shop`, staged: hooks are bodies of shell scripts.
    ///
    /// `identify` prints what the file `running-build` below the root holds.
    func stage(
        _ version: String,
        packages: [PackageFile],
        hooks: [String: String] = [:],
        repeatable: Set<String> = [],
        configuration: ConfigurationSchema? = nil,
        change: (inout ReleaseManifest) -> Void = { _ in }
    ) throws -> StoredManifest {
        var scripts = hooks
        scripts["identify", default: "cat \"$TANDEM_ROOT/running-build\""] += ""
        scripts["health", default: "echo fine"] += ""
        let entries = try scripts.sorted { $0.key < $1.key }.map { name, body in
            let bytes = Array("#!/bin/sh\n\(body)\n".utf8)
            return HookEntry(
                file: name,
                sha256: try keep(bytes),
                byteCount: UInt64(bytes.count),
                isRepeatable: repeatable.contains(name)
            )
        }
        for package in packages {
            _ = try keep(
                Files.read(package.descriptor, path: package.entry.file, byteCountMax: 1 << 24)
            )
        }
        var manifest = ReleaseManifest(
            release: ReleaseID(product: "shop", version: version),
            format: .deb,
            kinds: [ClusterKind("shop")],
            installsOver: ["1", "2"],
            installsOnBlank: true,
            rollsBackTo: ["1", "2"],
            minimumAgent: "",
            minimumController: "",
            minimumCMP: "",
            packages: packages.map(\.entry),
            carriedFiles: packages.map(\.entry.file).sorted(),
            hooks: entries,
            upgradeSteps: [],
            backOutSteps: [],
            configuration: configuration,
            service: "shop",
            buildID: "build-\(version)",
            identifyHook: "identify",
            healthHook: "health",
            replicatesData: false,
            replicatesWith: [],
            dataCarryHook: nil,
            takeoverWhileMixed: .allowed,
            notices: [],
            spaceNeeded: 1024,
            dateSeconds: 0
        )
        change(&manifest)
        let bytes = try manifest.wireBytes()
        let digest = sha256(bytes)
        try Files.replace("\(server.state.store)/manifests/\(digest)", with: bytes)
        return StoredManifest(digest: digest, manifest: try server.store.manifest(digest))
    }

    func run(
        _ action: StepAction,
        _ arguments: [String] = [],
        to target: StoredManifest,
        from source: StoredManifest? = nil,
        direction: Direction = .up,
        configuration: ConfigurationVersion? = nil,
        limitSeconds: UInt32 = 20
    ) -> StepRun {
        StepRun(
            command: CommandID(high: 1, low: 2),
            index: 1,
            count: 1,
            definition: StepDefinition(
                name: action.rawValue,
                action: action,
                arguments: arguments,
                expectedSeconds: 1,
                limitSeconds: limitSeconds,
                isSafeAfter: false,
                onFailure: .stop
            ),
            target: target.manifest,
            targetDigest: target.digest,
            source: source?.manifest,
            direction: direction,
            isReturn: false,
            configuration: configuration
        )
    }

    func execute(_ run: StepRun) -> StepResult { StepExecutor(server, run).execute() }

    func observe(_ run: StepRun, recorded: StepResult? = nil) -> StepObservation {
        StepExecutor(server, run).observe(recorded: recorded)
    }
}

extension StepResult {
    /// The failure, when there is one.
    var failure: TandemFailure? {
        switch self {
        case .succeeded: nil
        case .failed(let failure), .unknown(let failure): failure
        }
    }
}
