import Synchronization
import TandemModel

/// How many event streams are open, of each person and in all.
final class StreamOpenings: Sendable {
    static let perPersonMax = 8
    static let countMax = 256

    private let counts = Mutex<[PersonName: Int]>([:])

    /// - Throws: `tooManyAttempts` where one more may not be opened.
    func refuse(_ person: PersonName) throws {
        try counts.withLock { try Self.refuse(person, $0) }
    }

    /// Counts one more, unless that is too many.
    func open(_ person: PersonName) throws {
        try counts.withLock { counts in
            try Self.refuse(person, counts)
            counts[person, default: 0] += 1
        }
    }

    /// Counts one less.
    func close(_ person: PersonName) {
        counts.withLock { counts in
            let left = (counts[person] ?? 0) - 1
            counts[person] = left > 0 ? left : nil
        }
    }

    private static func refuse(_ person: PersonName, _ counts: [PersonName: Int]) throws {
        let mine = counts[person] ?? 0
        guard mine < perPersonMax, counts.values.reduce(0, +) < countMax else {
            throw TandemError(
                .tooManyAttempts,
                mine < perPersonMax
                    ? "\(countMax) event streams are open, which is all there may be"
                    : "\(person) has \(mine) event streams open, which is all one person may have",
                remedy: "Close pages that nobody looks at."
            )
        }
    }
}
