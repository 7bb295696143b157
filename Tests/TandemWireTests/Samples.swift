import TandemModel

/// Values with recognisable bytes.
enum Samples {
    /// 32 times the same byte.
    static func digest(_ byte: UInt8) -> Digest {
        Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
    }

    /// 16 times the same byte.
    static func id<Tag>(_ byte: UInt8) -> Identifier<Tag> {
        let half = UInt64(byte) * 0x0101_0101_0101_0101
        return Identifier(high: half, low: half)
    }
}
