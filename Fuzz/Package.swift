// swift-tools-version: 6.2
import PackageDescription

// A package of its own: everything is built with coverage and the address sanitizer, and nothing
// is fetched. `Sources` is a link to the sources that ship, so that `package` names are in reach.

let found: [String] = ["-sanitize=fuzzer,address"]
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-parse-as-library"] + found),
]

func library(_ name: String, _ path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

let package = Package(
    name: "tandem-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        library("TandemModel", "Sources/Protocol/Model"),
        library("TandemWire", "Sources/Protocol/Wire", ["TandemModel"]),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/Protocol/COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        library("TandemCrypto", "Sources/Protocol/Crypto", ["COpenSSL", "TandemModel"]),
        library("TandemSpawn", "Sources/Protocol/Spawn", ["TandemModel"]),
        library(
            "TandemImage",
            "Sources/Protocol/Image",
            ["TandemModel", "TandemWire", "TandemCrypto", "TandemSpawn"]
        ),
        library("AgentCore", "Sources/Agent/Core", ["TandemModel"]),
        library(
            "AgentJournal",
            "Sources/Agent/Journal",
            ["AgentCore", "TandemModel", "TandemWire", "TandemCrypto"]
        ),
        library(
            "AgentPlatform",
            "Sources/Agent/Platform",
            ["AgentCore", "TandemModel", "TandemCrypto", "TandemImage", "TandemSpawn"]
        ),
        library(
            "AgentRuntime",
            "Sources/Agent/Runtime",
            [
                "AgentCore", "AgentJournal", "AgentPlatform", "TandemModel", "TandemWire",
                "TandemCrypto", "TandemImage", "TandemSpawn",
            ]
        ),
        library("ControllerAPI", "Sources/Controller/API", ["TandemModel"]),
        library(
            "TandemFuzz",
            "Properties",
            [
                "AgentRuntime", "AgentJournal", "AgentPlatform", "AgentCore", "ControllerAPI",
                "TandemCrypto", "TandemImage", "TandemSpawn", "TandemWire", "TandemModel",
            ]
        ),
        .target(name: "CLibFuzzer", path: "CLibFuzzer"),
        .executableTarget(
            name: "tandem-fuzz",
            dependencies: ["CLibFuzzer", "TandemFuzz"],
            path: "Program",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(found + ["-use-ld=lld"])]
        ),
    ]
)
