import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem approve ID`: the second of two people.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve (or withdraw) a request of another person.",
        discussion: """
            Says what is approved, then follows the action to its end. The request was bound to \
            what the first person saw: if that has changed meanwhile, it is refused.
            """
    )

    @Argument(help: "The request's id.")
    var id: String

    @Flag(name: .long, help: "Take the request back instead.")
    var withdraw = false

    @Flag(name: .long, help: "Return as soon as the action has begun.")
    var noWait = false

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            guard let request = RequestID(id) else {
                throw TandemError(
                    .usage,
                    "'\(id)' is no request id",
                    remedy: "`tandem cluster show CLUSTER` lists the requests that wait."
                )
            }
            let client = try connection.client()
            let network: NetworkSnapshot = try await client.get(APIPath.network)
            let found = Self.find(request, in: network)
            if let found, !output.json {
                Terminal.write(Self.summary(found.pending, found.cluster))
            }
            let answer: PressResponse = try await client.send(
                withdraw ? .delete : .post,
                APIPath.approval(request)
            )
            if withdraw {
                try output.show(answer) { _ in "Withdrawn.\n" }
                return
            }
            try await Presser.follow(
                answer,
                of: found?.cluster.name ?? ClusterName(""),
                client: client,
                waits: !noWait && found != nil,
                output: output
            )
        }
    }

    /// The request and the cluster it is for.
    static func find(
        _ id: RequestID,
        in network: NetworkSnapshot
    ) -> (cluster: ClusterStatus, pending: PendingApproval)? {
        for cluster in network.clusters {
            if let pending = cluster.approvals.first(where: { $0.id == id }) {
                return (cluster, pending)
            }
        }
        return nil
    }

    /// What a second person says yes to.
    static func summary(_ pending: PendingApproval, _ cluster: ClusterStatus) -> String {
        let press = pending.press
        let target = press.server.map { " (\($0))" } ?? ""
        var text = "\(press.button.label) \(cluster.name)\(target), asked for by \(press.person) "
        text += "at \(pending.requestedAt.text)"
        text += press.reason.isEmpty ? "\n" : ": \(press.reason)\n"
        for line in cluster.seenLines { text += "  \(line)\n" }
        return Terminal.clean(text)
    }
}
