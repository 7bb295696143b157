import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem config ...`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "The configuration versions of a cluster.",
        subcommands: [
            SetConfiguration.self, ListConfigurations.self, DiffConfigurations.self,
            ReapplyConfiguration.self,
        ]
    )
}

struct SetConfiguration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Save a new configuration version.",
        discussion: """
            Nothing is applied: `tandem config reapply` does that. While versions are mixed the edit \
            waits in a queue and is never applied by itself.
            """
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @Argument(help: "The document: UTF-8, at most 48 KiB.", completion: .file())
    var file: String

    @Option(name: .long, help: "The form of the document, such as scef-fe-2 (`image inspect`).")
    var schema: String

    @Option(name: .long, help: "Reason or ticket number.")
    var reason: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let request = ConfigurationRequest(
                schema: schema,
                document: try textFile(file),
                reason: reason
            )
            let page: Page<ConfigurationInfo> = try await connection.client()
                .send(.post, APIPath.configurations(clusterName(cluster)), request)
            try output.show(page.items) { versions in
                guard let newest = versions.newest else { return "Saved.\n" }
                let state = newest.isQueued ? ", queued while versions are mixed" : ""
                return Terminal.clean(
                    "Saved version \(newest.number) (\(newest.schema))\(state).\n"
                        + "Next: tandem config diff \(cluster); tandem config reapply \(cluster)\n"
                )
            }
        }
    }
}

struct ListConfigurations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The versions: who saved them, when and why."
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let versions: [ConfigurationInfo] = try await connection.client()
                .list(APIPath.configurations(clusterName(cluster)))
            try output.show(versions) { versions in
                versions.isEmpty
                    ? "No version yet: save one with `tandem config set`.\n" : Self.table(versions)
            }
        }
    }

    static func table(_ versions: [ConfigurationInfo]) -> String {
        var table = Table("No.", "Schema", "Saved", "By", "State", "SHA-256", "Reason")
        for version in versions.sorted(by: { $0.number > $1.number }) {
            table.add(
                "\(version.number)",
                version.schema,
                version.savedAt.text,
                version.person.text,
                version.isQueued ? "queued" : "saved",
                version.digest.short,
                version.reason
            )
        }
        return table.text
    }
}

struct DiffConfigurations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "The difference between two versions.",
        discussion: "Without numbers: from what the active server has to the newest version."
    )

    /// What `--json` prints.
    struct Difference: Encodable {
        /// 0 stands for no version of Tandem's.
        var from: UInt32
        var to: UInt32
        /// In the unified form; empty where both are the same.
        var text: String
    }

    @Argument(help: "The cluster.")
    var cluster: String

    @Option(name: .long, help: "The older version's number; 0 is an empty document.")
    var from: UInt32?

    @Option(name: .long, help: "The newer version's number.")
    var to: UInt32?

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let name = try clusterName(cluster)
            let versions: [ConfigurationInfo] = try await client.list(
                APIPath.configurations(name)
            )
            let old: UInt32
            if let from {
                old = from
            } else {
                let snapshot: ClusterSnapshot = try await client.get(APIPath.cluster(name))
                old = Self.activeNumber(snapshot.status)
            }
            let difference = try Self.difference(of: versions, from: old, to: to, cluster)
            try output.show(difference) { difference in
                difference.text.isEmpty
                    ? "No difference from version \(difference.from) to \(difference.to).\n"
                    : Terminal.clean(difference.text)
            }
        }
    }

    /// The version on the active server; 0 where that is not one of ours.
    static func activeNumber(_ cluster: ClusterStatus) -> UInt32 {
        cluster.servers.first { $0.role == .active }?.configuration?.number ?? 0
    }

    static func difference(
        of versions: [ConfigurationInfo],
        from: UInt32,
        to: UInt32?,
        _ cluster: String
    ) throws(TandemError) -> Difference {
        func document(_ number: UInt32) throws(TandemError) -> (name: String, text: String) {
            guard number > 0 else { return ("no version", "") }
            guard let version = versions.first(where: { $0.number == number }) else {
                throw TandemError(
                    .unknownName,
                    "\(cluster) has no configuration version \(number)",
                    remedy: "`tandem config list \(cluster)` shows the versions."
                )
            }
            return ("version \(number) (\(version.schema))", version.document)
        }
        let newest = to ?? versions.newest?.number ?? 0
        let (old, new) = (try document(from), try document(newest))
        let text = LineDifference.unified(
            old.text,
            new.text,
            names: ("\(cluster) \(old.name)", "\(cluster) \(new.name)")
        )
        return Difference(from: from, to: newest, text: text)
    }
}

struct ReapplyConfiguration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reapply",
        abstract: "Press Reapply Configuration and follow it to its end."
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @OptionGroup var press: PressOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            try await Presser(
                client: try connection.client(),
                cluster: clusterName(cluster),
                options: press,
                output: output
            ).run(Press(.reapplyConfiguration))
        }
    }
}

extension [ConfigurationInfo] {
    /// The version with the highest number.
    var newest: ConfigurationInfo? { self.max { $0.number < $1.number } }
}
