package import TandemModel

/// Why bytes are not what the protocol allows, or a value can't be put on the wire.
///
/// Offsets count from the first byte that the reader or writer was given.
package enum WireError: Error, Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated(offset: Int)
    /// Bytes are left over behind the last value.
    case trailingBytes(count: Int, offset: Int)
    /// A text, byte string or list is longer than its limit.
    case tooLong(count: Int, limit: Int, offset: Int)
    /// A text is not UTF-8.
    case invalidText(offset: Int)
    /// An enumeration, boolean or presence byte holds a number without a meaning.
    case unknownNumber(Int, of: String, offset: Int)
    /// A number is outside its range, or a name has a form it can't have.
    case invalidValue(of: String, offset: Int)
    /// Optional fields are not in strictly ascending order of their tags.
    case unorderedTag(UInt16, offset: Int)
    /// A list that has one possible order is in another, or names something twice.
    case notCanonical(String)
    /// The file is not a release manifest, or of a format this program does not know.
    case unknownFormat(String)
    /// A frame's length says less than its own header needs.
    case frameTooShort(byteCount: UInt32)
    /// A frame is longer than its kind may be.
    case frameTooLong(byteCount: UInt64, limit: Int)
    /// A frame of a version outside the agreed ones.
    case unknownVersion(UInt8)
    /// A frame of a kind that this sender never sends; it is skipped, the next one can be read.
    case unknownKind(UInt8, correlation: UInt64)
    /// Bits of the frame's flags are set that have no meaning yet.
    case unknownFlags(UInt16)
    /// More bytes were handed in than the decoder holds without being emptied.
    case overflow(limit: Int)

    /// Whether the connection must end: only a frame of an unknown kind is skipped and answered.
    package var endsConnection: Bool {
        if case .unknownKind = self { false } else { true }
    }
}

extension WireError: CustomStringConvertible {
    /// One sentence without a full stop, for logs and error frames.
    package var description: String {
        switch self {
        case .truncated(let offset): "ends too early at byte \(offset)"
        case .trailingBytes(let count, let offset): "\(count) bytes too many from byte \(offset) on"
        case .tooLong(let count, let limit, let offset):
            "length \(count) at byte \(offset) is above the limit of \(limit)"
        case .invalidText(let offset): "text at byte \(offset) is not UTF-8"
        case .unknownNumber(let number, let type, let offset):
            "\(number) at byte \(offset) is no \(type)"
        case .invalidValue(let what, let offset): "\(what) at byte \(offset) is out of range"
        case .unorderedTag(let tag, let offset):
            "optional field \(tag) at byte \(offset) is out of order"
        case .notCanonical(let what): "\(what) is not in its only possible form"
        case .unknownFormat(let what): what
        case .frameTooShort(let count): "a frame of \(count) bytes is shorter than its header"
        case .frameTooLong(let count, let limit):
            "a frame of \(count) bytes is above the limit of \(limit)"
        case .unknownVersion(let version): "frame version \(version) was not agreed on"
        case .unknownKind(let kind, _): "frame kind \(kind) is not known here"
        case .unknownFlags(let flags): "frame flags \(flags) have no meaning here"
        case .overflow(let limit): "more than \(limit) bytes wait to be decoded"
        }
    }

    /// What an operator reads about a peer (`agent of server scef-1a`) that sent such bytes.
    package func protocolViolation(by peer: String) -> TandemError {
        TandemError(
            .protocolViolation,
            "\(peer) sent bytes that are not Tandem's protocol: \(self)",
            remedy: "See whether \(peer) is the program it should be; compare versions in its log."
        )
    }
}
