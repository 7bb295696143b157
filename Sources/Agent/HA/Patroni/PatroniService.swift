import AgentHA
import Glibc
import TandemModel
import TandemSpawn

/// Patroni on this machine: its REST interface on loopback, by curl, and the service that runs it.
struct PatroniService {
    /// What the interface answered.
    struct Answer {
        /// The HTTP status; 0 where nothing answered in time.
        let code: Int
        let body: [UInt8]

        /// Patroni's own words, for people.
        var text: String { clipped(String(decoding: body, as: UTF8.self), byteCountMax: 300) }
    }

    /// `ADDRESS:PORT` of the interface.
    let address: String
    let service: String
    /// Starts and stops `service`.
    let control: String
    /// PostgreSQL's data folder; empty: nobody can say whether PostgreSQL is down.
    let data: String

    /// How long processes that were killed may take to go.
    private static let endMilliseconds: UInt64 = 1000

    /// Asks, or tells, and waits for the answer.
    func call(
        _ method: String,
        _ path: String,
        _ body: String = "",
        limitMilliseconds: UInt64 = 1800
    ) throws(TandemError) -> Answer {
        let seconds = "\(limitMilliseconds / 1000).\(limitMilliseconds % 1000 / 100)"
        let content = body.isEmpty ? [] : ["-H", "Content-Type: application/json", "-d", body]
        let result = try runChild(
            ChildCommand(
                "/usr/bin/curl",
                ["-q", "-s", "--noproxy", "*", "-m", seconds, "-w", "\n%{http_code}", "-X", method]
                    + content + ["http://\(address)\(path)"]
            ),
            timeoutMilliseconds: limitMilliseconds + 500,
            outputByteCountMax: 256 * 1024
        )
        let output = result.standardOutput
        guard !result.isTimedOut, let cut = output.lastIndex(of: UInt8(ascii: "\n")),
            let code = Int(String(decoding: output[(cut + 1)...], as: UTF8.self))
        else { return Answer(code: 0, body: []) }
        return Answer(code: code, body: Array(output[..<cut]))
    }

    /// What Patroni sees; `nil` when it does not answer.
    func look() throws(TandemError) -> PatroniView? {
        let own = try call("GET", "/patroni")
        guard own.code != 0 else { return nil }
        let cluster = try call("GET", "/cluster")
        let settings = try call("GET", "/config", limitMilliseconds: 1000)
        return PatroniView(own: own.body, cluster: cluster.body, settings: settings.body)
    }

    /// Whether the service system says that it runs.
    func isServiceRunning() throws(TandemError) -> Bool {
        let result = try runChild(
            ChildCommand(control, ["is-active", service]),
            timeoutMilliseconds: 1000
        )
        guard !result.isTimedOut else {
            throw TandemError(
                .driverFailed,
                "\(control) does not say in time whether \(service) runs",
                remedy: "Look at the service system of this server."
            )
        }
        return result.ending.isSuccess
    }

    /// Why PostgreSQL may serve although Patroni does not answer; `nil`: it is down.
    ///
    /// That the service is stopped says nothing: a paused Patroni leaves PostgreSQL running when it
    /// ends, and so does one that was killed.
    func doubt() throws(TandemError) -> String? {
        guard !data.isEmpty else { return "`ha.data` is not set: nobody can say whether it runs" }
        if try isServiceRunning() { return "Patroni runs and does not answer at \(address)" }
        return try processes.all().isEmpty
            ? nil : "PostgreSQL runs in \(data) without Patroni"
    }

    /// Starts the service; Patroni then finds its place by itself.
    func start() throws(TandemError) {
        let command = ChildCommand(control, ["start", service])
        try runChild(command, timeoutMilliseconds: 3000).check(command)
    }

    /// Stops the service, and ends PostgreSQL itself where that did not.
    ///
    /// - Returns: why PostgreSQL may still serve, or come back; `nil`: it is down.
    func stop(limitMilliseconds: UInt64) throws(TandemError) -> String? {
        // Whatever the service system says, or if it is not there at all: PostgreSQL has to go.
        _ = try? runChild(
            ChildCommand(control, ["stop", service]),
            timeoutMilliseconds: limitMilliseconds
        )
        guard !data.isEmpty else { return try doubt() }
        guard try processes.end(within: CallDeadline(milliseconds: Self.endMilliseconds)) else {
            return "PostgreSQL's processes in \(data) can't be ended"
        }
        return try doubt()
    }

    private var processes: PostgreSQLProcesses { PostgreSQLProcesses(data: data) }
}
