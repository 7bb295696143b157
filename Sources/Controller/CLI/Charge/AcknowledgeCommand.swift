import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem alarm acknowledge NUMBER INSTANCE`.
struct AcknowledgeAlarm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge",
        abstract: "Say that an active alarm is known and being seen to.",
        discussion: """
            It stays until the alarm clears. It neither clears the alarm nor unblocks a button.
            """
    )

    @Argument(help: "The alarm's number, such as 70501.")
    var number: UInt32

    @Argument(help: "What it is raised for: a server, a cluster or a product.")
    var instance: String

    @Option(name: .long, help: "What is being done about it.")
    var note: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let request = AcknowledgeRequest(
                number: AlarmNumber(number),
                instance: instance,
                note: note
            )
            let entry: AlarmEntry = try await connection.client()
                .send(.post, APIPath.acknowledge, request)
            try output.show(entry) { ListText.alarms([$0]) }
        }
    }
}
