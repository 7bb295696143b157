import Glibc
import TandemModel
import TandemSpawn
import Testing

/// How the agent begins and ends.
@Suite(.serialized)
struct StartEndToEndTests {
    /// Runs the program to its end.
    private func run(_ arguments: [String]) throws -> ChildResult {
        try runChild(ChildCommand(AgentBench.program, arguments), timeoutMilliseconds: 20_000)
    }

    @Test
    func commandLineIsChecked() throws {
        #expect(try run(["--version"]).outputText.hasPrefix("tandem-agent "))
        #expect(try run([]).ending == .exited(2))
        #expect(try run(["dance"]).ending == .exited(2))
        #expect(try run(["guard", "--config", "/x"]).ending == .exited(2))
        #expect(try run(["run", "--config", "/nonexistent"]).ending == .exited(1))
    }

    @Test
    func wrongConfigurationNamesFileAndLine() throws {
        let bench = try AgentBench()
        let path = bench.folder("agent.conf")
        #expect(try run(["check-config", "--config", path]).ending == .exited(0))
        let text = try bench.folder.text("agent.conf")
        try bench.folder.write("agent.conf", "colour = red\n" + text)
        let result = try run(["check-config", "--config", path])
        #expect(result.ending == .exited(78))
        #expect(result.errorText.hasPrefix("tandem-agent: TDM-1001: \(path), line 1: `colour`"))
    }

    @Test
    func configurationThatDoesNotFitIsFound() throws {
        let bench = try AgentBench()
        let text = try bench.folder.text("agent.conf")
        let other = text.split(separator: "\n").map { line in
            line.hasPrefix("agent-id") ? "agent-id = 00000000-0000-0000-0000-0000000000ff" : line
        }
        try bench.folder.write("agent.conf", other.joined(separator: "\n"))
        let result = try run(["check-config", "--config", bench.folder("agent.conf")])
        #expect(result.ending == .exited(1))
        #expect(result.errorText.hasPrefix("tandem-agent: TDM-2003: "))
    }

    @Test
    func secondAgentOfAStateFolderIsRefused() throws {
        let bench = try AgentBench()
        try bench.start()
        _ = try bench.welcome()
        let result = try run(["run", "--config", bench.folder("agent.conf")])
        #expect(result.ending == .exited(1))
        #expect(result.errorText.hasPrefix("tandem-agent: TDM-4012: another tandem-agent"))
    }

    @Test
    func serviceManagerIsTold() throws {
        let bench = try AgentBench()
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let receiver = Descriptor(owning: number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = bench.folder("notify")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(number, name, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        #expect(isBound)
        func heard() -> String? {
            var entry = pollfd(fd: receiver.number, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 10_000) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = recv(receiver.number, &bytes, bytes.count, 0)
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
        try bench.start(environment: ["NOTIFY_SOCKET=\(path)", "WATCHDOG_USEC=3000000"])
        #expect(heard() == "READY=1")
        let began = MachineClock.monotonic()
        for _ in 0..<3 { #expect(heard() == "WATCHDOG=1") }
        #expect(MachineClock.monotonic().since(began) < 6000)
        #expect(bench.end() == .exited(0))
        var last: String?
        while last != "STOPPING=1", let next = heard() { last = next }
        #expect(last == "STOPPING=1")
    }

    @Test
    func damagedJournalConnectsAndRefuses() throws {
        let bench = try AgentBench()
        try bench.start()
        let peer = try bench.welcome()
        _ = try peer.report("any") { _ in true }
        bench.crash()
        var bytes = try Files.read(bench.folder("state/journal"), byteCountMax: 1 << 20)
        bytes[20] ^= 1
        try Files.replace(bench.folder("state/journal"), with: bytes)
        try bench.start()
        let again = try bench.welcome()
        let alarms: [AlarmEvent] = try again.wait("alarms") { message in
            if case .alarmSnapshot(let events, _, _) = message { events } else { nil }
        }
        #expect(alarms.map(\.number) == [.journalDamaged])
        let command = try bench.command(.report, to: again)
        guard case .failed(let failure) = try bench.result(of: command, from: again).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(failure.code == ErrorCode.journalDamaged.id)
        #expect(try Files.read(bench.folder("state/journal"), byteCountMax: 1 << 20) == bytes)
    }

    @Test
    func fullDiskOfTheJournalEndsTheAgentWithAClearWord() throws {
        guard let disk = try SmallDisk(byteCount: 1_200_000) else { return }
        let bench = try AgentBench()
        let text = try bench.folder.text("agent.conf")
        let moved = text.split(separator: "\n").map { line in
            line.hasPrefix("state-directory") ? "state-directory = \(disk.path)/state" : line
        }
        try bench.folder.write("agent.conf", moved.joined(separator: "\n"))
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        _ = try peer.report("any") { _ in true }
        let filler = try Descriptor.open("\(disk.path)/filler", flags: O_WRONLY | O_CREAT)
        func fill() {
            let piece = [UInt8](repeating: 1, count: 4096)
            while write(filler.number, piece, piece.count) > 0 {}
        }
        // Each of these commands is noted with what the server was before and after it.
        func note() throws {
            let command = try bench.command(.report, to: peer)
            #expect(try bench.result(of: command, from: peer).outcome == .done)
        }
        func hasReserve() throws -> Bool {
            try Files.kind(of: "\(disk.path)/state/journal.reserve") != nil
        }
        fill()
        var count = 0
        while try hasReserve(), count < 50 {
            try note()
            count += 1
        }
        #expect(try !hasReserve())
        fill()
        let error = #expect(throws: (any Error).self) {
            for _ in 0..<50 { try note() }
        }
        #expect(error != nil)
        let agent = try #require(bench.agent)
        #expect(AgentBench.waitForEnd(of: agent) == .exited(1))
        #expect(bench.log.split(separator: "\n").last?.hasPrefix("tandem-agent: TDM-4001") == true)
    }
}
