package import TandemModel

extension Identifier: WireCodable {
    /// 16 bytes.
    package func encode(into writer: inout ByteWriter) {
        writer.uint64(high)
        writer.uint64(low)
    }

    /// Reads 16 bytes.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(high: try reader.uint64(), low: try reader.uint64())
    }
}

extension Name: WireCodable {
    /// A name.
    package func encode(into writer: inout ByteWriter) { writer.name(text) }

    /// Reads a name; `isValid` is the caller's to ask.
    package init(from reader: inout ByteReader) throws(WireError) { self.init(try reader.name()) }
}

extension Digest: WireCodable {
    /// 32 bytes.
    package func encode(into writer: inout ByteWriter) { writer.raw(bytes) }

    /// Reads 32 bytes.
    package init(from reader: inout ByteReader) throws(WireError) {
        let start = reader.offset
        guard let digest = Digest(bytes: try reader.raw(32)) else {
            throw .invalidValue(of: "digest", offset: start)
        }
        self = digest
    }
}

extension ReleaseID: WireCodable {
    /// Product and version, both names.
    package func encode(into writer: inout ByteWriter) {
        writer.name(product)
        writer.name(version)
    }

    /// Reads product and version.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(product: try reader.name(), version: try reader.name())
    }
}

extension ClusterKind: WireCodable {
    /// A name.
    package func encode(into writer: inout ByteWriter) { writer.name(text) }

    /// Reads a name.
    package init(from reader: inout ByteReader) throws(WireError) { self.init(try reader.name()) }
}

extension WallTime: WireCodable {
    /// Milliseconds, u64.
    package func encode(into writer: inout ByteWriter) { writer.uint64(milliseconds) }

    /// Reads milliseconds.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(milliseconds: try reader.uint64())
    }
}

extension AlarmNumber: WireCodable {
    /// The number, u32.
    package func encode(into writer: inout ByteWriter) { writer.uint32(value) }

    /// Reads the number.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(try reader.uint32())
    }
}

extension Tick: WireCodable {
    /// Milliseconds, u64; for journals only, a tick means nothing on another machine.
    package func encode(into writer: inout ByteWriter) { writer.uint64(milliseconds) }

    /// Reads milliseconds.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(milliseconds: try reader.uint64())
    }
}
