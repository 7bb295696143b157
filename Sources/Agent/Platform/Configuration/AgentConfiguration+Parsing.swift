package import TandemModel

extension AgentConfiguration {
    private static let knownKeys: Set<String> = [
        "server", "agent-id", "controller", "certificate", "key", "authority", "trust",
        "state-directory", "root", "package-backend", "package-signatures", "ha-driver",
        "ha-directory",
        "service-control", "checks-directory", "boot-id-file", "log-level", "observe-seconds",
        "health-seconds", "snapshots", "boot-select", "data-directory",
    ]
    private static let optionPrefix = "ha."
    private static let clockPrefix = "clock."

    /// Takes the values out of a parsed file and checks each.
    package init(_ file: KeyValueFile) throws(KeyValueFile.Problem) {
        try file.refuseUnknown(
            known: Self.knownKeys,
            prefixes: [Self.optionPrefix, Self.clockPrefix]
        )
        let reader = ConfigurationReader(file)
        server = try reader.serverName("server")
        agent = try reader.agentID("agent-id")
        controllers = try reader.controllers("controller")
        certificate = try reader.path("certificate")
        key = try reader.path("key")
        authority = try reader.path("authority")
        trust = try reader.path("trust", otherwise: "/etc/tandem/trust")
        stateDirectory = try reader.path("state-directory", otherwise: "/var/lib/tandem")
        root = try reader.path("root", otherwise: "/")
        packageBackend =
            try file.value("package-backend") == nil
            ? nil : try reader.choice("package-backend", otherwise: .dpkg)
        packageSignatures = try reader.choice("package-signatures", otherwise: .manifest)
        driver = Driver(
            name: try reader.fileName("ha-driver"),
            directory: try reader.path("ha-directory", otherwise: "/usr/lib/tandem/ha"),
            options: try reader.options(Self.optionPrefix)
        )
        serviceControl = try reader.optionalPath("service-control")
        snapshots = try reader.optionalPath("snapshots")
        bootSelect = try reader.optionalPath("boot-select")
        dataDirectories = try reader.paths("data-directory")
        checksDirectory = try reader.path("checks-directory", otherwise: "/etc/tandem/checks.d")
        bootIDFile = try reader.path(
            "boot-id-file",
            otherwise: "/proc/sys/kernel/random/boot_id"
        )
        clocks = try reader.clocks(Self.clockPrefix)
        logLevel = try reader.choice("log-level", otherwise: .info)
        observeMilliseconds = try reader.milliseconds("observe-seconds", otherwise: 5000)
        healthMilliseconds = try reader.milliseconds("health-seconds", otherwise: 10_000)
    }
}

/// Values of a file by key, each checked as it is taken.
private struct ConfigurationReader {
    typealias Problem = KeyValueFile.Problem

    let file: KeyValueFile

    init(_ file: KeyValueFile) { self.file = file }

    private func needed(_ key: String) throws(Problem) -> (line: Int, text: String) {
        guard let value = try file.value(key), let entry = file.all(key).first else {
            throw Problem(line: 0, "`\(key)` is missing")
        }
        return (entry.line, value)
    }

    func serverName(_ key: String) throws(Problem) -> ServerName {
        let (line, text) = try needed(key)
        let name = ServerName(text)
        guard name.isValid else { throw Problem(line: line, "`\(text)` is no server name") }
        return name
    }

    func agentID(_ key: String) throws(Problem) -> AgentID {
        let (line, text) = try needed(key)
        guard let id = AgentID(text) else { throw Problem(line: line, "`\(text)` is no UUID") }
        return id
    }

    func controllers(_ key: String) throws(Problem) -> [AgentConfiguration.Controller] {
        var controllers: [AgentConfiguration.Controller] = []
        for entry in file.all(key) {
            for text in entry.value.split(separator: ",") {
                controllers.append(try Self.controller(text, line: entry.line))
            }
        }
        guard !controllers.isEmpty else { throw Problem(line: 0, "`\(key)` is missing") }
        return controllers
    }

    /// `HOST:PORT`, an IPv6 address in brackets.
    private static func controller(
        _ text: Substring,
        line: Int
    ) throws(Problem) -> AgentConfiguration.Controller {
        let word = String(text.filter { $0 != " " })
        let refusal = Problem(line: line, "`\(word)` is not HOST:PORT")
        guard let colon = word.lastIndex(of: ":"),
            let port = UInt16(word[word.index(after: colon)...]), port > 0
        else { throw refusal }
        var host = word[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw refusal
        }
        guard !host.isEmpty else { throw refusal }
        return AgentConfiguration.Controller(host: String(host), port: port)
    }

    func path(_ key: String, otherwise: String? = nil) throws(Problem) -> String {
        if let path = try optionalPath(key) { return path }
        guard let otherwise else { throw Problem(line: 0, "`\(key)` is missing") }
        return otherwise
    }

    /// An absolute path without `..`; a slash at its end is dropped.
    func optionalPath(_ key: String) throws(Problem) -> String? {
        guard let text = try file.value(key), let entry = file.all(key).first else { return nil }
        return try Self.path(text, line: entry.line)
    }

    /// As many paths as the key stands there.
    func paths(_ key: String) throws(Problem) -> [String] {
        var paths: [String] = []
        for entry in file.all(key) { paths.append(try Self.path(entry.value, line: entry.line)) }
        return paths
    }

    private static func path(_ text: String, line: Int) throws(Problem) -> String {
        guard text.hasPrefix("/"), !text.split(separator: "/").contains("..") else {
            throw Problem(line: line, "`\(text)` is not an absolute path")
        }
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    func fileName(_ key: String) throws(Problem) -> String {
        let (line, text) = try needed(key)
        guard ServerName(text).isValid else {
            throw Problem(line: line, "`\(text)` is no file name")
        }
        return text
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        otherwise: Choice
    ) throws(Problem) -> Choice {
        guard let text = try file.value(key), let entry = file.all(key).first else {
            return otherwise
        }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw Problem(line: entry.line, "`\(text)` is none of \(known)")
        }
        return choice
    }

    func options(_ prefix: String) throws(Problem) -> [AgentConfiguration.Driver.Option] {
        var options: [AgentConfiguration.Driver.Option] = []
        for entry in file.entries where entry.key.hasPrefix(prefix) {
            _ = try file.value(entry.key)
            let name = String(entry.key.dropFirst(prefix.count))
            guard !name.isEmpty, !name.contains(".") else {
                throw Problem(line: entry.line, "`\(entry.key)` names no driver option")
            }
            options.append(.init(name: name, value: entry.value))
        }
        return options
    }

    /// Seconds with at most three decimals, from 0.1 to 3600.
    func milliseconds(_ key: String, otherwise: UInt64) throws(Problem) -> UInt64 {
        guard let text = try file.value(key), let entry = file.all(key).first else {
            return otherwise
        }
        guard let value = millisecondsOfSeconds(text), (100...3_600_000).contains(value) else {
            throw Problem(line: entry.line, "`\(text)` is no number of seconds from 0.1 to 3600")
        }
        return value
    }

    func clocks(_ prefix: String) throws(Problem) -> FailoverClocks {
        var clocks = FailoverClocks()
        let parts: [String: WritableKeyPath<FailoverClocks, UInt64>] = [
            "arm-seconds": \.arm,
            "demote-deadline-seconds": \.demoteDeadline,
            "demote-seconds": \.demoteLimit,
            "dead-man-seconds": \.deadMan,
            "promote-seconds": \.promoteLimit,
            "fence-seconds": \.fenceLimit,
            "take-back-seconds": \.takeBackLimit,
            "hold-seconds": \.holdLimit,
        ]
        for entry in file.entries where entry.key.hasPrefix(prefix) {
            guard let part = parts[String(entry.key.dropFirst(prefix.count))] else {
                throw Problem(line: entry.line, "`\(entry.key)` is no known key")
            }
            clocks[keyPath: part] = try milliseconds(entry.key, otherwise: 0)
        }
        if let problem = clocks.problem { throw Problem(line: 0, problem) }
        return clocks
    }
}

/// Milliseconds of a decimal number of seconds with at most three decimals; `nil` for other texts.
package func millisecondsOfSeconds(_ text: some StringProtocol) -> UInt64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
        let whole = UInt64(parts[0]), whole < UInt64.max / 2000
    else { return nil }
    guard parts.count == 2 else { return whole * 1000 }
    guard (1...3).contains(parts[1].utf8.count), let decimals = UInt64(parts[1]) else { return nil }
    let scale: UInt64 =
        switch parts[1].utf8.count {
        case 1: 100
        case 2: 10
        case _: 1
        }
    return whole * 1000 + decimals * scale
}
