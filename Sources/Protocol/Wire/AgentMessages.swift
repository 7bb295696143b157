package import TandemModel

extension AgentMessage: WireMessage {
    package static var sender: Peer { .agent }

    package var kind: FrameKind {
        switch self {
        case .hello: .hello
        case .heartbeat: .heartbeat
        case .report: .report
        case .accepted: .accepted
        case .refused: .refused
        case .voucherNeeded: .voucherNeeded
        case .voucher: .voucher
        case .vouchRefused: .vouchRefused
        case .step: .step
        case .finished: .finished
        case .status: .status
        case .alarm: .alarm
        case .alarmSnapshot: .alarmSnapshot
        case .chunkRequest: .chunkRequest
        case .operationRecord: .operationRecord
        case .logChunk: .logChunk
        case .error: .error
        case .bye: .bye
        }
    }

    package func encodePayload(into writer: inout ByteWriter) {
        switch self {
        case .hello(let hello): hello.encode(into: &writer)
        case .heartbeat(let heartbeat): heartbeat.encode(into: &writer)
        case .report(let report): report.encode(into: &writer)
        case .accepted(let command, let promoteNonce):
            command.encode(into: &writer)
            writer.optional(1, promoteNonce)
        case .refused(let command, let failure):
            command.encode(into: &writer)
            writer.record(failure)
        case .voucherNeeded(let command, let failover, let nonce):
            command.encode(into: &writer)
            nonce.encode(into: &writer)
            writer.optional(1, failover)
        case .voucher(let voucher): voucher.encode(into: &writer)
        case .vouchRefused(let nonce, let failure):
            nonce.encode(into: &writer)
            writer.record(failure)
        case .step(let progress): progress.encode(into: &writer)
        case .finished(let result): result.encode(into: &writer)
        case .status(let command, let state):
            command.encode(into: &writer)
            state.encode(into: &writer)
        case .alarm(let event): event.encode(into: &writer)
        case .alarmSnapshot(let events, let boot, let sequence):
            boot.encode(into: &writer)
            writer.uint32(sequence)
            writer.list(events, limit: WireLimit.alarms) { $0.record($1) }
        case .chunkRequest(let image, let offset, let byteCount):
            image.encode(into: &writer)
            writer.uint64(offset)
            if byteCount == 0 || byteCount > WireLimit.chunk {
                writer.refuse(.invalidValue(of: "chunk size", offset: writer.count))
            }
            writer.uint32(byteCount)
        case .operationRecord(let record): record.encode(into: &writer)
        case .logChunk(let command, let offset, let bytes, let isLast):
            command.encode(into: &writer)
            writer.uint64(offset)
            writer.bytes(bytes, limit: WireLimit.logChunk)
            writer.bool(isLast)
        case .error(let bye), .bye(let bye): bye.encode(into: &writer)
        }
    }

    package init(kind: FrameKind, from reader: inout ByteReader) throws(WireError) {
        switch kind {
        case .hello: self = .hello(try Hello(from: &reader))
        case .heartbeat: self = .heartbeat(try Heartbeat(from: &reader))
        case .report: self = .report(try ServerReport(from: &reader))
        case .accepted:
            self = .accepted(
                try CommandID(from: &reader),
                promoteNonce: try reader.optional(1)
            )
        case .refused: self = .refused(try CommandID(from: &reader), try reader.record())
        case .voucherNeeded: self = try Self.voucherNeeded(from: &reader)
        case .voucher: self = .voucher(try Voucher(from: &reader))
        case .vouchRefused:
            self = .vouchRefused(nonce: try Nonce(from: &reader), try reader.record())
        case .step: self = .step(try StepProgress(from: &reader))
        case .finished: self = .finished(try CommandResult(from: &reader))
        case .status:
            self = .status(try CommandID(from: &reader), try CommandState(from: &reader))
        case .alarm: self = .alarm(try AlarmEvent(from: &reader))
        case .alarmSnapshot: self = try Self.alarmSnapshot(from: &reader)
        case .chunkRequest: self = try Self.chunkRequest(from: &reader)
        case .operationRecord: self = .operationRecord(try OperationRecord(from: &reader))
        case .logChunk:
            self = .logChunk(
                try CommandID(from: &reader),
                offset: try reader.uint64(),
                bytes: try reader.bytes(limit: WireLimit.logChunk),
                isLast: try reader.bool()
            )
        case .error: self = .error(try Bye(from: &reader))
        case .bye: self = .bye(try Bye(from: &reader))
        case .welcome, .heartbeatAck, .command, .vouchRequest, .relayedVoucher, .voucherRelease,
            .relayedProof, .relayedVoided, .stop, .void, .statusQuery, .alarmAck, .chunk,
            .chunkRefused, .clusterView, .operationToKeep, .controllerError, .controllerBye:
            throw .unknownKind(kind.rawValue, correlation: 0)
        }
    }

    private static func voucherNeeded(from reader: inout ByteReader) throws(WireError) -> Self {
        let command = try CommandID(from: &reader)
        let nonce = try Nonce(from: &reader)
        return .voucherNeeded(command, failover: try reader.optional(1), nonce: nonce)
    }

    private static func alarmSnapshot(from reader: inout ByteReader) throws(WireError) -> Self {
        let boot = try BootID(from: &reader)
        let sequence = try reader.uint32()
        let events: [AlarmEvent] = try reader.list(limit: WireLimit.alarms) {
            (reader: inout ByteReader) throws(WireError) in try reader.record()
        }
        return .alarmSnapshot(events, boot: boot, sequence: sequence)
    }

    private static func chunkRequest(from reader: inout ByteReader) throws(WireError) -> Self {
        let image = try Digest(from: &reader)
        let offset = try reader.uint64()
        let byteCount = try reader.uint32()
        guard byteCount > 0, byteCount <= WireLimit.chunk else {
            throw .invalidValue(of: "chunk size", offset: reader.offset - 4)
        }
        return .chunkRequest(image: image, offset: offset, byteCount: byteCount)
    }
}
