import Glibc
package import TandemModel
package import TandemSpawn

/// The operator's own checks of one phase: executables by the convention of monitoring plugins.
package struct PluginChecks {
    /// How long one may take before or after an upgrade.
    package static let limitMilliseconds: UInt64 = 30_000
    /// More are not run, and that is said: a result carries 32 checks at most, the built-in ones too.
    package static let countMax = 20

    private let server: LocalServer
    private let surroundings: CheckSurroundings

    /// The checks of a server's configuration.
    package init(_ server: LocalServer, _ surroundings: CheckSurroundings) {
        self.server = server
        self.surroundings = surroundings
    }

    private var folder: String {
        "\(server.configuration.checksDirectory)/\(surroundings.phase.rawValue)"
    }

    /// One executable, ready to be run.
    package struct Plugin {
        package let name: String
        package let command: ChildCommand
        let path: String

        /// What it answered.
        package func result(_ ending: ChildEnding, _ output: [UInt8], isTimedOut: Bool)
            -> CheckResult
        {
            guard !isTimedOut else { return result(.unknown, "did not end in time") }
            let answer = PluginAnswer(ending: ending, output: output)
            return result(answer.level, answer.text)
        }

        func result(_ level: CheckResult.Level, _ text: String) -> CheckResult {
            CheckResult(
                name: clipped(name, byteCountMax: 63),
                level: level,
                text: text,
                remedy: level == .ok ? "" : "See what \(path) looks at."
            )
        }
    }

    /// The executables in the order of their names, and a result that says why some are left out;
    /// no folder means no checks.
    package func plugins() -> (plugins: [Plugin], problem: CheckResult?) {
        do throws(TandemError) {
            guard try Files.kind(of: folder) == .directory else { return ([], nil) }
            let names = try Files.list(folder).filter { !$0.hasPrefix(".") && isProgram($0) }
            let environment = surroundings.environment(on: server.configuration)
            let plugins = names.prefix(Self.countMax).map { name in
                let path = "\(folder)/\(name)"
                return Plugin(
                    name: name,
                    command: ChildCommand(path, environment: environment),
                    path: path
                )
            }
            guard names.count > Self.countMax else { return (plugins, nil) }
            let problem = CheckResult(
                name: "checks.d",
                level: .unknown,
                text: "\(names.count) checks lie there, and only \(Self.countMax) are run",
                remedy: "Take checks out of \(folder)."
            )
            return (plugins, problem)
        } catch {
            let problem = CheckResult(
                name: "checks.d",
                level: .unknown,
                text: error.message,
                remedy: error.remedy
            )
            return ([], problem)
        }
    }

    private func isProgram(_ name: String) -> Bool {
        var attributes = stat()
        return stat("\(folder)/\(name)", &attributes) == 0
            && attributes.st_mode & S_IFMT == S_IFREG && attributes.st_mode & 0o111 != 0
    }

    /// Runs them one after the other; `onCheck` hears the name of each before it runs.
    package func run(
        limitMilliseconds: UInt64 = PluginChecks.limitMilliseconds,
        _ onCheck: (String) -> Void = { _ in }
    ) -> [CheckResult] {
        let (plugins, problem) = plugins()
        let results = plugins.map { plugin in
            onCheck(plugin.name)
            do throws(TandemError) {
                let end = try runChild(plugin.command, timeoutMilliseconds: limitMilliseconds)
                return plugin.result(
                    end.ending,
                    end.standardOutput,
                    isTimedOut: end.isTimedOut
                )
            } catch {
                return plugin.result(.unknown, error.message)
            }
        }
        return results + [problem].compactMap(\.self)
    }
}

extension Health {
    /// The health that the product's own check and the operator's say together: the worst word.
    ///
    /// A check that can't tell makes nothing ill, but is seen; without a check of the product's own
    /// theirs count alone.
    package static func worst(_ own: Health?, _ results: [CheckResult]) -> Health {
        guard let worst = results.max(by: { $0.level < $1.level }) else { return own ?? .unknown }
        let words = "\(worst.name): \(worst.text)"
        return switch (own, worst.level) {
        case (.failing(let why), _): .failing(why)
        case (_, .critical): .failing(clipped(words, byteCountMax: TextLimit.line))
        case (.unknown, _): .unknown
        case (.warning(let why), _): .warning(why)
        case (.healthy, .ok), (nil, .ok): .healthy
        case (.healthy, .warning), (nil, .warning), (.healthy, .unknown), (nil, .unknown):
            .warning(clipped(words, byteCountMax: TextLimit.line))
        }
    }
}
