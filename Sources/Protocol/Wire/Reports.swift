package import TandemModel

extension ServerReport: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.uint32(sequence)
        ha.encode(into: &writer)
        role.encode(into: &writer)
        writer.uint64(generation)
        writer.bool(isHeld)
        software.encode(into: &writer)
        packageDigest.encode(into: &writer)
        writer.bool(isWayBackVerified)
        writer.list(images, limit: WireLimit.images)
        health.encode(into: &writer)
        writer.list(openCommands, limit: WireLimit.openCommands)
        writer.optional(1, previous)
        writer.optional(2, configuration)
        if let zombie {
            writer.optional(3) { $0.clippedText(zombie, limit: TextLimit.line) }
        }
        writer.optional(4, snapshots)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            sequence: try reader.uint32(),
            ha: try HAStatus(from: &reader),
            role: try ServerRole(from: &reader),
            generation: try reader.uint64(),
            isHeld: try reader.bool(),
            software: try SoftwareState(from: &reader),
            packageDigest: try Digest(from: &reader),
            previous: nil,
            isWayBackVerified: try reader.bool(),
            images: try reader.list(limit: WireLimit.images),
            configuration: nil,
            health: try Health(from: &reader),
            zombie: nil,
            openCommands: try reader.list(limit: WireLimit.openCommands)
        )
        previous = try reader.optional(1)
        configuration = try reader.optional(2)
        zombie = try reader.optional(3) { (reader: inout ByteReader) throws(WireError) in
            try reader.text(limit: TextLimit.line)
        }
        snapshots = try reader.optional(4)
        try reader.skipOptionals()
    }
}

extension SnapshotAbility: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .possible:
            writer.uint8(1)
        case .impossible(let why):
            writer.uint8(2)
            writer.clippedText(why, limit: TextLimit.line)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .possible
        case 2: self = .impossible(try reader.text(limit: TextLimit.line))
        case let other:
            throw .unknownNumber(
                Int(other),
                of: "snapshot ability",
                offset: reader.offset - 1
            )
        }
    }
}

extension Heartbeat: WireRecord {
    /// Fixed layout of 41 bytes: with its header a frame of 57.
    package func encode(into writer: inout ByteWriter) {
        writer.uint32(sequence)
        writer.uint32(reportSequence)
        role.encode(into: &writer)
        writer.uint64(generation)
        writer.bool(isInService)
        writer.bool(isCaughtUp)
        writer.uint64(lagBytes)
        writer.uint64(packageDigestPrefix)
        writer.uint16(loadHundredths)
        writer.uint32(alarmSequence)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            sequence: try reader.uint32(),
            reportSequence: try reader.uint32(),
            role: try ServerRole(from: &reader),
            generation: try reader.uint64(),
            isInService: try reader.bool(),
            isCaughtUp: try reader.bool(),
            lagBytes: try reader.uint64(),
            packageDigestPrefix: try reader.uint64(),
            loadHundredths: try reader.uint16(),
            alarmSequence: try reader.uint32()
        )
        try reader.skipOptionals()
    }
}

extension AlarmEvent: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        number.encode(into: &writer)
        writer.name(instance)
        severity.encode(into: &writer)
        writer.bool(isRaised)
        writer.clippedText(text, limit: TextLimit.line)
        time.encode(into: &writer)
        writer.uint32(sequence)
        boot.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            number: try AlarmNumber(from: &reader),
            instance: try reader.name(),
            severity: try AlarmSeverity(from: &reader),
            isRaised: try reader.bool(),
            text: try reader.text(limit: TextLimit.line),
            time: try WallTime(from: &reader),
            sequence: try reader.uint32(),
            boot: try BootID(from: &reader)
        )
        try reader.skipOptionals()
    }
}

extension StepProgress: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        command.encode(into: &writer)
        writer.uint16(index)
        writer.uint16(count)
        writer.name(name)
        if percent > 100 { writer.refuse(.invalidValue(of: "percent", offset: writer.count)) }
        writer.uint8(percent)
        writer.uint64(elapsedMilliseconds)
        writer.uint64(leftMilliseconds)
        writer.clippedText(text, limit: TextLimit.diagnostic)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            command: try CommandID(from: &reader),
            index: try reader.uint16(),
            count: try reader.uint16(),
            name: try reader.name(),
            percent: try reader.percent(),
            elapsedMilliseconds: try reader.uint64(),
            leftMilliseconds: try reader.uint64(),
            text: try reader.text(limit: TextLimit.diagnostic)
        )
        try reader.skipOptionals()
    }
}

extension ByteReader {
    fileprivate mutating func percent() throws(WireError) -> UInt8 {
        let value = try uint8()
        guard value <= 100 else { throw .invalidValue(of: "percent", offset: offset - 1) }
        return value
    }
}
