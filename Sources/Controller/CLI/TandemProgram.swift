import ArgumentParser
import ControllerAPI
import TandemModel

/// The operator's command line.
@main
struct TandemProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tandem",
        abstract: "Upgrade two-server clusters without a moment in which none is active.",
        discussion: """
            Exit codes: 0 done; 1 failed; 2 wrong usage (also --yes without --seen); \
            3 refused, nothing was changed; 4 the controller can't be reached; \
            5 waits for a second person's `tandem approve ID`; 6 the action ended failed; \
            7 the action was stopped.
            """,
        version: tandemVersion,
        subcommands: [
            ClusterCommand.self, ServerCommand.self, UpgradeCommand.self, ApproveCommand.self,
            ConfigCommand.self, ImageCommand.self, AlarmCommand.self, LogCommand.self,
            AuditCommand.self, PeopleCommand.self, TokenCommand.self, WatchCommand.self,
            EmergencyStopCommand.self, CACommand.self,
        ]
    )

    /// As the argument parser does it, but wrong usage ends with 2 instead of its 64.
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
            Terminal.writeError(fullMessage(for: error) + "\n")
            exit(withError: ExitStatus.usage)
        }
    }
}

/// How the program ends.
enum ExitStatus {
    static let failed = ExitCode(1)
    static let usage = ExitCode(2)
    static let refused = ExitCode(3)
    static let unreachable = ExitCode(4)
    static let waitsForApproval = ExitCode(5)
    static let actionFailed = ExitCode(6)
    static let actionStopped = ExitCode(7)

    /// The documented code for an error.
    static func of(_ error: TandemError) -> ExitCode {
        switch error.code {
        case .usage, .seenMissing: usage
        case .unreachable, .tlsHandshake, .connectionLost: unreachable
        case .approvalNeeded: waitsForApproval
        case .buttonRefused, .seenChanged, .forbidden, .approvalRefused, .imageNeeded,
            .nameRefused, .releaseUnsuitable, .documentRefused, .unknownName, .imageUnknown,
            .wayBackMissing, .agentBusy, .serverIsZombie, .preconditionFailed, .identityRefused,
            .accountRefused, .signInNeeded, .tooManyAttempts, .emergencyStopped:
            refused
        case _: failed
        }
    }
}

/// Runs a command's work; an error is printed with its remedy and becomes the documented exit code.
func reporting(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let error as TandemError {
        Terminal.writeError(errorText(error))
        throw ExitStatus.of(error)
    } catch let refusal as ControllerRefusal {
        Terminal.writeError(errorText(refusal.error))
        let code = ExitStatus.of(refusal.error)
        throw code == ExitStatus.unreachable ? ExitStatus.refused : code
    }
}

/// What happened, what to do about it, and the lower level's own words.
func errorText(_ error: TandemError) -> String {
    var text = "tandem: \(error.message)\n  -> \(error.remedy) [\(error.code.id)]\n"
    if !error.cause.isEmpty { text += "  (\(error.cause))\n" }
    return Terminal.clean(text)
}
