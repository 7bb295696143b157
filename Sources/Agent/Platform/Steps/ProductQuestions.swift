package import TandemModel
package import TandemSpawn

/// What the running product itself can be asked, by the hooks of a release.
package struct ProductQuestions: Sendable {
    /// How long one question may take.
    package static let limitMilliseconds: UInt64 = 10_000

    private let hooks: HookRunner
    private let manifest: ReleaseManifest

    /// Questions by the hooks of that release.
    package init(_ hooks: HookRunner, _ manifest: ReleaseManifest) {
        self.hooks = hooks
        self.manifest = manifest
    }

    /// The child that prints the running build id.
    package func buildIDCommand() throws(TandemError) -> ChildCommand {
        try hooks.command(manifest.hook(manifest.identifyHook))
    }

    /// The child that says whether the product is healthy; `nil` where the release has none.
    package func healthCommand() throws(TandemError) -> ChildCommand? {
        guard let name = manifest.healthHook else { return nil }
        return try hooks.command(manifest.hook(name))
    }

    /// The build id that runs now; `nil` with the reason when the product does not answer.
    func buildID() -> (buildID: String?, words: String) {
        do throws(TandemError) {
            let result = try runChild(
                try buildIDCommand(),
                timeoutMilliseconds: Self.limitMilliseconds
            )
            return (Self.buildID(of: result.ending, result.standardOutput), result.errorText)
        } catch {
            return (nil, error.description)
        }
    }

    /// Health by the release's own check; `nil` where it has none.
    func health() -> Health? {
        do throws(TandemError) {
            guard let command = try healthCommand() else { return nil }
            let result = try runChild(command, timeoutMilliseconds: Self.limitMilliseconds)
            guard !result.isTimedOut else { return .failing("the check did not end in time") }
            return Self.health(of: result.ending, result.standardOutput)
        } catch {
            return .failing(error.message)
        }
    }

    /// The first line of what the identify hook printed; `nil` when it failed.
    package static func buildID(of ending: ChildEnding, _ output: [UInt8]) -> String? {
        let line = firstLine(of: output)
        return ending.isSuccess && !line.isEmpty ? line : nil
    }

    /// What a health check's exit and first line mean.
    package static func health(of ending: ChildEnding, _ output: [UInt8]) -> Health {
        let plugin = PluginAnswer(ending: ending, output: output)
        return switch plugin.level {
        case .ok: .healthy
        case .warning: .warning(plugin.text)
        case .critical: .failing(plugin.text)
        case .unknown: .unknown
        }
    }
}

/// The first line, without blanks around it and without control characters.
func firstLine(of output: [UInt8]) -> String {
    let line = output.prefix { $0 != UInt8(ascii: "\n") }.filter { $0 >= 0x20 && $0 != 0x7f }
    let text = String(decoding: line, as: UTF8.self)
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
        let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return clipped(String(text[first...last]), byteCountMax: TextLimit.line)
}
