import ArgumentParser
import ControllerAPI
import TandemModel

extension Button: ExpressibleByArgument {}

/// `tandem upgrade ...`: the buttons, and who answers for the operation.
struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Press a button of the Upgrade Manager, or take an operation over.",
        subcommands: [PressButton.self, TakeOverCommand.self],
        defaultSubcommand: PressButton.self
    )
}

/// `tandem upgrade BUTTON CLUSTER`: every button of the Upgrade Manager.
struct PressButton: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "press",
        abstract: "Press a button; what `tandem upgrade BUTTON CLUSTER` does.",
        discussion: """
            Shows what is observed, asks, and follows the action to its end. Scripts read `seen` \
            from `tandem cluster show CLUSTER --json` and give it back with --yes --seen TOKEN: \
            if anything has changed since, the action is refused with the difference.
            """
    )

    @Argument(help: "The button.")
    var button: Button

    @Argument(help: "The cluster.")
    var cluster: String

    @Option(name: .long, help: "The server, for buttons that act on one.")
    var server: String?

    @Option(name: .long, help: "The release to go to, such as scef-fe-12.6.1 (Start Upgrade).")
    var release: String?

    @Option(
        name: .long,
        help: "What the button asks you to state, such as fenced, dead, done, failed."
    )
    var statement: String = ""

    @Flag(name: .long, help: "You have read the release's notices (Start Upgrade).")
    var acknowledgeNotices = false

    @Flag(name: .long, help: "You accept that data written since the last replication is lost.")
    var acceptDataLoss = false

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            var wanted = Press(button)
            wanted.server = try server.map(serverName)
            wanted.release = try release.map(releaseID)
            wanted.statement = statement
            wanted.acknowledgesNotices = acknowledgeNotices
            wanted.acceptsDataLoss = acceptDataLoss
            try await Presser(
                client: try connection.client(),
                cluster: clusterName(cluster),
                options: press,
                output: output
            ).run(wanted)
        }
    }
}

/// What every press of a button takes.
struct PressOptions: ParsableArguments {
    @Option(name: .long, help: "Reason or ticket number.")
    var reason: String = ""

    @Flag(name: .long, help: "Do not ask; needs --seen.")
    var yes = false

    @Option(name: .long, help: "The token of what you saw (`seen` of the cluster).")
    var seen: String?

    @Flag(name: .long, help: "Return as soon as the action has begun.")
    var noWait = false

    func validate() throws {
        guard yes, seen == nil else { return }
        throw ValidationError(
            "--yes says that you have seen the cluster, but not what you saw: add --seen TOKEN "
                + "with `seen` from `tandem cluster show CLUSTER --json`. "
                + "[\(ErrorCode.seenMissing.id)]"
        )
    }
}

/// What a person wants to press, before it is confirmed.
struct Press: Hashable {
    var button: Button
    var server: ServerName?
    var release: ReleaseID?
    var statement = ""
    var acknowledgesNotices = false
    /// The texts that were shown and read; `nil` where a script says so for all of them.
    var acknowledgedNotices: [String]?
    var acceptsDataLoss = false

    init(_ button: Button, server: ServerName? = nil) {
        self.button = button
        self.server = server
    }
}

/// A release out of an argument.
func releaseID(_ text: String) throws -> ReleaseID {
    guard let release = ReleaseID(text) else {
        throw TandemError(
            .usage,
            "'\(text)' is no release",
            remedy: "Write it as scef-fe-12.6.1 or \"scef-fe 12.6.1\"."
        )
    }
    return release
}
