import AgentCore
import TandemModel
package import TandemWire

extension WorkerAnswer: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .result(let result):
            writer.uint8(1)
            result.encode(into: &writer)
        case .observation(let observation):
            writer.uint8(2)
            writer.uint8(observation.number)
        case .checks(let results):
            writer.uint8(3)
            writer.list(results, limit: WireLimit.checks) { writer, result in
                writer.record(result)
            }
        case .failure(let failure):
            writer.uint8(4)
            writer.bool(failure != nil)
            if let failure { writer.record(failure) }
        case .staged(let manifest):
            writer.uint8(5)
            manifest.encode(into: &writer)
        case .driver(let result):
            writer.uint8(6)
            result.encode(into: &writer)
        case .tookBack(let result):
            writer.uint8(7)
            result.encode(into: &writer)
        case .addresses(let addresses):
            writer.uint8(8)
            writer.list(addresses, limit: 64) { writer, address in writer.name(address) }
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .result(try StepResult(from: &reader))
        case 2:
            let number = try reader.uint8()
            guard let observation = StepObservation(number: number) else {
                throw .unknownNumber(Int(number), of: "observation", offset: reader.offset - 1)
            }
            self = .observation(observation)
        case 3:
            self = .checks(
                try reader.list(limit: WireLimit.checks) {
                    (reader: inout ByteReader) throws(WireError) in try reader.record()
                }
            )
        case 4: self = .failure(try reader.bool() ? try reader.record() : nil)
        case 5: self = .staged(try Digest(from: &reader))
        case 6: self = .driver(try DriverResult(from: &reader))
        case 7: self = .tookBack(try TakeBackResult(from: &reader))
        case 8:
            self = .addresses(
                try reader.list(limit: 64) { (reader: inout ByteReader) throws(WireError) in
                    try reader.name()
                }
            )
        case let other: throw .unknownNumber(Int(other), of: "answer", offset: reader.offset - 1)
        }
    }
}

extension StepObservation {
    fileprivate var number: UInt8 {
        switch self {
        case .reached: 1
        case .unchanged: 2
        case .repairable: 3
        case .unknown: 4
        }
    }

    fileprivate init?(number: UInt8) {
        switch number {
        case 1: self = .reached
        case 2: self = .unchanged
        case 3: self = .repairable
        case 4: self = .unknown
        case _: return nil
        }
    }
}

extension StepResult: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .succeeded: writer.uint8(1)
        case .failed(let failure):
            writer.uint8(2)
            writer.record(failure)
        case .unknown(let failure):
            writer.uint8(3)
            writer.record(failure)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .succeeded
        case 2: self = .failed(try reader.record())
        case 3: self = .unknown(try reader.record())
        case let other: throw .unknownNumber(Int(other), of: "result", offset: reader.offset - 1)
        }
    }
}

extension DriverResult: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .done: writer.uint8(1)
        case .refused(let words):
            writer.uint8(2)
            writer.clippedText(words, limit: TextLimit.message)
        case .failed(let words):
            writer.uint8(3)
            writer.clippedText(words, limit: TextLimit.message)
        case .unknown(let words):
            writer.uint8(4)
            writer.clippedText(words, limit: TextLimit.message)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .done
        case 2: self = .refused(try reader.text(limit: TextLimit.message))
        case 3: self = .failed(try reader.text(limit: TextLimit.message))
        case 4: self = .unknown(try reader.text(limit: TextLimit.message))
        case let other: throw .unknownNumber(Int(other), of: "result", offset: reader.offset - 1)
        }
    }
}

extension TakeBackResult: WireCodable {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .moved: writer.uint8(1)
        case .returned: writer.uint8(2)
        case .undecided(let why):
            writer.uint8(3)
            writer.clippedText(why, limit: TextLimit.message)
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        switch try reader.uint8() {
        case 1: self = .moved
        case 2: self = .returned
        case 3: self = .undecided(try reader.text(limit: TextLimit.message))
        case let other: throw .unknownNumber(Int(other), of: "result", offset: reader.offset - 1)
        }
    }
}
