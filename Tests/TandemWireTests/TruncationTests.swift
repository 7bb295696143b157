import TandemModel
import TandemWire
import Testing

@Suite struct TruncationTests {
    @Test(arguments: Sample.all)
    func everyTruncationIsRefusedOrHasFewerOptionalFields(_ sample: Sample) throws {
        let bytes = try sample.message.frame()
        let payload = Array(bytes[Frame.headerByteCount...])
        for count in payload.indices {
            let frame = Frame(
                version: 1,
                kind: sample.kind,
                correlation: 0,
                payload: Array(payload[..<count])
            )
            guard let shorter = try? AnyMessage(frame) else { continue }
            // Accepted: then it says what it is, byte for byte, and is another message.
            #expect(shorter != sample.message)
            #expect(try Array(shorter.frame()[Frame.headerByteCount...]) == frame.payload)
            let rest = Array(payload[count...])
            let tag = UInt16(rest[0]) << 8 | UInt16(rest[1])
            #expect((1...4).contains(tag), "\(sample.file) was cut in a fixed field, at \(count)")
        }
    }

    @Test(arguments: Sample.all)
    func anythingBehindTheMessageIsRefused(_ sample: Sample) throws {
        let payload = try Array(sample.message.frame()[Frame.headerByteCount...])
        for tail: [UInt8] in [[0], [0xff], [0, 0, 0, 0, 0, 0], [0xff, 0xff, 0, 0, 0, 1]] {
            let frame = Frame(
                version: 1,
                kind: sample.kind,
                correlation: 0,
                payload: payload + tail
            )
            // Six zero bytes are the optional field 0, which nobody has: then, and only then, the
            // message has to be the same.
            if let same = try? AnyMessage(frame) {
                #expect(tail.count == 6 && same == sample.message)
            }
        }
    }

    @Test(arguments: Sample.all)
    func unknownOptionalFieldIsSteppedOver(_ sample: Sample) throws {
        let payload = try Array(sample.message.frame()[Frame.headerByteCount...])
        let frame = Frame(
            version: 1,
            kind: sample.kind,
            correlation: 0,
            payload: payload + [0x7f, 0xff, 0, 0, 0, 2, 1, 2] + [0xff, 0xff, 0, 0, 0, 0]
        )
        #expect(try AnyMessage(frame) == sample.message)
    }

    @Test func unknownOptionalFieldBeforeAKnownOneIsSteppedOver() throws {
        let nonce: Nonce = Samples.id(0x70)
        let payload =
            try CommandID(high: 1, low: 2).wireBytes()
            + [0, 0, 0, 0, 0, 1, 9] + [0, 1, 0, 0, 0, 16] + nonce.wireBytes()
        let frame = Frame(version: 1, kind: .accepted, correlation: 0, payload: payload)
        #expect(try AgentMessage(frame) == .accepted(.init(high: 1, low: 2), promoteNonce: nonce))
    }

    @Test func optionalFieldsOutOfOrderAreRefused() throws {
        let id = try CommandID(high: 1, low: 2).wireBytes()
        let one: [UInt8] = [0, 1, 0, 0, 0, 16] + id
        let two: [UInt8] = [0, 2, 0, 0, 0, 16] + id
        func request(_ fields: [UInt8]) -> Frame {
            Frame(version: 1, kind: .vouchRequest, correlation: 0, payload: id + fields)
        }
        #expect(try ControllerMessage(request(one + two)).kind == .vouchRequest)
        #expect(throws: WireError.unorderedTag(1, offset: 38)) {
            try ControllerMessage(request(two + one))
        }
        #expect(throws: WireError.unorderedTag(1, offset: 38)) {
            try ControllerMessage(request(one + one))
        }
    }

    @Test func optionalFieldLongerThanItsValueIsRefused() throws {
        let id = try CommandID(high: 1, low: 2).wireBytes()
        let payload = id + [0, 1, 0, 0, 0, 17] + id + [0]
        let frame = Frame(version: 1, kind: .accepted, correlation: 0, payload: payload)
        #expect(throws: WireError.trailingBytes(count: 1, offset: 38)) { try AgentMessage(frame) }
    }
}
