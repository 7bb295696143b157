import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire

/// A controller's end of the wire on loopback: the test says what it answers.
final class FakeController {
    struct Late: Error { var waitedFor: String }

    let port: UInt16
    private let listener: Descriptor
    private let tls: TLSContext

    init(tls: TLSContext) throws {
        self.tls = tls
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        listener = Descriptor(owning: number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(number, name, size) == 0 && listen(number, 8) == 0
                    && getsockname(number, name, &size) == 0
            }
        }
        guard isBound else { throw systemFailure(errno, doing: "listen", path: "") }
        port = UInt16(bigEndian: address.sin_port)
    }

    /// The next agent that dials, with its handshake done.
    func accept(milliseconds: Int32 = 20_000) throws -> FakePeer {
        var entry = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) == 1 else { throw Late(waitedFor: "an agent") }
        let number = Glibc.accept(listener.number, nil, nil)
        return try FakePeer(Descriptor(owning: number), tls: tls)
    }

    /// Whether an agent dials within that time.
    func isDialled(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }
}

/// One agent's connection at the fake controller's end.
final class FakePeer {
    private let socket: Descriptor
    private let engine: TLSEngine
    private var decoder = FrameDecoder(sender: .agent)
    private let encoder = FrameEncoder()
    private var waiting: [AgentMessage] = []
    private(set) var lastHeartbeat: Heartbeat?
    private(set) var heartbeatByteCount = 0
    private(set) var lastReport: ServerReport?
    /// Every message but heartbeats, in order.
    private(set) var heard: [AgentMessage] = []
    /// Whether heartbeats are acknowledged.
    var acknowledges = true

    init(_ socket: Descriptor, tls: TLSContext) throws {
        self.socket = socket
        try socket.stopBlocking()
        engine = try TLSEngine(
            context: tls,
            expecting: .uriPrefix("urn:tandem:agent:"),
            remoteName: "agent"
        )
        let limit = MachineClock.monotonic() + 20_000
        while true {
            let progress = engine.handshake()
            flush()
            switch progress {
            case .done: return
            case .failed(let error): throw error
            case .needsBytes: try fill(until: limit, "handshake")
            }
        }
    }

    var identity: PeerIdentity? { engine.peer }

    func send(_ message: ControllerMessage) throws {
        var bytes = try encoder.frame(message)
        while !bytes.isEmpty {
            let count = try engine.write(bytes)
            bytes.removeFirst(count)
            flush()
            if count == 0 {
                var entry = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, 1000)
            }
        }
    }

    func sendRaw(_ bytes: [UInt8]) throws {
        _ = try engine.write(bytes)
        flush()
    }

    /// The next message; heartbeats are acknowledged and not handed out.
    func next(milliseconds: UInt64 = 20_000, _ what: String = "a message") throws -> AgentMessage {
        let limit = MachineClock.monotonic() + milliseconds
        while waiting.isEmpty { try fill(until: limit, what) }
        return waiting.removeFirst()
    }

    /// The first message that `pick` takes; others before it are dropped.
    func wait<Value>(
        _ what: String,
        milliseconds: UInt64 = 30_000,
        _ pick: (AgentMessage) -> Value?
    ) throws -> Value {
        let limit = MachineClock.monotonic() + milliseconds
        while true {
            let left = limit.since(MachineClock.monotonic())
            if let value = pick(try next(milliseconds: left, what)) { return value }
        }
    }

    /// The newest report that satisfies a condition.
    func report(
        _ what: String,
        milliseconds: UInt64 = 30_000,
        _ isWanted: (ServerReport) -> Bool
    ) throws -> ServerReport {
        if let lastReport, isWanted(lastReport) { return lastReport }
        return try wait("a report: \(what)", milliseconds: milliseconds) { message in
            if case .report(let report) = message, isWanted(report) { report } else { nil }
        }
    }

    func isClosed(milliseconds: UInt64 = 10_000) -> Bool {
        do {
            while true { _ = try next(milliseconds: milliseconds) }
        } catch is FakeController.Late {
            return false
        } catch {
            return true
        }
    }

    func close() {
        engine.closeNotify()
        flush()
        shutdown(socket.number, Int32(SHUT_RDWR))
    }

    // MARK: - Bytes

    private func flush() {
        while engine.ciphertextByteCount > 0 {
            let count = engine.drainCiphertext { bytes in
                max(
                    0,
                    Glibc.send(socket.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                )
            }
            guard count == 0 else { continue }
            guard errno == EAGAIN else { return }
            var entry = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, 1000)
        }
    }

    private func fill(until limit: Tick, _ what: String) throws {
        // The handshake may have brought the first frames along.
        try drain()
        guard waiting.isEmpty else { return }
        let left = limit.since(MachineClock.monotonic())
        guard left > 0 else { throw FakeController.Late(waitedFor: what) }
        var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(clamping: left)) > 0 else { return }
        var space = [UInt8](repeating: 0, count: 16 * 1024)
        let count = recv(socket.number, &space, space.count, 0)
        if count > 0 { _ = engine.feed(Array(space[..<count])) }
        if count == 0 { engine.endOfCiphertext() }
        try drain()
    }

    private func drain() throws {
        guard engine.isEstablished else { return }
        var space = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            switch space.withUnsafeMutableBytes({ engine.read(into: $0) }) {
            case .bytes(let count): try decoder.append(Array(space[..<count]))
            case .needsBytes: return try decode()
            case .closed:
                try decode()
                guard waiting.isEmpty else { return }
                throw systemFailure(EPIPE, doing: "read", path: "agent")
            case .failed(let error): throw error
            }
        }
    }

    private func decode() throws {
        while let frame = try decoder.next() {
            let message = try AgentMessage(frame)
            switch message {
            case .heartbeat(let heartbeat):
                lastHeartbeat = heartbeat
                heartbeatByteCount = frame.payload.count + Frame.headerByteCount
                guard acknowledges else { continue }
                try send(
                    .heartbeatAck(sequence: heartbeat.sequence, time: WallTime(milliseconds: 1))
                )
            case .report(let report):
                lastReport = report
                waiting.append(message)
                heard.append(message)
            case _:
                waiting.append(message)
                heard.append(message)
            }
        }
    }
}
