package import TandemModel

/// What attempts are counted of.
package enum AttemptKey: Hashable, Codable, Sendable, CustomStringConvertible {
    case name(PersonName)
    /// An address, as ``ControllerAPI/Visitor`` gives it.
    case source(String)

    package var description: String {
        switch self {
        case .name(let name): "name \(name)"
        case .source(let source): "source \(source)"
        }
    }

    var isName: Bool {
        switch self {
        case .name: true
        case .source: false
        }
    }
}

/// How often a name or an address was tried in vain.
package struct AttemptRecord: Codable, Sendable, Hashable {
    package var key: AttemptKey
    package var failures = 0
    /// When the next try may be made.
    package var nextAt: WallTime
    package var lastAt: WallTime
}

/// How long the next try of a name or an address has to wait.
///
/// Nobody is locked for ever by wrong passwords of others: a name waits at most a minute, and a
/// one-time sign-in by the local command waits for nothing. By wall time, as it outlives the process;
/// a clock that is set back ends a wait, and no count.
package struct AttemptLedger: Sendable, Hashable {
    /// From which failure on, and up to how long, one waits; and how many are counted at once.
    private struct Rule {
        var freeCount: Int
        var millisecondsMax: UInt64
        var recordCountMax: Int

        static let name = Rule(freeCount: 4, millisecondsMax: 60_000, recordCountMax: 4096)
        /// Many people may sit behind one address, and one address tries many names.
        static let source = Rule(freeCount: 9, millisecondsMax: 900_000, recordCountMax: 1024)

        static func of(_ key: AttemptKey) -> Rule { key.isName ? name : source }
    }

    /// What an attempt may do.
    package enum Decision: Sendable, Hashable {
        case mayTry
        case mustWait(seconds: UInt64)
    }

    /// Without a failure for so long, the earlier ones are forgotten.
    private static let memoryMilliseconds: UInt64 = 3_600_000

    package var records: [AttemptKey: AttemptRecord] = [:]

    /// An empty one.
    package init() {}

    /// Whether a try may go on.
    ///
    /// It counts as failed until ``succeeded(_:source:)``, so that many at once are no way around
    /// the wait. A refused try counts for nothing.
    package mutating func begin(_ keys: [AttemptKey], at now: WallTime) -> Decision {
        forgetOld(at: now)
        let longest = keys.map { wait(of: $0, at: now) }.max() ?? 0
        guard longest == 0 else { return .mustWait(seconds: (longest + 999) / 1000) }
        for key in keys { count(key, at: now) }
        trim(Rule.name.recordCountMax) { $0.isName }
        trim(Rule.source.recordCountMax) { !$0.isName }
        return .mayTry
    }

    /// The try that was begun last was good: the name starts afresh; the address loses one count,
    /// so that an own account is no way to wash it clean.
    package mutating func succeeded(_ name: PersonName, source: String) {
        forget(name)
        let key = AttemptKey.source(source)
        guard var record = records[key] else { return }
        record.failures -= 1
        record.nextAt = record.lastAt
        records[key] = record.failures > 0 ? record : nil
    }

    /// The name starts afresh.
    package mutating func forget(_ name: PersonName) { records[.name(name)] = nil }

    /// Names that were tried in vain so often that the next try has, or had, to wait.
    package func lockedOut(at now: WallTime) -> [PersonName] {
        records.values.compactMap { record in
            guard case .name(let name) = record.key, Self.isRemembered(record, now),
                record.failures > Rule.name.freeCount
            else { return nil }
            return name
        }.sorted()
    }

    mutating func forgetOld(at now: WallTime) {
        records = records.filter { Self.isRemembered($0.value, now) }
    }

    private func wait(of key: AttemptKey, at now: WallTime) -> UInt64 {
        guard let record = records[key], now.milliseconds >= record.lastAt.milliseconds else {
            return 0
        }
        return record.nextAt.since(now)
    }

    private mutating func count(_ key: AttemptKey, at now: WallTime) {
        var record = records[key] ?? AttemptRecord(key: key, nextAt: now, lastAt: now)
        let rule = Rule.of(key)
        record.failures += 1
        record.lastAt = now
        record.nextAt = now
        if record.failures > rule.freeCount {
            let doublings = UInt64(min(record.failures - rule.freeCount - 1, 20))
            let wait = min(1000 << doublings, rule.millisecondsMax)
            record.nextAt = WallTime(milliseconds: now.milliseconds + wait)
        }
        records[key] = record
    }

    private static func isRemembered(_ record: AttemptRecord, _ now: WallTime) -> Bool {
        now.since(record.lastAt) < memoryMilliseconds
    }

    /// The longest quiet ones go first.
    private mutating func trim(_ countMax: Int, _ isOfKind: (AttemptKey) -> Bool) {
        let own = records.values.filter { isOfKind($0.key) }
        guard own.count > countMax else { return }
        let byAge = own.sorted {
            ($0.lastAt.milliseconds, $0.key.description)
                < ($1.lastAt.milliseconds, $1.key.description)
        }
        for record in byAge.prefix(own.count - countMax * 3 / 4) { records[record.key] = nil }
    }
}
