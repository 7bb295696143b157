import Glibc
package import TandemModel
import TandemSpawn

/// The operator's own checks: executables by the convention of monitoring plugins.
package struct PluginChecks {
    /// How long one may take.
    package static let limitMilliseconds: UInt64 = 30_000
    /// More are not run, and that is said: a result carries 32 checks at most, the built-in ones too.
    package static let countMax = 20

    private let server: LocalServer

    /// The checks of a server's configuration.
    package init(_ server: LocalServer) { self.server = server }

    private var folder: String { "\(server.configuration.checksDirectory)/pre-upgrade" }

    /// Runs them in the order of their names; no folder means no checks.
    package func run(_ onCheck: (String) -> Void = { _ in }) -> [CheckResult] {
        do throws(TandemError) {
            guard try Files.kind(of: folder) == .directory else { return [] }
            let names = try Files.list(folder).filter { !$0.hasPrefix(".") }
            var results: [CheckResult] = []
            for name in names.prefix(Self.countMax) {
                guard let result = check(name, onCheck) else { continue }
                results.append(result)
            }
            guard names.count > Self.countMax else { return results }
            return results + [
                CheckResult(
                    name: "checks.d",
                    level: .unknown,
                    text: "\(names.count) checks lie there, and only \(Self.countMax) are run",
                    remedy: "Take checks out of \(folder)."
                )
            ]
        } catch {
            return [
                CheckResult(
                    name: "checks.d",
                    level: .unknown,
                    text: error.message,
                    remedy: error.remedy
                )
            ]
        }
    }

    private func check(_ name: String, _ onCheck: (String) -> Void) -> CheckResult? {
        let path = "\(folder)/\(name)"
        var attributes = stat()
        guard stat(path, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFREG,
            attributes.st_mode & 0o111 != 0
        else { return nil }
        onCheck(name)
        let shown = clipped(name, byteCountMax: 63)
        let remedy = "See what \(path) looks at."
        do throws(TandemError) {
            let result = try runChild(
                ChildCommand(
                    path,
                    environment: ChildCommand.plainEnvironment + [
                        "TANDEM_ROOT=\(server.configuration.root)",
                        "TANDEM_SERVER=\(server.configuration.server)",
                    ]
                ),
                timeoutMilliseconds: Self.limitMilliseconds
            )
            guard !result.isTimedOut else {
                return CheckResult(
                    name: shown,
                    level: .unknown,
                    text: "did not end in time",
                    remedy: remedy
                )
            }
            let answer = PluginAnswer(ending: result.ending, output: result.standardOutput)
            return CheckResult(
                name: shown,
                level: answer.level,
                text: answer.text,
                remedy: answer.level == .ok ? "" : remedy
            )
        } catch {
            return CheckResult(
                name: shown,
                level: .unknown,
                text: error.message,
                remedy: error.remedy
            )
        }
    }
}
