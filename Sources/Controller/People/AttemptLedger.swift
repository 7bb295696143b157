package import TandemModel

/// How often a name or an address was tried in vain, and how long the next try has to wait.
///
/// Nobody is locked for ever by wrong passwords of others: a name waits at most a minute, and a
/// one-time sign-in by the local command waits for nothing. Held in memory; a restart forgets it.
package struct AttemptLedger: Sendable {
    /// From which failure on, and up to how long, one waits.
    private struct Rule {
        var freeCount: Int
        var millisecondsMax: UInt64
    }

    private struct Record {
        var failures = 0
        var nextAt = Tick(milliseconds: 0)
        var lastAt = Tick(milliseconds: 0)

        mutating func count(_ rule: Rule, at now: Tick) {
            failures += 1
            lastAt = now
            guard failures > rule.freeCount else { return }
            let doublings = UInt64(min(failures - rule.freeCount - 1, 20))
            nextAt = now + min(1000 << doublings, rule.millisecondsMax)
        }
    }

    /// What an attempt may do.
    package enum Decision: Sendable, Hashable {
        case mayTry
        case mustWait(seconds: UInt64)
    }

    private static let nameRule = Rule(freeCount: 4, millisecondsMax: 60_000)
    /// Many people may sit behind one address, and one address tries many names.
    private static let sourceRule = Rule(freeCount: 9, millisecondsMax: 900_000)
    /// Without a failure for so long, the earlier ones are forgotten.
    private static let memoryMilliseconds: UInt64 = 3_600_000
    /// Names and addresses held at once; the longest quiet ones go first.
    static let recordCountMax = 4096

    private var names: [PersonName: Record] = [:]
    private var sources: [String: Record] = [:]

    /// How many names and addresses it remembers.
    var recordCount: Int { names.count + sources.count }

    /// An empty one.
    package init() {}

    /// Whether a try may go on.
    ///
    /// It counts as failed until ``succeeded(name:source:)``, so that many at once are no way around
    /// the wait. A refused try counts for nothing.
    package mutating func begin(name: PersonName, source: String, at now: Tick) -> Decision {
        var byName = names[name].flatMap { Self.remembered($0, now) } ?? Record()
        var bySource = sources[source].flatMap { Self.remembered($0, now) } ?? Record()
        let nextAt = max(byName.nextAt, bySource.nextAt)
        guard nextAt <= now else {
            return .mustWait(seconds: (nextAt.since(now) + 999) / 1000)
        }
        byName.count(Self.nameRule, at: now)
        bySource.count(Self.sourceRule, at: now)
        names[name] = byName
        sources[source] = bySource
        Self.trim(&names)
        Self.trim(&sources)
        return .mayTry
    }

    /// The try that was begun last was good: the name starts afresh; the address loses one count,
    /// so that an own account is no way to wash it clean.
    package mutating func succeeded(name: PersonName, source: String) {
        names[name] = nil
        guard var record = sources[source] else { return }
        record.failures -= 1
        record.nextAt = Tick(milliseconds: 0)
        sources[source] = record.failures > 0 ? record : nil
    }

    private static func remembered(_ record: Record, _ now: Tick) -> Record? {
        now.since(record.lastAt) < memoryMilliseconds ? record : nil
    }

    private static func trim<Key: Hashable & Comparable>(_ records: inout [Key: Record]) {
        guard records.count > recordCountMax else { return }
        let byAge = records.sorted { ($0.value.lastAt, $0.key) < ($1.value.lastAt, $1.key) }
        for (key, _) in byAge.prefix(records.count - recordCountMax * 3 / 4) { records[key] = nil }
    }
}
