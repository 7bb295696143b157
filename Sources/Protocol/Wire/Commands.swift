package import TandemModel

extension Expectation: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        role.encode(into: &writer)
        software.encode(into: &writer)
        writer.uint64(generation)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            role: try ServerRole(from: &reader),
            software: try SoftwareState(from: &reader),
            generation: try reader.uint64()
        )
    }
}

extension Precondition: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        own.encode(into: &writer)
        writer.maybe(mate)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(own: try Expectation(from: &reader), mate: try reader.maybe())
    }
}

extension ImageOffer: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        image.encode(into: &writer)
        writer.uint64(byteCount)
        manifest.encode(into: &writer)
        release.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            image: try Digest(from: &reader),
            byteCount: try reader.uint64(),
            manifest: try Digest(from: &reader),
            release: try ReleaseID(from: &reader)
        )
    }
}

extension ConfigurationVersion: WireCodable {
    /// A document above 48 KiB is refused.
    ///
    /// Whether it is UTF-8 and matches its digest is for
    /// whoever takes it over to see.
    package func encode(into writer: inout ByteWriter) {
        writer.uint32(number)
        writer.name(schema)
        digest.encode(into: &writer)
        writer.bytes(document, limit: TextLimit.document)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            number: try reader.uint32(),
            schema: try reader.name(),
            digest: try Digest(from: &reader),
            document: try reader.bytes(limit: TextLimit.document)
        )
    }
}

extension PromotionAuthority: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .demotionProof:
            writer.uint8(1)
        case .mateFenced:
            writer.uint8(2)
        case .mateDeclaredDead(let person, let time):
            writer.uint8(3)
            person.encode(into: &writer)
            time.encode(into: &writer)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .demotionProof
        case 2: self = .mateFenced
        case 3:
            self = .mateDeclaredDead(
                by: try PersonName(from: &reader),
                at: try WallTime(from: &reader)
            )
        case let other: throw reader.unknown(other, "promotion authority")
        }
    }
}

extension Command: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        id.encode(into: &writer)
        verb.encode(into: &writer)
        writer.maybe(precondition)
        planHash.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            id: try CommandID(from: &reader),
            verb: try Verb(from: &reader),
            precondition: try reader.maybe(),
            planHash: try Digest(from: &reader)
        )
    }
}

extension CommandEnvelope: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        command.encode(into: &writer)
        writer.uint64(epoch)
        writer.uint64(sequence)
        writer.uint32(anchorHeartbeat)
        writer.uint32(deadlineMilliseconds)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            command: try Command(from: &reader),
            epoch: try reader.uint64(),
            sequence: try reader.uint64(),
            anchorHeartbeat: try reader.uint32(),
            deadlineMilliseconds: try reader.uint32()
        )
        try reader.skipOptionals()
    }
}
