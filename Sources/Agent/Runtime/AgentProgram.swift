import AgentCore
import AgentJournal
package import AgentPlatform
import TandemCrypto
import TandemImage
package import TandemModel
import TandemSpawn
import TandemWire

/// The agent from its start to its end: journal, machine, connection and effects around one loop.
package final class AgentProgram {
    /// Version of the program.
    package static let version = "0.1.0"

    private static let tickMilliseconds: UInt64 = 1000
    /// So long after the last work memory is given back.
    private static let trimMilliseconds: UInt64 = 10_000

    private let loop = PollLoop()
    private let log: Log
    private let lock: StateLock
    private let journal: Journal
    private let server: LocalServer
    private let boot: BootID
    private let signer: MessageSigner
    private var machine: AgentMachine
    private var generator = SecureGenerator()
    private var inputs: [Input] = []
    private var connection: ControllerConnection?
    private var runner: EffectRunner?
    /// When memory is to be given back; `nil` while nothing was done since.
    private var trimAt: Tick?

    /// Opens everything that a configuration names; nothing is begun yet.
    package init(
        _ configuration: AgentConfiguration,
        path: String
    ) throws(TandemError) {
        log = Log(level: configuration.logLevel)
        let state = StateFolder(path: configuration.stateDirectory)
        try state.create()
        lock = try StateLock(state.lock)
        server = try LocalServer(configuration, store: BlobStore(directory: state.store))
        boot = try server.bootID()
        let keyFile = PEMSource.file(configuration.key)
        signer = MessageSigner(key: try P256.PrivateKey(pem: keyFile.load()))
        let (journal, content) = try Journal.open(state.journal)
        self.journal = journal
        machine = AgentMachine(
            server: configuration.server,
            agent: configuration.agent,
            limits: Self.limits(configuration),
            agentVersion: Self.version,
            isJournalDamaged: content.damage != nil
        )
        for record in content.records { machine.fold(record) }
        if let damage = content.damage {
            log(.error, "the journal \(state.journal) is damaged: \(damage)")
        }
        try connect(path: path)
        try compactWhenDue()
    }

    private static func limits(_ configuration: AgentConfiguration) -> AgentLimits {
        var limits = AgentLimits()
        limits.protocolVersions = WireVersion.spoken
        limits.armedMilliseconds = configuration.clocks.arm
        limits.promoteMilliseconds = configuration.clocks.promoteLimit
        limits.fenceMilliseconds = configuration.clocks.fenceLimit
        limits.demoteMilliseconds = configuration.clocks.demoteLimit
        limits.observationMilliseconds = configuration.observeMilliseconds
        return limits
    }

    private func connect(path: String) throws(TandemError) {
        let configuration = server.configuration
        let tls = try TLSContext(
            .client,
            TLSConfiguration(
                certificateChain: .file(configuration.certificate),
                privateKey: .file(configuration.key),
                authorities: .file(configuration.authority),
                applicationProtocols: [TLSConfiguration.agentProtocol]
            )
        )
        let runner = EffectRunner(
            server,
            loop: loop,
            launcher: WorkerLauncher(configurationPath: path, state: server.state),
            observer: Observer(
                server,
                manifests: try server.storedManifests(),
                loop: loop,
                log: log,
                facts: { [weak self] in self?.machine.facts ?? ServerFacts() }
            ),
            log: log,
            emit: { [weak self] input in self?.inputs.append(input) },
            send: { [weak self] messages in self?.connection?.send(messages) },
            summary: { [weak self] in self?.journalSummary ?? "" },
            facts: { [weak self] in self?.machine.facts ?? ServerFacts() }
        )
        self.runner = runner
        if !machine.isJournalDamaged {
            runner.watchShelf { [weak self] in self?.machine.state.staged.map(\.manifest) ?? [] }
        }
        connection = ControllerConnection(
            configuration.controllers,
            tls: tls,
            log: log,
            resolve: { [weak runner] controller, found in
                runner?.work(.resolve(controller), limitMilliseconds: 10_000) { answer in
                    if case .addresses(let addresses) = answer {
                        found(addresses)
                    } else {
                        found([])
                    }
                }
            },
            onInput: { [weak self] input in self?.inputs.append(input) }
        )
    }

    private var journalSummary: String {
        let state = machine.state
        let open = state.openCommands.map { "open \($0.command.verb.word) \($0.command.id)" }
        return
            ([
                "agent \(Self.version) of \(machine.server)", "boot \(boot)",
                "head \(state.head), epoch \(state.epoch), generation \(state.generation)",
                "held \(state.isHeld), zombie \(state.zombie ?? "no")",
            ] + open).joined(separator: "\n")
    }

    // MARK: - Running

    /// Serves until somebody asks the agent to end.
    ///
    /// - Throws: the journal can't be written: nothing may be promised any more.
    package func run() throws(TandemError) {
        var signals = Signals()
        let notifier = ServiceNotifier()
        log(.info, "tandem-agent \(Self.version) begins for \(machine.server)")
        let manifests = runner?.observer.manifests ?? []
        try take(.restored(boot: boot, manifests: manifests))
        if let connection { loop.add(connection) }
        notifier.ready()
        var tickAt = MachineClock.bootTime() + Self.tickMilliseconds
        var aliveAt = Tick(milliseconds: 0)
        while true {
            loop.turn(until: tickAt)
            try drain()
            let now = MachineClock.bootTime()
            if now >= tickAt {
                try take(.tick)
                trimWhenIdle(at: now)
                tickAt = now + Self.tickMilliseconds
                guard !signals.isEndAsked() else { break }
            }
            if let period = notifier.watchdogMilliseconds, now.since(aliveAt) >= period {
                notifier.alive()
                aliveAt = now
            }
        }
        notifier.stopping()
        log(.info, "tandem-agent ends; guards at work go on")
        connection?.shutDown()
    }

    private func drain() throws(TandemError) {
        while !inputs.isEmpty { try take(inputs.removeFirst()) }
    }

    /// One input: what must be durable, then what is sent, then what begins.
    private func take(_ input: Input) throws(TandemError) {
        let step = machine.handle(
            checked(input),
            at: MachineClock.bootTime(),
            wall: MachineClock.wallTime(),
            using: &generator
        )
        try journal.append(step.journal)
        connection?.send(step.sends.compactMap(signed))
        if step.closesConnection { connection?.close() }
        for effect in step.effects { runner?.perform(effect) }
        if !step.journal.isEmpty { try compactWhenDue() }
        noteWork(input, step)
    }

    /// Anything but the daily round of looks and heartbeats is work.
    private func noteWork(_ input: Input, _ step: Step) {
        let isWork =
            switch input {
            case .restored, .connected, .message(.welcome): true
            case _: !step.journal.isEmpty
            }
        guard isWork else { return }
        trimAt = MachineClock.bootTime() + Self.trimMilliseconds
    }

    private func trimWhenIdle(at now: Tick) {
        guard let due = trimAt, now >= due, runner?.isIdle == true else { return }
        trimAt = nil
        ResidentMemory.trim()
    }

    /// A word that is not signed by whom it names is no message.
    private func checked(_ input: Input) -> Input {
        guard case .message(let message) = input else { return input }
        return MessageSigner.input(message) { machine.pinnedKey(of: $0) }
    }

    private func signed(_ message: AgentMessage) -> AgentMessage? {
        do throws(TandemError) {
            return try signer.signed(message)
        } catch {
            log(.error, "a message can't be signed and is not sent: \(error)")
            return nil
        }
    }

    private func compactWhenDue() throws(TandemError) {
        guard journal.wantsCompaction else { return }
        if let trouble = try journal.compact(machine.compacted()) {
            log(.warning, "the journal can't be rewritten now: \(trouble)")
        } else {
            log(.debug, "journal rewritten")
        }
    }
}
