import AgentPlatform
import AgentRuntime
import Glibc
import TandemModel

/// The command line of `tandem-agent`.
///
/// `run` and `check-config` are for people; `worker`, `guard` and `dead-man` are what the agent
/// starts of itself.
struct AgentCommand {
    private static let usage = """
        usage: tandem-agent run [--config FILE]
               tandem-agent check-config [--config FILE]
               tandem-agent --version
        """
    private static let defaultPath = "/etc/tandem/agent.conf"

    private let words: [String]

    init(_ words: [String]) { self.words = words }

    func run() throws(TandemError) -> Int32 {
        switch words.first {
        case "run": try serve()
        case "check-config": try checkConfiguration()
        case "worker": try WorkerProgram(configurationPath: try path()).work()
        case "guard":
            try WorkerProgram(configurationPath: try path()).stand(record: try needed("--record"))
        case "dead-man": try standAsDeadMan()
        case "--version":
            say("tandem-agent \(AgentProgram.version)")
        case "--help", "-h", "help":
            say(Self.usage)
        case _:
            throw TandemError(
                .usage,
                words.isEmpty ? "no command given" : "`\(words[0])` is no command",
                remedy: Self.usage
            )
        }
    }

    private func serve() throws(TandemError) -> Int32 {
        let path = try path()
        try AgentProgram(AgentConfiguration.load(path), path: path).run()
        return 0
    }

    private func checkConfiguration() throws(TandemError) -> Int32 {
        let path = try path()
        let configuration = try AgentConfiguration.load(path)
        for problem in configuration.problems() { throw problem }
        return say("\(path): this agent speaks for \(configuration.server)")
    }

    private func standAsDeadMan() throws(TandemError) -> Int32 {
        guard let failover = FailoverID(try needed("--failover")),
            let deadline = UInt64(try needed("--deadline")), let boot = BootID(try needed("--boot"))
        else {
            throw TandemError(.usage, "these are no arguments of a dead-man", remedy: Self.usage)
        }
        return try WorkerProgram(configurationPath: try path()).standAsDeadMan(
            failover: failover,
            deadline: Tick(milliseconds: deadline),
            boot: boot
        )
    }

    // MARK: - Options

    private func path() throws(TandemError) -> String {
        let path = value("--config") ?? Self.defaultPath
        guard !path.hasPrefix("/") else { return path }
        var folder = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&folder, folder.count) != nil else { return path }
        let bytes = folder.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return "\(String(decoding: bytes, as: UTF8.self))/\(path)"
    }

    private func needed(_ option: String) throws(TandemError) -> String {
        guard let value = value(option) else {
            throw TandemError(.usage, "\(option) is missing", remedy: Self.usage)
        }
        return value
    }

    private func value(_ option: String) -> String? {
        guard let index = words.firstIndex(of: option), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    private func say(_ text: String) -> Int32 {
        let line = Array("\(text)\n".utf8)
        return write(STDOUT_FILENO, line, line.count) == line.count ? 0 : 1
    }
}
