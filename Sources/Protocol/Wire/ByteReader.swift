/// Takes values off the front of bytes from outside; everything is checked before it is believed.
///
/// Lengths are held against what is really there before anything is allocated, so bytes that lie
/// about lengths cost no more memory than they take themselves. After an error the reader is of no
/// further use.
package struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Where the value at hand ends: the end of the bytes, or of the record being read.
    private var end: Int
    /// The newest optional field's tag; -1 before the first one.
    private var lastTag = -1
    /// The next byte.
    package private(set) var offset: Int

    /// A reader of all of these bytes.
    package init(_ bytes: [UInt8]) { self.init(bytes, from: 0) }

    /// A reader of these bytes from `offset` (0 to `bytes.count`) on.
    package init(_ bytes: [UInt8], from offset: Int) {
        self.bytes = bytes
        end = bytes.count
        self.offset = offset
    }

    /// Bytes not yet taken.
    package var remaining: Int { end - offset }

    /// Refuses bytes behind the last value.
    package func expectEnd() throws(WireError) {
        guard offset == end else { throw .trailingBytes(count: remaining, offset: offset) }
    }

    /// The refusal of a number that was the last byte taken.
    package func unknown(_ number: UInt8, _ type: String) -> WireError {
        .unknownNumber(Int(number), of: type, offset: offset - 1)
    }

    /// The bytes taken since `start`, an earlier `offset`.
    package func taken(since start: Int) -> ArraySlice<UInt8> { bytes[start..<offset] }
}

// MARK: - Numbers

extension ByteReader {
    /// One byte.
    package mutating func uint8() throws(WireError) -> UInt8 { try integer() }

    /// Two bytes, big-endian.
    package mutating func uint16() throws(WireError) -> UInt16 { try integer() }

    /// Four bytes, big-endian.
    package mutating func uint32() throws(WireError) -> UInt32 { try integer() }

    /// Eight bytes, big-endian.
    package mutating func uint64() throws(WireError) -> UInt64 { try integer() }

    /// One byte that is 1 or 0; anything else is refused.
    package mutating func bool() throws(WireError) -> Bool {
        switch try uint8() {
        case 0: return false
        case 1: return true
        case let other: throw unknown(other, "yes or no")
        }
    }

    private mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>()
        throws(WireError) -> Number
    {
        let place = try take(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
        }
    }

    /// Steps over `count` bytes that must be there; where they begin.
    private mutating func take(_ count: Int) throws(WireError) -> Int {
        guard count <= remaining else { throw .truncated(offset: end) }
        defer { offset += count }
        return offset
    }
}

// MARK: - Texts and bytes

extension ByteReader {
    /// Exactly `count` bytes.
    package mutating func raw(_ count: Int) throws(WireError) -> [UInt8] {
        let place = try take(count)
        return Array(bytes[place..<place + count])
    }

    /// A name: length u8, UTF-8.
    package mutating func name() throws(WireError) -> String {
        try utf8(Int(uint8()))
    }

    /// A text of at most `limit` bytes: length u16, UTF-8.
    package mutating func text(limit: Int) throws(WireError) -> String {
        try utf8(length(UInt16.self, limit: limit))
    }

    /// At most `limit` bytes: length u32, then they.
    package mutating func bytes(limit: Int) throws(WireError) -> [UInt8] {
        try raw(length(UInt32.self, limit: limit))
    }

    private mutating func utf8(_ count: Int) throws(WireError) -> String {
        let place = try take(count)
        let text = bytes.withUnsafeBufferPointer {
            String(
                validating: UnsafeBufferPointer(rebasing: $0[place..<place + count]),
                as: UTF8.self
            )
        }
        guard let text else { throw .invalidText(offset: place) }
        return text
    }

    private mutating func length<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type,
        limit: Int
    ) throws(WireError) -> Int {
        let start = offset
        let number: Number = try integer()
        let count = Int(number)
        guard count <= limit else { throw .tooLong(count: count, limit: limit, offset: start) }
        return count
    }
}

// MARK: - Values made of others

extension ByteReader {
    /// A list of at most `limit` elements: count u16, then they.
    package mutating func list<Element: WireCodable>(
        of type: Element.Type = Element.self,
        limit: Int
    ) throws(WireError) -> [Element] {
        try list(limit: limit) { (reader: inout ByteReader) throws(WireError) in
            try Element(from: &reader)
        }
    }

    /// A list whose elements are read by `read`.
    package mutating func list<Element>(
        limit: Int,
        read: (inout ByteReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        let count = try length(UInt16.self, limit: limit)
        // Every element takes a byte at least; room is made only for elements that are there.
        guard count <= remaining else { throw .truncated(offset: end) }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    /// A value that may be missing, inside a fixed layout: 0, or 1 and the value.
    package mutating func maybe<Value: WireCodable>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value? {
        guard try bool() else { return nil }
        return try Value(from: &self)
    }

    /// A value behind its length u32; it must end where the length says.
    package mutating func record<Value: WireCodable>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        try record { (reader: inout ByteReader) throws(WireError) in try Value(from: &reader) }
    }

    /// The optional field of that tag; `nil` when it is not there.
    ///
    /// Fields are asked for in ascending order of their tags; those nobody asked for are stepped
    /// over, so that later versions can add some. A type that has optional fields, or may get
    /// some, ends its reading with ``skipOptionals()``.
    package mutating func optional<Value: WireCodable>(
        _ tag: UInt16,
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value? {
        try optional(tag) { (reader: inout ByteReader) throws(WireError) in
            try Value(from: &reader)
        }
    }

    /// The optional field of that tag, read by `read`.
    package mutating func optional<Value>(
        _ tag: UInt16,
        read: (inout ByteReader) throws(WireError) -> Value
    ) throws(WireError) -> Value? {
        while let next = try peekTag(), next <= tag {
            if next == tag {
                offset += 2
                lastTag = Int(next)
                return try record(read)
            }
            try skipOptional(next)
        }
        return nil
    }

    /// Steps over all optional fields up to the end of the value.
    package mutating func skipOptionals() throws(WireError) {
        while let next = try peekTag() { try skipOptional(next) }
    }

    private mutating func skipOptional(_ tag: UInt16) throws(WireError) {
        offset += 2
        lastTag = Int(tag)
        _ = try take(Int(uint32()))
    }

    private func peekTag() throws(WireError) -> UInt16? {
        guard remaining > 0 else { return nil }
        var ahead = self
        let tag = try ahead.uint16()
        guard Int(tag) > lastTag else { throw .unorderedTag(tag, offset: offset) }
        return tag
    }

    private mutating func record<Value>(
        _ read: (inout ByteReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let count = Int(try uint32())
        guard count <= remaining else { throw .truncated(offset: end) }
        let outer = (end: end, lastTag: lastTag)
        (end, lastTag) = (offset + count, -1)
        let value = try read(&self)
        try expectEnd()
        (end, lastTag) = outer
        return value
    }
}
