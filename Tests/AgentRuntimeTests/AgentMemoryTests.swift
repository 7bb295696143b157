import Glibc
import TandemModel
import TandemSpawn
import Testing

/// What an idle agent costs, connected and beating; for a release build named by
/// `TANDEM_BENCH_AGENT`, with its seconds in `TANDEM_BENCH_SECONDS`.
struct AgentMemoryTests {
    private static var isAsked: Bool { getenv("TANDEM_BENCH_AGENT") != nil }

    @Test(.enabled(if: isAsked))
    func idleAgentIsSmall() throws {
        let bench = try AgentBench()
        try bench.start()
        let peer = try bench.welcome(heartbeatMilliseconds: 5000, hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        let process = try #require(bench.agent?.processID)
        let seconds = getenv("TANDEM_BENCH_SECONDS").flatMap { UInt64(String(cString: $0)) } ?? 60
        let before = try Usage(process)
        _ = try? peer.wait("nothing", milliseconds: seconds * 1000) { _ in Int?.none }
        let after = try Usage(process)
        let perMinute = Double(after.ownTicks - before.ownTicks) / 100 * 60 / Double(seconds)
        let children =
            Double(after.childTicks - before.childTicks) / 100 * 60 / Double(seconds)
        print(
            "agent: RSS \(after.rss) kB, PSS \(after.pss) kB, own CPU \(perMinute) s/min, "
                + "children \(children) s/min, heartbeat \(peer.heartbeatByteCount) bytes"
        )
        #expect(after.rss <= 12 * 1024)
        #expect(after.pss <= 8 * 1024)
        #expect(perMinute < 0.05)
        #expect(peer.heartbeatByteCount < 100)
    }

    private struct Usage {
        var rss = 0
        var pss = 0
        var ownTicks = 0
        var childTicks = 0

        init(_ process: Int32) throws {
            let rollup = try Files.read("/proc/\(process)/smaps_rollup", byteCountMax: 1 << 16)
            for line in String(decoding: rollup, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                if words[0] == "Rss:" { rss = Int(words[1]) ?? 0 }
                if words[0] == "Pss:" { pss = Int(words[1]) ?? 0 }
            }
            let stat = try Files.read("/proc/\(process)/stat", byteCountMax: 4096)
            let words = String(decoding: stat, as: UTF8.self).split(separator: " ")
            ownTicks = (Int(words[13]) ?? 0) + (Int(words[14]) ?? 0)
            childTicks = (Int(words[15]) ?? 0) + (Int(words[16]) ?? 0)
        }
    }
}
