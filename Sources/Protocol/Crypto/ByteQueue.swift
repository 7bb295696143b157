/// Bytes in at the end, out at the front; holds no memory while it is empty.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var head = 0

    /// How many bytes wait.
    var count: Int { bytes.count - head }

    /// Appends a copy.
    mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    /// Moves as many bytes as there are and fit.
    mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(count, target.count)
        guard taken > 0 else { return 0 }
        bytes.withUnsafeBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[head..<head + taken]))
        }
        drop(taken)
        return taken
    }

    /// Moves everything out.
    mutating func takeAll() -> [UInt8] {
        defer {
            bytes = []
            head = 0
        }
        return head == 0 ? bytes : Array(bytes[head...])
    }

    /// Shows what waits.
    func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withUnsafeBufferPointer { (all) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(all)[head...]))
        }
    }

    /// Removes the first bytes.
    mutating func drop(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "more bytes dropped than waited")
        head += byteCount
        guard head == bytes.count else { return }
        bytes = []
        head = 0
    }
}
