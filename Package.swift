// swift-tools-version: 6.2
import PackageDescription

/// One list for all targets: Swift 6 mode, explicit imports, and no warning lives.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// `builtIn` folders become bytes of the program, so that it is one file.
func library(
    _ name: String,
    _ path: String,
    _ dependencies: [Target.Dependency] = [],
    builtIn: [String] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(path)",
        resources: builtIn.map { .embedInCode($0) },
        swiftSettings: strict
    )
}

func program(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(path)",
        swiftSettings: strict
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        swiftSettings: strict
    )
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(
    name: "HummingbirdTesting",
    package: "hummingbird"
)
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let unixSignals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// MARK: - Protocol: what both sides share

let protocolTargets: [Target] = [
    library("TandemModel", "Protocol/Model"),
    library("TandemWire", "Protocol/Wire", ["TandemModel"]),
    .systemLibrary(
        name: "COpenSSL",
        path: "Sources/Protocol/COpenSSL",
        pkgConfig: "openssl",
        providers: [.apt(["libssl-dev"])]
    ),
    library("TandemCrypto", "Protocol/Crypto", ["COpenSSL", "TandemModel"]),
    library("TandemSpawn", "Protocol/Spawn", ["TandemModel"]),
    library(
        "TandemImage",
        "Protocol/Image",
        ["TandemModel", "TandemWire", "TandemCrypto", "TandemSpawn"]
    ),
    library("TandemTLSChannel", "Protocol/TLSChannel", ["TandemCrypto", "TandemModel", nioCore]),
    library(
        "TandemHTTPChannel",
        "Protocol/HTTPChannel",
        ["TandemTLSChannel", "TandemCrypto", nioCore, nioHTTP1, nioPosix]
    ),
]

// MARK: - Agent: one small program per server; no NIO, no Foundation, no concurrency runtime

let agentTargets: [Target] = [
    library("AgentHA", "Agent/HA/Contract", ["TandemModel", "TandemSpawn"]),
    program(
        "tandem-ha-local",
        "Agent/HA/Local",
        ["AgentHA", "TandemModel", "TandemSpawn"]
    ),
    program(
        "tandem-ha-standalone",
        "Agent/HA/Standalone",
        ["AgentHA", "TandemModel", "TandemSpawn"]
    ),
    program(
        "tandem-ha-keepalived",
        "Agent/HA/Keepalived",
        ["AgentHA", "TandemModel", "TandemSpawn"]
    ),
    program(
        "tandem-ha-postgresql",
        "Agent/HA/PostgreSQL",
        ["AgentHA", "TandemModel", "TandemSpawn"]
    ),
    program(
        "tandem-ha-patroni",
        "Agent/HA/Patroni",
        ["AgentHA", "TandemModel", "TandemSpawn"]
    ),
    program(
        "tandem-ha-conformance",
        "Agent/HA/Conformance",
        ["AgentPlatform", "TandemModel", "TandemSpawn"]
    ),
    library("AgentCore", "Agent/Core", ["TandemModel"]),
    library(
        "AgentJournal",
        "Agent/Journal",
        ["AgentCore", "TandemModel", "TandemWire", "TandemCrypto"]
    ),
    library(
        "AgentPlatform",
        "Agent/Platform",
        ["AgentCore", "TandemModel", "TandemCrypto", "TandemImage", "TandemSpawn"]
    ),
    library(
        "AgentRuntime",
        "Agent/Runtime",
        [
            "AgentCore", "AgentJournal", "AgentPlatform", "TandemModel", "TandemWire",
            "TandemCrypto", "TandemImage", "TandemSpawn",
        ]
    ),
    program(
        "tandem-agent",
        "Agent/Daemon",
        ["AgentRuntime", "AgentPlatform", "AgentCore", "TandemModel"]
    ),
]

// MARK: - Controller, and the operator's command line

let controllerTargets: [Target] = [
    library("ControllerCore", "Controller/Core", ["TandemModel"]),
    library("ControllerPeople", "Controller/People", ["ControllerAPI", "TandemModel"]),
    library("ControllerAudit", "Controller/Audit", ["TandemCrypto", "TandemModel"]),
    library(
        "ControllerStore",
        "Controller/Store",
        ["ControllerAudit", "ControllerCore", "ControllerPeople", "TandemModel"]
    ),
    library(
        "ControllerStoreSQLite",
        "Controller/StoreSQLite",
        [
            "ControllerAudit", "ControllerStore", "ControllerCore", "ControllerPeople",
            "TandemModel", grdb,
        ]
    ),
    library("ControllerAPI", "Controller/API", ["TandemModel"]),
    library("ControllerOIDC", "Controller/OIDC", ["ControllerAPI", "TandemModel", "TandemCrypto"]),
    library(
        "ControllerRuntime",
        "Controller/Runtime",
        [
            "ControllerAudit", "ControllerCore", "ControllerPeople", "ControllerStore",
            "ControllerAPI",
            "ControllerOIDC", "TandemModel", "TandemWire", "TandemCrypto", "TandemImage",
            "TandemSpawn", "TandemTLSChannel", "TandemHTTPChannel", nioCore, nioHTTP1, nioPosix,
            logging, serviceLifecycle,
        ]
    ),
    library(
        "ControllerWeb",
        "Controller/Web",
        [
            "ControllerAPI", "TandemModel", "TandemCrypto", "TandemTLSChannel", hummingbird,
            hummingbirdCore, httpTypes, mustache, nioCore, nioHTTP1, logging, serviceLifecycle,
        ],
        builtIn: ["Templates", "Assets"]
    ),
    program(
        "tandem-controller",
        "Controller/Server",
        [
            "ControllerRuntime", "ControllerStoreSQLite", "ControllerStore", "ControllerWeb",
            "ControllerAPI", "ControllerOIDC", "ControllerCore", "ControllerPeople", "TandemModel",
            "TandemCrypto",
            "TandemTLSChannel", argumentParser, hummingbird, logging, serviceLifecycle, unixSignals,
        ]
    ),
    program(
        "tandem",
        "Controller/CLI",
        [
            "ControllerAPI", "ControllerAudit", "TandemModel", "TandemWire", "TandemCrypto",
            "TandemImage", "TandemSpawn", "TandemHTTPChannel", argumentParser, nioCore, nioPosix,
            nioHTTP1, yams,
        ]
    ),
]

// MARK: - Proof: both cores in one simulated world

let proofTargets: [Target] = [
    .target(
        name: "TandemSimulation",
        dependencies: ["AgentCore", "AgentJournal", "ControllerCore", "TandemModel"],
        path: "Tests/Simulation",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "tandem-simulate",
        dependencies: ["TandemSimulation"],
        path: "Tests/Simulate",
        swiftSettings: strict
    ),
    .target(
        name: "TandemModelCheck",
        dependencies: ["TandemSimulation", "AgentCore", "ControllerCore", "TandemModel"],
        path: "Tests/ModelCheck",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "tandem-model-check",
        dependencies: ["TandemModelCheck"],
        path: "Tests/ModelCheckMain",
        swiftSettings: strict
    ),
    .target(
        name: "TandemFuzz",
        dependencies: [
            "AgentRuntime", "AgentJournal", "AgentPlatform", "AgentCore", "ControllerAPI",
            "TandemCrypto", "TandemImage", "TandemSpawn", "TandemWire", "TandemModel",
        ],
        path: "Fuzz/Properties",
        swiftSettings: strict
    ),
]

let testTargets: [Target] = [
    tests(
        "AgentHATests",
        [
            "AgentHA", "AgentPlatform", "tandem-ha-keepalived", "tandem-ha-standalone",
            "tandem-ha-local", "tandem-ha-postgresql", "tandem-ha-patroni",
            "tandem-ha-conformance", "TandemModel", "TandemSpawn",
        ]
    ),
    tests(
        "ControllerCLITests",
        [
            "tandem", "ControllerAPI", "ControllerAudit", "TandemModel", "TandemCrypto",
            "TandemImage", "TandemSpawn", "TandemTLSChannel", nioCore, nioHTTP1, nioPosix,
        ]
    ),
    tests("AgentCoreTests", ["AgentCore", "TandemModel"]),
    tests(
        "ControllerRuntimeTests",
        [
            "ControllerAudit", yams, "ControllerRuntime", "ControllerCore", "ControllerPeople",
            "ControllerStore",
            "ControllerAPI", "ControllerWeb", "TandemModel", "TandemCrypto", "TandemWire",
            "TandemTLSChannel",
            hummingbird, httpTypes, nioCore, nioEmbedded, nioHTTP1, nioPosix, logging,
            serviceLifecycle,
        ]
    ),
    tests(
        "ControllerWebTests",
        [
            "ControllerWeb", "ControllerAPI", "TandemModel", httpTypes, hummingbird,
            hummingbirdTesting, nioCore,
        ]
    ),
    tests(
        "AgentRuntimeTests",
        [
            "tandem-agent", "AgentRuntime", "AgentJournal", "AgentPlatform", "AgentCore",
            "TandemModel", "TandemCrypto", "TandemImage", "TandemSpawn", "TandemWire",
        ]
    ),
    tests(
        "AgentPlatformTests",
        [
            "AgentPlatform", "AgentCore", "TandemModel", "TandemCrypto", "TandemImage",
            "TandemSpawn", "TandemWire",
        ]
    ),
    tests(
        "ControllerServerTests",
        ["tandem-controller", "TandemModel", "TandemCrypto", "TandemSpawn"]
    ),
    tests(
        "StoreContractTests",
        [
            "ControllerAudit", "TandemCrypto", "ControllerStore", "ControllerStoreSQLite",
            "ControllerPeople", "ControllerAPI",
            "TandemModel", grdb,
        ]
    ),
    tests("ControllerAPITests", ["ControllerAPI"]),
    tests("ControllerPeopleTests", ["ControllerPeople", "ControllerAPI", "TandemModel"]),
    tests(
        "ControllerOIDCTests",
        ["ControllerOIDC", "ControllerAPI", "TandemModel", "TandemCrypto"]
    ),
    tests("TandemCryptoTests", ["TandemCrypto", "TandemModel"]),
    tests(
        "TandemTLSChannelTests",
        ["TandemTLSChannel", "TandemCrypto", "TandemModel", nioCore, nioEmbedded, nioPosix]
    ),
    tests("ControllerCoreTests", ["ControllerCore", "TandemModel"]),
    tests(
        "CrashPointTests",
        [
            "AgentCore", "AgentJournal", "AgentRuntime", "ControllerCore", "ControllerRuntime",
            "ControllerStore", "ControllerStoreSQLite", "TandemModel", "TandemSimulation",
        ]
    ),
    tests(
        "ModelCheckTests",
        ["TandemModelCheck", "TandemSimulation", "AgentCore", "ControllerCore", "TandemModel"]
    ),
    tests("SimulationTests", ["TandemSimulation", "AgentCore", "ControllerCore", "TandemModel"]),
    tests("FuzzReplayTests", ["TandemFuzz"]),
    tests(
        "OldAndNewTests",
        [
            "TandemSimulation", "AgentCore", "AgentJournal", "ControllerCore", "ControllerStore",
            "ControllerStoreSQLite", "TandemModel", "TandemCrypto", grdb,
        ]
    ),
    tests("TidyTests"),
    tests(
        "TandemImageTests",
        ["TandemImage", "TandemCrypto", "TandemSpawn", "TandemModel"]
    ),
    tests("TandemSpawnTests", ["TandemSpawn", "TandemModel"]),
    tests("TandemWireTests", ["TandemWire", "TandemModel"]),
]

let package = Package(
    name: "tandem",
    platforms: [.macOS(.v15)],
    traits: [
        .trait(
            name: "CrashPoints",
            description: "For tests: programs that can be made to die at chosen points."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: protocolTargets + agentTargets + controllerTargets + proofTargets + testTargets
)
