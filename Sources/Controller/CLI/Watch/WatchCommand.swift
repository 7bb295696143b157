import ArgumentParser
import ControllerAPI
import Glibc
import TandemModel

/// `tandem watch`: the network as it changes.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show clusters, running actions and alarms as they change, until Ctrl-C.",
        discussion: """
            On a terminal the picture is redrawn in place; elsewhere each change is one line. With \
            --json each state of the network is one line of JSON.
            """
    )

    @Argument(help: "Only this cluster.")
    var cluster: String?

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let name = try cluster.map(clusterName)
            let client = try connection.client()
            // To end is what Ctrl-C is for here: no failure.
            signal(SIGINT) { _ in _exit(0) }
            var view = try await Self.view(client, name, after: 0, waitSeconds: 0)
            if let name, view.network.clusters.isEmpty {
                throw TandemError(
                    .unknownName,
                    "there is no cluster '\(name)'",
                    remedy: "`tandem cluster list` shows the clusters."
                )
            }
            var display = WatchDisplay(isJSON: output.json)
            while true {
                try display.show(view)
                view = try await next(after: view, client, name, &display)
            }
        }
    }

    private func next(
        after view: WatchView,
        _ client: APIClient,
        _ name: ClusterName?,
        _ display: inout WatchDisplay
    ) async throws -> WatchView {
        // Ages and times go on between two changes where somebody looks on.
        let wait = display.isRedrawn ? 1 : 10
        var after = view.network.version
        while true {
            do {
                return try await Self.view(client, name, after: after, waitSeconds: wait)
            } catch  where Follower.isSilence(error) {
                display.note("controller not reachable, asking again")
                // Another controller, or the same one anew, may count from another number.
                after = 0
                try await ContinuousClock().sleep(for: .seconds(1))
            }
        }
    }

    private static func view(
        _ client: APIClient,
        _ name: ClusterName?,
        after version: UInt64,
        waitSeconds: Int
    ) async throws -> WatchView {
        let path = "\(APIPath.network)?after=\(version)&wait=\(waitSeconds)"
        let network: NetworkSnapshot = try await client.get(path, waitSeconds: waitSeconds)
        return WatchView(network: network, only: name)
    }
}

/// One state of the network, cut to what is watched.
struct WatchView: Hashable {
    var network: NetworkSnapshot
    var alarms: [AlarmEntry] { network.alarms }

    /// All of it, or one cluster with the alarms of itself and its servers.
    init(network: NetworkSnapshot, only name: ClusterName?) {
        self.network = network
        guard let name else { return }
        self.network.clusters.removeAll { $0.name != name }
        let instances = Set(
            self.network.clusters.flatMap { [$0.name.text] + $0.servers.map(\.name.text) }
        )
        self.network.alarms.removeAll { !instances.contains($0.instance) }
    }
}

/// Draws views in place, or tells them as lines.
struct WatchDisplay {
    private let isJSON: Bool
    private var last: WatchView?
    private var clock = StepClock()
    private var noted = ""

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Whether somebody looks on, so that the picture has to stay fresh.
    var isRedrawn: Bool { Terminal.isInteractive && !isJSON }

    mutating func show(_ view: WatchView) throws {
        let isNew = view.network.version != last?.network.version || view.alarms != last?.alarms
        defer {
            last = view
            noted = ""
        }
        if isJSON {
            if isNew { Terminal.write(try OutputOptions.jsonLine(view.network)) }
        } else if isRedrawn {
            redraw(view)
        } else {
            let lines =
                last.map { WatchEvents.lines(from: $0, to: view) }
                ?? WatchEvents.beginning(view)
            Terminal.write(lines.map { "\(view.network.time.text)  \($0)\n" }.joined())
        }
    }

    mutating func note(_ text: String) {
        guard text != noted, !isJSON else { return }
        noted = text
        Terminal.write(isRedrawn ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }

    private mutating func redraw(_ view: WatchView) {
        let now = ContinuousClock().now
        var moved = view
        for index in moved.network.clusters.indices {
            guard let action = moved.network.clusters[index].runningAction else { continue }
            moved.network.clusters[index].action = clock.advanced(action, at: now)
        }
        let size = Terminal.size
        let text = WatchPicture.text(moved)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Terminal.cut(String($0), to: size.columnCount) }
        if lines.count >= size.rowCount {
            lines = lines.prefix(size.rowCount - 2) + ["…"]
        }
        // Written over what is there, line by line: clearing first would flicker.
        let home = last == nil ? "\u{1B}[2J\u{1B}[H" : "\u{1B}[H"
        Terminal.write(home + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[K\u{1B}[J")
    }
}
