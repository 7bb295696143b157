import TandemModel

/// One change of packages: written down before rpm begins, struck out as far as it went well.
struct RpmChange {
    private let backend: RpmBackend
    let wanted: [RpmLedger.Entry]
    let names: Set<String>
    /// What was there before.
    let before: [RpmRow]
    /// The ledger as it was before.
    private let earlier: [RpmLedger.Entry]

    /// Looks, and writes down what is about to be done.
    init(_ backend: RpmBackend, _ wanted: [RpmLedger.Entry]) throws(TandemError) {
        self.backend = backend
        self.wanted = wanted
        names = Set(wanted.map(\.name))
        before = try backend.database.rows(named: names)
        earlier = try backend.ledger.entries()
        let names = names
        try backend.ledger.write(earlier.filter { !names.contains($0.name) } + wanted)
    }

    /// Whether an earlier call had left two packages where one belongs.
    var hadDuplicates: Bool { !RpmDuplicates(of: wanted, in: before).isEmpty }

    /// Strikes out what is done, and writes how the rest was left.
    func settle(
        _ calls: [RpmCall],
        _ after: [RpmRow],
        isRemoval: Bool = false
    ) throws(TandemError) {
        let (old, new) = (
            Dictionary(grouping: before, by: \.name), Dictionary(grouping: after, by: \.name)
        )
        var open = earlier.filter { !names.contains($0.name) }
        for entry in wanted {
            let (was, now) = (old[entry.name] ?? [], new[entry.name] ?? [])
            let isThere = now.contains {
                $0.version == entry.version && $0.architecture == entry.architecture
            }
            switch Self.outcome(
                entry.name,
                calls,
                isUnchanged: was == now,
                isDone: isRemoval ? !isThere : isThere
            ) {
            case .done: break
            // What was open before is open still.
            case .untouched: open += earlier.filter { $0.name == entry.name }
            case .half:
                var half = entry
                half.marks = now.map(\.mark).sorted()
                open.append(half)
            }
        }
        try backend.ledger.write(open)
    }

    private enum Outcome { case done, untouched, half }

    /// What became of one package of calls that all came to their end.
    private static func outcome(
        _ name: String,
        _ calls: [RpmCall],
        isUnchanged: Bool,
        isDone: Bool
    ) -> Outcome {
        if calls.allSatisfy(\.isClean) { return isDone ? .done : .half }
        let complaints = calls.map(\.complaints)
        if calls.allSatisfy({ !$0.hasBegun }), complaints.allSatisfy({ !$0.hasFailures }) {
            return .untouched
        }
        let own = complaints.flatMap { $0.scriptlets(of: name) }
        let isNamed = complaints.contains { $0.names.contains(name) }
        if !own.isEmpty, own.allSatisfy(\.isBeforeChange), isUnchanged { return .untouched }
        // A trigger that failed belongs to any package; which change it was for, rpm does not say.
        let isForeign = complaints.contains { complaint in
            complaint.scriptlets.contains {
                $0.kind.hasPrefix("trigger") || $0.kind.holds("filetrigger")
            }
        }
        if isNamed || isForeign { return .half }
        return isDone ? .done : isUnchanged ? .untouched : .half
    }
}

/// Packages of which the database has more than one where one belongs: the old version that a killed
/// rpm, or a failing `%preun`, left beside the new one.
struct RpmDuplicates {
    /// Labels of those that are not wanted.
    private(set) var others: [String] = []
    /// Labels of those that are wanted and are there more than once.
    private(set) var same: [String] = []
    private(set) var sameNames: Set<String> = []

    init(of wanted: [RpmLedger.Entry], in rows: [RpmRow]) {
        let byName = Dictionary(grouping: rows, by: \.name)
        for entry in wanted {
            let found = (byName[entry.name] ?? []).filter { $0.architecture == entry.architecture }
            guard found.count > 1 else { continue }
            let other = found.filter { $0.version != entry.version }
            others += Set(other.map(\.label)).sorted()
            guard let one = found.first(where: { $0.version == entry.version }),
                found.count - other.count > 1
            else { continue }
            same.append(one.label)
            sameNames.insert(entry.name)
        }
    }

    var isEmpty: Bool { others.isEmpty && same.isEmpty }
}
