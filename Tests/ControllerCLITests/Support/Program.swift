import Foundation
import TandemModel
import TandemSpawn

/// The built `tandem`, run as an operator would.
struct Program {
    /// What one run left behind.
    struct Run {
        var exit: Int32?
        var output: String
        var error: String
    }

    /// Beside the test program: SwiftPM builds both into one folder.
    static let path: String = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "tandem").path
    }()

    /// The top folder of the repository.
    static let repository: String = {
        let here = URL(filePath: #filePath).resolvingSymlinksInPath()
        return (0..<4).reduce(here) { url, _ in url.deletingLastPathComponent() }.path
    }()

    let folder: TemporaryFolder

    /// Runs with `HOME` and working folder in the test's own folder, at most 60 s; `input` becomes
    /// standard input.
    func callAsFunction(
        _ arguments: [String],
        input: String = "",
        program: String = Program.path
    ) throws -> Run {
        // The input comes through a file: children of ours read from nowhere else.
        try folder.write("stdin", input)
        let script = #"input=$1; shift; exec "$@" <"$input""#
        let command = ChildCommand(
            "/bin/sh",
            ["-c", script, "sh", folder("stdin"), program] + arguments,
            environment: ChildCommand.plainEnvironment + ["HOME=\(folder.path)"],
            directory: folder.path
        )
        let result = try runChild(
            command,
            timeoutMilliseconds: 60_000,
            outputByteCountMax: 4 << 20
        )
        var exit: Int32?
        if case .exited(let code) = result.ending { exit = code }
        return Run(exit: exit, output: result.outputText, error: result.errorText)
    }

    func callAsFunction(_ arguments: String..., input: String = "") throws -> Run {
        try self(arguments, input: input)
    }
}
