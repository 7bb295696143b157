package import TandemModel

extension SoftwareState: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .known(let release):
            writer.uint8(1)
            release.encode(into: &writer)
        case .blank:
            writer.uint8(2)
        case .halfInstalled(let what):
            writer.uint8(3)
            writer.clippedText(what, limit: TextLimit.line)
        case .unknown(let why):
            writer.uint8(4)
            writer.clippedText(why, limit: TextLimit.line)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .known(try ReleaseID(from: &reader))
        case 2: self = .blank
        case 3: self = .halfInstalled(try reader.text(limit: TextLimit.line))
        case 4: self = .unknown(try reader.text(limit: TextLimit.line))
        case let other: throw reader.unknown(other, "software state")
        }
    }
}

extension Health: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .healthy:
            writer.uint8(1)
        case .warning(let words):
            writer.uint8(2)
            writer.clippedText(words, limit: TextLimit.line)
        case .failing(let words):
            writer.uint8(3)
            writer.clippedText(words, limit: TextLimit.line)
        case .unknown:
            writer.uint8(4)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .healthy
        case 2: self = .warning(try reader.text(limit: TextLimit.line))
        case 3: self = .failing(try reader.text(limit: TextLimit.line))
        case 4: self = .unknown
        case let other: throw reader.unknown(other, "health")
        }
    }
}

extension ReplicationState: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.bool(isCaughtUp)
        writer.uint64(lagBytes)
        writer.uint64(lagMilliseconds)
        writer.bool(isInhibited)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            isCaughtUp: try reader.bool(),
            lagBytes: try reader.uint64(),
            lagMilliseconds: try reader.uint64(),
            isInhibited: try reader.bool()
        )
    }
}

extension HAStatus: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        role.encode(into: &writer)
        writer.bool(isInService)
        peerRole.encode(into: &writer)
        replication.encode(into: &writer)
        exclusion.encode(into: &writer)
        switchover.encode(into: &writer)
        writer.name(token)
        writer.name(position)
        writer.bool(isHeld)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            role: try ServerRole(from: &reader),
            isInService: try reader.bool(),
            peerRole: try PeerRole(from: &reader),
            replication: try ReplicationState(from: &reader),
            exclusion: try Exclusion(from: &reader),
            switchover: try Switchover(from: &reader),
            token: try reader.name(),
            position: try reader.name(),
            isHeld: try reader.bool()
        )
    }
}

extension StagedImage: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        image.encode(into: &writer)
        manifest.encode(into: &writer)
        release.encode(into: &writer)
        writer.bool(isVerified)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            image: try Digest(from: &reader),
            manifest: try Digest(from: &reader),
            release: try ReleaseID(from: &reader),
            isVerified: try reader.bool()
        )
    }
}

extension AppliedConfiguration: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.uint32(number)
        writer.name(schema)
        digest.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            number: try reader.uint32(),
            schema: try reader.name(),
            digest: try Digest(from: &reader)
        )
    }
}
