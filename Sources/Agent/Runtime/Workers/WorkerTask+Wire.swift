import AgentCore
import AgentPlatform
import TandemModel
package import TandemWire

// Both ends are the same program at the same moment, so these forms have no history.

extension WorkerTask: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .step(let run, let facts):
            writer.uint8(1)
            writer.record(facts)
            run.encode(into: &writer)
        case .repair(let run):
            writer.uint8(2)
            run.encode(into: &writer)
        case .observeStep(let run):
            writer.uint8(3)
            run.encode(into: &writer)
        case .checks(let target, let source, let facts):
            writer.uint8(4)
            writer.record(facts)
            target.encode(into: &writer)
            writer.maybe(source)
        case .verifyRelease(let manifest):
            writer.uint8(5)
            manifest.encode(into: &writer)
        case .finishStaging(let offer):
            writer.uint8(6)
            offer.encode(into: &writer)
        case .dropReleases(let kept):
            writer.uint8(7)
            writer.list(kept, limit: Int(UInt16.max))
        case .applyConfiguration(let version, let schema):
            writer.uint8(8)
            version.encode(into: &writer)
            schema.encode(into: &writer)
        case .driver(let call):
            writer.uint8(9)
            call.encode(into: &writer)
        case .resolve(let controller):
            writer.uint8(10)
            writer.name(controller.host)
            writer.uint16(controller.port)
        case .dropSnapshots(let kept):
            writer.uint8(11)
            writer.names(kept)
        case .forgetBoot: writer.uint8(12)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1:
            let facts: ServerFacts = try reader.record()
            self = .step(try StepRun(from: &reader), facts)
        case 2: self = .repair(try StepRun(from: &reader))
        case 3: self = .observeStep(try StepRun(from: &reader))
        case 4:
            let facts: ServerFacts = try reader.record()
            self = .checks(
                target: try ReleaseManifest(from: &reader),
                source: try reader.maybe(),
                facts
            )
        case 5: self = .verifyRelease(try Digest(from: &reader))
        case 6: self = .finishStaging(try ImageOffer(from: &reader))
        case 7: self = .dropReleases(keep: try reader.list(limit: Int(UInt16.max)))
        case 8:
            self = .applyConfiguration(
                try ConfigurationVersion(from: &reader),
                try ConfigurationSchema(from: &reader)
            )
        case 9: self = .driver(try DriverCall(from: &reader))
        case 10:
            self = .resolve(
                AgentConfiguration.Controller(
                    host: try reader.name(),
                    port: try reader.uint16()
                )
            )
        case 11: self = .dropSnapshots(keep: try reader.names())
        case 12: self = .forgetBoot
        case let other: throw .unknownNumber(Int(other), of: "task", offset: reader.offset - 1)
        }
    }
}

extension StepRun: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        command.encode(into: &writer)
        writer.uint16(index)
        writer.uint16(count)
        definition.encode(into: &writer)
        target.encode(into: &writer)
        targetDigest.encode(into: &writer)
        writer.maybe(source)
        direction.encode(into: &writer)
        writer.bool(isReturn)
        writer.maybe(configuration)
        writer.maybe(snapshot)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            command: try CommandID(from: &reader),
            index: try reader.uint16(),
            count: try reader.uint16(),
            definition: try StepDefinition(from: &reader),
            target: try ReleaseManifest(from: &reader),
            targetDigest: try Digest(from: &reader),
            source: try reader.maybe(),
            direction: try Direction(from: &reader),
            isReturn: try reader.bool(),
            configuration: try reader.maybe(),
            snapshot: try reader.maybe()
        )
    }
}

extension SnapshotOrder: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        let (number, name): (UInt8, String) =
            switch self {
            case .take(let name): (1, name)
            case .keep(let name): (2, name)
            case .boot(let name): (3, name)
            }
        writer.uint8(number)
        writer.name(name)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .take(try reader.name())
        case 2: self = .keep(try reader.name())
        case 3: self = .boot(try reader.name())
        case let other: throw .unknownNumber(Int(other), of: "order", offset: reader.offset - 1)
        }
    }
}

/// Names of snapshots, few and short.
extension ByteWriter {
    fileprivate mutating func names(_ names: [String]) {
        uint16(UInt16(clamping: names.count))
        for text in names.prefix(Int(UInt16.max)) { name(text) }
    }
}

extension ByteReader {
    fileprivate mutating func names() throws(WireError) -> [String] {
        var names: [String] = []
        for _ in 0..<(try uint16()) { names.append(try name()) }
        return names
    }
}

extension ServerFacts: WireCodable {
    private static let alarmCountMax = 64

    package func encode(into writer: inout ByteWriter) {
        writer.maybe(mate)
        writer.bool(isHeld)
        writer.list(Array(alarms.suffix(Self.alarmCountMax)), limit: Self.alarmCountMax) {
            $0.record($1)
        }
        writer.bool(controllerAhead != nil)
        writer.uint64(UInt64(bitPattern: controllerAhead ?? 0))
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            mate: try reader.maybe(),
            isHeld: try reader.bool(),
            alarms: try reader.list(limit: Self.alarmCountMax) {
                (reader: inout ByteReader) throws(WireError) in
                try reader.record(AlarmEvent.self)
            }
        )
        let isKnown = try reader.bool()
        let ahead = Int64(bitPattern: try reader.uint64())
        if isKnown { controllerAhead = ahead }
    }
}

extension ServerFacts.Mate: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        server.encode(into: &writer)
        role.encode(into: &writer)
        writer.bool(isConnected)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            server: try ServerName(from: &reader),
            role: try ServerRole(from: &reader),
            isConnected: try reader.bool()
        )
    }
}

extension DriverCall: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .promote(let token, let failover, let deadline):
            writer.uint8(1)
            writer.name(token)
            failover.encode(into: &writer)
            deadline.encode(into: &writer)
        case .demote(let failover, let target, let deadline):
            writer.uint8(2)
            failover.encode(into: &writer)
            target.encode(into: &writer)
            deadline.encode(into: &writer)
        case .takeBack(let failover, let isVoided):
            writer.uint8(3)
            failover.encode(into: &writer)
            writer.bool(isVoided)
        case .fence: writer.uint8(4)
        case .hold: writer.uint8(5)
        case .unhold: writer.uint8(6)
        case .inhibitReplication: writer.uint8(7)
        case .allowReplication: writer.uint8(8)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1:
            self = .promote(
                token: try reader.name(),
                failover: try FailoverID(from: &reader),
                deadline: try Tick(from: &reader)
            )
        case 2:
            self = .demote(
                failover: try FailoverID(from: &reader),
                target: try ServerName(from: &reader),
                deadline: try Tick(from: &reader)
            )
        case 3:
            self = .takeBack(
                failover: try FailoverID(from: &reader),
                isVoided: try reader.bool()
            )
        case 4: self = .fence
        case 5: self = .hold
        case 6: self = .unhold
        case 7: self = .inhibitReplication
        case 8: self = .allowReplication
        case let other: throw .unknownNumber(Int(other), of: "call", offset: reader.offset - 1)
        }
    }
}
