package import TandemModel

extension Hello: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.uint8(versionMin)
        writer.uint8(versionMax)
        server.encode(into: &writer)
        agent.encode(into: &writer)
        boot.encode(into: &writer)
        journal.encode(into: &writer)
        writer.uint64(journalHead)
        writer.uint64(epoch)
        writer.name(agentVersion)
        software.encode(into: &writer)
        writer.optional(1, previous)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        let start = reader.offset
        self.init(
            versionMin: try reader.uint8(),
            versionMax: try reader.uint8(),
            server: try ServerName(from: &reader),
            agent: try AgentID(from: &reader),
            boot: try BootID(from: &reader),
            journal: try JournalID(from: &reader),
            journalHead: try reader.uint64(),
            epoch: try reader.uint64(),
            agentVersion: try reader.name(),
            software: try SoftwareState(from: &reader),
            previous: nil
        )
        previous = try reader.optional(1)
        try reader.skipOptionals()
        guard versionMin >= 1, versionMin <= versionMax else {
            throw .invalidValue(of: "version range", offset: start)
        }
    }
}

extension Welcome: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.uint8(version)
        writer.name(controller)
        writer.uint64(epoch)
        writer.uint32(heartbeatMilliseconds)
        nonce.encode(into: &writer)
        time.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            version: try reader.uint8(),
            controller: try reader.name(),
            epoch: try reader.uint64(),
            heartbeatMilliseconds: try reader.uint32(),
            nonce: try Nonce(from: &reader),
            time: try WallTime(from: &reader)
        )
        try reader.skipOptionals()
    }
}

extension MateView: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        server.encode(into: &writer)
        agent.encode(into: &writer)
        writer.bytes(publicKey, limit: WireLimit.publicKey)
        role.encode(into: &writer)
        software.encode(into: &writer)
        writer.uint64(generation)
        writer.bool(isConnected)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            server: try ServerName(from: &reader),
            agent: try AgentID(from: &reader),
            publicKey: try reader.bytes(limit: WireLimit.publicKey),
            role: try ServerRole(from: &reader),
            software: try SoftwareState(from: &reader),
            generation: try reader.uint64(),
            isConnected: try reader.bool()
        )
        try reader.skipOptionals()
    }
}

extension ClusterView: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        cluster.encode(into: &writer)
        writer.optional(1, mate)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            cluster: try ClusterName(from: &reader),
            mate: try reader.optional(1)
        )
        try reader.skipOptionals()
    }
}

extension OperationRecord: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        operation.encode(into: &writer)
        cluster.encode(into: &writer)
        direction.encode(into: &writer)
        old.encode(into: &writer)
        new.encode(into: &writer)
        writer.bool(isClosed)
        writer.optional(1, snapshot)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            operation: try OperationID(from: &reader),
            cluster: try ClusterName(from: &reader),
            direction: try Direction(from: &reader),
            old: try ReleaseID(from: &reader),
            new: try ReleaseID(from: &reader),
            isClosed: try reader.bool(),
            snapshot: try reader.optional(1)
        )
        try reader.skipOptionals()
    }
}

extension Bye: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.name(code)
        writer.clippedText(text, limit: TextLimit.message)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(code: try reader.name(), text: try reader.text(limit: TextLimit.message))
        try reader.skipOptionals()
    }
}
