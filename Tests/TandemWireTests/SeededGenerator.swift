import TandemModel

/// SplitMix64: the same seed gives the same numbers for ever.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// Draws values that may go over the wire, often at the edge of what is allowed.
struct Draw {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func bool() -> Bool { Bool.random(using: &generator) }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) -> Number {
        switch UInt8.random(in: 0..<4, using: &generator) {
        case 0: 0
        case 1: .max
        case _:
            Number(
                truncatingIfNeeded: generator.next() >> UInt64.random(in: 0..<64, using: &generator)
            )
        }
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }

    /// A text of one- to four-byte scalars, empty and full ones among them.
    mutating func text(_ byteCountMax: Int) -> String {
        let wanted = one(of: [0, 1, byteCountMax, below(min(40, byteCountMax) + 1)])
        var text = String.UnicodeScalarView()
        var count = 0
        while count < wanted {
            let scalar: Unicode.Scalar = one(of: ["a", "7", "-", "\n", "é", "€", "𝄞", "\0"])
            count += String(scalar).utf8.count
            if count <= wanted { text.append(scalar) }
        }
        return String(text)
    }

    mutating func name() -> String { text(TextLimit.name) }
    mutating func line() -> String { text(TextLimit.line) }

    mutating func bytes(_ countMax: Int) -> [UInt8] {
        let count = one(of: [0, 1, countMax, below(min(countMax, 300) + 1)])
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    mutating func id<Tag>() -> Identifier<Tag> { .random(using: &generator) }

    mutating func digest() -> Digest {
        Digest(bytes: (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }) ?? .none
    }

    mutating func maybe<Value>(_ draw: (inout Draw) -> Value) -> Value? {
        bool() ? draw(&self) : nil
    }

    mutating func list<Value>(_ countMax: Int, _ draw: (inout Draw) -> Value) -> [Value] {
        (0..<one(of: [0, 1, countMax, below(countMax + 1)])).map { _ in draw(&self) }
    }
}
