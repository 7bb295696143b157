import COpenSSL

/// Bytes nobody can predict, from libcrypto's generator.
package func secureRandom(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard count > 0 else { return bytes }
    let isFilled = bytes.withUnsafeMutableBytes { buffer in
        RAND_bytes(buffer.bindMemory(to: UInt8.self).baseAddress, Int32(buffer.count)) == 1
    }
    // Keys and nonces made without randomness would be worse than no process.
    precondition(isFilled, "the system's random generator is unavailable")
    return bytes
}

/// A generator for `inout some RandomNumberGenerator` whose numbers nobody can predict.
package struct SecureGenerator: RandomNumberGenerator, Sendable {
    /// Creates a generator; it holds no state of its own.
    package init() {}

    /// Draws 64 bits.
    package mutating func next() -> UInt64 {
        secureRandom(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
