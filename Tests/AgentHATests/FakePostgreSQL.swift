import AgentHA
import Foundation
import TandemModel
import TandemSpawn
import Testing

/// A data folder and a process that calls itself `postgres`, works in it and is noted there.
final class FakePostgreSQL {
    let folder: String
    private let program: String
    private var children: [ChildProcess] = []

    init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-fakepg-\(UUID().uuidString.prefix(8))").path
        program = "\(folder)/postgres"
        try FileManager.default.createDirectory(
            atPath: "\(folder)/data",
            withIntermediateDirectories: true
        )
        // A child copies it: see `writeProgram`.
        let copy = ChildCommand("/usr/bin/cp", ["/usr/bin/sleep", program])
        try runChild(copy, timeoutMilliseconds: 10_000).check(copy)
    }

    deinit {
        for child in children {
            child.signalAll(SIGKILL)
            while child.tryWait() == nil { continue }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    var data: String { "\(folder)/data" }

    /// Starts a process; answers its id.
    @discardableResult
    func start(_ program: String? = nil, in directory: String? = nil) throws -> Int32 {
        let child = try ChildProcess.start(
            ChildCommand(
                program ?? self.program,
                ["600"],
                directory: directory ?? data,
                standardOutput: .discarded,
                standardError: .discarded
            )
        )
        children.append(child)
        return child.processID
    }

    /// Notes a process as PostgreSQL would.
    func note(_ pid: Int32) throws {
        try Data("\(pid)\n\(data)\n".utf8).write(to: URL(filePath: "\(data)/postmaster.pid"))
    }

    func isThere(_ pid: Int32) -> Bool { ProcessEntry.read(pid).map { !$0.hasEnded } ?? false }

    /// A service system whose stop does `stopping`, a piece of shell, and no more.
    func control(running: Bool = false, stopping: String = "exit 0") throws -> String {
        let path = "\(folder)/control"
        try writeProgram(
            """
            #!/bin/sh
            case "$1" in
            stop) \(stopping) ;;
            is-active) exit \(running ? 0 : 3) ;;
            *) exit 0 ;;
            esac
            """,
            to: path
        )
        return path
    }
}

@Suite struct PostgreSQLProcessesTests {
    @Test func aNoteIsBelievedOnlyOfItsOwnServer() throws {
        let fake = try FakePostgreSQL()
        let processes = PostgreSQLProcesses(data: fake.data)
        #expect(processes.first == nil)
        let own = try fake.start()
        try fake.note(own)
        #expect(processes.first == own)
        // Reused ids: another program's, and the server of another folder.
        for stranger in [
            try fake.start("/usr/bin/sleep"), try fake.start(in: "/"),
        ] {
            try fake.note(stranger)
            #expect(processes.first == nil)
        }
        #expect(try processes.all() == [own])
    }

    @Test func whatIsLeftOfAServerIsEndedAndNobodyElse() throws {
        let fake = try FakePostgreSQL()
        let (first, left) = (try fake.start(), try fake.start())
        let stranger = try fake.start("/usr/bin/sleep")
        try fake.note(first)
        let processes = PostgreSQLProcesses(data: fake.data)
        #expect(try processes.end(within: CallDeadline(milliseconds: 10_000)))
        #expect(!fake.isThere(first) && !fake.isThere(left))
        #expect(fake.isThere(stranger))
        #expect(try processes.all().isEmpty)
    }
}
