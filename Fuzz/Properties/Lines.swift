import AgentPlatform
import TandemModel
import TandemSpawn
import TandemWire

/// What an HA driver or a check plugin printed: an answer that is believed can be told on the wire.
func checkDriverAnswer(_ input: [UInt8]) throws(FuzzFinding) {
    let plugin = PluginAnswer(ending: .exited(1), output: input)
    try require(!plugin.text.contains("\n"), "a plugin's answer of two lines")
    guard let file = try checkedLines(input), let status = try? HAStatus(answer: file) else {
        return
    }
    try require(status.role != .forcedStandby, "a driver says that Tandem holds the server back")
    let bytes: [UInt8]
    do throws(WireError) {
        bytes = try status.wireBytes()
    } catch {
        throw FuzzFinding("an answer that can't be told: \(error)")
    }
    try require((try? HAStatus(wireBytes: bytes)) == status, "told otherwise: \(status)")
}

/// The agent's configuration.
func checkConfiguration(_ input: [UInt8]) throws(FuzzFinding) {
    guard let file = try checkedLines(input) else { return }
    _ = try? AgentConfiguration(file)
}

/// Reads `key = value`; written plainly, the lines read as the same.
private func checkedLines(_ input: [UInt8]) throws(FuzzFinding) -> KeyValueFile? {
    guard let file = try? KeyValueFile(input) else { return nil }
    let text = file.entries.map { "\($0.key)=\($0.value)\n" }.joined()
    let again = try? KeyValueFile(Array(text.utf8))
    try require(
        again?.entries.map(\.key) == file.entries.map(\.key)
            && again?.entries.map(\.value) == file.entries.map(\.value),
        "written as \(text)"
    )
    return file
}
