import TandemModel
import TandemWire

/// First byte: the kind; then the payload of such a frame of an agent.
func checkAgentMessage(_ input: [UInt8]) throws(FuzzFinding) {
    try checkMessage(input, AgentMessage.self)
}

/// First byte: the kind; then the payload of such a frame of a controller.
func checkControllerMessage(_ input: [UInt8]) throws(FuzzFinding) {
    try checkMessage(input, ControllerMessage.self)
}

/// What was read can be written, reads back as the same, and is written the same again.
///
/// The bytes are the same too, unless the sender put in fields that this version steps over.
private func checkMessage<Message: WireMessage & Equatable>(
    _ input: [UInt8],
    _ type: Message.Type
) throws(FuzzFinding) {
    guard let first = input.first, let kind = FrameKind(rawValue: first),
        kind.sender == Message.sender
    else { return }
    let version = kind.isVersionless ? WireVersion.first : WireVersion.current
    let payload = Array(input.dropFirst())
    func read(_ payload: [UInt8]) throws(WireError) -> Message {
        try Message(Frame(version: version, kind: kind, correlation: 0, payload: payload))
    }
    guard let message = try? read(payload) else { return }
    do throws(WireError) {
        let frame = try FrameEncoder(version: version).frame(message)
        let written = Array(frame.dropFirst(Frame.headerByteCount))
        try requireSame(written, payload)
        let again = try read(written)
        guard again == message else { throw .notCanonical("\(again) after \(message)") }
        let twice = try FrameEncoder(version: version).frame(again)
        guard twice == frame else { throw .notCanonical("\(message)") }
    } catch {
        throw FuzzFinding("\(kind) was read, but: \(error)")
    }
}

/// The same bytes, or fewer where unknown fields were left out.
func requireSame(_ written: [UInt8], _ read: [UInt8]) throws(WireError) {
    guard written.count < read.count || written == read else {
        throw .notCanonical("what was read as \(read) and written as \(written)")
    }
}

/// What all bytes that one value takes must keep, for a type without optional fields.
func checkFixed<Value: WireCodable>(
    _ bytes: [UInt8],
    _ type: Value.Type
) throws(FuzzFinding) {
    guard let value = try? Value(wireBytes: bytes) else { return }
    let written = try? value.wireBytes()
    try require(written == bytes, "a \(type) was read and is written as \(written ?? [])")
}

/// The same for a type that may end with, or hold, fields of later versions.
func checkOpen<Value: WireCodable & Equatable>(
    _ bytes: [UInt8],
    _ type: Value.Type
) throws(FuzzFinding) {
    guard let value = try? Value(wireBytes: bytes) else { return }
    do throws(WireError) {
        let written = try value.wireBytes()
        try requireSame(written, bytes)
        let again = try Value(wireBytes: written)
        guard again == value else { throw .notCanonical("\(again) after \(value)") }
    } catch {
        throw FuzzFinding("a \(type) was read, but: \(error)")
    }
}
