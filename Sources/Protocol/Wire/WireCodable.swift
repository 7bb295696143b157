/// A value with one encoding: used on the wire, in the agent's journal and in the release image.
///
/// Two families. A *fixed* type is exactly its fields: nothing can be added without a new number,
/// label or format; that holds for all that is signed, compared or part of a command, where a field
/// stepped over unread would change the meaning. An *open* type (``WireRecord``) ends with optional
/// fields, of which a reader steps over those it does not know.
package protocol WireCodable {
    /// Writes the value; a value beyond its limits is refused when the writer is finished.
    func encode(into writer: inout ByteWriter)
    /// Takes the value off the front; a ``WireRecord`` takes all there is.
    init(from reader: inout ByteReader) throws(WireError)
}

extension WireCodable {
    /// The value's bytes.
    package func wireBytes() throws(WireError) -> [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return try writer.finish()
    }

    /// Reads a value that takes all of these bytes.
    package init(wireBytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(wireBytes)
        self = try Self(from: &reader)
        try reader.expectEnd()
    }
}

/// A value that ends with optional fields and takes all bytes its reader holds.
///
/// Inside another value it stands behind its length (`record`), at the end of a frame or of a
/// journal record it ends with it.
package protocol WireRecord: WireCodable {}

/// An enumeration without arguments: one byte, from 1.
package protocol WireEnumeration: WireCodable {
    /// What the enumeration is called in errors.
    static var wireName: String { get }
    /// Its number on the wire; never given to another case.
    var wireNumber: UInt8 { get }
    /// The case of that number; `nil` for numbers of later versions.
    init?(wireNumber: UInt8)
}

extension WireEnumeration {
    /// Writes the number.
    package func encode(into writer: inout ByteWriter) { writer.uint8(wireNumber) }

    /// Reads the number; one without a meaning is refused.
    package init(from reader: inout ByteReader) throws(WireError) {
        let number = try reader.uint8()
        guard let value = Self(wireNumber: number) else {
            throw reader.unknown(number, Self.wireName)
        }
        self = value
    }
}
