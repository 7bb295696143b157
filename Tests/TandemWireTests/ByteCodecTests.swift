import TandemModel
import TandemWire
import Testing

@Suite struct ByteCodecTests {
    @Test func numbersAreBigEndian() throws {
        var writer = ByteWriter()
        writer.uint8(1)
        writer.uint16(0x0203)
        writer.uint32(0x0405_0607)
        writer.uint64(0x0809_0a0b_0c0d_0e0f)
        writer.bool(true)
        let bytes = try writer.finish()
        #expect(bytes == Array(1...15) + [1])
        var reader = ByteReader(bytes)
        #expect(try reader.uint8() == 1)
        #expect(try reader.uint16() == 0x0203)
        #expect(try reader.uint32() == 0x0405_0607)
        #expect(try reader.uint64() == 0x0809_0a0b_0c0d_0e0f)
        #expect(try reader.bool())
        try reader.expectEnd()
    }

    @Test func lyingLengthsAreRefusedBeforeRoomIsMade() {
        var name = ByteReader([255, 1])
        #expect(throws: WireError.truncated(offset: 2)) { try name.name() }
        var bytes = ByteReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: WireError.truncated(offset: 5)) { try bytes.bytes(limit: .max) }
        bytes = ByteReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: WireError.tooLong(count: 0xffff_ffff, limit: 9, offset: 0)) {
            try bytes.bytes(limit: 9)
        }
        var list = ByteReader([0xff, 0xff, 1, 1])
        #expect(throws: WireError.truncated(offset: 4)) {
            try list.list(of: Digest.self, limit: 65_535)
        }
        list = ByteReader([0, 9, 1, 1])
        #expect(throws: WireError.tooLong(count: 9, limit: 8, offset: 0)) {
            try list.list(of: Digest.self, limit: 8)
        }
        var record = ByteReader([0, 0, 0, 2, 0])
        #expect(throws: WireError.truncated(offset: 5)) { try record.record(Bye.self) }
    }

    @Test(arguments: [
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
    ])
    func textThatIsNotUTF8IsRefused(_ content: [UInt8]) {
        var reader = ByteReader([UInt8(content.count)] + content)
        #expect(throws: WireError.invalidText(offset: 1)) { try reader.name() }
    }

    @Test func textKeepsItsBytes() throws {
        // Two spellings of one letter are equal texts and different bytes.
        for spelling in ["\u{e9}", "e\u{301}"] {
            var writer = ByteWriter()
            writer.name(spelling)
            var reader = ByteReader(try writer.finish())
            #expect(try Array(reader.name().utf8) == Array(spelling.utf8))
        }
    }

    @Test func recordEndsWhereItSays() {
        var short = ByteReader([0, 0, 0, 2, 0, 0, 9, 9])
        #expect(throws: WireError.truncated(offset: 6)) { try short.record(Bye.self) }
        var long = ByteReader([0, 0, 0, 4, 0, 0, 0, 9])
        #expect(throws: WireError.truncated(offset: 8)) { try long.record(Bye.self) }
        var fixed = ByteReader([0, 0, 0, 3, 0, 0, 0])
        #expect(throws: WireError.trailingBytes(count: 1, offset: 6)) {
            try fixed.record(ReleaseID.self)
        }
    }

    @Test func refusedValueLeavesTheCallersBufferAsItWas() throws {
        var buffer: [UInt8] = [1, 2, 3]
        let bye = AgentMessage.bye(Bye(code: String(repeating: "x", count: 256), text: ""))
        #expect(throws: WireError.self) { try FrameEncoder().append(bye, to: &buffer) }
        #expect(buffer == [1, 2, 3])
        try FrameEncoder().append(AgentMessage.bye(Bye(code: "", text: "")), to: &buffer)
        #expect(buffer == [1, 2, 3, 0, 0, 0, 15, 1, 127] + [UInt8](repeating: 0, count: 13))
    }

    @Test func everyErrorHasASentence() {
        let errors: [WireError] = [
            .truncated(offset: 4), .trailingBytes(count: 1, offset: 4),
            .tooLong(count: 9, limit: 8, offset: 4), .invalidText(offset: 4),
            .unknownNumber(9, of: "verb", offset: 4), .invalidValue(of: "percent", offset: 4),
            .unorderedTag(1, offset: 4), .notCanonical("manifest"), .unknownFormat("no manifest"),
            .frameTooShort(byteCount: 4), .frameTooLong(byteCount: 9, limit: 8),
            .unknownVersion(4), .unknownKind(4, correlation: 1), .unknownFlags(4),
            .overflow(limit: 4),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        for error in errors {
            let shown = error.protocolViolation(by: "agent of server scef-1a")
            #expect(shown.code == .protocolViolation)
            #expect(shown.message.contains("scef-1a") && shown.message.contains("\(error)"))
        }
    }
}
