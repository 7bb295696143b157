import AgentPlatform
import AgentRuntime
import Glibc
import TandemModel

/// Exit codes: 0 done, 1 failed, 2 wrong command line, 78 wrong configuration (as of sysexits).
func exitCode(of error: TandemError) -> Int32 {
    switch error.code {
    case .usage: 2
    case .configurationInvalid: 78
    case _: 1
    }
}

do throws(TandemError) {
    exit(try AgentCommand(Array(CommandLine.arguments.dropFirst())).run())
} catch {
    let line = Array("tandem-agent: \(error)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(exitCode(of: error))
}
