import ArgumentParser
import ControllerAPI
import Foundation
import TandemModel

/// `tandem audit ...`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who asked for or caused which command; export it, and verify that it is whole.",
        subcommands: [ListAudit.self, ExportAudit.self, VerifyAudit.self],
        defaultSubcommand: ListAudit.self
    )
}

struct ListAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The newest lines, the newest last."
    )

    @OptionGroup var paging: PagingOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let entries: [AuditEntry] = try await paging.entries(
                APIPath.audit,
                [],
                try connection.client()
            )
            try output.show(entries) { entries in
                entries.isEmpty ? "Nothing yet.\n" : ListText.audit(entries.reversed())
            }
        }
    }
}

struct ExportAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole audit, with hashes and signed heads, as JSON lines.",
        discussion: """
            Example: tandem audit export audit.jsonl && \
            tandem audit verify audit.jsonl --key audit-key.pub
            """
    )

    @Argument(help: "The file to write; `-` for standard output.", completion: .file())
    var file: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions

    func run() async throws {
        try await reporting {
            let download = AuditDownload(client: try connection.client())
            if file == "-" {
                try await download.write(to: .standardOutput)
            } else {
                try await download.write(toNew: file)
            }
        }
    }
}
