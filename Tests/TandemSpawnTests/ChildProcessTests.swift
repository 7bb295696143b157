import Glibc
import TandemModel
import TandemSpawn
import Testing

struct ChildProcessTests {
    @Test func `a poll loop sees status lines and the end`() throws {
        var command = shell("echo one >&7; echo two >&7; exit 5")
        command.statusNumber = 7
        let child = try ChildProcess.start(command)
        #expect(readToEnd(child.status) == Array("one\ntwo\n".utf8))
        #expect(eventually { child.tryWait() != nil })
        #expect(child.ending == .exited(5))
        #expect(child.tryWait() == .exited(5))
    }

    @Test func `a running child answers nothing and can be ended`() throws {
        let child = try ChildProcess.start(shell("exec sleep 600"))
        #expect(child.tryWait() == nil)
        let entry = try #require(ProcessEntry.read(child.processID))
        #expect(entry.startTicks == child.startTicks && child.startTicks > 0)
        #expect(entry.sessionID == child.processID)
        #expect(entry.parentID == getpid())
        child.signalAll(SIGTERM)
        #expect(eventually { child.tryWait() != nil })
        #expect(child.ending == .signalled(SIGTERM))
        #expect(ProcessEntry.read(child.processID) == nil)
    }

    @Test func `the whole session is found and ended, also after its leader`() throws {
        let child = try ChildProcess.start(shell("sleep 600 & sleep 600 & echo ready"))
        #expect(eventually { child.tryWait() != nil })
        #expect(child.ending == .exited(0))
        #expect(try ProcessEntry.members(ofSession: child.processID).count == 2)
        child.signalAll(SIGKILL)
        #expect(try eventually { try ProcessEntry.members(ofSession: child.processID).isEmpty })
    }

    @Test func `our own session is never signalled`() throws {
        #expect(try ProcessEntry.signal(session: getsid(0), SIGTERM) == 0)
        #expect(try ProcessEntry.signal(session: 1, SIGTERM) == 0)
        #expect(try ProcessEntry.signal(session: 0, SIGTERM) == 0)
    }

    @Test func `a child without a session stays in ours`() throws {
        var command = shell("exec sleep 600")
        command.leadsSession = false
        let child = try ChildProcess.start(command)
        #expect(ProcessEntry.read(child.processID)?.sessionID == getsid(0))
        child.signalAll(SIGKILL)
        #expect(eventually { child.tryWait() == .signalled(SIGKILL) })
    }

    @Test func `inherited descriptors arrive under their numbers, also of an unlinked file`() throws
    {
        let folder = try TemporaryFolder()
        var passed: [ChildCommand.Passed] = []
        // Numbers chosen so that the sources' own numbers collide with the targets.
        for (index, number) in [Int32(5), 3, 4, 20].enumerated() {
            let file = try Files.createNew(folder("f\(index)"), content: Array("\(number) ".utf8))
            try Files.removeFile(folder("f\(index)"))
            passed.append(.init(file, as: number))
        }
        let script =
            "cat /proc/self/fd/3 /proc/self/fd/4 /proc/self/fd/5 /proc/self/fd/20; echo x >&9"
        var command = shell(script)
        command.passed = passed
        command.statusNumber = 9
        let child = try ChildProcess.start(command)
        #expect(readToEnd(child.standardOutput) == Array("3 4 5 20 ".utf8))
        #expect(readToEnd(child.status) == Array("x\n".utf8))
        #expect(readToEnd(child.standardError).isEmpty)
        #expect(eventually { child.tryWait() == .exited(0) })
    }

    @Test func `a child has no descriptor it was not given`() throws {
        // Open here without close-on-exec, as a careless library would.
        let source = try Descriptor.open("/dev/zero", flags: O_RDONLY)
        let stray = withExtendedLifetime(source) { dup2(source.number, 900) }
        try #require(stray == 900)
        defer { close(stray) }
        let result = try runChild(
            ChildCommand("/bin/ls", ["/proc/self/fd"]),
            timeoutMilliseconds: 20_000
        )
        // 3 is the listing itself.
        #expect(result.outputText == "0\n1\n2\n3\n")
    }

    @Test func `no descriptor is left open after runs, failures and dropped children`() throws {
        let script = "readlink /proc/self/fd/1 /proc/self/fd/2; readlink /proc/$$/fd/8"
        var pipes: [String] = []
        for _ in 0..<20 {
            var command = shell(script)
            command.statusNumber = 8
            let result = try runChild(command, timeoutMilliseconds: 20_000)
            pipes += result.outputText.split(separator: "\n").map(String.init)
        }
        #expect(pipes.count == 60)
        #expect(pipes.allSatisfy { $0.hasPrefix("pipe:[") })
        #expect(try openDescriptorTargets().isDisjoint(with: pipes))

        // The file stands for all descriptors of a start that fails.
        let folder = try TemporaryFolder()
        do {
            let file = try Files.createNew(folder("witness"), content: [])
            let command = ChildCommand("/no/such/program", passed: [.init(file, as: 3)])
            #expect(failure { _ = try ChildProcess.start(command) }?.code == .programMissing)
        }
        #expect(try !openDescriptorTargets().contains(folder("witness")))
    }

    @Test func `output may go to a file or nowhere`() throws {
        let folder = try TemporaryFolder()
        let log = try Files.createNew(folder("log"), content: [])
        let child = try ChildProcess.start(
            ChildCommand(
                "/bin/sh",
                ["-c", "echo kept; echo lost >&2"],
                standardOutput: .descriptor(log),
                standardError: .discarded
            )
        )
        #expect(child.standardOutput == nil && child.standardError == nil && child.status == nil)
        #expect(eventually { child.tryWait() == .exited(0) })
        #expect(try Files.read(folder("log"), byteCountMax: 100) == Array("kept\n".utf8))
    }
}
