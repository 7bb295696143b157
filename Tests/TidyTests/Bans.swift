/// Folders whose code decides and does nothing else.
private let pureFolders = [
    "Sources/Protocol/Model", "Sources/Controller/Core", "Sources/Controller/People",
    "Sources/Agent/Core",
]
/// Everything that ends up in the agent's memory.
private let agentFolders = [
    "Sources/Protocol/Model", "Sources/Protocol/Wire", "Sources/Protocol/Crypto",
    "Sources/Protocol/Spawn", "Sources/Protocol/Image", "Sources/Agent",
]
private let programFolders = [
    "Sources/Agent/Daemon", "Sources/Controller/Server", "Sources/Controller/CLI",
]

extension Ban {
    static let all: [Ban] = purity + leanness + escapes + names + tests

    /// What would make a replay differ from the run.
    private static let purity: [Ban] = [
        Ban(
            what: "mentions a clock",
            pattern: #"\b\w*(?:Clock\b|clock_gettime|gettimeofday|DispatchTime)|\bDate\s*\("#,
            folders: pureFolders,
            why: "time comes in as a Tick with each input, so that a run can be replayed",
            planted: [
                "let now = ContinuousClock().now", "clock_gettime(CLOCK_BOOTTIME, &spec)",
                "let now = Date()", "var clock: any Clock<Duration>",
            ],
            innocent: ["func handle(at now: Tick)", "let clockwise = 1", "// ContinuousClock"]
        ),
        Ban(
            what: "draws randomness of its own",
            pattern: #"SystemRandomNumberGenerator|\bUUID\s*\(\s*\)"#
                + #"|\.(?:random|randomElement|shuffled?|shuffle)\((?![^()]*using:)"#,
            folders: pureFolders,
            why: "randomness comes in through `inout some RandomNumberGenerator`",
            planted: [
                "var g = SystemRandomNumberGenerator()", "Int.random(in: 1...2)",
                "ids.shuffled()", "hosts.randomElement()",
            ],
            innocent: [
                "Int.random(in: 1...2, using: &generator)", "ids.shuffled(using: &generator)",
                "inout some RandomNumberGenerator",
            ]
        ),
        Ban(
            what: "suspends",
            pattern: #"(?<![.`\w])await\b"#,
            folders: pureFolders,
            why: "a suspended core has inputs nobody recorded; the Runtime waits, the core decides",
            planted: ["let a = await b()", "for await a in b {}"],
            innocent: ["let awaited = 1", "// await", "case .await: 1"]
        ),
        Ban(
            what: "has a `default:` case",
            pattern: #"(?:^|[{;])[ \t]*(?:@unknown[ \t]+)?default[ \t]*:(?!:)"#,
            folders: pureFolders,
            why: "a new state has to break the build at every switch that must know it",
            planted: [
                "switch a {\ncase 1: b\ndefault: c\n}", "switch a {\n@unknown default:\n  b\n}",
                "switch a { default: b }",
            ],
            innocent: ["count[key, default: 0] += 1", "func a(default: Int)", "// default: 1"]
        ),
        Ban(
            what: "prints",
            pattern: #"(?<![.\w])(?:print|debugPrint|dump)\s*\("#,
            folders: pureFolders,
            why: "a core reports through its Step; the Runtime logs it in one place",
            planted: ["print(1)", "if a { debugPrint(b) }"],
            innocent: ["func fingerprint(_ a: Int)", "fingerprint(1)", "printer.print(1)"]
        ),
    ]

    /// What would bring the concurrency runtime into the agent.
    private static let leanness: [Ban] = [
        Ban(
            what: "uses Swift Concurrency",
            pattern: #"(?<![.`\w])(?:async|await|Task|TaskGroup|AsyncStream|withTaskGroup)\b(?!:)"#
                + #"|\bactor\s+[A-Z]|@(?:MainActor|globalActor)\b|\b_Concurrency\b"#,
            folders: agentFolders,
            why: "the agent is a synchronous poll loop: the concurrency runtime costs 1.6 MB and "
                + "threads of each server's memory (decision 0001)",
            planted: [
                "func a() async throws {}", "await a()", "Task { a() }", "actor Journal {}",
                "@MainActor struct A {}", "import _Concurrency",
            ],
            innocent: [
                "case .async: 1", "let asynchronous = 1", "var actor = 1", "let taskCount = 1",
                "/// An async replica.", "f(async: 1)",
            ]
        )
    ]

    /// What turns a mistake into a crash, or hides one.
    private static let escapes: [Ban] = [
        Ban(
            what: "uses `try!`",
            pattern: #"\btry!"#,
            folders: ["Sources"],
            why: "what can throw will throw at three in the morning; handle it or pass it on",
            planted: ["let a = try! b()"],
            innocent: ["let a = try? b()", "// try!", "try !a"]
        ),
        Ban(
            what: "calls fatalError",
            pattern: #"\bfatalError\s*\("#,
            folders: ["Sources"],
            why: "throw a TandemError with a remedy; for a broken invariant of ours use "
                + "`precondition` with its reason",
            planted: ["fatalError()", "default: fatalError(\"never\")"],
            innocent: ["let isFatalError = true", "// fatalError()"]
        ),
        Ban(
            what: "starts an unstructured task",
            pattern:
                #"(?<![.\w])Task\s*(?:<[^>]*>\s*)?(?:\([^)]*\)\s*)?\{|\bTask\.(?:detached|init)\b"#,
            folders: ["Sources"],
            exempt: programFolders,
            why:
                "nobody waits for it and nobody ends it: make it a Service or a task group's child",
            planted: [
                "Task { a() }", "Task.detached { a() }", "Task(priority: .high) { a() }",
                "Task<Void, Never> { a() }",
            ],
            innocent: ["try await Task.sleep(for: a)", "withTaskGroup(of: Int.self) { a in }"]
        ),
        Ban(
            what: "declares something public",
            pattern: #"(?<![.\w])(?:public|open)\s+(?:\w+\s+)*"#
                + #"(?:struct|class|enum|actor|protocol|func|var|let|init|extension|typealias|import)\b"#,
            folders: ["Sources"],
            why: "we ship programs, not a library: `package` is the widest access there is",
            planted: ["public struct A {}", "public static let a = 1", "public import A"],
            innocent: ["package struct A {}", "let publicKey = 1", "case .public: 1"]
        ),
        Ban(
            what: "has a leftover mark",
            // Split, so that this file does not accuse itself.
            pattern: #"\b(?:FIX"# + #"ME|TO"# + #"DO|X"# + #"XX)\b"#,
            folders: ["Sources", "Tests", "Scripts", "Deploy", "Benchmarks", "Docs"],
            looksAt: .all,
            why: "what is left open belongs into an issue, where somebody finds it",
            planted: ["// TO" + "DO: later", "// FIX" + "ME", "// X" + "XX"],
            innocent: ["mkdtemp(\"tandem-XXXXXX\")", "let todo = 1"]
        ),
    ]

    /// Names that say nothing.
    private static let names: [Ban] = [
        Ban(
            what: "a type has a name that says nothing",
            pattern: #"\b(?:struct|class|enum|actor|protocol|typealias)\s+"#
                + #"\w*(?:Manager|Helper|Helpers|Util|Utils|Utilities|Base)\b"#,
            folders: ["Sources"],
            why: "name it for what an operator would call it in a ticket, or for what it decides",
            planted: ["struct SessionManager {}", "enum Utils {}", "class StoreBase {}"],
            innocent: ["struct Base64 {}", "enum Database {}", "extension FileManager {}"]
        )
    ]

    /// What makes a test slow today and red tomorrow.
    private static let tests: [Ban] = [
        Ban(
            what: "sleeps",
            pattern: #"\bThread\.sleep\b|(?<![.\w])(?<!func )u?sleep\s*\("#,
            folders: ["Tests"],
            why: "a sleep is a guess: wait for the event itself, with a deadline",
            planted: ["Thread.sleep(forTimeInterval: 1)", "usleep(1000)", "sleep(1)"],
            innocent: [
                "/// usleep(1)", "clock.sleep(until: a)", "let args = [\"sleep\", \"1\"]",
                "func sleep(until deadline: Instant) {}",
            ]
        ),
        Ban(
            what: "imports XCTest",
            pattern: #"\bimport\s+XCTest\b"#,
            folders: ["Tests"],
            why: "all tests are written with Swift Testing, so that one filter and one summary do",
            planted: ["import XCTest"],
            innocent: ["import Testing"]
        ),
    ]
}
