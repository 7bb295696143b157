import Foundation
import Testing

/// `Scripts/setup` among made-up tools: what it asks apt for, and what it tells whom.
struct SetupScriptTests {
    @Test
    func asksNobodyWhenAllIsThere() throws {
        let run = try Machine(userID: 65_534).runSetup()
        #expect(run.status == 0)
        #expect(run.output == "")
        #expect(run.calls == [])
    }

    @Test
    func namesTheLineForAnAdministrator() throws {
        let run = try Machine(missing: ["xorriso", "libssl-dev"]).runSetup()
        #expect(run.status == 1)
        #expect(
            run.output.contains("apt-get install -y --no-install-recommends libssl-dev xorriso\n")
        )
        #expect(run.calls == [])
    }

    @Test
    func namesTheLineForSudoWithAPassword() throws {
        let run = try Machine(missing: ["xorriso"], sudo: .wantsPassword).runSetup()
        #expect(run.status == 1)
        #expect(run.output.contains("sudo apt-get install -y --no-install-recommends xorriso\n"))
        #expect(run.calls == [])
    }

    @Test(arguments: [(0, Machine.Sudo.absent), (1_000, Machine.Sudo.works)])
    func installsOnlyWhatIsMissing(_ userID: Int, _ sudo: Machine.Sudo) throws {
        let run = try Machine(userID: userID, missing: ["python3", "make"], sudo: sudo).runSetup()
        #expect(run.status == 0, "\(run.output)")
        #expect(run.calls.count == 2)
        #expect(run.calls.first?.hasSuffix(" update") == true)
        #expect(run.calls.last?.hasSuffix("--no-install-recommends python3 make") == true)
    }

    @Test
    func eitherPackageOfAPairWillDo() throws {
        #expect(try Machine(missing: ["pkg-config"]).runSetup().status == 0)
        let run = try Machine(missing: ["pkg-config", "pkgconf"]).runSetup()
        #expect(run.output.contains("apt-get install -y --no-install-recommends pkg-config\n"))
    }

    @Test
    func failingInstallationIsAFailure() throws {
        let run = try Machine(userID: 0, missing: ["git"], aptStatus: 100).runSetup()
        #expect(run.status == 1)
        #expect(run.output.contains("could not install: git"))
    }

    @Test
    func installationWithoutEffectIsAFailure() throws {
        let run = try Machine(userID: 0, missing: ["git"], aptHelps: false).runSetup()
        #expect(run.status == 1)
        #expect(run.output.contains("still missing after the installation: git"))
    }

    @Test(arguments: ["6.2", "6.2.1", "6.3.1", "6.10", "7.0"])
    func newEnoughCompilerPasses(_ version: String) throws {
        #expect(try Machine(swift: version).runSetup().status == 0)
    }

    @Test(arguments: ["6.1.9", "6.0", "5.10"])
    func oldCompilerIsRefused(_ version: String) throws {
        let run = try Machine(swift: version).runSetup()
        #expect(run.status == 1)
        #expect(run.output.contains("Swift \(version)") && run.output.contains("6.2 or newer"))
    }

    @Test
    func missingCompilerIsRefused() throws {
        let run = try Machine(swift: nil).runSetup()
        #expect(run.status == 1)
        #expect(run.output.contains("no Swift compiler in PATH"))
    }
}

/// A machine made of scripts in a folder that is all of `PATH`.
struct Machine {
    enum Sudo: Sendable {
        case absent
        case wantsPassword
        case works
    }

    struct Run {
        var status: Int32
        /// Standard output and standard error.
        var output: String
        /// The arguments of each call of apt-get.
        var calls: [String]
    }

    var userID = 1_000
    var missing: [String] = []
    var sudo = Sudo.absent
    var swift: String? = "6.3.1"
    var aptStatus = 0
    /// Whether what apt-get installed is there afterwards.
    var aptHelps = true

    func runSetup() throws -> Run {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-setup-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, body) in tools(in: folder.path) {
            let file = folder.appending(path: name)
            try "#!/bin/bash\n\(body)\n".write(to: file, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: file.path
            )
        }
        for name in ["env", "head", "sed", "sort"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + name,
                withDestinationPath: "/usr/bin/" + name
            )
        }
        let (status, output) = try launch(path: folder.path)
        let calls = (try? String(contentsOfFile: folder.path + "/calls", encoding: .utf8)) ?? ""
        return Run(
            status: status,
            output: output,
            calls: calls.split(separator: "\n").map(String.init)
        )
    }

    private func launch(path: String) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["30", "/bin/bash", Repository.shared.root.path + "/Scripts/setup"]
        process.environment = ["PATH": path]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    private func tools(in folder: String) -> [String: String] {
        let names = missing.joined(separator: "|")
        let isMissing =
            missing.isEmpty ? "false" : "[[ ! -e \(folder)/helped && ${!#} =~ ^(\(names))$ ]]"
        var tools = [
            "id": "echo \(userID)",
            "dpkg-query": "if \(isMissing); then exit 1; fi; printf installed",
            "apt-get": """
            echo "$*" >>\(folder)/calls
            if [[ " $* " == *" install "* && \(aptHelps) == true ]]; then : >\(folder)/helped; fi
            exit \(aptStatus)
            """,
        ]
        if let swift { tools["swift"] = "echo 'Swift version \(swift) (swift-\(swift)-RELEASE)'" }
        switch sudo {
        case .absent: break
        case .wantsPassword: tools["sudo"] = "echo 'sudo: a password is required' >&2; exit 1"
        case .works:
            tools["sudo"] = "if [ \"$1\" = -n ]; then shift; fi; [ \"$1\" = true ] || \"$@\""
        }
        return tools
    }
}
