import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem server ...`.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "List servers and deal with one that is in trouble.",
        subcommands: [
            ListServers.self, RecoveredServer.self, ReplaceServer.self, EnrolServer.self,
            RestoreService.self, ServerLogs.self,
        ],
        defaultSubcommand: ListServers.self
    )
}

struct ListServers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "All servers: role, release, age of what is known."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let network: NetworkSnapshot = try await connection.client().get(APIPath.network)
            try output.show(network.clusters.flatMap(\.servers)) { servers in
                var table = Table("Name", "Role", "In Service", "Running Release", "Age", "Health")
                for server in servers {
                    let age = server.ageMilliseconds.map { "\($0 / 1000) s" } ?? "never seen"
                    table.add(
                        server.name.text,
                        server.role.rawValue,
                        server.isInService ? "Y" : "N",
                        server.runningRelease,
                        age + (server.isStale ? " (stale)" : ""),
                        server.health
                    )
                }
                return table.text
            }
        }
    }
}

struct RecoveredServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovered",
        abstract: "Declare a zombie recovered: everything about it is observed anew."
    )

    @Argument(help: "The server.")
    var server: String

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            try await pressFor(server, Press(.recovered), press, connection, output)
        }
    }
}

struct RestoreService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore-service",
        abstract: "Promote this server where none is active.",
        discussion: """
            State with --statement what keeps the mate from serving: `fenced`, or `dead` if you \
            have made sure of it yourself.
            """
    )

    @Argument(help: "The server.")
    var server: String

    @Option(name: .long, help: "What keeps the mate from serving: fenced or dead.")
    var statement: String = ""

    @Flag(name: .long, help: "You accept that data written since the last replication is lost.")
    var acceptDataLoss = false

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            var wanted = Press(.restoreService)
            wanted.statement = statement
            wanted.acceptsDataLoss = acceptDataLoss
            try await pressFor(server, wanted, press, connection, output)
        }
    }
}

struct ReplaceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Put a new machine into a server's slot.",
        discussion: """
            Takes the certificate of the new machine's agent (`tandem ca issue agent`). Where a \
            second person has to approve, `tandem server enrol` follows once that was done.
            """
    )

    @Argument(help: "The server.")
    var server: String

    @Option(
        name: .customLong("agent-certificate"),
        help: "The new agent's certificate (PEM).",
        completion: .file(extensions: ["pem"])
    )
    var agentCertificate: String

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            // Read first: a mistyped path must not leave the slot without an agent.
            let request = EnrolRequest(certificate: try textFile(agentCertificate))
            try await pressFor(server, Press(.replaceServer), press, connection, output)
            try await enrol(server, request, connection, output.json ? nil : output)
        }
    }
}

struct EnrolServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Let a new agent into a slot that Replace Server has freed."
    )

    @Argument(help: "The server.")
    var server: String

    @Option(
        name: .customLong("agent-certificate"),
        help: "The new agent's certificate (PEM).",
        completion: .file(extensions: ["pem"])
    )
    var agentCertificate: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let request = EnrolRequest(certificate: try textFile(agentCertificate))
            try await enrol(server, request, connection, output)
        }
    }
}

private func enrol(
    _ server: String,
    _ request: EnrolRequest,
    _ connection: ConnectionOptions,
    _ output: OutputOptions?
) async throws {
    let answer: PressResponse = try await connection.client()
        .send(.post, APIPath.agent(try serverName(server)), request)
    try output?.show(answer) { _ in "Server \(server) has a new agent; it may connect now.\n" }
}

struct ServerLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Collect a server's logs and print them."
    )

    @Argument(help: "The server.")
    var server: String

    @Option(name: .long, help: "Seconds to wait for the collection.")
    var wait = 60

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let path = try APIPath.logs(serverName(server))
            let before: LogCollection = try await client.get(path)
            let _: LogCollection = try await client.send(.post, path)
            let clock = ContinuousClock()
            let end = clock.now + .seconds(wait)
            while clock.now < end {
                let newest: LogCollection = try await client.get(path)
                if newest.isComplete, newest.id != before.id {
                    try output.show(newest) { Terminal.clean($0.text) }
                    return
                }
                try await clock.sleep(for: .milliseconds(300))
            }
            throw TandemError(
                .limitExceeded,
                "no logs of \(server) came within \(wait) s",
                remedy: "Check with `tandem server list` that its agent is connected."
            )
        }
    }
}

/// Presses a button for a server, whatever cluster it belongs to.
func pressFor(
    _ server: String,
    _ press: Press,
    _ options: PressOptions,
    _ connection: ConnectionOptions,
    _ output: OutputOptions
) async throws {
    let client = try connection.client()
    let network: NetworkSnapshot = try await client.get(APIPath.network)
    let cluster = network.clusters.first { cluster in
        cluster.servers.contains { $0.name.text == server }
    }
    guard let cluster else {
        throw TandemError(
            .unknownName,
            "there is no server '\(server)'",
            remedy: "`tandem server list` shows the servers."
        )
    }
    var press = press
    press.server = try serverName(server)
    try await Presser(
        client: client,
        cluster: cluster.name,
        options: options,
        output: output
    ).run(press)
}
