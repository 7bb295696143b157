package import TandemModel

// What is signed is a fixed layout: a reader that stepped over a field it does not know would
// verify a signature over other bytes than the signer's. More fields need another label.

extension Voucher: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.maybe(command)
        writer.maybe(failover)
        nonce.encode(into: &writer)
        agent.encode(into: &writer)
        role.encode(into: &writer)
        writer.bool(isInService)
        software.encode(into: &writer)
        writer.uint64(generation)
        writer.name(position)
        writer.bytes(signature, limit: WireLimit.signature)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            command: try reader.maybe(),
            failover: try reader.maybe(),
            nonce: try Nonce(from: &reader),
            agent: try AgentID(from: &reader),
            role: try ServerRole(from: &reader),
            isInService: try reader.bool(),
            software: try SoftwareState(from: &reader),
            generation: try reader.uint64(),
            position: try reader.name(),
            signature: try reader.bytes(limit: WireLimit.signature)
        )
    }

    /// What is signed: the encoding with an empty signature; ``Voucher/label`` goes before it.
    package func signedBytes() throws(WireError) -> [UInt8] {
        var unsigned = self
        unsigned.signature = []
        return try unsigned.wireBytes()
    }
}

extension DemotionProof: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        failover.encode(into: &writer)
        nonce.encode(into: &writer)
        agent.encode(into: &writer)
        writer.uint64(generation)
        writer.name(position)
        writer.bytes(signature, limit: WireLimit.signature)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            failover: try FailoverID(from: &reader),
            nonce: try Nonce(from: &reader),
            agent: try AgentID(from: &reader),
            generation: try reader.uint64(),
            position: try reader.name(),
            signature: try reader.bytes(limit: WireLimit.signature)
        )
    }

    /// What is signed: the encoding with an empty signature; ``DemotionProof/label`` goes before it.
    package func signedBytes() throws(WireError) -> [UInt8] {
        var unsigned = self
        unsigned.signature = []
        return try unsigned.wireBytes()
    }
}

extension VoidedFailover: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        failover.encode(into: &writer)
        agent.encode(into: &writer)
        writer.bytes(signature, limit: WireLimit.signature)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            failover: try FailoverID(from: &reader),
            agent: try AgentID(from: &reader),
            signature: try reader.bytes(limit: WireLimit.signature)
        )
    }

    /// What is signed: the encoding with an empty signature; ``VoidedFailover/label`` goes before it.
    package func signedBytes() throws(WireError) -> [UInt8] {
        var unsigned = self
        unsigned.signature = []
        return try unsigned.wireBytes()
    }
}
