import Glibc
import TandemModel
import TandemSpawn
import Testing

struct ChildRunTests {
    @Test func `output, errors and exit status arrive`() throws {
        let result = try runChild(
            shell("echo out; echo err >&2; exit 3"),
            timeoutMilliseconds: 20_000
        )
        #expect(result.ending == .exited(3))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
        #expect(!result.isTimedOut && !result.isTruncated && !result.isStopped)
        #expect(result.ending.description == "exit status 3")
    }

    @Test func `a signal is told from an exit`() throws {
        let result = try runChild(shell("kill -TERM $$"), timeoutMilliseconds: 20_000)
        #expect(result.ending == .signalled(SIGTERM))
        #expect(!result.ending.isSuccess)
        #expect(result.ending.description == "ended by signal 15")
    }

    @Test func `environment, folder, input, session and signal state are plain`() throws {
        let script = """
            env | sort; pwd; cat; echo end; ps -o sid= -p $$ | tr -d ' '; echo $$
            grep -E '^Sig(Blk|Ign)' /proc/self/status
            """
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGUSR1)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        defer { pthread_sigmask(SIG_UNBLOCK, &blocked, nil) }
        let result = try runChild(shell(script), timeoutMilliseconds: 20_000)
        let lines = result.outputText.split(separator: "\n").map(String.init)
        #expect(lines.contains("PATH=/usr/sbin:/usr/bin:/sbin:/bin"))
        #expect(lines.contains("LC_ALL=C.UTF-8"))
        let names = lines.prefix { $0 != "/" }.compactMap { $0.split(separator: "=").first }
        #expect(Set(names).isSubset(of: ["PATH", "LC_ALL", "PWD", "_", "OLDPWD", "SHLVL"]))
        let after = Array(lines.drop { $0 != "/" })
        #expect(after.prefix(2) == ["/", "end"])
        #expect(after.count == 6)
        #expect(after.count == 6 && after[2] == after[3])
        // Signals 32 and 33 are the C library's own; it leaves them ignored in the child.
        let masks = after.suffix(2).compactMap {
            UInt64($0.drop { $0 != "\t" }.dropFirst(), radix: 16)
        }
        #expect(masks.count == 2 && masks.allSatisfy { $0 & ~0x1_8000_0000 == 0 })
    }

    @Test func `a child past its time is ended with all it started`() throws {
        let folder = try TemporaryFolder()
        let script = "sleep 600 & echo $! > \(folder("pid")); echo begun; sleep 600"
        let start = MachineClock.monotonic()
        let result = try runChild(shell(script), timeoutMilliseconds: 300)
        #expect(result.isTimedOut)
        #expect(result.ending == .signalled(SIGKILL))
        #expect(result.outputText == "begun\n")
        #expect(MachineClock.monotonic().since(start) < 10_000)
        let text = String(
            decoding: try Files.read(folder("pid"), byteCountMax: 20).dropLast(),
            as: UTF8.self
        )
        let grandchild = try #require(Int32(text))
        #expect(eventually { ProcessEntry.read(grandchild)?.hasEnded ?? true })
        let error = failure { try result.check(shell(script)) }
        #expect(error?.code == .childFailed)
        #expect(error?.message.contains("in time") == true)
    }

    @Test func `a daemon that holds the pipes does not hold us`() throws {
        let folder = try TemporaryFolder()
        let script = """
            setsid sh -c 'echo $$ > \(folder("pid")); exec sleep 600' &
            while [ ! -s \(folder("pid")) ]; do :; done
            echo done
            """
        let start = MachineClock.monotonic()
        let result = try runChild(shell(script), timeoutMilliseconds: 60_000)
        #expect(result.ending == .exited(0))
        #expect(result.outputText == "done\n")
        #expect(!result.isTimedOut)
        #expect(MachineClock.monotonic().since(start) < 30_000)
        let text = String(
            decoding: try Files.read(folder("pid"), byteCountMax: 20).dropLast(),
            as: UTF8.self
        )
        let daemon = try #require(Int32(text))
        #expect(ProcessEntry.read(daemon)?.hasEnded == false)
        kill(daemon, SIGKILL)
    }

    @Test func `a daemon that writes without end does not hold us`() throws {
        let script = "setsid sh -c 'exec yes' & setsid sh -c 'exec yes >&2' & echo $$"
        let start = MachineClock.monotonic()
        let result = try runChild(
            shell(script),
            timeoutMilliseconds: 60_000,
            outputByteCountMax: 100
        )
        #expect(result.ending == .exited(0))
        #expect(MachineClock.monotonic().since(start) < 30_000)
        #expect(result.standardOutput.count <= 100)
    }

    @Test func `output beyond the cap is thrown away and told`() throws {
        let result = try runChild(
            shell("head -c 3000000 /dev/zero; head -c 500 /dev/zero >&2"),
            timeoutMilliseconds: 20_000,
            outputByteCountMax: 1000
        )
        #expect(result.ending == .exited(0))
        #expect(result.standardOutput.count == 1000)
        #expect(result.standardError.count == 500)
        #expect(result.isTruncated)
    }

    @Test func `a child that closes its pipes and lives on is waited for`() throws {
        let result = try runChild(
            shell("echo a; exec >&- 2>&-; sleep 0.2; exit 4"),
            timeoutMilliseconds: 20_000
        )
        #expect(result.ending == .exited(4))
        #expect(result.outputText == "a\n")
    }

    @Test func `a stream gets every byte, and its end stops the child`() throws {
        var count = 0
        let whole = try streamChild(
            shell("head -c 1000000 /dev/zero"),
            timeoutMilliseconds: 20_000
        ) { bytes in
            count += bytes.count
            return true
        }
        #expect(whole.ending == .exited(0))
        #expect(count == 1_000_000)
        let cut = try streamChild(shell("exec yes"), timeoutMilliseconds: 20_000) { _ in false }
        #expect(cut.isStopped && !cut.isTimedOut)
        #expect(cut.ending == .signalled(SIGKILL))
    }

    @Test func `a stream whose sink throws ends the child`() throws {
        let thrown = TandemError(.diskFull, "full", remedy: "Free space.")
        let folder = try TemporaryFolder()
        let script = "echo $$ > \(folder("pid")); exec yes"
        let error = failure {
            _ = try streamChild(shell(script), timeoutMilliseconds: 20_000) {
                _ throws(TandemError) in throw thrown
            }
        }
        #expect(error == thrown)
        let text = String(
            decoding: try Files.read(folder("pid"), byteCountMax: 20).dropLast(),
            as: UTF8.self
        )
        let child = try #require(Int32(text))
        #expect(ProcessEntry.read(child) == nil)
    }

    @Test func `a failure names program, status and what it said`() throws {
        let command = shell("echo one >&2; echo two >&2; exit 7")
        let result = try runChild(command, timeoutMilliseconds: 20_000)
        let error = failure { try result.check(command) }
        #expect(error?.code == .childFailed)
        #expect(error?.message == "/bin/sh failed: exit status 7")
        #expect(error?.cause == "one / two")
    }

    @Test(arguments: ["/no/such/program", "/etc/passwd", "/tmp"])
    func `what is no program is refused`(path: String) {
        let error = failure {
            _ = try runChild(ChildCommand(path), timeoutMilliseconds: 1000)
        }
        #expect(error?.code == .programMissing)
        #expect(error?.message.contains(path) == true)
    }

    /// As an editor or another child between fork and exec holds it.
    @Test func `a program that is just being written is tried again, not for ever`() throws {
        let path = "/tmp/tandem-busy-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let writer = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
        try #require(writer >= 0)
        defer { unlink(path) }
        let text = Array("#!/bin/sh\necho here\n".utf8)
        #expect(write(writer, text, text.count) == text.count)
        let command = ChildCommand(path, [], environment: [])
        let error = #expect(throws: TandemError.self) {
            try runChild(command, timeoutMilliseconds: 20_000)
        }
        #expect(error?.cause.contains("busy") == true)
        // Closed from elsewhere while we try; the first attempt comes sooner.
        var thread = pthread_t()
        let argument = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        defer { argument.deallocate() }
        argument.pointee = writer
        pthread_create(
            &thread,
            nil,
            { argument in
                _ = poll(nil, 0, 20)
                if let argument { close(argument.load(as: Int32.self)) }
                return nil
            },
            argument
        )
        defer { pthread_join(thread, nil) }
        #expect(try runChild(command, timeoutMilliseconds: 20_000).outputText == "here\n")
    }

    @Test func `a command that breaks the rules is refused`() throws {
        let null = try Descriptor.open("/dev/null", flags: O_RDONLY)
        let commands = [
            ChildCommand("true"),
            ChildCommand("/bin/true", ["a\0b"]),
            ChildCommand("/bin/true", directory: "tmp"),
            ChildCommand("/bin/true", passed: [.init(null, as: 2)]),
            ChildCommand("/bin/true", passed: [.init(null, as: 5), .init(null, as: 5)]),
            ChildCommand("/bin/true", passed: [.init(null, as: 5)], statusNumber: 5),
        ]
        for command in commands {
            let error = failure { _ = try ChildProcess.start(command) }
            #expect(error?.code == .usage, "\(command.program) \(command.arguments)")
        }
    }
}
