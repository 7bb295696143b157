/// One message as it came off the wire, not yet decoded.
package struct Frame: Hashable, Sendable {
    /// Bytes from the beginning of a frame to its payload.
    package static let headerByteCount = 16
    /// Bytes of the header that the length field counts: all behind itself.
    static let countedHeaderByteCount = headerByteCount - 4

    /// The protocol version of the payload.
    package var version: UInt8
    /// What the payload is.
    package var kind: FrameKind
    /// Joins an answer to what it answers; 0 where nothing is answered.
    package var correlation: UInt64
    /// The encoded message.
    package var payload: [UInt8]

    /// A frame.
    package init(version: UInt8, kind: FrameKind, correlation: UInt64, payload: [UInt8]) {
        self.version = version
        self.kind = kind
        self.correlation = correlation
        self.payload = payload
    }
}

/// A message of one direction.
package protocol WireMessage: Sendable {
    /// Who sends such messages.
    static var sender: Peer { get }
    /// What it is on the wire.
    var kind: FrameKind { get }
    /// Writes the fields.
    func encodePayload(into writer: inout ByteWriter)
    /// Reads the fields of a message of that kind.
    init(kind: FrameKind, from reader: inout ByteReader) throws(WireError)
}

extension WireMessage {
    /// Decodes a frame.
    ///
    /// - Throws: offsets in the error count from the payload's beginning.
    package init(_ frame: Frame) throws(WireError) {
        var reader = ByteReader(frame.payload)
        guard frame.kind.sender == Self.sender else {
            throw .unknownKind(frame.kind.rawValue, correlation: frame.correlation)
        }
        try self.init(kind: frame.kind, from: &reader)
        try reader.skipOptionals()
    }
}
