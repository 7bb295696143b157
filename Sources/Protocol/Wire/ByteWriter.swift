import TandemModel

/// Collects the bytes of a value: big-endian numbers, length-prefixed texts, lists and records.
///
/// Writing never throws: the first value that does not fit its limit is remembered and
/// ``finish()`` throws it, so encoders read as a plain list of fields and no unfit bytes get out.
package struct ByteWriter: Sendable {
    private var bytes: [UInt8]
    /// Bytes before this one are the caller's.
    private let start: Int
    private var failure: WireError?

    /// An empty writer.
    package init() { self.init(appendingTo: []) }

    /// A writer that goes on behind bytes that are already there; `finish` gives back all of them.
    package init(appendingTo bytes: consuming [UInt8]) {
        start = bytes.count
        self.bytes = bytes
    }

    /// Bytes written so far.
    package var count: Int { bytes.count - start }

    /// All bytes.
    ///
    /// - Throws: the first refusal of a value; then nothing that was written may be used.
    package consuming func finish() throws(WireError) -> [UInt8] {
        if let failure { throw failure }
        return bytes
    }

    /// Hands the bytes back to the buffer they were taken from, cut back to what it held before
    /// when a value was refused.
    package consuming func finish(into buffer: inout [UInt8]) throws(WireError) {
        if failure != nil { bytes.removeSubrange(start...) }
        buffer = bytes
        if let failure { throw failure }
    }

    /// Refuses the value being written; only the first refusal counts.
    package mutating func refuse(_ error: WireError) {
        failure = failure ?? error
    }
}

// MARK: - Numbers

extension ByteWriter {
    /// One byte.
    package mutating func uint8(_ value: UInt8) { bytes.append(value) }

    /// Two bytes, big-endian.
    package mutating func uint16(_ value: UInt16) { integer(value) }

    /// Four bytes, big-endian.
    package mutating func uint32(_ value: UInt32) { integer(value) }

    /// Eight bytes, big-endian.
    package mutating func uint64(_ value: UInt64) { integer(value) }

    /// One byte, 1 or 0.
    package mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    private mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes `value` over the four bytes at `offset`, which counts from the first written byte.
    package mutating func patch(_ value: UInt32, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) {
            bytes.replaceSubrange(start + offset..<start + offset + 4, with: $0)
        }
    }
}

// MARK: - Texts and bytes

extension ByteWriter {
    /// Bytes as they are, without a length.
    package mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// A name: length u8, UTF-8.
    ///
    /// Longer than 255 bytes is refused.
    package mutating func name(_ text: String) {
        guard fits(text.utf8.count, limit: TextLimit.name) else { return }
        bytes.append(UInt8(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A text that must not change: length u16, UTF-8.
    ///
    /// Longer than `limit` (at most 65,535) is refused.
    package mutating func text(_ text: String, limit: Int) {
        guard fits(text.utf8.count, limit: limit) else { return }
        uint16(UInt16(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A text for people: as ``text(_:limit:)``, but clipped to the limit on a scalar's boundary.
    package mutating func clippedText(_ text: String, limit: Int) {
        self.text(clipped(text, byteCountMax: limit), limit: limit)
    }

    /// Bytes: length u32, then they.
    ///
    /// Longer than `limit` is refused.
    package mutating func bytes(_ value: [UInt8], limit: Int) {
        guard fits(value.count, limit: limit) else { return }
        uint32(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func fits(_ count: Int, limit: Int) -> Bool {
        if count > limit { refuse(.tooLong(count: count, limit: limit, offset: self.count)) }
        return count <= limit
    }
}

// MARK: - Values made of others

extension ByteWriter {
    /// A list: count u16, then the elements.
    ///
    /// More than `limit` (at most 65,535) are refused.
    package mutating func list(_ elements: [some WireCodable], limit: Int) {
        list(elements, limit: limit) { writer, element in element.encode(into: &writer) }
    }

    /// A list whose elements are written by `write`.
    package mutating func list<Element>(
        _ elements: [Element],
        limit: Int,
        write: (inout ByteWriter, Element) -> Void
    ) {
        guard fits(elements.count, limit: limit) else { return }
        uint16(UInt16(elements.count))
        for element in elements { write(&self, element) }
    }

    /// A value that may be missing, inside a fixed layout: 0, or 1 and the value.
    package mutating func maybe(_ value: (some WireCodable)?) {
        bool(value != nil)
        value?.encode(into: &self)
    }

    /// A value behind its length u32, so that a reader finds its end without understanding it all.
    package mutating func record(_ value: some WireCodable) {
        record { value.encode(into: &$0) }
    }

    /// An optional field, when there is a value: tag u16, length u32, value.
    ///
    /// Optional fields come last and in ascending order of their tags.
    package mutating func optional(_ tag: UInt16, _ value: (some WireCodable)?) {
        guard let value else { return }
        optional(tag) { value.encode(into: &$0) }
    }

    /// An optional field whose value is written by `write`.
    package mutating func optional(_ tag: UInt16, write: (inout ByteWriter) -> Void) {
        uint16(tag)
        record(write)
    }

    private mutating func record(_ write: (inout ByteWriter) -> Void) {
        let place = count
        uint32(0)
        write(&self)
        patch(UInt32(count - place - 4), at: place)
    }
}
