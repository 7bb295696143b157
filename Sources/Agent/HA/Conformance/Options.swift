import TandemModel
import TandemSpawn

/// The command line: a driver, and what `usage` lists.
struct Options {
    static let usage = """
        Use: tandem-ha-conformance DRIVER [--config FILE] [--keepalived FILE] [--mate NAME]
                                   [--serves PROGRAM] [--limit-ms N] [--single] [--look]
        DRIVER       absolute path of the driver
        --config     agent.conf: its lines server, root, service-control, state-directory and ha.NAME
                     reach the driver as agent.conf's do; other lines are passed over.
                     `state` is the driver's own folder, else it is `ha` of state-directory
        --keepalived keepalived's configuration, to be held against the no-preemption rule
        --mate       the mate's name, for drivers with switchover=atomic
        --serves     absolute path of a program that ends with 0 while this server's product
                     serves: asked after demote and fence
        --limit-ms   takes the place of the agent's clocks
        --single     the cluster has one server
        --look       calls nothing that may move the role or stop the service
        It moves the role, stops and fences: run it on a server that carries nothing.
        Ends with 0: all rules kept, 1: a rule is broken, 2: could not be tested.
        """

    var driver = ""
    var config = ""
    var keepalived = ""
    var mate = ""
    var serves = ""
    var limitMilliseconds: UInt64 = 0
    var isSingle = false
    var looksOnly = false

    /// Reads the arguments behind the program's name.
    init(_ arguments: [String]) throws(TandemError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--single": isSingle = true
            case "--look": looksOnly = true
            case "--config": config = try Self.value(of: word, &rest)
            case "--keepalived": keepalived = try Self.value(of: word, &rest)
            case "--mate": mate = try Self.value(of: word, &rest)
            case "--serves": serves = try Self.value(of: word, &rest)
            case "--limit-ms":
                let text = try Self.value(of: word, &rest)
                guard let number = UInt64(text), (1...600_000).contains(number) else {
                    throw Self.problem("--limit-ms can't be '\(text)'")
                }
                limitMilliseconds = number
            case _ where !word.hasPrefix("-") && driver.isEmpty: driver = word
            case _: throw Self.problem("'\(word)' is not understood")
            }
        }
        guard driver.hasPrefix("/") else {
            throw Self.problem("name the driver by its absolute path")
        }
    }

    /// The variables that the agent would add, from the configuration file.
    func environment() throws(TandemError) -> [String] {
        var root = "/"
        var server = "conformance"
        var control = "/usr/bin/systemctl"
        var state = "/var/lib/tandem/ha"
        var own: [String] = []
        for entry in try entries() {
            switch entry.key {
            case "root": root = entry.value
            case "server": server = entry.value
            case "service-control": control = entry.value
            case "state": state = entry.value
            case "state-directory": state = "\(entry.value)/ha"
            case _ where entry.key.hasPrefix("ha."):
                let name = entry.key.dropFirst(3).uppercased().map { $0 == "-" ? "_" : $0 }
                own.append("TANDEM_HA_\(String(name))=\(entry.value)")
            case _: continue
            }
        }
        return [
            "TANDEM_ROOT=\(root)", "TANDEM_SERVER=\(server)", "TANDEM_SERVICE_CONTROL=\(control)",
            "TANDEM_HA_STATE=\(state)",
        ] + own
    }

    private func entries() throws(TandemError) -> [KeyValueFile.Entry] {
        guard !config.isEmpty else { return [] }
        let bytes = try Files.read(config, byteCountMax: KeyValueFile.byteCountMax)
        do throws(KeyValueFile.Problem) {
            return try KeyValueFile(bytes).entries
        } catch {
            throw Self.problem("\(config): \(error)")
        }
    }

    private static func value(
        of option: String,
        _ rest: inout ArraySlice<String>
    ) throws(TandemError) -> String {
        guard let value = rest.popFirst() else { throw problem("\(option) wants a value") }
        return value
    }

    private static func problem(_ text: String) -> TandemError {
        TandemError(.usage, text, remedy: "Call it with --help.")
    }
}
