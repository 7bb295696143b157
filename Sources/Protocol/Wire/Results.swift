package import TandemModel

extension TandemFailure: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.name(code)
        writer.clippedText(message, limit: TextLimit.message)
        writer.clippedText(remedy, limit: TextLimit.message)
        writer.clippedText(diagnostic, limit: TextLimit.diagnostic)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            code: try reader.name(),
            message: try reader.text(limit: TextLimit.message),
            remedy: try reader.text(limit: TextLimit.message),
            diagnostic: try reader.text(limit: TextLimit.diagnostic)
        )
        try reader.skipOptionals()
    }
}

extension Outcome: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .done:
            writer.uint8(1)
        case .failed(let failure):
            writer.uint8(2)
            writer.record(failure)
        case .indeterminate(let failure):
            writer.uint8(3)
            writer.record(failure)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .done
        case 2: self = .failed(try reader.record())
        case 3: self = .indeterminate(try reader.record())
        case let other: throw reader.unknown(other, "outcome")
        }
    }
}

extension CommandState: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .neverSeen:
            writer.uint8(1)
        case .received:
            writer.uint8(2)
        case .started(let isInterrupted):
            writer.uint8(3)
            writer.bool(isInterrupted)
        case .ended(let outcome):
            writer.uint8(4)
            outcome.encode(into: &writer)
        case .void:
            writer.uint8(5)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .neverSeen
        case 2: self = .received
        case 3: self = .started(isInterrupted: try reader.bool())
        case 4: self = .ended(try Outcome(from: &reader))
        case 5: self = .void
        case let other: throw reader.unknown(other, "command state")
        }
    }
}

extension CheckResult: WireRecord {
    package func encode(into writer: inout ByteWriter) {
        writer.name(name)
        level.encode(into: &writer)
        writer.clippedText(text, limit: TextLimit.line)
        writer.clippedText(remedy, limit: TextLimit.line)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            name: try reader.name(),
            level: try Level(from: &reader),
            text: try reader.text(limit: TextLimit.line),
            remedy: try reader.text(limit: TextLimit.line)
        )
        try reader.skipOptionals()
    }
}

extension CommandResult: WireRecord {
    /// Fits a control frame whatever its texts are: their limits and those of the lists add up to less.
    package func encode(into writer: inout ByteWriter) {
        command.encode(into: &writer)
        outcome.encode(into: &writer)
        writer.record(post)
        writer.uint64(durationMilliseconds)
        writer.uint64(ownMilliseconds)
        writer.list(checks, limit: WireLimit.checks) { $0.record($1) }
        writer.optional(1, proof)
        writer.optional(2, voided)
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            command: try CommandID(from: &reader),
            outcome: try Outcome(from: &reader),
            post: try reader.record(),
            durationMilliseconds: try reader.uint64(),
            ownMilliseconds: try reader.uint64(),
            checks: try reader.list(limit: WireLimit.checks) {
                (reader: inout ByteReader) throws(WireError) in try reader.record()
            }
        )
        proof = try reader.optional(1)
        voided = try reader.optional(2)
        try reader.skipOptionals()
    }
}
