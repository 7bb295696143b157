import ArgumentParser
import ControllerAPI
import Foundation
import TandemModel

/// `tandem cluster window`: when a cluster may be moved forward.
struct ClusterWindow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "window",
        abstract: "Show, set or clear a cluster's maintenance window.",
        discussion: """
            The way forward is shut outside the window, and where a step and its way back would \
            not fit into what is left of it. The way back is never shut. Times are written as \
            2026-11-27T01:00:00Z, or --until as a number of minutes from now.
            """
    )

    @Argument(help: "The cluster.")
    var cluster: String

    @Option(name: .long, help: "When it opens; now, if not given.")
    var from: String?

    @Option(name: .long, help: "When it ends: a time, or minutes from now.")
    var until: String?

    @Flag(name: .long, help: "Take the window away.")
    var clear = false

    @Option(name: .long, help: "Reason or ticket number.")
    var reason: String = ""

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if clear, until != nil { throw ValidationError("--clear and --until exclude each other.") }
        if from != nil, until == nil { throw ValidationError("--from needs --until.") }
    }

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let name = try clusterName(cluster)
            let status: ClusterStatus
            if clear {
                let request = ReasonRequest(reason: reason)
                status = try await client.send(.delete, APIPath.window(name), request)
            } else if let until {
                let request = WindowRequest(
                    startsAt: try from.map { try Self.time($0) } ?? .now,
                    endsAt: try Self.time(until),
                    reason: reason
                )
                status = try await client.send(.put, APIPath.window(name), request)
            } else {
                let snapshot: ClusterSnapshot = try await client.get(APIPath.cluster(name))
                status = snapshot.status
            }
            try output.show(status) { status in
                status.window.map { "\(ClusterText.window($0))\n" }
                    ?? "No window is set: the way forward is open at all times.\n"
            }
        }
    }

    /// A time, or minutes from `now`.
    static func time(_ text: String, now: WallTime = .now) throws -> WallTime {
        if let minutes = UInt64(text), minutes <= 7 * 1440 {
            return WallTime(milliseconds: now.milliseconds + minutes * 60_000)
        }
        guard let date = try? Date(text, strategy: .iso8601), date.timeIntervalSince1970 > 0 else {
            throw TandemError(
                .usage,
                "'\(text)' is no time",
                remedy: "Write it as 2026-11-27T01:00:00Z, or as minutes from now."
            )
        }
        return WallTime(milliseconds: UInt64(date.timeIntervalSince1970 * 1000))
    }
}
