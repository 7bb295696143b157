/// Turns messages into frames behind whatever the caller's buffer holds already.
package struct FrameEncoder: Sendable {
    /// The agreed version; before a welcome the one it is tried with.
    package var version: UInt8

    /// An encoder for that version.
    package init(version: UInt8 = WireVersion.current) { self.version = version }

    /// Appends one frame to `buffer`.
    ///
    /// - Throws: a value does not fit its limit, or the frame that of its kind; then the buffer is as
    ///   it was.
    package func append(
        _ message: some WireMessage,
        correlation: UInt64 = 0,
        to buffer: inout [UInt8]
    ) throws(WireError) {
        let kind = message.kind
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        var writer = ByteWriter(appendingTo: taken)
        taken = []
        writer.uint32(0)
        writer.uint8(kind.isVersionless ? WireVersion.first : version)
        writer.uint8(kind.rawValue)
        writer.uint16(0)
        writer.uint64(correlation)
        message.encodePayload(into: &writer)
        let length = writer.count - 4
        if length > kind.lengthMax {
            writer.refuse(.frameTooLong(byteCount: UInt64(length), limit: kind.lengthMax))
        } else {
            writer.patch(UInt32(length), at: 0)
        }
        try writer.finish(into: &buffer)
    }

    /// One frame.
    package func frame(
        _ message: some WireMessage,
        correlation: UInt64 = 0
    ) throws(WireError) -> [UInt8] {
        var buffer: [UInt8] = []
        try append(message, correlation: correlation, to: &buffer)
        return buffer
    }
}
