package import TandemModel

/// One call of an HA driver: the verb and what stands behind it (`details.md` 5).
package enum DriverRequest: Hashable, Sendable {
    case status
    /// Become active, if nothing happened since that token was seen.
    case promote(token: String)
    /// Stop being active; `to` names who takes over where the system moves the role in one go.
    case demote(to: String?)
    case takeBack
    case fence
    case hold
    case unhold
    case inhibitReplication
    case allowReplication

    /// Reads the arguments behind the program's name.
    ///
    /// - Throws: `usage` for a verb that is not of the contract, or wants another argument.
    package init(arguments: [String]) throws(TandemError) {
        switch arguments {
        case ["status"]: self = .status
        case ["promote"]: self = .promote(token: "")
        case let words where words.count == 2 && words[0] == "promote":
            self = .promote(token: words[1])
        case ["demote"]: self = .demote(to: nil)
        case let words where words.count == 3 && words[0] == "demote" && words[1] == "--to":
            self = .demote(to: words[2])
        case ["take-back"]: self = .takeBack
        case ["fence"]: self = .fence
        case ["hold"]: self = .hold
        case ["unhold"]: self = .unhold
        case ["inhibit-replication"]: self = .inhibitReplication
        case ["allow-replication"]: self = .allowReplication
        case _:
            throw TandemError(
                .usage,
                "'\(arguments.joined(separator: " "))' is no call of an HA driver",
                remedy: "Call it with one verb of Docs/ha-drivers.md, such as `status`."
            )
        }
    }
}

/// How a driver ends.
package enum DriverEnd: Hashable, Sendable {
    case done
    /// Nothing was changed.
    case refused(String)
    case failed(String)
    /// Nobody can say what is so now.
    case unknown(String)

    /// The exit code of the contract.
    package var exitCode: Int32 {
        switch self {
        case .done: 0
        case .refused: 1
        case .failed: 2
        case .unknown: 3
        }
    }

    /// What is said on standard error; empty when done.
    package var text: String {
        switch self {
        case .done: ""
        case .refused(let text), .failed(let text), .unknown(let text): text
        }
    }
}

extension HAStatus {
    /// The answer to `status`: one `key=value` line for each key of the contract.
    package var answerLines: [String] {
        func word(_ flag: Bool) -> String { flag ? "yes" : "no" }
        let lagSeconds = replication.lagMilliseconds / 1000
        return [
            "role=\(role.rawValue)", "in-service=\(word(isInService))",
            "peer-role=\(peerRole.rawValue)", "caught-up=\(word(replication.isCaughtUp))",
            "lag-bytes=\(replication.lagBytes)", "lag-seconds=\(lagSeconds)",
            "replication-inhibited=\(word(replication.isInhibited))",
            "exclusion=\(exclusion.rawValue)", "switchover=\(switchover.rawValue)",
            "token=\(token)", "position=\(position)", "held=\(word(isHeld))",
        ]
    }
}
