import TandemModel
import TandemWire
import Testing

@Suite struct LimitTests {
    private static let longText = String(repeating: "€", count: 3000)
    private static let longName = String(repeating: "n", count: 256)

    private func refusal(_ message: AnyMessage) -> WireError? {
        do throws(WireError) {
            switch message {
            case .agent(let message): _ = try FrameEncoder().frame(message)
            case .controller(let message): _ = try FrameEncoder().frame(message)
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func heartbeatFrameIsSmall() throws {
        let heartbeat = Heartbeat(
            sequence: .max,
            reportSequence: .max,
            role: .unknown,
            generation: .max,
            isInService: true,
            isCaughtUp: true,
            lagBytes: .max,
            packageDigestPrefix: .max,
            loadHundredths: .max,
            alarmSequence: .max
        )
        let bytes = try FrameEncoder().frame(AgentMessage.heartbeat(heartbeat), correlation: .max)
        #expect(bytes.count == 57)
        #expect(bytes.count < 100)
    }

    @Test func longTextsAreClippedOnAScalar() throws {
        var failure = Samples.failure
        failure.diagnostic = Self.longText
        failure.message = Self.longText
        let bytes = try failure.wireBytes()
        let decoded = try TandemFailure(wireBytes: bytes)
        #expect(decoded.diagnostic == String(repeating: "€", count: 1365))
        #expect(decoded.diagnostic.utf8.count == 4095)
        #expect(decoded.message == String(repeating: "€", count: 341))
        #expect(decoded.remedy == failure.remedy)
        #expect(try decoded.wireBytes() == bytes)
    }

    @Test(arguments: 0...9)
    func clippingNeverSplitsAScalar(_ limit: Int) {
        let text = "a€𝄞é"  // 1 + 3 + 4 + 2 bytes
        let expected = ["", "a", "a", "a", "a€", "a€", "a€", "a€", "a€𝄞", "a€𝄞"][limit]
        #expect(clipped(text, byteCountMax: limit) == expected)
        #expect(clipped(expected, byteCountMax: limit) == expected)
    }

    @Test func clippingLeavesShortTextsAlone() {
        #expect(clipped("a€𝄞é", byteCountMax: 10) == "a€𝄞é")
        #expect(clipped("", byteCountMax: 0) == "")
        #expect(clipped("abc", byteCountMax: -1) == "")
    }

    @Test func longNamesAreRefusedNotClipped() {
        let bye = Bye(code: Self.longName, text: "")
        #expect(
            refusal(.agent(.bye(bye))) == .tooLong(count: 256, limit: 255, offset: 16)
        )
        let hello = changed(Samples.report) { $0.ha.token = Self.longName }
        #expect(refusal(.agent(.report(hello))) != nil)
        let proof = changed(Samples.proof) { $0.position = Self.longName }
        #expect(throws: WireError.self) { try proof.signedBytes() }
    }

    @Test func documentsAboveTheirLimitAreRefused() throws {
        var configuration = Samples.configuration
        configuration.document = [UInt8](repeating: 0x61, count: 48 * 1024)
        #expect(try ConfigurationVersion(wireBytes: configuration.wireBytes()) == configuration)
        configuration.document.append(0x61)
        #expect(throws: WireError.self) { try configuration.wireBytes() }
    }

    @Test func listsAboveTheirLimitAreRefused() {
        let image = Samples.report.images[0]
        let images = changed(Samples.report) {
            $0.images = [StagedImage](repeating: image, count: WireLimit.images + 1)
        }
        #expect(refusal(.agent(.report(images))) != nil)
        let alarms = [AlarmEvent](repeating: Samples.alarm, count: WireLimit.alarms + 1)
        #expect(
            refusal(.agent(.alarmSnapshot(alarms, boot: Samples.id(1), sequence: 1))) != nil
        )
    }

    @Test func chunksAndRequestsKeepTheirLimits() throws {
        func chunk(_ count: Int) -> AnyMessage {
            .controller(
                .chunk(
                    image: Samples.digest(1),
                    offset: 0,
                    bytes: [UInt8](repeating: 1, count: count)
                )
            )
        }
        #expect(refusal(chunk(WireLimit.chunk)) == nil)
        #expect(refusal(chunk(WireLimit.chunk + 1)) != nil)
        for (count, isFit) in [(0, false), (1, true), (WireLimit.chunk, true)] {
            let request = AgentMessage.chunkRequest(
                image: Samples.digest(1),
                offset: 0,
                byteCount: UInt32(count)
            )
            #expect((refusal(.agent(request)) == nil) == isFit)
        }
        var payload = try Array(
            FrameEncoder().frame(
                AgentMessage.chunkRequest(image: Samples.digest(1), offset: 0, byteCount: 1)
            )[16...]
        )
        payload[43] = 0
        let empty = Frame(version: 1, kind: .chunkRequest, correlation: 0, payload: payload)
        #expect(throws: WireError.invalidValue(of: "chunk size", offset: 40)) {
            try AgentMessage(empty)
        }
    }

    @Test func impossibleNumbersAreRefusedOnBothSides() throws {
        let step = StepProgress(
            command: Samples.id(1),
            index: 1,
            count: 1,
            name: "",
            percent: 101,
            elapsedMilliseconds: 0,
            leftMilliseconds: 0
        )
        #expect(refusal(.agent(.step(step))) == .invalidValue(of: "percent", offset: 37))
        var bytes = try changed(step) { $0.percent = 100 }.wireBytes()
        bytes[21] = 101
        #expect(throws: WireError.invalidValue(of: "percent", offset: 21)) {
            try StepProgress(wireBytes: bytes)
        }
    }

    @Test(arguments: [(UInt8(0), UInt8(1)), (2, 1), (0, 0)])
    func helloNeedsARangeOfVersions(_ low: UInt8, _ high: UInt8) throws {
        let sample = try AgentSamples.all[0].message.frame()
        var payload = Array(sample[Frame.headerByteCount...])
        (payload[0], payload[1]) = (low, high)
        let frame = Frame(version: 1, kind: .hello, correlation: 0, payload: payload)
        #expect(throws: WireError.invalidValue(of: "version range", offset: 0)) {
            try AgentMessage(frame)
        }
    }

    /// The worst a failed check can say must still reach the controller.
    @Test func longestResultFitsItsFrame() throws {
        let name = String(repeating: "n", count: 255)
        let text = String(repeating: "t", count: 5000)
        let check = CheckResult(name: name, level: .critical, text: text, remedy: text)
        let failure = TandemFailure(code: name, message: text, remedy: text, diagnostic: text)
        let release = ReleaseID(product: name, version: name)
        let image = StagedImage(
            image: Samples.digest(1),
            manifest: Samples.digest(2),
            release: release,
            isVerified: true
        )
        let result = CommandResult(
            command: Samples.id(1),
            outcome: .indeterminate(failure),
            post: changed(Samples.report) {
                $0.ha.token = name
                $0.ha.position = name
                $0.software = .unknown(text)
                $0.health = .failing(text)
                $0.zombie = text
                $0.previous = release
                $0.images = [StagedImage](repeating: image, count: WireLimit.images)
                $0.configuration?.schema = name
                $0.openCommands = .init(repeating: Samples.id(2), count: WireLimit.openCommands)
            },
            durationMilliseconds: 1,
            checks: [CheckResult](repeating: check, count: WireLimit.checks),
            proof: changed(Samples.proof) {
                $0.position = name
                $0.signature = [UInt8](repeating: 1, count: WireLimit.signature)
            },
            voided: changed(Samples.voided) {
                $0.signature = [UInt8](repeating: 1, count: WireLimit.signature)
            }
        )
        let bytes = try FrameEncoder().frame(AgentMessage.finished(result))
        #expect(bytes.count <= WireLimit.controlFrame)
    }
}
