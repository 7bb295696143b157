import NIOCore

/// What the pipeline wrote before the handshake was done, in order.
struct EarlyWrites {
    /// One write.
    struct Entry {
        let bytes: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    /// The most bytes kept.
    let byteCountMax: Int
    /// The writes; taken over by whoever encrypts them.
    private(set) var entries: [Entry] = []
    private(set) var byteCount = 0
    /// Whether a flush came after some write.
    var isFlushed = false
    /// Set when the pipeline also closed its output: the promise of that, if it had one.
    var outputClose: EventLoopPromise<Void>??

    init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    /// Keeps a write; `false`, and then not kept, when it would be too much.
    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) -> Bool {
        guard byteCount + bytes.readableBytes <= byteCountMax else { return false }
        byteCount += bytes.readableBytes
        entries.append(Entry(bytes: bytes, promise: promise))
        return true
    }

    /// Hands everything out and starts anew.
    mutating func takeAll() -> EarlyWrites {
        defer { self = EarlyWrites(byteCountMax: byteCountMax) }
        return self
    }

    /// Fails all promises and forgets the writes.
    mutating func fail(_ error: any Error) {
        let gone = takeAll()
        for entry in gone.entries { entry.promise?.fail(error) }
        gone.outputClose??.fail(error)
    }
}
