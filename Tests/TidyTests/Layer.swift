/// What one target folder may import, and what it is for.
///
/// The table below is the architecture in one page. A new import needs two keys on purpose: the
/// line in `Package.swift` and the word here.
struct Layer: Sendable {
    /// Below `Sources`.
    var folder: String
    /// The target's name in `Package.swift`.
    var target: String
    /// Modules of the toolchain: SwiftPM does not know who may use these.
    var toolchain: [String] = []
    /// Targets of this package.
    var targets: [String] = []
    /// Products of other packages.
    var products: [String] = []
    /// Why nothing else is allowed; printed with each finding.
    var why: String

    /// Every module a file in the folder may import.
    var allowed: Set<String> { Set(toolchain + targets + products) }
    /// The part of the table that `Package.swift` repeats.
    var declared: Set<String> { Set(targets + products) }
    /// The name Swift gives the module.
    var module: String { target.replacing("-", with: "_") }
}

private let pure = """
    it decides and does nothing else, so that a run can be replayed from its inputs; \
    files, sockets and clocks belong to the Runtime beside it
    """
private let lean = """
    the agent links it and has 12 MB of memory in all: no Foundation, no NIO, no concurrency \
    runtime (decision 0001)
    """

extension Layer {
    static let all: [Layer] = protocolSide + agentSide + controllerSide

    /// Folders of system libraries: a module map and a header, no Swift.
    static let systemLibraries = ["COpenSSL": "Protocol/COpenSSL"]

    private static let protocolSide: [Layer] = [
        Layer(folder: "Protocol/Model", target: "TandemModel", why: pure),
        Layer(
            folder: "Protocol/Wire",
            target: "TandemWire",
            targets: ["TandemModel"],
            why: "the protocol is bytes in, values out; \(lean)"
        ),
        Layer(
            folder: "Protocol/Crypto",
            target: "TandemCrypto",
            toolchain: ["Glibc"],
            targets: ["COpenSSL", "TandemModel"],
            why: "libssl without a socket, the only importer of COpenSSL; \(lean)"
        ),
        Layer(
            folder: "Protocol/Spawn",
            target: "TandemSpawn",
            toolchain: ["Glibc"],
            targets: ["TandemModel"],
            why: "the one way to run a child process; \(lean)"
        ),
        Layer(
            folder: "Protocol/Image",
            target: "TandemImage",
            toolchain: ["Glibc"],
            targets: ["TandemModel", "TandemWire", "TandemCrypto", "TandemSpawn"],
            why: "release images are read by the agent too; \(lean)"
        ),
        Layer(
            folder: "Protocol/TLSChannel",
            target: "TandemTLSChannel",
            toolchain: ["Synchronization"],
            targets: ["TandemCrypto", "TandemModel"],
            products: ["NIOCore"],
            why: "a channel handler over the TLS engine: it opens no socket and knows no message"
        ),
        Layer(
            folder: "Protocol/HTTPChannel",
            target: "TandemHTTPChannel",
            targets: ["TandemTLSChannel", "TandemCrypto"],
            products: ["NIOCore", "NIOHTTP1", "NIOPosix"],
            why:
                "one question and its answer by HTTP over our own TLS: it knows no path and no body"
        ),
    ]

    private static let agentSide: [Layer] = [
        Layer(folder: "Agent/Core", target: "AgentCore", targets: ["TandemModel"], why: pure),
        Layer(
            folder: "Agent/Journal",
            target: "AgentJournal",
            targets: ["AgentCore", "TandemModel", "TandemWire", "TandemCrypto"],
            why: "records to bytes and back, for the file and for a simulated disk; \(lean)"
        ),
        Layer(
            folder: "Agent/Platform",
            target: "AgentPlatform",
            toolchain: ["Glibc"],
            targets: ["AgentCore", "TandemModel", "TandemCrypto", "TandemImage", "TandemSpawn"],
            why: "it touches this server and never the network; \(lean)"
        ),
        Layer(
            folder: "Agent/Runtime",
            target: "AgentRuntime",
            toolchain: ["Glibc"],
            targets: [
                "AgentCore", "AgentJournal", "AgentPlatform", "TandemModel", "TandemWire",
                "TandemCrypto", "TandemImage", "TandemSpawn",
            ],
            why: "agent and controller meet on the wire only; \(lean)"
        ),
        Layer(
            folder: "Agent/HA/Contract",
            target: "AgentHA",
            toolchain: ["Glibc"],
            targets: ["TandemModel", "TandemSpawn"],
            why: "what every driver of ours shares: the verbs, the answers, the exit codes"
        ),
        Layer(
            folder: "Agent/HA/Local",
            target: "tandem-ha-local",
            toolchain: ["Glibc"],
            targets: ["AgentHA", "TandemModel", "TandemSpawn"],
            why: "a driver is a small program of its own"
        ),
        Layer(
            folder: "Agent/HA/Standalone",
            target: "tandem-ha-standalone",
            toolchain: ["Glibc"],
            targets: ["AgentHA", "TandemModel", "TandemSpawn"],
            why: "a driver is a small program of its own"
        ),
        Layer(
            folder: "Agent/HA/Keepalived",
            target: "tandem-ha-keepalived",
            toolchain: ["Glibc"],
            targets: ["AgentHA", "TandemModel", "TandemSpawn"],
            why: "a driver is a small program of its own"
        ),
        Layer(
            folder: "Agent/HA/PostgreSQL",
            target: "tandem-ha-postgresql",
            toolchain: ["Glibc"],
            targets: ["AgentHA", "TandemModel", "TandemSpawn"],
            why: "a driver is a small program of its own"
        ),
        Layer(
            folder: "Agent/HA/Patroni",
            target: "tandem-ha-patroni",
            toolchain: ["Glibc"],
            targets: ["AgentHA", "TandemModel", "TandemSpawn"],
            why: "a driver is a small program of its own"
        ),
        Layer(
            folder: "Agent/HA/Conformance",
            target: "tandem-ha-conformance",
            toolchain: ["Glibc"],
            targets: ["AgentPlatform", "TandemModel", "TandemSpawn"],
            why: "it calls a driver as the agent does and reads the answers by the agent's own code"
        ),
        Layer(
            folder: "Agent/Daemon",
            target: "tandem-agent",
            toolchain: ["Glibc"],
            targets: ["AgentRuntime", "AgentPlatform", "AgentCore", "TandemModel"],
            why: "a program only wires; \(lean)"
        ),
    ]

    private static let controllerSide: [Layer] = [
        Layer(
            folder: "Controller/Core",
            target: "ControllerCore",
            targets: ["TandemModel"],
            why: pure
        ),
        Layer(
            folder: "Controller/People",
            target: "ControllerPeople",
            targets: ["ControllerAPI", "TandemModel"],
            why: pure
        ),
        Layer(
            folder: "Controller/Audit",
            target: "ControllerAudit",
            toolchain: ["Foundation"],
            targets: ["TandemCrypto", "TandemModel"],
            why: "whoever verifies an audit must not need, or trust, the controller that kept it"
        ),
        Layer(
            folder: "Controller/Store",
            target: "ControllerStore",
            toolchain: ["Synchronization"],
            targets: ["ControllerAudit", "ControllerCore", "ControllerPeople", "TandemModel"],
            why: "what a store promises must not depend on how one of them keeps it"
        ),
        Layer(
            folder: "Controller/StoreSQLite",
            target: "ControllerStoreSQLite",
            toolchain: ["Foundation", "Synchronization"],
            targets: [
                "ControllerAudit", "ControllerStore", "ControllerCore", "ControllerPeople",
                "TandemModel",
            ],
            products: ["GRDB"],
            why: "one backend, swapped without touching its neighbours"
        ),
        Layer(
            folder: "Controller/API",
            target: "ControllerAPI",
            toolchain: ["Foundation"],
            targets: ["TandemModel"],
            why: "requests and responses are what the command line shares with the controller"
        ),
        Layer(
            folder: "Controller/OIDC",
            target: "ControllerOIDC",
            toolchain: ["Foundation"],
            targets: ["ControllerAPI", "TandemModel", "TandemCrypto"],
            why:
                "whether a provider's word holds is decided without a clock and without a socket, so "
                + "that every refusal stands in a table of tests"
        ),
        Layer(
            folder: "Controller/Runtime",
            target: "ControllerRuntime",
            toolchain: ["Foundation", "Glibc", "Synchronization"],
            targets: [
                "ControllerAudit", "ControllerCore", "ControllerPeople", "ControllerStore",
                "ControllerAPI",
                "ControllerOIDC", "TandemModel", "TandemWire", "TandemCrypto", "TandemImage",
                "TandemSpawn", "TandemTLSChannel", "TandemHTTPChannel",
            ],
            products: ["NIOCore", "NIOHTTP1", "NIOPosix", "Logging", "ServiceLifecycle"],
            why: "it runs what the core decides: it serves no pages and chooses no store"
        ),
        Layer(
            folder: "Controller/Web",
            target: "ControllerWeb",
            toolchain: ["Foundation", "Synchronization"],
            targets: ["ControllerAPI", "TandemModel", "TandemCrypto", "TandemTLSChannel"],
            products: [
                "Hummingbird", "HummingbirdCore", "HTTPTypes", "Mustache", "NIOCore", "NIOHTTP1",
                "Logging", "ServiceLifecycle",
            ],
            why: "a page sees what the API shows, never the store or the core"
        ),
        Layer(
            folder: "Controller/Server",
            target: "tandem-controller",
            toolchain: ["Foundation", "Glibc", "Synchronization"],
            targets: [
                "ControllerRuntime", "ControllerStoreSQLite", "ControllerStore", "ControllerWeb",
                "ControllerAPI", "ControllerOIDC", "ControllerCore", "ControllerPeople",
                "TandemModel",
                "TandemCrypto", "TandemTLSChannel",
            ],
            products: [
                "ArgumentParser", "Hummingbird", "Logging", "ServiceLifecycle", "UnixSignals",
            ],
            why: "a program reads its configuration and wires; nothing else"
        ),
        Layer(
            folder: "Controller/CLI",
            target: "tandem",
            toolchain: ["Foundation", "Glibc", "Synchronization"],
            targets: [
                "ControllerAPI", "ControllerAudit", "TandemModel", "TandemWire", "TandemCrypto",
                "TandemImage", "TandemSpawn", "TandemHTTPChannel",
            ],
            products: ["ArgumentParser", "NIOCore", "NIOPosix", "NIOHTTP1", "Yams"],
            why: "the command line is a client: it never holds a core, a store or the runtime"
        ),
    ]
}
