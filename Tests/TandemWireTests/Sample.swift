import TandemModel
import TandemWire
import Testing

/// A message of either direction.
enum AnyMessage: Hashable, Sendable {
    case agent(AgentMessage)
    case controller(ControllerMessage)

    var kind: FrameKind {
        switch self {
        case .agent(let message): message.kind
        case .controller(let message): message.kind
        }
    }

    /// The message in a frame of its own.
    func frame(correlation: UInt64 = 0) throws -> [UInt8] {
        switch self {
        case .agent(let message): try FrameEncoder().frame(message, correlation: correlation)
        case .controller(let message): try FrameEncoder().frame(message, correlation: correlation)
        }
    }

    /// Decodes a frame by the direction of its kind.
    init(_ frame: Frame) throws {
        switch frame.kind.sender {
        case .agent: self = .agent(try AgentMessage(frame))
        case .controller: self = .controller(try ControllerMessage(frame))
        }
    }

    /// Decodes bytes that are one frame.
    init(frame bytes: [UInt8], sender: Peer) throws {
        var decoder = FrameDecoder(sender: sender)
        try decoder.append(bytes)
        let frame = try #require(try decoder.next())
        #expect(decoder.bufferedByteCount == 0)
        try self.init(frame)
    }
}

/// A message with the name of its committed vector.
struct Sample: Hashable, Sendable, CustomTestStringConvertible {
    let name: String
    let message: AnyMessage

    init(agent name: String, _ message: AgentMessage) {
        self.name = name
        self.message = .agent(message)
    }

    init(controller name: String, _ message: ControllerMessage) {
        self.name = name
        self.message = .controller(message)
    }

    /// The same message under another name.
    init(renamed name: String, _ other: Sample) {
        self.name = name
        message = other.message
    }

    var kind: FrameKind { message.kind }

    /// File name of the vector: direction, number and name.
    var file: String {
        let number = String(1000 + Int(kind.rawValue)).dropFirst()
        return "\(number)-\(name)"
    }

    var testDescription: String { file }

    /// What joins answer and question in all vectors.
    static let correlation: UInt64 = 7

    static let all = AgentSamples.all + ControllerSamples.all
}

/// A copy with changes.
func changed<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var copy = value
    change(&copy)
    return copy
}
