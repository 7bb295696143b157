import Testing

/// Who may import whom, and that `Package.swift` says the same.
struct LayerTests {
    @Test
    func everyImportIsInTheTable() throws {
        expectNone(try Repository.shared.sources.flatMap(importFindings))
    }

    @Test
    func everySourceFileBelongsToALayer() {
        expectNone(Repository.shared.sources.compactMap(homelessFinding))
    }

    @Test
    func noTypeBearsAModuleName() throws {
        expectNone(try Repository.shared.swift.flatMap(moduleNameFindings))
    }

    @Test
    func manifestAndTableAgree() throws {
        let manifest = try Repository.shared.required("Package.swift", "it names the layers")
        expectNone(try manifestFindings(Manifest(manifest.text), layers: Layer.all))
    }

    @Test
    func everyTestFolderIsRun() throws {
        let manifest = try Repository.shared.required("Package.swift", "it names the tests")
        let paths = Repository.shared.swift.map(\.path)
        expectNone(testFolderFindings(try Manifest(manifest.text), paths: paths))
    }

    // MARK: - Planted violations

    @Test
    func testFolderWithoutTargetIsFound() throws {
        let manifest = try Manifest(
            """
            func tests(_ name: String) -> Target { .testTarget(path: "Tests/\\(name)") }
            let all = [tests("ATests"), tests(
                "BTests", []), library("D", "Tests/Support")]
            """
        )
        let paths = [
            "Sources/A.swift", "Tests/ATests/A.swift", "Tests/BTests/B.swift",
            "Tests/CTests/Deep/C.swift", "Tests/Support/D.swift",
        ]
        #expect(testFolderFindings(manifest, paths: paths).map(\.path) == ["Tests/CTests"])
    }

    @Test(arguments: [
        ("Protocol/Model", "import Foundation"),
        ("Controller/Core", "import Dispatch"),
        ("Agent/Core", "import Glibc"),
        ("Protocol/Wire", "import NIOCore"),
        ("Agent/Runtime", "package import Foundation"),
        ("Agent/Platform", "import _Concurrency"),
        ("Protocol/Image", "import COpenSSL"),
        ("Protocol/TLSChannel", "import NIOPosix"),
        ("Controller/CLI", "import ControllerRuntime"),
        ("Controller/Web", "import ControllerStore"),
        ("Controller/Runtime", "import AgentCore"),
        ("Agent/Daemon", "import ControllerCore"),
    ])
    func forbiddenImportIsFound(_ folder: String, _ line: String) throws {
        let file = SourceFile(path: "Sources/\(folder)/Planted.swift", text: "// x\n\(line)\n")
        let found = try importFindings(in: file)
        #expect(found.count == 1)
        #expect(found.first?.line == 2)
        #expect(found.first?.why.isEmpty == false)
    }

    @Test
    func allowedImportPasses() throws {
        let file = SourceFile(
            path: "Sources/Protocol/Crypto/TLS/Planted.swift",
            text:
                "import COpenSSL\nimport Glibc\npackage import TandemModel\n// import Foundation\n"
        )
        #expect(try importFindings(in: file).isEmpty)
    }

    @Test
    func fileOutsideAllLayersIsFound() {
        let file = SourceFile(path: "Sources/Controller/Misc/Planted.swift", text: "")
        #expect(homelessFinding(of: file) != nil)
    }

    @Test
    func typeNamedLikeItsModuleIsFound() throws {
        let file = SourceFile(
            path: "Sources/Planted.swift",
            text: "package struct AgentCore {}\nenum Tandem {}\nlet a: AgentCore\n"
        )
        #expect(try moduleNameFindings(in: file).map(\.line) == [1])
    }

    @Test
    func disagreementWithTheManifestIsFound() throws {
        let manifest = try Manifest(
            """
            let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
            let all = [
                library("A", "Protocol/A", ["B", nioCore]),
                program(
                    "b-c", "Agent/BC",
                    [
                        "A",
                    ]),
                library("D", "Protocol/D"),
                .systemLibrary(
                    name: "E", path: "Sources/Protocol/E", pkgConfig: "e"),
            ]
            """
        )
        let agreed = [
            Layer(
                folder: "Protocol/A",
                target: "A",
                targets: ["B"],
                products: ["NIOCore"],
                why: "w"
            ),
            Layer(folder: "Agent/BC", target: "b-c", targets: ["A"], why: "w"),
            Layer(folder: "Protocol/D", target: "D", why: "w"),
        ]
        #expect(manifestFindings(manifest, layers: agreed).isEmpty)
        var wider = agreed
        wider[2].targets = ["A"]
        #expect(manifestFindings(manifest, layers: wider).count == 1)
        var narrower = agreed
        narrower[0].products = []
        #expect(manifestFindings(manifest, layers: narrower).count == 1)
        #expect(manifestFindings(manifest, layers: Array(agreed.dropLast())).count == 1)
        let gone = agreed + [Layer(folder: "Protocol/F", target: "F", why: "w")]
        #expect(manifestFindings(manifest, layers: gone).count == 1)
        var moved = agreed
        moved[1].folder = "Agent/CB"
        #expect(manifestFindings(manifest, layers: moved).count == 1)
    }
}

// MARK: - The rules

private func layer(of path: String) -> Layer? {
    Layer.all.first { path.hasPrefix("Sources/\($0.folder)/") }
}

private func importFindings(in file: SourceFile) throws -> [Finding] {
    guard let layer = layer(of: file.path) else { return [] }
    return try file.imports().filter { !layer.allowed.contains($0.group) }.map { found in
        Finding(
            path: file.path,
            line: found.line,
            what: "imports \(found.group), which \(layer.target) may not",
            why: layer.why
        )
    }
}

private func homelessFinding(of file: SourceFile) -> Finding? {
    guard layer(of: file.path) == nil else { return nil }
    return Finding(
        path: file.path,
        what: "lies in no target folder of the layer table",
        why: "a folder without a row has no rules; add the row to Layer.swift with its reason"
    )
}

private func moduleNameFindings(in file: SourceFile) throws -> [Finding] {
    let modules = Set(Layer.all.map(\.module))
    return try typeDeclarations(in: file.code).filter { modules.contains($0.group) }.map { found in
        Finding(
            path: file.path,
            line: found.line,
            what: "the type \(found.group) is named like a module",
            why: "`\(found.group).X` would then be looked up in the type, not in the module"
        )
    }
}

private func testFolderFindings(_ manifest: Manifest, paths: [String]) -> [Finding] {
    let parts = paths.map { $0.split(separator: "/").map(String.init) }
    let folders = Set(parts.filter { $0.count > 2 && $0[0] == "Tests" }.map { $0[1] })
    return folders.subtracting(manifest.tests).sorted().map { folder in
        Finding(
            path: "Tests/\(folder)",
            what: "is not among the test targets of Package.swift",
            why: "a test that is never built is worse than none: it looks like one"
        )
    }
}

private func manifestFindings(_ manifest: Manifest, layers: [Layer]) -> [Finding] {
    let undeclared = manifest.targets.values.sorted { $0.name < $1.name }
        .filter { target in !layers.contains { $0.target == target.name } }
        .map { target in
            Finding(
                path: "Package.swift",
                what: "target \(target.name) has no row in Tests/TidyTests/Layer.swift",
                why: "each layer says what it may import and why"
            )
        }
    return undeclared + layers.flatMap { manifestFindings(manifest, layer: $0) }
}

private func manifestFindings(_ manifest: Manifest, layer: Layer) -> [Finding] {
    let why = "the table and the manifest turn the same key; change both or neither"
    guard let target = manifest.targets[layer.target] else {
        return [Finding(path: "Package.swift", what: "has no target \(layer.target)", why: why)]
    }
    guard target.path == layer.folder else {
        let what = "\(target.name) lies in \(target.path), the table says \(layer.folder)"
        return [Finding(path: "Package.swift", what: what, why: why)]
    }
    let more = target.dependencies.subtracting(layer.declared).sorted()
    let fewer = layer.declared.subtracting(target.dependencies).sorted()
    return more.map {
        let what = "\(target.name) depends on \($0), which the table does not allow"
        return Finding(path: "Package.swift", what: what, why: layer.why)
    }
        + fewer.map {
            let what = "\(target.name) no longer depends on \($0), which the table still allows"
            return Finding(path: "Package.swift", what: what, why: why)
        }
}
