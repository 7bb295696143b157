import TandemModel
import TandemWire
import Testing

@Suite struct FrameDecoderTests {
    private static let stream: [Sample] = AgentSamples.all
    private static let header: [UInt8] = [0, 0, 0, 12, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]

    /// A header with some bytes changed.
    private func header(_ changes: [Int: UInt8]) -> [UInt8] {
        changed(Self.header) { for (place, byte) in changes { $0[place] = byte } }
    }

    /// All frames that come out, with the errors between them.
    private func drain(_ decoder: inout FrameDecoder) throws(WireError) -> [Frame] {
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test(arguments: Sample.all)
    func everySplitGivesTheSameFrame(_ sample: Sample) throws {
        let bytes = try sample.message.frame(correlation: 5)
        for split in 0...bytes.count {
            var decoder = FrameDecoder(sender: sample.kind.sender)
            try decoder.append(Array(bytes[..<split]))
            let early = try decoder.next()
            #expect((early != nil) == (split == bytes.count))
            try decoder.append(Array(bytes[split...]))
            let frame = try #require(try early ?? decoder.next())
            #expect(frame.correlation == 5)
            #expect(try AnyMessage(frame) == sample.message)
            #expect(try decoder.next() == nil)
            #expect(decoder.bufferedByteCount == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 16, 61, 1000, 20_000])
    func streamInPiecesGivesAllFramesInOrder(_ size: Int) throws {
        let bytes = try Self.stream.flatMap { try $0.message.frame() }
        var decoder = FrameDecoder(sender: .agent)
        var messages: [AnyMessage] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try decoder.append(Array(bytes[start..<min(start + size, bytes.count)]))
            messages += try drain(&decoder).map { try AnyMessage($0) }
        }
        #expect(messages == Self.stream.map(\.message))
    }

    /// Frames left in the decoder must not be moved again with every append.
    @Test func largeChunkInTinyPiecesIsDecoded() throws {
        let content = (0..<WireLimit.chunk).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let message = ControllerMessage.chunk(image: Samples.digest(1), offset: 0, bytes: content)
        let bytes = try FrameEncoder().frame(message)
        var decoder = FrameDecoder(sender: .controller)
        var found: ControllerMessage?
        bytes.withUnsafeBytes { all in
            for start in stride(from: 0, to: all.count, by: 61) {
                let piece = UnsafeRawBufferPointer(
                    rebasing: all[start..<min(start + 61, all.count)]
                )
                try? decoder.append(piece)
                if let frame = try? decoder.next() { found = try? ControllerMessage(frame) }
            }
        }
        #expect(found == message)
        #expect(decoder.bufferedByteCount == 0)
    }

    // MARK: - Refused before a payload byte has come

    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        let sender: Peer
        /// So many bytes are enough to refuse it.
        let byteCount: Int
        let changes: [Int: UInt8]
        let error: WireError

        var testDescription: String { name }
    }

    static let refused = [
        Refused(
            name: "shorter than its header",
            sender: .agent,
            byteCount: 4,
            changes: [3: 11],
            error: .frameTooShort(byteCount: 11)
        ),
        Refused(
            name: "above everything",
            sender: .controller,
            byteCount: 4,
            changes: [0: 0xff],
            error: .frameTooLong(byteCount: 0xff00_000c, limit: WireLimit.chunkFrame)
        ),
        Refused(
            name: "no agent may send so much",
            sender: .agent,
            byteCount: 4,
            changes: [1: 1, 3: 1],
            error: .frameTooLong(byteCount: 65_537, limit: WireLimit.controlFrame)
        ),
        Refused(
            name: "control frame with a chunk's length",
            sender: .controller,
            byteCount: 6,
            changes: [1: 1, 3: 1, 5: 131],
            error: .frameTooLong(byteCount: 65_537, limit: WireLimit.controlFrame)
        ),
        Refused(
            name: "unknown kind with a chunk's length",
            sender: .controller,
            byteCount: 6,
            changes: [1: 1, 3: 1, 5: 200],
            error: .frameTooLong(byteCount: 65_537, limit: WireLimit.controlFrame)
        ),
        Refused(
            name: "chunk above a chunk's length",
            sender: .controller,
            byteCount: 4,
            changes: [1: 0x10, 2: 4, 3: 1, 5: 141],
            error: .frameTooLong(byteCount: 1_049_601, limit: WireLimit.chunkFrame)
        ),
        Refused(
            name: "version that was not agreed on",
            sender: .agent,
            byteCount: 6,
            changes: [4: 2],
            error: .unknownVersion(2)
        ),
        Refused(
            name: "hello of another version",
            sender: .agent,
            byteCount: 6,
            changes: [4: 0, 5: 1],
            error: .unknownVersion(0)
        ),
        Refused(
            name: "flags",
            sender: .agent,
            byteCount: 8,
            changes: [6: 0x80],
            error: .unknownFlags(0x8000)
        ),
    ]

    @Test(arguments: refused)
    func isRefusedAsSoonAsItsBytesAreThere(_ row: Refused) throws {
        let bytes = header(row.changes)
        var decoder = FrameDecoder(sender: row.sender)
        try decoder.append(Array(bytes[..<(row.byteCount - 1)]))
        #expect(try decoder.next() == nil)
        try decoder.append([bytes[row.byteCount - 1]])
        #expect(throws: row.error) { try decoder.next() }
        #expect(row.error.endsConnection)
        #expect(throws: row.error, "a refused stream stays refused") { try decoder.next() }
        #expect(throws: row.error) { try decoder.append([0]) }
        #expect(decoder.bufferedByteCount == 0)
    }

    @Test func largestLengthsAreWaitedFor() throws {
        for (sender, kind, length) in [
            (Peer.agent, FrameKind.report, WireLimit.controlFrame),
            (.controller, .command, WireLimit.controlFrame),
            (.controller, .chunk, WireLimit.chunkFrame),
        ] {
            let bytes = header([
                1: UInt8(length >> 16), 2: UInt8(length >> 8 & 255), 3: UInt8(length & 255),
                5: kind.rawValue,
            ])
            var decoder = FrameDecoder(sender: sender)
            try decoder.append(bytes)
            #expect(try decoder.next() == nil)
        }
    }

    // MARK: - Unknown kinds

    @Test(arguments: [UInt8(0), 17, 125, 128, 200, 131])
    func unknownKindIsNamedAndSkipped(_ kind: UInt8) throws {
        let known = try AgentSamples.all[0].message.frame()
        let unknown = header([3: 15, 5: kind]) + [1, 2, 3]
        let bytes = unknown + known
        for split in 16...bytes.count {
            var decoder = FrameDecoder(sender: .agent)
            try decoder.append(Array(bytes[..<split]))
            let error = WireError.unknownKind(kind, correlation: 9)
            #expect(throws: error) { try decoder.next() }
            #expect(!error.endsConnection)
            var frames = try drain(&decoder)
            try decoder.append(Array(bytes[split...]))
            frames += try drain(&decoder)
            #expect(try frames.map { try AnyMessage($0) } == [AgentSamples.all[0].message])
        }
    }

    @Test func kindsOfTheOtherDirectionAreUnknown() throws {
        for kind in FrameKind.allCases {
            var decoder = FrameDecoder(sender: kind.sender == .agent ? .controller : .agent)
            try decoder.append(header([5: kind.rawValue]))
            #expect(throws: WireError.unknownKind(kind.rawValue, correlation: 9)) {
                try decoder.next()
            }
        }
        let fromAgent = Frame(version: 1, kind: .hello, correlation: 3, payload: [])
        #expect(throws: WireError.unknownKind(1, correlation: 3)) {
            try ControllerMessage(fromAgent)
        }
        let fromController = Frame(version: 1, kind: .welcome, correlation: 3, payload: [])
        #expect(throws: WireError.unknownKind(129, correlation: 3)) {
            try AgentMessage(fromController)
        }
    }

    // MARK: - Versions and memory

    @Test func helloAndByeKeepVersionOne() throws {
        for sample in Sample.all {
            var bytes: [UInt8] = []
            switch sample.message {
            case .agent(let message):
                try FrameEncoder(version: 4).append(message, to: &bytes)
            case .controller(let message):
                try FrameEncoder(version: 4).append(message, to: &bytes)
            }
            #expect(bytes[4] == (sample.kind.isVersionless ? 1 : 4))
            var decoder = FrameDecoder(sender: sample.kind.sender, versions: 4...4)
            try decoder.append(bytes)
            #expect(try decoder.next()?.kind == sample.kind)
        }
    }

    @Test func decoderThatIsNotEmptiedRefusesMore() throws {
        var decoder = FrameDecoder(sender: .agent)
        let limit = WireLimit.controlFrame + 4 + FrameDecoder.appendByteCountMax
        let piece = [UInt8](repeating: 0, count: FrameDecoder.appendByteCountMax)
        try decoder.append(piece)
        #expect(throws: WireError.overflow(limit: limit)) { try decoder.append(piece) }
        #expect(decoder.bufferedByteCount == 0)
    }
}
