import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import TandemWire

/// A real `tandem-agent` on a private root, a fake controller, and all that lies between.
final class AgentBench {
    let folder: TemporaryFolder
    let controller: FakeController
    let authority: CertificateAuthority
    /// The mate's key: the test speaks for it.
    let mateKey: P256.PrivateKey
    let mate = AgentID(high: 0, low: 0xb)
    let releaseKey: Ed25519.PrivateKey
    private(set) var agent: ChildProcess?
    private var commandCount: UInt64 = 0

    static let agentID = "00000000-0000-0000-0000-00000000000a"

    init(extraConfiguration: String = "") throws {
        folder = try TemporaryFolder()
        authority = try .create(commonName: "Test", validityDays: 2)
        mateKey = try P256.PrivateKey.generate()
        releaseKey = try Ed25519.PrivateKey.generate()
        let own = try authority.issue(
            .controller("c1", names: ["127.0.0.1"]),
            validityDays: 2
        )
        controller = try FakeController(
            tls: TLSContext(
                .server,
                TLSConfiguration(
                    certificateChain: .bytes(own.certificatePEM, name: "controller.crt"),
                    privateKey: .bytes(own.privateKeyPEM, name: "controller.key"),
                    authorities: .bytes(authority.certificatePEM, name: "ca.crt"),
                    applicationProtocols: ["tandem/1"]
                )
            )
        )
        try writeFiles(extraConfiguration)
    }

    deinit { stop() }

    private func writeFiles(_ extra: String) throws {
        let issued = try authority.issue(.agent(Self.agentID), validityDays: 2)
        try Files.replace(folder("agent.crt"), with: issued.certificatePEM)
        try Files.replace(folder("agent.key"), with: issued.privateKeyPEM)
        try Files.replace(folder("ca.crt"), with: authority.certificatePEM)
        try folder.write(
            "trust",
            "version 1\nthreshold 1\n" + TrustFile.line(for: releaseKey.publicKey)
        )
        for name in ["root/var/lib/dpkg/updates", "root/var/lib/dpkg/info", "debs", "hooks"] {
            try Files.createDirectory(folder(name), mode: 0o755)
        }
        try folder.write("root/var/lib/dpkg/status", "")
        try folder.script("ha/test", Self.driver)
        try folder.script("service-control", Self.serviceControl)
        try setRole("standby")
        try folder.write(
            "agent.conf",
            """
            server = a
            agent-id = \(Self.agentID)
            controller = 127.0.0.1:\(controller.port)
            certificate = \(folder("agent.crt"))
            key = \(folder("agent.key"))
            authority = \(folder("ca.crt"))
            trust = \(folder("trust"))
            state-directory = \(folder("state"))
            root = \(folder("root"))
            ha-driver = test
            ha-directory = \(folder("ha"))
            ha.folder = \(folder.path)
            service-control = \(folder("service-control"))
            checks-directory = \(folder("checks.d"))
            log-level = debug
            \(extra)
            """
        )
    }

    /// The role is a file; `promote` and its like change it unless a file says otherwise. With the file `alone`
    /// the server is active while its product runs, as the only one of a cluster is.
    private static let driver = """
        cd "$TANDEM_HA_FOLDER" || exit 2
        if [ "$1" = status ]; then
            role=$(cat role)
            [ ! -e alone ] || { role=standby; [ ! -e root/running-shop ] || role=active; }
            service=no; [ "$role" != active ] || service=yes
            held=no; [ ! -e held ] || held=yes
            printf 'role=%s\\nin-service=%s\\nheld=%s\\n' "$role" $service $held
            printf 'peer-role=%s\\ncaught-up=yes\\ntoken=%s\\n' "$(cat peer)" "$(cat token)"
            printf 'exclusion=%s\\n' "$(cat exclusion)"
            exit 0
        fi
        echo "$*" >> calls
        [ ! -x "do-$1" ] || exec "./do-$1" "$2"
        case $1 in
        promote | take-back) echo active > role ;;
        demote) echo standby > role ;;
        fence) echo standby > role; : > held ;;
        hold) : > held ;;
        unhold) rm -f held ;;
        esac
        """

    /// Services are files, and the product's answer is what its package installed.
    private static let serviceControl = """
        flag="$TANDEM_ROOT/running-$2"
        case $1 in
        start) cp "$TANDEM_ROOT/opt/$2/version" "$flag" ;;
        stop) rm -f "$flag" ;;
        is-active) [ -e "$flag" ] || exit 3 ;;
        esac
        """

    func setRole(
        _ role: String,
        peer: String = "active",
        token: String = "t1",
        exclusion: String = "referee"
    ) throws {
        try folder.write("role", role)
        try folder.write("peer", peer)
        try folder.write("token", token)
        try folder.write("exclusion", exclusion)
    }

    var driverCalls: [String] {
        let text = (try? folder.text("calls")) ?? ""
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    // MARK: - The agent's process

    /// The one built beside the tests, unless `TANDEM_BENCH_AGENT` names another.
    static let program: String = {
        if let named = getenv("TANDEM_BENCH_AGENT") { return String(cString: named) }
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let bytes = path.prefix(max(0, count)).map(UInt8.init(bitPattern:))
        return Files.parent(of: String(decoding: bytes, as: UTF8.self)) + "/tandem-agent"
    }()

    func start(environment: [String] = []) throws {
        let log = try Descriptor.open(
            folder("agent.log"),
            flags: O_WRONLY | O_CREAT | O_APPEND
        )
        agent = try ChildProcess.start(
            ChildCommand(
                Self.program,
                ["run", "--config", folder("agent.conf")],
                environment: ChildCommand.plainEnvironment + environment,
                standardOutput: .descriptor(log),
                standardError: .descriptor(log)
            )
        )
    }

    /// Kills the agent alone, as a crash would: its guards live on.
    func crash() {
        guard let agent else { return }
        kill(agent.processID, SIGKILL)
        _ = Self.waitForEnd(of: agent)
    }

    /// Ends the agent politely and answers how it ended.
    func end() -> ChildEnding? {
        guard let agent else { return nil }
        kill(agent.processID, SIGTERM)
        return Self.waitForEnd(of: agent)
    }

    /// Kills the agent and everything that carries this bench's folder in its arguments.
    func stop() {
        crash()
        agent = nil
        for name in (try? Files.list("/proc")) ?? [] {
            guard let process = Int32(name), process != getpid(),
                let bytes = try? Files.read("/proc/\(name)/cmdline", byteCountMax: 1 << 16),
                String(decoding: bytes, as: UTF8.self).contains(folder.path)
            else { continue }
            kill(process, SIGKILL)
        }
    }

    static func waitForEnd(of child: ChildProcess, milliseconds: UInt64 = 10_000) -> ChildEnding? {
        let limit = MachineClock.monotonic() + milliseconds
        while limit.since(MachineClock.monotonic()) > 0 {
            if let ending = child.tryWait() { return ending }
            _ = poll(nil, 0, 5)
        }
        return nil
    }

    var log: String { (try? folder.text("agent.log")) ?? "" }

    // MARK: - The controller's side

    /// Takes the next connection up to an open session, with a cluster view.
    func welcome(
        epoch: UInt64 = 1,
        heartbeatMilliseconds: UInt32 = 300,
        hasMate: Bool = true
    ) throws -> FakePeer {
        let peer = try controller.accept()
        try welcome(
            peer,
            epoch: epoch,
            heartbeatMilliseconds: heartbeatMilliseconds,
            hasMate: hasMate
        )
        return peer
    }

    func welcome(
        _ peer: FakePeer,
        epoch: UInt64 = 1,
        heartbeatMilliseconds: UInt32 = 300,
        hasMate: Bool = true
    ) throws {
        _ = try peer.wait("hello") { if case .hello(let hello) = $0 { hello } else { nil } }
        try peer.send(
            .welcome(
                Welcome(
                    version: 1,
                    controller: "c1",
                    epoch: epoch,
                    heartbeatMilliseconds: heartbeatMilliseconds,
                    nonce: Nonce(high: 1, low: 2),
                    time: WallTime(milliseconds: 1)
                )
            )
        )
        let view = MateView(
            server: ServerName("b"),
            agent: mate,
            publicKey: mateKey.publicKey.spki,
            role: .active,
            software: .blank,
            generation: 4,
            isConnected: true
        )
        try peer.send(
            .clusterView(ClusterView(cluster: ClusterName("c"), mate: hasMate ? view : nil))
        )
    }

    /// Sends a command whose precondition is what the agent reported last.
    @discardableResult
    func command(
        _ verb: Verb,
        to peer: FakePeer,
        hasMate: Bool = false,
        epoch: UInt64 = 1,
        precondition: Precondition? = nil
    ) throws -> Command {
        commandCount += 1
        let report = try peer.report("a known state") { report in
            if case .unknown = report.software, verb.isMutating { false } else { true }
        }
        let own = Expectation(
            role: report.role,
            software: report.software,
            generation: report.generation
        )
        let other = Expectation(role: .active, software: .blank, generation: 4)
        let command = Command(
            id: CommandID(high: 77, low: commandCount),
            verb: verb,
            precondition: verb.isMutating
                ? precondition ?? Precondition(own: own, mate: hasMate ? other : nil) : nil,
            planHash: .none
        )
        try resend(command, to: peer, epoch: epoch)
        return command
    }

    func resend(_ command: Command, to peer: FakePeer, epoch: UInt64 = 1) throws {
        try peer.send(
            .command(
                CommandEnvelope(
                    command: command,
                    epoch: epoch,
                    sequence: commandCount,
                    anchorHeartbeat: 0,
                    deadlineMilliseconds: 120_000
                )
            )
        )
    }

    /// The result of a command; its post-state is the newest report too.
    func result(
        of command: Command,
        from peer: FakePeer,
        milliseconds: UInt64 = 60_000
    ) throws -> CommandResult {
        try peer.wait("the end of \(command.verb.word)", milliseconds: milliseconds) { message in
            switch message {
            case .finished(let result) where result.command == command.id: result
            case .refused(let id, let failure) where id == command.id:
                CommandResult(
                    command: id,
                    outcome: .failed(failure),
                    post: SampleRecords.report,
                    durationMilliseconds: 0
                )
            case _: nil
            }
        }
    }

    /// The mate's signed word for a nonce.
    func voucher(
        for command: Command,
        nonce: Nonce,
        role: ServerRole = .active,
        key: P256.PrivateKey? = nil
    ) throws -> ControllerMessage {
        var voucher = Voucher(
            command: command.id,
            failover: nil,
            nonce: nonce,
            agent: mate,
            role: role,
            isInService: role == .active,
            software: .blank,
            generation: 4,
            position: ""
        )
        voucher.signature = try (key ?? mateKey).sign(
            voucher.signedBytes(),
            label: Voucher.label
        )
        return .voucher(voucher)
    }
}
