import COpenSSL
package import TandemModel

/// TLS without a socket: ciphertext in, ciphertext out, plaintext in the middle.
///
/// The owner feeds what arrives, then calls ``handshake()`` until it is done and ``read(into:)``
/// until it needs bytes, and after *every* call sends what ``takeCiphertext()`` hands out - also
/// after a failure, since that is how the peer learns the reason. One thread at a time.
///
/// With TLS 1.3 a client is done before the server has looked at its certificate: a refusal shows
/// as a failure of the first ``read(into:)``.
package final class TLSEngine {
    /// How far the handshake is.
    package enum HandshakeProgress: Hashable, Sendable {
        /// Both sides are known; ``TLSEngine/peer`` is set.
        case done
        /// Feed more ciphertext.
        case needsBytes
        /// The connection is over; send the remaining ciphertext and close.
        case failed(TandemError)
    }

    /// What a read brought.
    package enum ReadOutcome: Hashable, Sendable {
        /// That many bytes of plaintext, at least one.
        case bytes(Int)
        /// Feed more ciphertext.
        case needsBytes
        /// The peer said that it sends no more; this side may still write.
        case closed
        /// The connection is over; send the remaining ciphertext and close.
        case failed(TandemError)
    }

    /// The most ciphertext that waits to be decrypted, in bytes: more than three whole records.
    package static let inboundByteCountMax = 64 << 10
    /// Above that much ciphertext waiting to be sent, nothing is accepted any more, in bytes.
    package static let outboundByteCountMax = 128 << 10

    /// The address of the peer, or what else stands for it in errors.
    package var remoteName: String
    /// Who the peer is; `nil` before the handshake is done, and for a client without certificate.
    package private(set) var peer: PeerIdentity?

    let expectation: PeerExpectation
    /// Set by the callbacks of a handshake that this side refuses: who, and why.
    var refusal: (who: String, why: String)?

    private let context: TLSContext
    let ssl: OpaquePointer
    private var inbound = ByteQueue()
    private var outbound = ByteQueue()
    private var isInboundEnded = false
    private var state = State.handshaking

    private enum State {
        case handshaking
        case established
        case failed(TandemError)
    }

    /// Begins a connection; a client's first bytes come out of the first ``handshake()``.
    ///
    /// `remoteName` stands for the peer in errors, e.g. its address. A client that expects a DNS
    /// name also names it to the server.
    package init(
        context: TLSContext,
        expecting expectation: PeerExpectation,
        remoteName: String
    ) throws(TandemError) {
        ErrorQueue.clear()
        guard let ssl = SSL_new(context.raw) else { throw Self.unusable(remoteName) }
        self.context = context
        self.ssl = ssl
        self.expectation = expectation
        self.remoteName = remoteName
        guard let method = engineBIOMethod, let bio = BIO_new(method) else {
            throw Self.unusable(remoteName)
        }
        let owner = Unmanaged.passUnretained(self).toOpaque()
        BIO_set_data(bio, owner)
        BIO_set_init(bio, 1)
        SSL_set_bio(ssl, bio, bio)
        switch context.side {
        case .server: SSL_set_accept_state(ssl)
        case .client: SSL_set_connect_state(ssl)
        }
        guard SSL_set_ex_data(ssl, Self.ownerIndex, owner) == 1, demandHost() else {
            throw Self.unusable(remoteName)
        }
    }

    deinit { SSL_free(ssl) }

    /// Whether the handshake is done and nothing has failed since.
    package var isEstablished: Bool {
        if case .established = state { true } else { false }
    }

    /// The protocol agreed on by ALPN; `nil` when none was.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    // MARK: - Ciphertext

    /// How many bytes ``feed(_:)-(UnsafeRawBufferPointer)`` would accept now.
    ///
    /// 0 while too much waits to be sent: a peer that does not read gets no answers made.
    package var feedCapacity: Int {
        guard outbound.count < Self.outboundByteCountMax else { return 0 }
        return Self.inboundByteCountMax - inbound.count
    }

    /// Takes ciphertext from the peer; answers how many bytes it accepted, from the front.
    package func feed(_ ciphertext: UnsafeRawBufferPointer) -> Int {
        let accepted = min(ciphertext.count, feedCapacity)
        guard accepted > 0 else { return 0 }
        inbound.append(UnsafeRawBufferPointer(rebasing: ciphertext[..<accepted]))
        return accepted
    }

    /// Takes ciphertext from the peer; answers how many bytes it accepted, from the front.
    package func feed(_ ciphertext: [UInt8]) -> Int {
        ciphertext.withUnsafeBytes { feed($0) }
    }

    /// Notes that the transport brings no more bytes.
    ///
    /// Unless the peer closed properly before, the next call that needs bytes fails instead.
    package func endOfCiphertext() { isInboundEnded = true }

    /// How many bytes wait to be sent.
    package var ciphertextByteCount: Int { outbound.count }

    /// Hands out all that waits to be sent.
    package func takeCiphertext() -> [UInt8] { outbound.takeAll() }

    /// Shows what waits to be sent to `send`, which answers how many bytes of it are gone.
    ///
    /// For sockets that take a part only. Answers the same number; does nothing when none wait.
    package func drainCiphertext<Failure: Error>(
        _ send: (UnsafeRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        guard outbound.count > 0 else { return 0 }
        let sent = try outbound.withBytes(send)
        outbound.drop(sent)
        return sent
    }

    // MARK: - Plaintext

    /// Goes on with the handshake.
    package func handshake() -> HandshakeProgress {
        switch state {
        case .established: return .done
        case .failed(let error): return .failed(error)
        case .handshaking: break
        }
        ErrorQueue.clear()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else {
            guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else {
                return .failed(fail(diagnose(duringHandshake: true)))
            }
            guard isInboundEnded else { return .needsBytes }
            return .failed(fail(.cutDuringHandshake(remoteName)))
        }
        if context.requiresApplicationProtocol && applicationProtocol == nil {
            return .failed(fail(.noProtocol(remoteName, context.applicationProtocols)))
        }
        peer = X509Handle(owning: SSL_get1_peer_certificate(ssl)).map { PeerIdentity($0) }
        state = .established
        return .done
    }

    /// Decrypts into `space`, which must not be empty.
    package func read(into space: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        switch state {
        case .handshaking: return .needsBytes
        case .failed(let error): return .failed(error)
        case .established: break
        }
        ErrorQueue.clear()
        var count = 0
        let result = SSL_read_ex(ssl, space.baseAddress, space.count, &count)
        guard result != 1 else { return .bytes(count) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_ZERO_RETURN:
            return .closed
        case SSL_ERROR_WANT_READ:
            guard isInboundEnded else { return .needsBytes }
            return .failed(fail(.cut(name)))
        default:
            return .failed(fail(diagnose(duringHandshake: false)))
        }
    }

    /// Encrypts from the front of `plaintext`; answers how many bytes it accepted.
    ///
    /// Fewer, or none, once ``outboundByteCountMax`` bytes of ciphertext wait to be sent, and none
    /// before the handshake is done: go on when the socket has taken some.
    package func write(_ plaintext: UnsafeRawBufferPointer) throws(TandemError) -> Int {
        switch state {
        case .handshaking: return 0
        case .failed(let error): throw error
        case .established: break
        }
        guard !hasSaidGoodbye else { throw .closedForWriting(name) }
        var accepted = 0
        while accepted < plaintext.count && outbound.count < Self.outboundByteCountMax {
            ErrorQueue.clear()
            let rest = UnsafeRawBufferPointer(rebasing: plaintext[accepted...])
            var count = 0
            guard SSL_write_ex(ssl, rest.baseAddress, rest.count, &count) == 1 else {
                throw fail(diagnose(duringHandshake: false))
            }
            accepted += count
        }
        return accepted
    }

    /// Encrypts from the front of `plaintext`; answers how many bytes it accepted.
    package func write(_ plaintext: [UInt8]) throws(TandemError) -> Int {
        try plaintext.withUnsafeBufferPointer { (bytes) throws(TandemError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Tells the peer that nothing more will be written; reading may go on.
    ///
    /// Without it the peer takes the end of the connection for a cut line. Does nothing before the
    /// handshake is done or after a failure.
    package func closeNotify() {
        // A second call would begin to read, and take waiting data for a breach.
        guard isEstablished, !hasSaidGoodbye else { return }
        ErrorQueue.clear()
        _ = SSL_shutdown(ssl)
    }

    // MARK: - What libssl calls

    /// Takes ciphertext that libssl made; never refuses, since a record can't be halved.
    func send(_ ciphertext: UnsafeRawBufferPointer) { outbound.append(ciphertext) }

    /// Gives ciphertext to libssl; answers how many bytes, 0 for none now.
    func receive(_ space: UnsafeMutableRawBufferPointer) -> Int { inbound.take(into: space) }

    private var hasSaidGoodbye: Bool { SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN != 0 }

    private func fail(_ error: TandemError) -> TandemError {
        state = .failed(error)
        return error
    }

    /// Begins new keys with the next write, and asks the peer for the same.
    func requestKeyUpdate() -> Bool { SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 }
}
