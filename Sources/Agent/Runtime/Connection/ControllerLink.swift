import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire

/// One TCP connection to a controller, from `connect` to its end: socket, TLS and frames.
///
/// Nothing here waits. Whoever owns it asks ``waits`` and calls ``proceed()``.
final class ControllerLink {
    /// What came of a turn.
    enum Event {
        /// Both sides are known; messages may be sent.
        case opened
        case message(ControllerMessage)
        /// The connection is over.
        case ended(TandemError)
    }

    /// Above so many bytes that wait to be sent, the controller does not read and is left.
    private static let outboundByteCountMax = 4 * 1024 * 1024
    /// Pieces of 16 KiB read in one turn.
    private static let pieceCountMax = 24

    let remote: String
    private let socket: Descriptor
    private let engine: TLSEngine
    private var state = State.connecting
    private var decoder = FrameDecoder(sender: .controller)
    private var encoder = FrameEncoder()
    private var outbound: [UInt8] = []
    private var space = [UInt8](repeating: 0, count: 16 * 1024)

    private enum State {
        case connecting
        case handshaking
        case open
        case ended
    }

    /// Begins to connect.
    init(
        _ address: SocketAddress,
        remote: String,
        tls: TLSContext
    ) throws(TandemError) {
        self.remote = remote
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(address.family, type, 0)
        guard number >= 0 else { throw systemFailure(errno, doing: "open a socket", path: "") }
        socket = Descriptor(owning: number)
        engine = try TLSEngine(
            context: tls,
            expecting: .uriPrefix(CertificateRole.controllerURIPrefix),
            remoteName: remote
        )
        var yes: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        setsockopt(number, SOL_SOCKET, SO_KEEPALIVE, &yes, 4)
        guard address.connect(number) != 0, errno != EINPROGRESS else { return }
        throw Self.unreachable(remote, errno)
    }

    private static func unreachable(_ remote: String, _ number: Int32) -> TandemError {
        TandemError(
            .unreachable,
            "the controller at \(remote) can't be reached",
            remedy: "Check that it runs and that the network lets this server through.",
            cause: String(cString: strerror(number))
        )
    }

    /// Whether messages may be sent.
    var isOpen: Bool { state == .open }

    /// What the identity of the peer is, for the log.
    var peer: String { engine.peer?.summary ?? remote }

    var waits: [PollWait] {
        switch state {
        case .connecting: [PollWait(descriptor: socket.number, wantsToWrite: true)]
        case .handshaking, .open:
            [
                PollWait(
                    descriptor: socket.number,
                    wantsToRead: engine.feedCapacity > 0,
                    wantsToWrite: engine.ciphertextByteCount > 0
                )
            ]
        case .ended: []
        }
    }

    /// Narrows the stream to the version that the welcome names.
    func agree(on version: UInt8) {
        guard WireVersion.spoken.contains(version) else { return }
        decoder.versions = version...version
        encoder.version = version
    }

    // MARK: - Sending

    /// Puts a message on its way.
    ///
    /// - Throws: the message does not fit its frame, or the controller has not read for too long.
    func send(_ message: AgentMessage, correlation: UInt64 = 0) throws(TandemError) {
        do {
            try encoder.append(message, correlation: correlation, to: &outbound)
        } catch {
            throw TandemError(
                .protocolViolation,
                "a message for the controller can't be encoded",
                remedy: "Report this as a defect of tandem-agent.",
                cause: "\(error)"
            )
        }
        guard outbound.count <= Self.outboundByteCountMax else {
            throw TandemError(
                .unreachable,
                "the controller at \(remote) does not read what it is sent",
                remedy: "See whether the controller hangs."
            )
        }
    }

    /// Encrypts and sends as much as goes now.
    func flush() throws(TandemError) {
        while !outbound.isEmpty {
            let accepted = try engine.write(outbound)
            guard accepted > 0 else { break }
            outbound.removeFirst(accepted)
            try sendCiphertext()
        }
        if outbound.isEmpty, outbound.capacity > 64 * 1024 { outbound = [] }
        try sendCiphertext()
    }

    private func sendCiphertext() throws(TandemError) {
        while engine.ciphertextByteCount > 0 {
            let sent = engine.drainCiphertext { bytes in
                let count = Glibc.send(
                    socket.number,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL)
                )
                return max(0, count)
            }
            guard sent == 0 else { continue }
            let number = errno
            guard number == EAGAIN || number == EWOULDBLOCK || number == EINTR else {
                throw Self.unreachable(remote, number)
            }
            return
        }
    }

    /// Sends what can be sent at once, and says goodbye.
    func close() {
        guard state != .ended else { return }
        try? flush()
        engine.closeNotify()
        try? sendCiphertext()
        shutdown(socket.number, Int32(SHUT_WR))
        state = .ended
    }

    // MARK: - Receiving

    /// Goes on as far as it can; hands each event to `handle` in order.
    func proceed(_ handle: (Event) -> Void) {
        do throws(TandemError) {
            if state == .connecting { try finishConnecting() }
            if state == .handshaking || state == .open { try receive(handle) }
            try flush()
        } catch {
            // The peer learns the reason from what is still to be sent.
            try? sendCiphertext()
            state = .ended
            handle(.ended(error))
        }
    }

    private func finishConnecting() throws(TandemError) {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw Self.unreachable(remote, number) }
        state = .handshaking
    }

    private func receive(_ handle: (Event) -> Void) throws(TandemError) {
        for _ in 0..<Self.pieceCountMax {
            try process(handle)
            let room = min(space.count, engine.feedCapacity)
            guard state != .ended, room > 0 else { return }
            let count = recv(socket.number, &space, room, 0)
            if count > 0 {
                _ = space.withUnsafeBytes {
                    engine.feed(UnsafeRawBufferPointer(rebasing: $0[..<count]))
                }
            } else if count == 0 {
                engine.endOfCiphertext()
                return try process(handle)
            } else {
                let number = errno
                guard number == EAGAIN || number == EWOULDBLOCK || number == EINTR else {
                    throw Self.unreachable(remote, number)
                }
                return
            }
        }
    }

    /// Handshake first, then plaintext into frames.
    private func process(_ handle: (Event) -> Void) throws(TandemError) {
        if state == .handshaking {
            let progress = engine.handshake()
            try sendCiphertext()
            switch progress {
            case .needsBytes: return
            case .failed(let error): throw error
            case .done:
                state = .open
                handle(.opened)
            }
        }
        while state == .open {
            switch space.withUnsafeMutableBytes({ engine.read(into: $0) }) {
            case .needsBytes: return
            case .failed(let error): throw error
            case .closed:
                throw TandemError(
                    .unreachable,
                    "the controller at \(remote) closed the connection",
                    remedy: "See the controller's log for the reason."
                )
            case .bytes(let count): try take(count, handle)
            }
        }
    }

    private func take(_ count: Int, _ handle: (Event) -> Void) throws(TandemError) {
        do throws(WireError) {
            try decoder.append(Array(space[..<count]))
        } catch {
            throw error.protocolViolation(by: "the controller at \(remote)")
        }
        while state == .open {
            do throws(WireError) {
                guard let frame = try decoder.next() else { return }
                handle(.message(try ControllerMessage(frame)))
            } catch {
                try refuse(error)
            }
        }
    }

    /// Answers what was not understood; only where frames can still be told apart it goes on.
    private func refuse(_ error: WireError) throws(TandemError) {
        let failure = error.protocolViolation(by: "the controller at \(remote)")
        guard case .unknownKind(_, let correlation) = error else { throw failure }
        try send(
            .error(Bye(code: failure.code.id, text: failure.message)),
            correlation: correlation
        )
    }
}
