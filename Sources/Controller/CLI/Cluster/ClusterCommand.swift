import ArgumentParser
import ControllerAPI
import Foundation
import TandemModel

/// `tandem cluster ...`.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "List, show, add and remove clusters; set their maintenance window.",
        subcommands: [
            ListClusters.self, ShowCluster.self, AddCluster.self, RemoveCluster.self,
            ClusterWindow.self,
        ],
        defaultSubcommand: ListClusters.self
    )
}

struct ListClusters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The table of clusters with their servers."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let network: NetworkSnapshot = try await connection.client().get(APIPath.network)
            try output.show(network) { network in
                network.clusters.isEmpty
                    ? "No cluster yet: add one with `tandem cluster add`.\n"
                    : ClusterText.table(network.clusters)
            }
        }
    }
}

struct ShowCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One cluster: servers, operation, buttons and why not."
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let snapshot: ClusterSnapshot = try await connection.client()
                .get(APIPath.cluster(clusterName(cluster)))
            try output.show(snapshot.status, as: ClusterText.details)
        }
    }
}

struct AddCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a cluster of one or two servers.",
        discussion: """
            Each --server is NAME=CERTIFICATE: the slot's name and the file of its agent's \
            certificate, made by `tandem ca issue agent`. The key in it is what will be let in.
            """
    )

    @Argument(help: "The cluster's name.")
    var cluster: String

    @Option(name: .long, help: "What it is for: cmp, scef-fe, scef, database, ...")
    var kind: String

    @Option(name: .long, help: "Where it stands.")
    var site: String

    @Flag(name: .long, help: "That site is the primary one.")
    var primary = false

    @Option(name: .long, help: "NAME=CERTIFICATE; once or twice.")
    var server: [String]

    @Flag(name: .long, help: "Reapply the configuration by itself after each failover.")
    var reapplyByItself = false

    @Option(name: .long, help: "People that each step forward needs: 1 or 2.")
    var people = 1

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let request = ClusterAddRequest(
                name: ClusterName(cluster),
                kind: ClusterKind(kind),
                site: SiteName(site),
                isPrimarySite: primary,
                servers: try server.map(Self.server),
                reappliesByItself: reapplyByItself,
                peopleNeeded: people
            )
            let status: ClusterStatus = try await connection.client()
                .send(.post, APIPath.clusters, request)
            try output.show(status) { "Added cluster \($0.name).\n" }
        }
    }

    static func server(_ text: String) throws -> ClusterAddRequest.Server {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw TandemError(
                .usage,
                "'\(text)' is not NAME=CERTIFICATE",
                remedy: "Write --server cmp-1=/path/to/cmp-1.pem."
            )
        }
        let path = String(text[text.index(after: equals)...])
        return ClusterAddRequest.Server(
            name: ServerName(String(text[..<equals])),
            certificate: try textFile(path)
        )
    }
}

/// The text of a file.
func textFile(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path),
        let text = String(validating: data, as: UTF8.self)
    else {
        throw TandemError(
            .fileUnavailable,
            "\(path) can't be read as text",
            remedy: "Check the path and its permissions."
        )
    }
    return text
}
