package import TandemModel

extension ControllerMessage: WireMessage {
    package static var sender: Peer { .controller }

    package var kind: FrameKind {
        switch self {
        case .welcome: .welcome
        case .heartbeatAck: .heartbeatAck
        case .command: .command
        case .vouchRequest: .vouchRequest
        case .voucher: .relayedVoucher
        case .voucherRelease: .voucherRelease
        case .proof: .relayedProof
        case .voided: .relayedVoided
        case .stop: .stop
        case .void: .void
        case .statusQuery: .statusQuery
        case .alarmAck: .alarmAck
        case .chunk: .chunk
        case .chunkRefused: .chunkRefused
        case .clusterView: .clusterView
        case .operationRecord: .operationToKeep
        case .error: .controllerError
        case .bye: .controllerBye
        }
    }

    package func encodePayload(into writer: inout ByteWriter) {
        switch self {
        case .welcome(let welcome): welcome.encode(into: &writer)
        case .heartbeatAck(let sequence, let time):
            writer.uint32(sequence)
            time.encode(into: &writer)
        case .command(let envelope): envelope.encode(into: &writer)
        case .vouchRequest(let command, let failover, let nonce):
            nonce.encode(into: &writer)
            writer.optional(1, command)
            writer.optional(2, failover)
        case .voucher(let voucher): voucher.encode(into: &writer)
        case .voucherRelease(let nonce): nonce.encode(into: &writer)
        case .proof(let proof): proof.encode(into: &writer)
        case .voided(let voided): voided.encode(into: &writer)
        case .stop(let command), .void(let command), .statusQuery(let command):
            command.encode(into: &writer)
        case .alarmAck(let boot, let sequence):
            boot.encode(into: &writer)
            writer.uint32(sequence)
        case .chunk(let image, let offset, let bytes):
            image.encode(into: &writer)
            writer.uint64(offset)
            writer.bytes(bytes, limit: WireLimit.chunk)
        case .chunkRefused(let image, let failure):
            image.encode(into: &writer)
            writer.record(failure)
        case .clusterView(let view): view.encode(into: &writer)
        case .operationRecord(let record): record.encode(into: &writer)
        case .error(let bye), .bye(let bye): bye.encode(into: &writer)
        }
    }

    package init(kind: FrameKind, from reader: inout ByteReader) throws(WireError) {
        switch kind {
        case .welcome: self = .welcome(try Welcome(from: &reader))
        case .heartbeatAck:
            self = .heartbeatAck(sequence: try reader.uint32(), time: try WallTime(from: &reader))
        case .command: self = .command(try CommandEnvelope(from: &reader))
        case .vouchRequest: self = try Self.vouchRequest(from: &reader)
        case .relayedVoucher: self = .voucher(try Voucher(from: &reader))
        case .voucherRelease: self = .voucherRelease(nonce: try Nonce(from: &reader))
        case .relayedProof: self = .proof(try DemotionProof(from: &reader))
        case .relayedVoided: self = .voided(try VoidedFailover(from: &reader))
        case .stop: self = .stop(try CommandID(from: &reader))
        case .void: self = .void(try CommandID(from: &reader))
        case .statusQuery: self = .statusQuery(try CommandID(from: &reader))
        case .alarmAck:
            self = .alarmAck(boot: try BootID(from: &reader), sequence: try reader.uint32())
        case .chunk:
            self = .chunk(
                image: try Digest(from: &reader),
                offset: try reader.uint64(),
                bytes: try reader.bytes(limit: WireLimit.chunk)
            )
        case .chunkRefused:
            self = .chunkRefused(image: try Digest(from: &reader), try reader.record())
        case .clusterView: self = .clusterView(try ClusterView(from: &reader))
        case .operationToKeep: self = .operationRecord(try OperationRecord(from: &reader))
        case .controllerError: self = .error(try Bye(from: &reader))
        case .controllerBye: self = .bye(try Bye(from: &reader))
        case .hello, .heartbeat, .report, .accepted, .refused, .voucherNeeded, .voucher,
            .vouchRefused, .step, .finished, .status, .alarm, .alarmSnapshot, .chunkRequest,
            .operationRecord, .logChunk, .error, .bye:
            throw .unknownKind(kind.rawValue, correlation: 0)
        }
    }

    private static func vouchRequest(from reader: inout ByteReader) throws(WireError) -> Self {
        let nonce = try Nonce(from: &reader)
        return .vouchRequest(
            command: try reader.optional(1),
            failover: try reader.optional(2),
            nonce: nonce
        )
    }
}
