import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem emergency-stop ...`: one switch for the whole network.
struct EmergencyStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency-stop",
        abstract: "Stop all commanding in the whole network, or go on.",
        discussion: """
            While it is on, no cluster is commanded: what waits for approval is void, what runs is \
            asked to stop at its next safe boundary, and a running failover goes on to its end. \
            Fence, Demote and Restore Service still work.
            """,
        subcommands: [
            ShowEmergencyStop.self, SetEmergencyStop.self, EndEmergencyStop.self,
        ],
        defaultSubcommand: ShowEmergencyStop.self
    )
}

struct ShowEmergencyStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Whether it is on, and why."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let answer: EmergencyStopAnswer = try await connection.client()
                .get(APIPath.emergencyStop)
            try output.show(answer, as: EmergencyStopText.answer)
        }
    }
}

struct SetEmergencyStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on",
        abstract: "Stop everything now."
    )

    @OptionGroup var change: EmergencyStopChange

    func run() async throws { try await change.send(.post) }
}

struct EndEmergencyStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Let buttons begin actions again; nothing begins by itself."
    )

    @OptionGroup var change: EmergencyStopChange

    func run() async throws { try await change.send(.delete) }
}

/// What both ways of the switch are given, and how they are asked for.
struct EmergencyStopChange: ParsableArguments {
    @Option(name: .long, help: "Reason or ticket number.")
    var reason: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func send(_ method: APIClient.Method) async throws {
        try await reporting {
            let answer: EmergencyStopAnswer = try await connection.client()
                .send(method, APIPath.emergencyStop, ReasonRequest(reason: reason))
            try output.show(answer, as: EmergencyStopText.answer)
        }
    }
}

/// The emergency stop in words.
enum EmergencyStopText {
    static func answer(_ answer: EmergencyStopAnswer) -> String {
        answer.emergencyStop.map { "\(line($0))\n" } ?? "The emergency stop is off.\n"
    }

    static func line(_ stop: EmergencyStop) -> String {
        Terminal.cleanLine(
            "EMERGENCY STOP since \(stop.since.text), set by \(stop.person): \(stop.reason)"
        )
    }
}
