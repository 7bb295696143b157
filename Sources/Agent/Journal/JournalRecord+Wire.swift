package import AgentCore
import TandemModel
package import TandemWire

/// The numbers of the journal's records; a number is never given out twice.
///
/// Numbers from 128 on are for records that an older agent may step over.
private enum RecordNumber: UInt8 {
    case opened = 1
    case booted = 2
    case epoch = 3
    case received = 4
    case route = 5
    case started = 6
    case stepStarted = 7
    case stepChild = 8
    case stepDone = 9
    case returning = 10
    case ended = 11
    case delivered = 12
    case tombstone = 13
    case generation = 14
    case held = 15
    case fenced = 16
    case inhibited = 17
    case demoted = 18
    case demotionClosed = 19
    case staged = 20
    case dropped = 21
    case releases = 22
    case attempted = 23
    case configured = 24
    case zombie = 25
    case alarm = 26
    case alarmsDelivered = 27
    case operation = 28
    case matePinned = 29
    case compacted = 30
    case snapshot = 128
}

extension JournalRecord: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.uint8(number.rawValue)
        switch self {
        case .received, .route, .started, .stepStarted, .stepChild, .stepDone, .returning, .ended,
            .delivered, .tombstone:
            encodeCommand(into: &writer)
        case .opened, .booted, .epoch, .generation, .held, .fenced, .inhibited, .demoted,
            .demotionClosed, .staged, .dropped, .releases, .attempted, .configured, .zombie,
            .alarm, .alarmsDelivered, .operation, .matePinned, .snapshot, .compacted:
            encodeServer(into: &writer)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        let raw = try reader.uint8()
        guard let number = RecordNumber(rawValue: raw) else {
            throw .unknownNumber(Int(raw), of: "journal record", offset: reader.offset - 1)
        }
        if let record = try Self.command(number, from: &reader) {
            self = record
        } else {
            self = try Self.server(number, from: &reader)
        }
    }

    /// Whether a record of that number, unknown here, may be stepped over.
    static func isOptional(_ number: UInt8) -> Bool { number >= 128 }

    private var number: RecordNumber {
        switch self {
        case .opened: .opened
        case .booted: .booted
        case .epoch: .epoch
        case .received: .received
        case .route: .route
        case .started: .started
        case .stepStarted: .stepStarted
        case .stepChild: .stepChild
        case .stepDone: .stepDone
        case .returning: .returning
        case .ended: .ended
        case .delivered: .delivered
        case .tombstone: .tombstone
        case .generation: .generation
        case .held: .held
        case .fenced: .fenced
        case .inhibited: .inhibited
        case .demoted: .demoted
        case .demotionClosed: .demotionClosed
        case .staged: .staged
        case .dropped: .dropped
        case .releases: .releases
        case .attempted: .attempted
        case .configured: .configured
        case .zombie: .zombie
        case .alarm: .alarm
        case .alarmsDelivered: .alarmsDelivered
        case .operation: .operation
        case .matePinned: .matePinned
        case .snapshot: .snapshot
        case .compacted: .compacted
        }
    }
}

// MARK: - Commands

extension JournalRecord {
    private func encodeCommand(into writer: inout ByteWriter) {
        switch self {
        case .received(let command, let epoch):
            command.encode(into: &writer)
            writer.uint64(epoch)
        case .route(let id, let source, let fallback):
            id.encode(into: &writer)
            writer.maybe(source)
            writer.maybe(fallback)
        case .started(let id, let boot, let tick, let pre):
            id.encode(into: &writer)
            boot.encode(into: &writer)
            tick.encode(into: &writer)
            writer.record(pre)
        case .stepStarted(let id, let index, let isReturn),
            .stepDone(let id, let index, let isReturn):
            id.encode(into: &writer)
            writer.uint16(index)
            writer.bool(isReturn)
        case .stepChild(let id, let index, let child):
            id.encode(into: &writer)
            writer.uint16(index)
            child.encode(into: &writer)
        case .returning(let id, let failure):
            id.encode(into: &writer)
            writer.record(failure)
        case .ended(let result):
            writer.record(result)
        case .delivered(let id), .tombstone(let id):
            id.encode(into: &writer)
        case .opened, .booted, .epoch, .generation, .held, .fenced, .inhibited, .demoted,
            .demotionClosed, .staged, .dropped, .releases, .attempted, .configured, .zombie,
            .alarm, .alarmsDelivered, .operation, .matePinned, .snapshot, .compacted:
            break
        }
    }

    private static func command(
        _ number: RecordNumber,
        from reader: inout ByteReader
    ) throws(WireError) -> JournalRecord? {
        switch number {
        case .received:
            .received(try Command(from: &reader), epoch: try reader.uint64())
        case .route:
            .route(
                try CommandID(from: &reader),
                source: try reader.maybe(),
                fallback: try reader.maybe()
            )
        case .started:
            .started(
                try CommandID(from: &reader),
                boot: try BootID(from: &reader),
                at: try Tick(from: &reader),
                pre: try reader.record()
            )
        case .stepStarted:
            .stepStarted(
                try CommandID(from: &reader),
                index: try reader.uint16(),
                isReturn: try reader.bool()
            )
        case .stepChild:
            .stepChild(
                try CommandID(from: &reader),
                index: try reader.uint16(),
                child: try ChildIdentity(from: &reader)
            )
        case .stepDone:
            .stepDone(
                try CommandID(from: &reader),
                index: try reader.uint16(),
                isReturn: try reader.bool()
            )
        case .returning: .returning(try CommandID(from: &reader), try reader.record())
        case .ended: .ended(try reader.record())
        case .delivered: .delivered(try CommandID(from: &reader))
        case .tombstone: .tombstone(try CommandID(from: &reader))
        case .opened, .booted, .epoch, .generation, .held, .fenced, .inhibited, .demoted,
            .demotionClosed, .staged, .dropped, .releases, .attempted, .configured, .zombie,
            .alarm, .alarmsDelivered, .operation, .matePinned, .snapshot, .compacted:
            nil
        }
    }
}

// MARK: - The server

extension JournalRecord {
    private func encodeServer(into writer: inout ByteWriter) {
        switch self {
        case .opened(let id): id.encode(into: &writer)
        case .booted(let boot): boot.encode(into: &writer)
        case .epoch(let epoch): writer.uint64(epoch)
        case .generation(let count, let role, let token):
            writer.uint64(count)
            role.encode(into: &writer)
            writer.name(token)
        case .held(let flag), .fenced(let flag), .inhibited(let flag): writer.bool(flag)
        case .demoted(let failover, let target, let boot, let tick, let deadMan):
            failover.encode(into: &writer)
            target.encode(into: &writer)
            boot.encode(into: &writer)
            tick.encode(into: &writer)
            writer.uint32(deadMan)
        case .demotionClosed(let failover, let outcome):
            failover.encode(into: &writer)
            writer.clippedText(outcome, limit: TextLimit.line)
        case .staged(let image): image.encode(into: &writer)
        case .dropped(let image): image.encode(into: &writer)
        case .releases(let current, let previous):
            writer.maybe(current)
            writer.maybe(previous)
        case .attempted(let target): writer.maybe(target)
        case .configured(let configuration): configuration.encode(into: &writer)
        case .zombie(let reason):
            writer.bool(reason != nil)
            if let reason { writer.clippedText(reason, limit: TextLimit.line) }
        case .alarm(let event): writer.record(event)
        case .alarmsDelivered(let boot, let sequence):
            boot.encode(into: &writer)
            writer.uint32(sequence)
        case .operation(let operation): writer.record(operation)
        case .matePinned(let agent, let key):
            agent.encode(into: &writer)
            writer.bytes(key, limit: WireLimit.publicKey)
        case .snapshot(let snapshot): writer.maybe(snapshot)
        case .compacted(let head): writer.uint64(head)
        case .received, .route, .started, .stepStarted, .stepChild, .stepDone, .returning, .ended,
            .delivered, .tombstone:
            break
        }
    }

    private static func server(
        _ number: RecordNumber,
        from reader: inout ByteReader
    ) throws(WireError) -> JournalRecord {
        switch number {
        case .opened: .opened(try JournalID(from: &reader))
        case .booted: .booted(try BootID(from: &reader))
        case .epoch: .epoch(try reader.uint64())
        case .generation:
            .generation(
                try reader.uint64(),
                role: try ServerRole(from: &reader),
                token: try reader.name()
            )
        case .held: .held(try reader.bool())
        case .fenced: .fenced(try reader.bool())
        case .inhibited: .inhibited(try reader.bool())
        case .demoted:
            .demoted(
                try FailoverID(from: &reader),
                target: try ServerName(from: &reader),
                boot: try BootID(from: &reader),
                at: try Tick(from: &reader),
                deadManMilliseconds: try reader.uint32()
            )
        case .demotionClosed:
            .demotionClosed(
                try FailoverID(from: &reader),
                outcome: try reader.text(limit: TextLimit.line)
            )
        case .staged: .staged(try StagedImage(from: &reader))
        case .dropped: .dropped(try Digest(from: &reader))
        case .releases: .releases(current: try reader.maybe(), previous: try reader.maybe())
        case .attempted: .attempted(try reader.maybe())
        case .configured: .configured(try AppliedConfiguration(from: &reader))
        case .zombie:
            .zombie(try reader.bool() ? try reader.text(limit: TextLimit.line) : nil)
        case .alarm: .alarm(try reader.record())
        case .alarmsDelivered:
            .alarmsDelivered(
                boot: try BootID(from: &reader),
                sequence: try reader.uint32()
            )
        case .operation: .operation(try reader.record())
        case .matePinned:
            .matePinned(
                try AgentID(from: &reader),
                publicKey: try reader.bytes(limit: WireLimit.publicKey)
            )
        case .snapshot: .snapshot(try reader.maybe())
        case .compacted: .compacted(head: try reader.uint64())
        case .received, .route, .started, .stepStarted, .stepChild, .stepDone, .returning, .ended,
            .delivered, .tombstone:
            throw .unknownNumber(Int(number.rawValue), of: "record", offset: reader.offset - 1)
        }
    }
}

extension RootSnapshot: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.name(name)
        holds.encode(into: &writer)
        writer.maybe(operation)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            name: try reader.name(),
            holds: try Digest(from: &reader),
            operation: try reader.maybe()
        )
    }
}

extension ChildIdentity: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        writer.uint32(UInt32(bitPattern: pid))
        writer.uint64(startTime)
        writer.name(record)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            pid: Int32(bitPattern: try reader.uint32()),
            startTime: try reader.uint64(),
            record: try reader.name()
        )
    }
}
