import TandemModel
import TandemWire
import Testing

@Suite struct PropertyTests {
    /// Any value within its limits fits its frame, comes back the same, and is what the page says.
    @Test(arguments: FrameKind.allCases)
    func drawnMessagesComeBackAndFollowThePage(_ kind: FrameKind) throws {
        let layout = try PageLayout.read()
        for round in 0..<60 {
            let seed = UInt64(kind.rawValue) << 32 | UInt64(round)
            var draw = Draw(seed: seed)
            let message = draw.message(kind)
            #expect(message.kind == kind)
            let bytes = try message.frame(correlation: seed)
            #expect(bytes.count - 4 <= kind.lengthMax)
            #expect(try AnyMessage(frame: bytes, sender: kind.sender) == message, "seed \(seed)")
            let parts = try Dissection.frame(bytes, layout)
            #expect(parts.flatMap(\.bytes) == bytes, "seed \(seed)")
        }
    }

    /// Changed bytes are refused or are another message with those very bytes; nothing crashes.
    @Test(arguments: Sample.all)
    func mutatedBytesAreRefusedOrSaidAgain(_ sample: Sample) throws {
        let original = try sample.message.frame()
        var draw = Draw(seed: UInt64(original.count) << 8 | UInt64(sample.kind.rawValue))
        for _ in 0..<400 {
            let bytes = mutated(original, &draw)
            var decoder = FrameDecoder(sender: sample.kind.sender)
            try decoder.append(bytes)
            guard let frame = try? decoder.next(), let message = try? AnyMessage(frame) else {
                continue
            }
            let again = try Array(message.frame()[Frame.headerByteCount...])
            // Optional fields nobody knows are stepped over: then what is left is shorter.
            #expect(again == frame.payload || again.count < frame.payload.count)
        }
    }

    /// Every single bit of a frame.
    @Test(arguments: Sample.all)
    func everyFlippedBitIsSurvived(_ sample: Sample) throws {
        let original = try sample.message.frame()
        for place in original.indices {
            for bit in 0..<8 {
                var bytes = original
                bytes[place] ^= 1 << bit
                var decoder = FrameDecoder(sender: sample.kind.sender)
                try decoder.append(bytes)
                guard let frame = try? decoder.next() else { continue }
                let message = try? AnyMessage(frame)
                // The correlation is nothing the message holds.
                if (8..<16).contains(place) { #expect(message == sample.message) }
            }
        }
    }

    private func mutated(_ original: [UInt8], _ draw: inout Draw) -> [UInt8] {
        var bytes = original
        for _ in 0...draw.below(4) {
            let place = Frame.headerByteCount + draw.below(bytes.count - Frame.headerByteCount)
            switch draw.below(4) {
            case 0: bytes[place] = draw.number()
            case 1: bytes[place] = draw.one(of: [0, 1, 0x7f, 0x80, 0xff])
            case 2: bytes.insert(draw.number(), at: place)
            case _: if bytes.count > Frame.headerByteCount + 1 { bytes.remove(at: place) }
            }
        }
        let length = UInt32(bytes.count - 4)
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(0..<4, with: $0) }
        return bytes
    }
}
