import AgentCore
import AgentPlatform
import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire

/// The agent's way to its controllers: dials one after the other until one says welcome, and again
/// whenever that ends.
final class ControllerConnection: LoopSource {
    /// How long `connect` and the handshake may take, in milliseconds.
    struct Limits {
        var connect: UInt64 = 5000
        var handshake: UInt64 = 10_000
        var resolve: UInt64 = 10_000
    }

    private enum State {
        case waiting(until: Tick)
        case resolving
        case dialling(ControllerLink, deadline: Tick)
        case open(ControllerLink)
    }

    private let controllers: [AgentConfiguration.Controller]
    private let tls: TLSContext
    private let limits: Limits
    private let log: Log
    /// Looks a name up without waiting; answers with numeric addresses, or none.
    private let resolve: (AgentConfiguration.Controller, @escaping ([String]) -> Void) -> Void
    private let onInput: (Input) -> Void
    private var state: State
    private var backoff: Backoff
    private var generator = SecureGenerator()
    /// Addresses of the current controller that were not tried yet.
    private var addresses: [String] = []

    let isFinished = false

    init(
        _ controllers: [AgentConfiguration.Controller],
        tls: TLSContext,
        log: Log,
        limits: Limits = Limits(),
        resolve: @escaping (AgentConfiguration.Controller, @escaping ([String]) -> Void) -> Void,
        onInput: @escaping (Input) -> Void
    ) {
        self.controllers = controllers
        self.tls = tls
        self.log = log
        self.limits = limits
        self.resolve = resolve
        self.onInput = onInput
        backoff = Backoff(addressCount: controllers.count)
        state = .waiting(until: Tick(milliseconds: 0))
    }

    var waits: [PollWait] {
        switch state {
        case .waiting, .resolving: []
        case .dialling(let link, _), .open(let link): link.waits
        }
    }

    var wakeAt: Tick? {
        switch state {
        case .waiting(let until): until
        case .resolving, .open: nil
        case .dialling(_, let deadline): deadline
        }
    }

    func turn(at now: Tick) {
        switch state {
        case .waiting(let until):
            if now >= until { dial(at: now) }
        case .resolving:
            break
        case .dialling(let link, let deadline):
            proceed(link)
            guard case .dialling(let same, _) = state, same === link, now >= deadline else {
                return
            }
            failed(
                TandemError(
                    .unreachable,
                    "the controller at \(link.remote) did not answer in time",
                    remedy: "Check that it runs and that the network lets this server through."
                ),
                at: now
            )
        case .open(let link):
            proceed(link)
        }
    }

    // MARK: - Sending

    /// Sends messages in order, as far as a connection is open; otherwise they are lost.
    func send(_ messages: [AgentMessage]) {
        guard case .open(let link) = state, !messages.isEmpty else { return }
        do throws(TandemError) {
            #if CrashPoints
                CrashPoint.send.before()
            #endif
            for message in messages { try link.send(message) }
            try link.flush()
            #if CrashPoints
                CrashPoint.send.after()
            #endif
        } catch {
            link.close()
            ended(error, at: MachineClock.bootTime())
        }
    }

    /// Ends the connection after what was sent, and dials anew.
    func close() {
        guard case .open(let link) = state else { return }
        link.close()
        retry(at: MachineClock.bootTime())
    }

    /// Ends the connection for good.
    func shutDown() {
        if case .open(let link) = state { link.close() }
    }

    // MARK: - Dialling

    private func dial(at now: Tick) {
        guard addresses.isEmpty else { return dialNext(at: now) }
        let controller = controllers[backoff.addressIndex]
        if Resolver.isNumeric(controller) {
            addresses = [controller.host]
            return dialNext(at: now)
        }
        state = .resolving
        resolve(controller) { [weak self] found in self?.resolved(found) }
    }

    private func resolved(_ found: [String]) {
        guard case .resolving = state else { return }
        let now = MachineClock.bootTime()
        guard found.isEmpty else {
            addresses = found
            return dialNext(at: now)
        }
        log(.warning, "the name of controller \(controllers[backoff.addressIndex]) has no address")
        retry(at: now)
    }

    private func dialNext(at now: Tick) {
        guard !addresses.isEmpty else { return retry(at: now) }
        let host = addresses.removeFirst()
        let port = controllers[backoff.addressIndex].port
        let remote = "\(AgentConfiguration.Controller(host: host, port: port))"
        guard let address = SocketAddress(host, port: port) else { return dialNext(at: now) }
        do throws(TandemError) {
            let link = try ControllerLink(address, remote: remote, tls: tls)
            state = .dialling(link, deadline: now + limits.connect + limits.handshake)
        } catch {
            failed(error, at: now)
        }
    }

    private func proceed(_ link: ControllerLink) {
        link.proceed { [weak self] event in self?.take(event, from: link) }
    }

    private func take(_ event: ControllerLink.Event, from link: ControllerLink) {
        let now = MachineClock.bootTime()
        switch event {
        case .opened:
            state = .open(link)
            log(.info, "connected to \(link.remote), \(link.peer)")
            onInput(.connected)
        case .message(let message):
            if case .welcome(let welcome) = message {
                link.agree(on: welcome.version)
                backoff.succeeded()
                addresses = []
            }
            if case .bye(let bye) = message {
                log(.warning, "controller says bye: \(bye.code) \(bye.text)")
            }
            onInput(.message(message))
        case .ended(let error):
            ended(error, at: now)
        }
    }

    private func ended(_ error: TandemError, at now: Tick) {
        switch state {
        case .open(let link):
            log(.warning, "connection to \(link.remote) ended: \(error)")
            onInput(.disconnected)
            retry(at: now)
        case .dialling:
            failed(error, at: now)
        case .waiting, .resolving:
            break
        }
    }

    private func failed(_ error: TandemError, at now: Tick) {
        log(.warning, "\(error)")
        guard addresses.isEmpty else { return dialNext(at: now) }
        retry(at: now)
    }

    private func retry(at now: Tick) {
        addresses = []
        let wait = backoff.failed(using: &generator)
        state = .waiting(until: now + wait)
    }
}
