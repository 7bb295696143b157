import TandemModel

/// What a person saw, as lines and as a token: a press is bound to it (`details.md` 21).
extension ClusterMachine {
    /// Tokens whose lines are kept, to tell what changed since.
    static let seenPageCountMax = 32

    /// What the token covers, one line each.
    func seenLines(at now: Tick) -> [String] {
        let cluster = observed(at: now)
        var lines = ["position \(cluster.position.rawValue)"]
        if let operation = state.operation {
            lines.append(
                "operation \(operation.old.release) > \(operation.new.release), "
                    + operation.direction.rawValue
            )
        }
        for server in cluster.servers {
            guard let report = server.report else {
                lines.append("\(server.name): silent or not reported")
                continue
            }
            let isComplete = server.isActive || isDataComplete(on: server.name, in: cluster)
            lines.append(
                "\(server.name): \(report.role.description), \(report.software), generation "
                    + "\(report.generation), \(report.ha.isInService ? "in" : "not in") service, "
                    + "data \(isComplete ? "complete" : "incomplete")"
            )
        }
        for alarm in state.alarms { lines.append("alarm \(alarm.number) \(alarm.instance)") }
        lines.append("configuration version \(newestNumber)")
        return lines
    }

    var newestNumber: UInt32 { state.configurations.map(\.version.number).max() ?? 0 }

    /// The same lines give the same token, in every process.
    static func token(of lines: [String]) -> String {
        let text = lines.joined(separator: "\n")
        let words = [fingerprint(text), fingerprint(text, seed: 0x6c62_272e_07bb_0142)]
        return words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Keeps what was shown, so that a difference can be told later.
    mutating func noteSeen(at now: Tick) {
        let lines = seenLines(at: now)
        let token = Self.token(of: lines)
        guard !live.seenPages.contains(where: { $0.token == token }) else { return }
        live.seenPages = live.seenPages.suffix(Self.seenPageCountMax - 1)
        live.seenPages.append(SeenPage(token: token, lines: lines))
    }

    /// Why a token is not the present one; `nil` when it is.
    func seenRefusal(_ seen: String, at now: Tick) -> TandemError? {
        guard !seen.isEmpty else {
            return TandemError(
                .seenMissing,
                "the press does not say what was seen",
                remedy: "Look at the cluster, and pass on the token of what you saw."
            )
        }
        let lines = seenLines(at: now)
        guard Self.token(of: lines) != seen else { return nil }
        let before = live.seenPages.first { $0.token == seen }?.lines
        let changes: [String]
        if let before {
            changes =
                before.filter { !lines.contains($0) }.map { "was: \($0)" }
                + lines.filter { !before.contains($0) }.map { "is: \($0)" }
        } else {
            changes = lines.map { "is: \($0)" }
        }
        return TandemError(
            .seenChanged,
            "what was seen is no longer so: \(changes.joined(separator: "; "))",
            remedy: "Look again, and press again if it is still right."
        )
    }
}
