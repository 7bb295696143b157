import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn
import TandemWire

/// Starts children of the agent's own program.
///
/// Each leads a session, finds its task in an unlinked file, and does nothing before a byte comes
/// through a pipe: when the agent dies before that, the pipe closes and the child ends.
struct WorkerLauncher {
    /// Where a worker finds its task, and where it waits to be released.
    static let taskNumber: Int32 = 3
    static let releaseNumber: Int32 = 4

    /// The running program, also when its file has been replaced meanwhile.
    var program = "/proc/self/exe"
    let configurationPath: String
    let state: StateFolder

    /// A child that does nothing yet, and what lets it begin.
    struct Prepared {
        let child: ChildProcess
        private let gate: Descriptor

        fileprivate init(child: ChildProcess, gate: Descriptor) {
            self.child = child
            self.gate = gate
        }

        /// Lets the child begin.
        func release() { WorkerLauncher.release(gate) }
    }

    /// Lets the child behind a gate begin.
    static func release(_ gate: Descriptor) {
        var byte: UInt8 = 1
        _ = write(gate.number, &byte, 1)
        withExtendedLifetime(gate) {}
    }

    /// A worker that answers on its standard output.
    func command(for task: WorkerTask) throws(TandemError) -> (ChildCommand, gate: Descriptor) {
        try command(["worker", task.word], task)
    }

    /// A guard that records its end under a name.
    func guardCommand(
        for task: WorkerTask,
        record: String
    ) throws(TandemError) -> (ChildCommand, gate: Descriptor) {
        try command(["guard", task.word, "--record", record], task)
    }

    private func command(
        _ words: [String],
        _ task: WorkerTask
    ) throws(TandemError) -> (ChildCommand, gate: Descriptor) {
        let (reading, writing) = try Descriptor.pipe()
        let command = ChildCommand(
            program,
            words + ["--config", configurationPath],
            standardError: .descriptor(Descriptor(owning: dup(STDERR_FILENO))),
            passed: [
                .init(try taskFile(task), as: Self.taskNumber),
                .init(reading, as: Self.releaseNumber),
            ]
        )
        return (command, writing)
    }

    private func taskFile(_ task: WorkerTask) throws(TandemError) -> Descriptor {
        let bytes: [UInt8]
        do {
            bytes = try task.wireBytes()
        } catch {
            throw TandemError(
                .stateIndeterminate,
                "the task \(task.word) can't be written down",
                remedy: "Report this as a defect of tandem-agent.",
                cause: "\(error)"
            )
        }
        let (file, path) = try Files.createTemporary(in: state.guards)
        defer { _ = unlink(path) }
        let outcome = bytes.withUnsafeBytes { raw in
            Result { () throws(TandemError) in try file.writeAll(raw, path: path) }
        }
        try outcome.get()
        return file
    }

    /// Starts a command that was made here, blocked.
    func prepare(_ made: (ChildCommand, gate: Descriptor)) throws(TandemError) -> Prepared {
        Prepared(child: try ChildProcess.start(made.0), gate: made.gate)
    }

    /// A dead-man's guard, blocked.
    func prepareDeadMan(
        _ failover: FailoverID,
        deadline: Tick,
        boot: BootID
    ) throws(TandemError) -> Prepared {
        let (reading, writing) = try Descriptor.pipe()
        let command = ChildCommand(
            program,
            [
                "dead-man", "--config", configurationPath, "--failover", "\(failover)",
                "--deadline", "\(deadline.milliseconds)", "--boot", "\(boot)",
            ],
            standardOutput: .discarded,
            standardError: .descriptor(Descriptor(owning: dup(STDERR_FILENO))),
            passed: [.init(reading, as: Self.releaseNumber)]
        )
        return try prepare((command, gate: writing))
    }
}
