package import AgentCore
package import TandemModel
package import TandemSpawn

/// The HA driver of this server: an executable of the agent's own configuration, called with one
/// verb, which answers `key=value` lines and one of four exit codes (`details.md` 5).
package struct HADriver: Sendable {
    /// The verbs that change something, and what stands behind them.
    package enum Verb: Hashable, Sendable {
        /// Take the role, if nothing happened since the token was seen.
        case promote(token: String)
        /// Give the role up; `to` is named where the driver moves the role by itself.
        case demote(to: ServerName?)
        case takeBack
        case fence
        case hold
        case unhold
        case inhibitReplication
        case allowReplication

        var arguments: [String] {
            switch self {
            case .promote(let token): ["promote", token]
            case .demote(nil): ["demote"]
            case .demote(let target?): ["demote", "--to", target.text]
            case .takeBack: ["take-back"]
            case .fence: ["fence"]
            case .hold: ["hold"]
            case .unhold: ["unhold"]
            case .inhibitReplication: ["inhibit-replication"]
            case .allowReplication: ["allow-replication"]
            }
        }

        /// The verb alone, for messages.
        package var word: String { arguments[0] }
    }

    /// How long `status` may take.
    package static let statusLimitMilliseconds: UInt64 = 4000

    package let path: String
    private let environment: [String]

    /// The driver of a configuration; `environment` is added to the plain one and to its options.
    init(_ driver: AgentConfiguration.Driver, environment: [String]) {
        path = driver.path
        self.environment =
            environment
            + driver.options.map { option in
                let name = option.name.uppercased().map { $0 == "-" ? "_" : $0 }
                return "TANDEM_HA_\(String(name))=\(option.value)"
            }
    }

    /// The call that asks for the state, for a loop to run.
    package var statusCommand: ChildCommand {
        command(["status"], limitMilliseconds: Self.statusLimitMilliseconds)
    }

    /// Asks for the state and waits for it; ``HAStatus/unknown`` with the reason when there is none.
    package func status(
        limitMilliseconds: UInt64 = HADriver.statusLimitMilliseconds
    ) -> (status: HAStatus, problem: String?) {
        do throws(TandemError) {
            let result = try runChild(
                statusCommand,
                timeoutMilliseconds: limitMilliseconds,
                outputByteCountMax: 64 * 1024
            )
            guard !result.isTimedOut else { return (.unknown, "status did not end in time") }
            return Self.status(ending: result.ending, output: result.standardOutput)
        } catch {
            return (.unknown, error.message)
        }
    }

    /// Reads what `status` answered.
    package static func status(
        ending: ChildEnding,
        output: [UInt8]
    ) -> (status: HAStatus, problem: String?) {
        guard ending.isSuccess else { return (.unknown, "status: \(ending)") }
        do {
            return (try HAStatus(answer: KeyValueFile(output)), nil)
        } catch {
            return (.unknown, "status: \(error)")
        }
    }

    /// Calls a verb that changes something, at most that long.
    ///
    /// The caller holds the ``DriverLock``.
    package func call(_ verb: Verb, limitMilliseconds: UInt64) -> DriverResult {
        do throws(TandemError) {
            let end = try WatchedChild.run(
                command(verb.arguments, limitMilliseconds: limitMilliseconds),
                limitMilliseconds: limitMilliseconds
            )
            return Self.answer(verb, end, limitMilliseconds: limitMilliseconds)
        } catch {
            // It never ran.
            return .refused(error.message)
        }
    }

    private static func answer(
        _ verb: Verb,
        _ end: WatchedChild.End,
        limitMilliseconds: UInt64
    ) -> DriverResult {
        let words = clipped(
            end.tail.split(whereSeparator: \.isNewline).suffix(3).joined(separator: " / "),
            byteCountMax: TextLimit.line
        )
        let said = words.isEmpty ? "\(verb.word): \(end.ending)" : "\(verb.word): \(words)"
        if end.isTimedOut {
            return .unknown("\(verb.word) did not end within \(limitMilliseconds) ms")
        }
        return switch end.ending {
        case .exited(0): .done
        case .exited(1): .refused(said)
        case .exited(2): .failed(said)
        case .exited, .signalled: .unknown(said)
        }
    }

    /// The limit is told, so that a driver can give up with a reason before it is ended.
    private func command(_ arguments: [String], limitMilliseconds: UInt64) -> ChildCommand {
        ChildCommand(
            path,
            arguments,
            environment: ChildCommand.plainEnvironment + environment
                + ["TANDEM_LIMIT_MS=\(limitMilliseconds)"]
        )
    }
}
