import ArgumentParser
import ControllerAPI
import Logging
import TandemModel

/// The daemon: `tandem-controller run --config FILE`.
@main
struct ControllerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tandem-controller",
        abstract:
            "Bring new releases to every cluster of a network, with a way back at every stop.",
        discussion: """
            Exit codes: 0 ended by SIGTERM or SIGINT; 1 could not start or could not go on: the last \
            line says why and what to do; 2 wrong usage.
            """,
        version: tandemVersion,
        subcommands: [RunCommand.self, CheckConfigurationCommand.self, PeopleCommand.self],
        defaultSubcommand: RunCommand.self
    )
}

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the controller in the foreground."
    )

    @Option(name: .long, help: "The configuration file.")
    var config = "/etc/tandem/controller.conf"

    func run() async throws {
        try await reportingErrors {
            try await Wiring(try ControllerConfiguration(file: config)).run()
        }
    }
}

struct CheckConfigurationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Read the configuration file and say what is wrong."
    )

    @Option(name: .long, help: "The configuration file.")
    var config = "/etc/tandem/controller.conf"

    func run() async throws {
        try await reportingErrors {
            let wiring = Wiring(try ControllerConfiguration(file: config))
            _ = try wiring.contexts()
            _ = try wiring.provider(Logger(label: "check-config"))
            print("\(config): ok")
        }
    }
}

extension ControllerProgram {
    /// As the argument parser does it, but wrong usage ends with 2 instead of its 64, as in `tandem`.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            FileHandleText.writeError(fullMessage(for: error))
            exit(withError: ExitCode(2))
        }
    }
}

/// Prints an error the way operators read them, and ends with 1.
func reportingErrors(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let error as TandemError {
        FileHandleText.writeError("tandem-controller: \(error)")
        throw ExitCode(1)
    }
}
