import AgentPlatform
import TandemModel
import TandemSpawn

/// A driver as the agent calls it: same folder, same variables, same clocks.
struct DriverUnderTest {
    /// One call that has ended, or was ended.
    struct Call {
        let words: [String]
        let result: ChildResult
        let limitMilliseconds: UInt64

        /// The exit code; `nil` for a signal or a passed limit.
        var code: Int32? {
            guard !result.isTimedOut, case .exited(let code) = result.ending else { return nil }
            return code
        }

        /// Such as `promote 7: exit status 2 (no disk)`.
        var text: String {
            let said = result.errorText.split(whereSeparator: \.isNewline).last.map { " (\($0))" }
            let end = result.isTimedOut ? "no end" : "\(result.ending)"
            return "\(words.joined(separator: " ")): \(end)\(said ?? "")"
        }
    }

    /// Limits of Docs/ha-drivers.md, in milliseconds.
    static let limits: [String: UInt64] = [
        "status": 4000, "demote": 8000, "promote": 20_000, "fence": 5000, "hold": 20_000,
        "unhold": 20_000,
    ]
    /// Limit of every other verb.
    static let otherLimit: UInt64 = 10_000

    let path: String
    /// `NAME=value` lines beside the plain ones.
    let environment: [String]
    /// Takes the place of every limit, so that tests of hanging drivers are short; 0: none does.
    var limitMilliseconds: UInt64 = 0

    /// Calls one verb and waits for its end.
    func call(_ words: [String]) throws(TandemError) -> Call {
        let usual = Self.limits[words.first ?? ""] ?? Self.otherLimit
        let limit = limitMilliseconds > 0 ? limitMilliseconds : usual
        let result = try runChild(
            ChildCommand(
                path,
                words,
                environment: ChildCommand.plainEnvironment + environment
                    + ["TANDEM_LIMIT_MS=\(limit)"]
            ),
            timeoutMilliseconds: limit,
            outputByteCountMax: KeyValueFile.byteCountMax + 1
        )
        return Call(words: words, result: result, limitMilliseconds: limit)
    }
}

/// What part of a status a refused call must leave as it was.
///
/// Lag and position move by themselves, and the mate is not ours.
struct Standing: Hashable {
    let role: ServerRole
    let token: String
    let isHeld: Bool
    let isInhibited: Bool

    init(_ status: HAStatus) {
        role = status.role
        token = status.token
        isHeld = status.isHeld
        isInhibited = status.replication.isInhibited
    }

    /// For people.
    var text: String {
        "\(role.rawValue), token \(token)" + (isHeld ? ", held" : "")
            + (isInhibited ? ", inhibited" : "")
    }
}
