import AgentHA
import Glibc
import TandemModel
import TandemSpawn

/// The PostgreSQL server of this machine and, as far as it answers, its mate's.
///
/// PostgreSQL's own programs do everything; see decision 0013.
struct Database {
    /// How long one question may take; `status` asks two and has 4 s.
    static let questionMilliseconds: UInt64 = 1500

    let settings: Settings
    /// Starts and stops `settings.service`.
    let control: String

    // MARK: - Asking

    /// What this server says; `nil` when it does not answer.
    func look() -> DatabaseLook? { ask(local, DatabaseLook.ownQuestion).flatMap(DatabaseLook.init) }

    /// What the mate says; `nil` when it does not answer.
    func lookAtMate() -> DatabaseLook? {
        ask(mate, DatabaseLook.mateQuestion).flatMap(DatabaseLook.init)
    }

    /// Whether a standby streams from here.
    ///
    /// By this server's own word: the mate's role may see no more of its receiver than that it is there.
    var hasStandby: Bool {
        ask(local, DatabaseLook.standbyQuestion).map { $0.hasPrefix("t") } ?? false
    }

    /// The mate's timeline and its history file, empty on the first one; `nil` when it does not say.
    func mateHistory() -> (timeline: UInt32, history: String)? {
        let timeline = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
        guard let answer = ask(mate, "select \(timeline)"),
            let number = UInt32(answer.prefix { !$0.isNewline }, radix: 16)
        else { return nil }
        guard number > 1 else { return (number, "") }
        let file = literal("pg_wal/\(historyName(of: number))")
        let question = "select convert_from(pg_read_binary_file(\(file)), 'UTF8')"
        return ask(mate, question).map { (number, $0) }
    }

    /// What PostgreSQL's control file says of a server that is down.
    func controlData() throws(TandemError) -> ControlData {
        let command = command("pg_controldata", ["-D", settings.data])
        let result = try runChild(command, timeoutMilliseconds: 10_000)
        try result.check(command)
        guard let data = ControlData(result.outputText) else {
            throw Self.problem("pg_controldata does not say what is on \(settings.data)")
        }
        return data
    }

    /// Runs statements here, each in a transaction of its own.
    func change(
        _ statements: [String],
        limitMilliseconds: UInt64 = questionMilliseconds
    ) throws(TandemError) {
        try run(psql(local, statements), limitMilliseconds)
    }

    /// Runs statements at the mate.
    func changeMate(_ statements: [String]) throws(TandemError) {
        try run(psql(mate, statements), Self.questionMilliseconds)
    }

    private var local: String {
        "host=\(quoted(settings.socket)) port=\(settings.port) "
            + "user=\(quoted(settings.databaseUser)) dbname=postgres"
    }

    private var mate: String { "dbname=postgres connect_timeout=2 \(settings.mate)" }

    private func ask(_ place: String, _ question: String) -> String? {
        let result = try? runChild(
            psql(place, [question]),
            timeoutMilliseconds: Self.questionMilliseconds,
            outputByteCountMax: 16 * 1024
        )
        guard let result, !result.isTimedOut, result.ending.isSuccess else { return nil }
        return result.outputText
    }

    private func psql(_ place: String, _ statements: [String]) -> ChildCommand {
        command(
            "psql",
            ["-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", place]
                + statements.flatMap { ["-c", $0] }
        )
    }

    // MARK: - Starting and stopping

    /// Starts it and waits until it answers; done where it runs.
    func start(limitMilliseconds: UInt64) throws(TandemError) {
        let deadline = CallDeadline(milliseconds: limitMilliseconds)
        if isRunning, look() != nil { return }
        if !settings.service.isEmpty {
            try run(serviceCommand("start"), limitMilliseconds)
        } else if !isRunning {
            let seconds = max(1, limitMilliseconds / 1000)
            try run(startCommand(["-w", "-t", "\(seconds)"]), limitMilliseconds + 500)
        }
        guard deadline.waits(until: { look() != nil }) else {
            throw Self.problem("PostgreSQL does not answer after its start")
        }
    }

    /// Asks for its start and does not wait for more than a moment.
    func beginStart() {
        guard !isRunning else { return }
        let command =
            settings.service.isEmpty ? startCommand(["-W"]) : serviceCommand("start")
        _ = try? runChild(command, timeoutMilliseconds: 1000)
    }

    /// Stops it: what was written is on disk and, where a standby is connected, sent.
    func stop(limitMilliseconds: UInt64) throws(TandemError) {
        guard isRunning else { return }
        if settings.service.isEmpty {
            try run(stopCommand("fast", limitMilliseconds), limitMilliseconds + 500)
        } else {
            try run(serviceCommand("stop"), limitMilliseconds)
        }
    }

    /// Ends it at once, with or without its consent; its log makes the data whole at the next start.
    ///
    /// - Returns: whether it is down.
    func stopNow() -> Bool {
        if isRunning {
            _ = try? runChild(stopCommand("immediate", 1000), timeoutMilliseconds: 1500)
        }
        guard let left = try? processes.all() else { return false }
        guard !left.isEmpty else { return true }
        // It hangs. Its processes would finish what they are doing: all go.
        let deadline = CallDeadline(milliseconds: 1000)
        guard (try? processes.end(within: deadline)) == true else { return false }
        // Until its parent has taken notice of it, these would keep the next one from starting.
        let locks = [processes.notePath, "\(settings.socket)/.s.PGSQL.\(settings.port).lock"]
        return locks.allSatisfy { (try? Files.removeFile($0)) != nil }
    }

    /// Whether its first process is there, whatever it answers.
    var isRunning: Bool { processes.first != nil }

    /// Whether it is on its way up as a standby: it serves nobody yet.
    var isStartingAsStandby: Bool {
        let lines = processes.noteLines
        // Its note is written in pieces, the state last.
        guard lines.count < 8 || lines[7].isEmpty || lines[7].hasPrefix("starting") else {
            return false
        }
        return ((try? Files.kind(of: "\(settings.data)/standby.signal")) ?? nil) != nil
    }

    private var processes: PostgreSQLProcesses { PostgreSQLProcesses(data: settings.data) }

    private func startCommand(_ wait: [String]) -> ChildCommand {
        let options =
            settings.configFile.isEmpty ? [] : ["-o", "-c config_file=\(settings.configFile)"]
        return command(
            "pg_ctl",
            ["start", "-s", "-D", settings.data, "-l", settings.log] + wait + options
        )
    }

    private func stopCommand(_ mode: String, _ limitMilliseconds: UInt64) -> ChildCommand {
        let seconds = max(1, limitMilliseconds / 1000)
        return command(
            "pg_ctl",
            ["stop", "-s", "-D", settings.data, "-m", mode, "-w", "-t", "\(seconds)"]
        )
    }

    private func serviceCommand(_ verb: String) -> ChildCommand {
        ChildCommand(control, [verb, settings.service])
    }

    // MARK: - Programs

    /// A program of PostgreSQL's, as its user.
    ///
    /// A `lock` is kept as long as the program or anything that it starts lives.
    func command(
        _ name: String,
        _ arguments: [String],
        keeping lock: FileLock? = nil
    ) -> ChildCommand {
        let program = "\(settings.programs)/\(name)"
        var environment = ChildCommand.plainEnvironment + ["PGAPPNAME=tandem"]
        if !settings.passwordFile.isEmpty {
            environment.append("PGPASSFILE=\(settings.passwordFile)")
        }
        let isRoot = geteuid() == 0
        let asUser =
            isRoot ? ["--reuid", settings.user, "--regid", settings.user, "--init-groups"] : []
        return ChildCommand(
            isRoot ? "/usr/bin/setpriv" : program,
            (isRoot ? asUser + [program] : []) + arguments,
            environment: environment,
            passed: lock.map { [ChildCommand.Passed($0.descriptor, as: 3)] } ?? [],
            // Who ends the driver's session ends it too.
            leadsSession: false
        )
    }

    /// Runs a command that must succeed.
    func run(_ command: ChildCommand, _ limitMilliseconds: UInt64) throws(TandemError) {
        let result = try runChild(
            command,
            timeoutMilliseconds: limitMilliseconds,
            outputByteCountMax: 16 * 1024
        )
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw Self.problem(error.cause.isEmpty ? error.message : error.cause)
        }
    }

    static func problem(_ text: String) -> TandemError {
        TandemError(
            .driverFailed,
            text,
            remedy: "Look at PostgreSQL's log and at the driver's settings."
        )
    }
}

/// A value of a connection string.
func quoted(_ value: String) -> String {
    "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
}

/// A text in a statement.
func literal(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "''" : "\($0)" }.joined() + "'"
}
