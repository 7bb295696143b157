import TandemWire

/// First byte: who sends (lowest bit) and in pieces of how many bytes (the others); then a stream.
///
/// However a stream is cut, the same comes out of it; what comes out is what went in.
func checkFrames(_ input: [UInt8]) throws(FuzzFinding) {
    guard let first = input.first else { return }
    let sender: Peer = first & 1 == 0 ? .agent : .controller
    let stream = Array(input.dropFirst())
    let whole = decode(stream, from: sender, pieceByteCount: max(stream.count, 1))
    let pieces = decode(stream, from: sender, pieceByteCount: Int(first >> 1) + 1)
    try require(whole == pieces, "cut into pieces: \(pieces), at once: \(whole)")
    var offset = 0
    for event in whole {
        guard case .frame(let frame) = event else { return }
        let end = offset + Frame.headerByteCount + frame.payload.count
        try require(
            end <= stream.count
                && stream[(offset + Frame.headerByteCount)..<end].elementsEqual(frame.payload),
            "the payload at \(offset) is not the stream's"
        )
        offset = end
    }
}

private enum Event: Equatable {
    case frame(Frame)
    case skipped(WireError)
    case ended(WireError)
}

private func decode(_ stream: [UInt8], from sender: Peer, pieceByteCount: Int) -> [Event] {
    var decoder = FrameDecoder(sender: sender)
    var events: [Event] = []
    var offset = 0
    while offset < stream.count {
        let end = min(
            offset + min(pieceByteCount, FrameDecoder.appendByteCountMax),
            stream.count
        )
        do throws(WireError) {
            try decoder.append(Array(stream[offset..<end]))
        } catch {
            return events + [.ended(error)]
        }
        offset = end
        var isEmptied = false
        while !isEmptied {
            do throws(WireError) {
                if let frame = try decoder.next() {
                    events.append(.frame(frame))
                } else {
                    isEmptied = true
                }
            } catch {
                guard !error.endsConnection else { return events + [.ended(error)] }
                events.append(.skipped(error))
            }
        }
    }
    return events
}
