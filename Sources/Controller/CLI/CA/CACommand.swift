import ArgumentParser
import TandemModel

/// `tandem ca ...`.
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca",
        abstract: "A small certificate authority for agents, controllers and people.",
        discussion: """
            Two authorities in one folder: one for the agents' port, one for the API, so that a \
            person's certificate opens nothing where agents speak and the other way round. Keep the \
            folder off the network; whoever has its .key files makes identities.
            """,
        subcommands: [InitAuthority.self, IssueCommand.self, RenewCommand.self]
    )
}

struct InitAuthority: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make both authorities in a folder; nothing is ever overwritten."
    )

    /// What `--json` prints.
    struct Made: Encodable {
        var agentsAuthority: String
        var operatorsAuthority: String
    }

    @Argument(help: "The folder; created if it is not there.", completion: .directory)
    var folder: String

    @Option(name: .long, help: "Days for which the authorities count.")
    var days = AuthorityFolder.authorityDays

    @OptionGroup var output: OutputOptions

    func validate() throws { try validateDays(days) }

    func run() async throws {
        try await reporting {
            let place = AuthorityFolder(path: folder)
            try place.create(validityDays: days)
            let made = Made(
                agentsAuthority: place.file(AuthorityFolder.Authority.agents.certificateFile),
                operatorsAuthority: place.file(AuthorityFolder.Authority.operators.certificateFile)
            )
            try output.show(made) { made in
                """
                Made two authorities in \(folder), for \(days) days:
                  \(made.agentsAuthority)     to every agent and every controller
                  \(made.operatorsAuthority)  to every controller and every person
                Their .key files stay here, readable by their owner alone. Next:
                  tandem ca issue controller NAME --host HOST --dir \(folder)
                  tandem ca issue agent SERVER --dir \(folder)
                  tandem ca issue person NAME --dir \(folder)

                """
            }
        }
    }
}

/// `tandem ca issue ...`.
struct IssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make a key and a certificate for an agent, a controller or a person.",
        subcommands: [IssueAgent.self, IssueController.self, IssuePerson.self]
    )
}

/// What every issue takes.
struct IssueOptions: ParsableArguments {
    @Option(name: .long, help: "The folder of `tandem ca init`.", completion: .directory)
    var dir: String

    @Option(
        name: .long,
        help: "Where to write the files (default: a folder of DIR by kind).",
        completion: .directory
    )
    var output: String?

    @Option(name: .long, help: "Days for which the certificate counts.")
    var days = AuthorityFolder.ownerDays

    func validate() throws { try validateDays(days) }

    var folder: AuthorityFolder { AuthorityFolder(path: dir) }
}

func validateDays(_ days: Int) throws {
    guard (1...36_500).contains(days) else {
        throw ValidationError("--days is a number from 1 to 36500.")
    }
}
