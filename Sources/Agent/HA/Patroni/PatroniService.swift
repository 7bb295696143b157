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
    /// PostgreSQL's data folder; empty: a Patroni that hangs can't be fenced.
    let data: String

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
        return !result.isTimedOut && result.ending.isSuccess
    }

    /// Starts the service; Patroni then finds its place by itself.
    func start() throws(TandemError) {
        let command = ChildCommand(control, ["start", service])
        try runChild(command, timeoutMilliseconds: 3000).check(command)
    }

    /// Stops the service and with it PostgreSQL; ends PostgreSQL itself where that does not come.
    ///
    /// - Returns: whether PostgreSQL is down, as far as anybody can say.
    func stop(limitMilliseconds: UInt64) throws(TandemError) -> Bool {
        let result = try runChild(
            ChildCommand(control, ["stop", service]),
            timeoutMilliseconds: limitMilliseconds
        )
        if !result.isTimedOut, result.ending.isSuccess { return postmaster == nil }
        guard let pid = postmaster else { return !data.isEmpty }
        // First it must not fork more.
        kill(pid, SIGSTOP)
        var members: [Int32] = [pid]
        if let children = try? Files.read("/proc/\(pid)/task/\(pid)/children", byteCountMax: 65_536)
        {
            members += String(decoding: children, as: UTF8.self)
                .split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
        }
        for member in members { kill(member, SIGKILL) }
        return haveEnded(members, within: CallDeadline(milliseconds: 1000))
    }

    private var postmaster: Int32? {
        guard !data.isEmpty,
            let bytes = try? Files.read("\(data)/postmaster.pid", byteCountMax: 4096),
            let pid = Int32(
                String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            ), pid > 1, let entry = ProcessEntry.read(pid), !entry.hasEnded
        else { return nil }
        return pid
    }
}
