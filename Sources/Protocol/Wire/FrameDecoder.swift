/// Cuts the bytes of a connection into frames.
///
/// It owns no socket. Length, kind, version and flags are judged as soon as their bytes are there,
/// before any byte behind them is waited for, and room is made only for bytes that have come. Each
/// byte is moved a bounded number of times, however the stream is split.
///
/// Hand in what was read, then call ``next()`` until it gives `nil`:
/// ```
/// try decoder.append(bytes)
/// while let frame = try decoder.next() { ... }
/// ```
package struct FrameDecoder: Sendable {
    /// Most bytes one `append` may bring when the decoder was emptied before.
    package static let appendByteCountMax = 256 * 1024

    /// Whose frames these are.
    package let sender: Peer
    /// The versions that frames may have; narrowed to the agreed one after the welcome.
    package var versions: ClosedRange<UInt8>

    private var buffer: [UInt8] = []
    /// The first byte of `buffer` that was not yet taken.
    private var head = 0
    /// Payload bytes of an unknown frame that are still to come and go.
    private var skipByteCount = 0
    private var broken: WireError?

    /// A decoder of what `sender` sends.
    package init(sender: Peer, versions: ClosedRange<UInt8> = WireVersion.spoken) {
        self.sender = sender
        self.versions = versions
    }

    /// Bytes held: at most one frame and one append.
    package var bufferedByteCount: Int { buffer.count - head }

    private var lengthMax: Int {
        sender == .controller ? WireLimit.chunkFrame : WireLimit.controlFrame
    }

    /// Takes in bytes as they were read, at most ``appendByteCountMax`` at a time.
    ///
    /// - Throws: the stream is already refused, or the decoder is not being emptied.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        if let broken { throw broken }
        let limit = lengthMax + 4 + Self.appendByteCountMax
        guard bufferedByteCount + bytes.count <= limit else {
            throw fail(.overflow(limit: limit))
        }
        if head > 0, head >= buffer.count / 2 {
            buffer.removeSubrange(..<head)
            head = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Takes in bytes as they were read, at most ``appendByteCountMax`` at a time.
    package mutating func append(_ bytes: [UInt8]) throws(WireError) {
        let result: Result<Void, WireError> = bytes.withUnsafeBytes { piece in
            Result { () throws(WireError) in try append(piece) }
        }
        try result.get()
    }

    /// The next whole frame, or `nil` when more bytes are needed.
    ///
    /// - Throws: ``WireError/unknownKind(_:correlation:)`` for a frame that is then skipped: answer it
    ///   with an error frame and go on. Any other error means that the stream can't be read any
    ///   further: close the connection; all later calls throw the same.
    package mutating func next() throws(WireError) -> Frame? {
        if let broken { throw broken }
        skip()
        guard skipByteCount == 0, let header = try header() else { return nil }
        guard let kind = header.kind else {
            head += Frame.headerByteCount
            skipByteCount = header.payloadByteCount
            throw .unknownKind(header.rawKind, correlation: header.correlation)
        }
        let end = head + Frame.headerByteCount + header.payloadByteCount
        guard buffer.count >= end else { return nil }
        let frame = Frame(
            version: header.version,
            kind: kind,
            correlation: header.correlation,
            payload: Array(buffer[(head + Frame.headerByteCount)..<end])
        )
        head = end
        releaseWhenEmpty()
        return frame
    }
}

// MARK: - Header

extension FrameDecoder {
    private struct Header {
        var version: UInt8
        var rawKind: UInt8
        /// `nil`: no kind that this sender may send.
        var kind: FrameKind?
        var correlation: UInt64
        var payloadByteCount: Int
    }

    /// The header at the front; `nil` until all of it is there and as far as it is, in order.
    private mutating func header() throws(WireError) -> Header? {
        let there = bufferedByteCount
        guard there >= 4 else { return nil }
        let length: UInt32 = number(at: 0)
        guard length >= Frame.countedHeaderByteCount else {
            throw fail(.frameTooShort(byteCount: length))
        }
        guard length <= lengthMax else { throw tooLong(length, limit: lengthMax) }
        guard there >= 6 else { return nil }
        let version = buffer[head + 4]
        let rawKind = buffer[head + 5]
        let kind = FrameKind(rawValue: rawKind).flatMap { $0.sender == sender ? $0 : nil }
        let limit = kind?.lengthMax ?? WireLimit.controlFrame
        guard length <= limit else { throw tooLong(length, limit: limit) }
        let isVersionless = kind?.isVersionless ?? false
        guard isVersionless ? version == WireVersion.first : versions.contains(version) else {
            throw fail(.unknownVersion(version))
        }
        guard there >= 8 else { return nil }
        let flags: UInt16 = number(at: 6)
        guard flags == 0 else { throw fail(.unknownFlags(flags)) }
        guard there >= Frame.headerByteCount else { return nil }
        return Header(
            version: version,
            rawKind: rawKind,
            kind: kind,
            correlation: number(at: 8),
            payloadByteCount: Int(length) - Frame.countedHeaderByteCount
        )
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Number {
        buffer.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: head + offset, as: Number.self))
        }
    }

    private mutating func tooLong(_ length: UInt32, limit: Int) -> WireError {
        fail(.frameTooLong(byteCount: UInt64(length), limit: limit))
    }
}

// MARK: - Buffer

extension FrameDecoder {
    /// Ends the stream; its bytes are of no use any more.
    private mutating func fail(_ error: WireError) -> WireError {
        broken = error
        buffer = []
        head = 0
        return error
    }

    /// Drops what has come of an unknown frame's payload.
    private mutating func skip() {
        let count = min(skipByteCount, bufferedByteCount)
        head += count
        skipByteCount -= count
        releaseWhenEmpty()
    }

    /// Gives a large buffer back: an idle agent must not hold the room of its last chunk.
    private mutating func releaseWhenEmpty() {
        guard head == buffer.count, head > 0 else { return }
        head = 0
        buffer.removeAll(keepingCapacity: buffer.capacity <= WireLimit.controlFrame)
    }
}
