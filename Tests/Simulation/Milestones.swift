import TandemModel

/// What a run has met, and a hash of all that happened in it.
package struct Milestones: Sendable {
    /// Whether events are counted and hashed at all: a search has no use for it.
    package var isKept = true
    private(set) var counts: [String: Int] = [:]
    /// FNV-1a: the same in every process and on every machine.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func count(_ name: String) {
        guard isKept else { return }
        counts[name, default: 0] += 1
        for byte in name.utf8 { mixByte(byte) }
    }

    mutating func mix(_ number: UInt64) {
        guard isKept else { return }
        for shift in stride(from: 0, to: 64, by: 8) {
            mixByte(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    private mutating func mixByte(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}

extension Joint {
    mutating func count(_ name: String) { milestones.count(name) }

    /// Counts an enum's value by the name of its case.
    mutating func count(_ what: String, _ value: some Any) {
        guard milestones.isKept else { return }
        let name = Mirror(reflecting: value).children.first?.label ?? "\(value)"
        milestones.count("\(what): \(name)")
    }
}
