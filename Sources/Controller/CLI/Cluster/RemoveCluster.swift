import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem cluster remove`.
struct RemoveCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a cluster (two people).",
        discussion: """
            Nothing is done to its servers: they stay as they are, and their agents are let in no \
            more. No operation or action may be open. The names of the cluster and its servers, and \
            its agents' certificates, are never used again. The log and the audit keep what was done.
            """
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let name = try clusterName(cluster)
            let snapshot: ClusterSnapshot = try await client.get(APIPath.cluster(name))
            var reason = press.reason
            if !press.yes {
                Terminal.writeError(Self.prompt(snapshot.status))
                guard Terminal.confirms("Continue?") else {
                    Terminal.writeError("Nothing was done.\n")
                    throw ExitStatus.refused
                }
                if reason.isEmpty { reason = Terminal.ask("Reason or ticket number: ") ?? "" }
            }
            let request = ClusterRemovalRequest(
                reason: reason,
                seen: press.seen ?? snapshot.status.seen
            )
            let answer: PressResponse = try await client.send(
                .delete,
                APIPath.cluster(name),
                request
            )
            try await Presser.follow(
                answer,
                of: name,
                client: client,
                waits: false,
                output: output
            )
        }
    }

    /// What is about to be forgotten, and the question.
    static func prompt(_ status: ClusterStatus) -> String {
        var text = "Remove cluster \(status.name) with "
        text += status.servers.map(\.name.text).joined(separator: " and ")
        text += ". Their names are never used again.\n"
        for line in status.seenLines { text += "  \(line)\n" }
        return Terminal.clean(text + "A second person has to approve.\n")
    }
}
