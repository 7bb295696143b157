package import AgentCore
package import TandemModel
import TandemSpawn

/// How a guard saw its work end: one small file, which the agent reads also when another agent
/// process began the work.
package struct GuardRecord: Hashable, Sendable {
    package var result: StepResult

    /// An end.
    package init(_ result: StepResult) { self.result = result }

    /// The name of the file for a step of a command.
    package static func name(of run: StepRun) -> String {
        "\(run.command)-\(run.index)\(run.isReturn ? "-return" : "")"
    }

    private static func path(_ name: String, in state: StateFolder) -> String {
        "\(state.guards)/\(name)"
    }

    /// The record of that name; `nil` when there is none yet.
    package static func read(_ name: String, in state: StateFolder) -> GuardRecord? {
        guard let bytes = try? Files.read(path(name, in: state), byteCountMax: 64 * 1024),
            let file = try? KeyValueFile(bytes)
        else { return nil }
        return GuardRecord(file)
    }

    /// Puts the record in its place, whole and durable.
    package func write(_ name: String, in state: StateFolder) throws(TandemError) {
        try Files.replace(Self.path(name, in: state), with: Array(text.utf8))
    }

    /// Forgets the record, and those of other commands than the one named.
    package static func prepare(
        _ name: String,
        of command: CommandID,
        in state: StateFolder
    ) throws(TandemError) {
        for file in try Files.list(state.guards) {
            let isOfCommand = file.hasPrefix(command.description)
            let isOfStep = CommandID(file.prefix(36)) != nil
            if file.hasPrefix(name) || (isOfStep && !isOfCommand) {
                try Files.removeFile(path(file, in: state))
            }
        }
    }

    // MARK: - Text

    private init?(_ file: KeyValueFile) {
        func text(_ key: String) -> String { (try? file.value(key)).flatMap(\.self) ?? "" }
        let failure = TandemFailure(
            code: text("code"),
            message: text("message"),
            remedy: text("remedy"),
            diagnostic: file.all("diagnostic").map(\.value).joined(separator: "\n")
        )
        switch text("result") {
        case "succeeded": result = .succeeded
        case "failed": result = .failed(failure)
        case "unknown": result = .unknown(failure)
        case _: return nil
        }
    }

    private var text: String {
        switch result {
        case .succeeded: "result = succeeded\n"
        case .failed(let failure): "result = failed\n" + Self.text(failure)
        case .unknown(let failure): "result = unknown\n" + Self.text(failure)
        }
    }

    private static func text(_ failure: TandemFailure) -> String {
        let lines = clipped(failure.diagnostic, byteCountMax: TextLimit.diagnostic)
            .split(whereSeparator: \.isNewline)
            .suffix(500)
        let pairs =
            [
                ("code", failure.code),
                ("message", clipped(failure.message, byteCountMax: TextLimit.message)),
                ("remedy", clipped(failure.remedy, byteCountMax: TextLimit.message)),
            ] + lines.map { ("diagnostic", String($0)) }
        return pairs.map { "\($0.0) = \(plain($0.1))\n" }.joined()
    }

    private static func plain(_ text: String) -> String {
        String(
            decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 },
            as: UTF8.self
        )
    }
}
