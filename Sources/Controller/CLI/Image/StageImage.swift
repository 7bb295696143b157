import ArgumentParser
import ControllerAPI
import TandemModel

struct StageImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage",
        abstract: "Push an image to the servers of a cluster, ahead of the window.",
        discussion: """
            Waits until every server has verified it. What was pushed so far stays when the command \
            is ended or a line breaks: staging goes on by itself, where it stopped.
            """
    )

    @Argument(help: "The release, such as scef-fe-12.6.1, or the digest `image list` shows.")
    var image: String

    @Argument(help: "The cluster.")
    var cluster: String

    @Option(name: .long, help: "Only this server.")
    var server: String?

    @Option(name: .long, help: "Seconds to wait for the servers.")
    var wait = 3600

    @Flag(name: .long, help: "Return at once; `image list` shows who holds it.")
    var noWait = false

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...1_000_000).contains(wait) else {
            throw ValidationError("--wait is a number of seconds from 0 to 1000000.")
        }
    }

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let name = try clusterName(cluster)
            let server = try server.map(serverName)
            let image = try ImageChoice.one(image, of: try await client.list(APIPath.images))
            var staging = Staging(client: client, cluster: name, image: image)
            if !noWait { try await staging.begin(server) }
            let answer: PressResponse = try await client.send(
                .post,
                APIPath.stage(image.image),
                StageRequest(cluster: name, server: server)
            )
            if noWait {
                try output.show(answer) { _ in "Staging \(image.release) has begun.\n" }
                return
            }
            let servers = try await staging.wait(seconds: wait) { missing in
                if !output.json { Terminal.writeError("Waiting for \(missing)\n") }
            }
            try output.show(servers) { _ in
                "\(image.release) lies verified on \(Staging.names(servers)).\n"
            }
        }
    }
}

/// Looks on while an image is pushed to servers.
struct Staging {
    let client: APIClient
    let cluster: ClusterName
    let image: ImageInfo
    private var targets: [ServerName] = []
    /// What the log held before, so that an old failure is not taken for one of now.
    private var logBefore: Set<UpgradeLogEntry> = []

    init(client: APIClient, cluster: ClusterName, image: ImageInfo) {
        self.client = client
        self.cluster = cluster
        self.image = image
    }

    static func names(_ servers: [ServerName]) -> String {
        servers.map(\.text).joined(separator: ", ")
    }

    /// Notes what is so before the push; `server` is the only one, or all of the cluster are meant.
    mutating func begin(_ server: ServerName?) async throws {
        let snapshot: ClusterSnapshot = try await client.get(APIPath.cluster(cluster))
        targets = server.map { [$0] } ?? snapshot.status.servers.map(\.name)
        logBefore = Set(try await log())
    }

    /// Waits until all servers hold the image; answers them.
    ///
    /// `tell` hears who is still missing whenever that changes.
    func wait(seconds: Int, tell: (String) -> Void) async throws -> [ServerName] {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var version: UInt64 = 0
        var told: [ServerName] = []
        while true {
            let rest = max(0, clock.now.duration(to: end).components.seconds)
            do {
                let wait = min(10, Int(rest))
                let path = "\(APIPath.cluster(cluster))?after=\(version)&wait=\(wait)"
                let snapshot: ClusterSnapshot = try await client.get(path, waitSeconds: wait)
                version = snapshot.version
                let missing = missing(in: snapshot.status)
                guard !missing.isEmpty else { return targets }
                if missing != told { tell(Self.names(missing)) }
                told = missing
                try refuse(failedAmong: missing, try await log())
            } catch  where Follower.isSilence(error) {
                // The push is between controller and agents; that it goes on is what counts.
                try await clock.sleep(for: .milliseconds(500))
            }
            guard clock.now < end else { throw late(told, seconds) }
        }
    }

    private func missing(in status: ClusterStatus) -> [ServerName] {
        targets.filter { name in
            let server = status.servers.first { $0.name == name }
            return server?.images.contains { $0.image == image.image && $0.isVerified } != true
        }
    }

    private func log() async throws -> [UpgradeLogEntry] {
        let page: Page<UpgradeLogEntry> =
            try await client
            .get("\(APIPath.log)?cluster=\(cluster)")
        return page.items
    }

    private func refuse(
        failedAmong missing: [ServerName],
        _ log: [UpgradeLogEntry]
    ) throws(TandemError) {
        let failed = log.first { entry in
            guard let server = entry.server, !logBefore.contains(entry) else { return false }
            return missing.contains(server) && ["failed", "indeterminate"].contains(entry.result)
        }
        guard let failed else { return }
        throw TandemError(
            .imageUnreadable,
            "staging \(image.release) failed: \(failed.text) \(failed.result)",
            remedy: "Mend what the server says, then stage the image again: it goes on where it "
                + "stopped.",
            cause: failed.detail
        )
    }

    private func late(_ missing: [ServerName], _ seconds: Int) -> TandemError {
        TandemError(
            .limitExceeded,
            "after \(seconds) s \(image.release) is still missing on \(Self.names(missing))",
            remedy: "See with `tandem server list` whether they are connected, and with `tandem "
                + "alarm list` what they say; staging goes on by itself."
        )
    }
}
