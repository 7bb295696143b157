import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem upgrade take-over CLUSTER`: somebody else answers for the open operation.
struct TakeOverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take-over",
        abstract: "Become the owner of a cluster's open operation.",
        discussion: """
            The owner is who answers for an operation. No button depends on it: whoever presses \
            one for somebody else's operation reads whose it is.
            """
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @Option(name: .long, help: "Reason or ticket number.")
    var reason: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let status: ClusterStatus = try await connection.client().send(
                .post,
                APIPath.takeOver(clusterName(cluster)),
                ReasonRequest(reason: reason)
            )
            try output.show(status) { status in
                let words = status.operation?.ownerText ?? "no operation is open"
                return Terminal.clean("\(status.name): \(words)\n")
            }
        }
    }
}
