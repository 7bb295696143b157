/// One kind of bytes that come from outside, and what must hold for any of them.
///
/// The same checks run under libFuzzer (`make fuzz`) and, over the committed inputs, as a test.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case frames
    case agentMessages = "agent-messages"
    case controllerMessages = "controller-messages"
    case manifest
    case signed
    case journalFile = "journal-file"
    case journalRecords = "journal-records"
    case workers
    case driverAnswers = "driver-answers"
    case configuration
    case signatures
    case trust
    case apiBodies = "api-bodies"
    case forms
    case requestHeads = "request-heads"

    /// Checks one input; a trap is as much a finding as what is thrown.
    package func check(_ input: [UInt8]) throws(FuzzFinding) {
        switch self {
        case .frames: try checkFrames(input)
        case .agentMessages: try checkAgentMessage(input)
        case .controllerMessages: try checkControllerMessage(input)
        case .manifest: try checkManifest(input)
        case .signed: try checkSigned(input)
        case .journalFile: try checkJournalFile(input)
        case .journalRecords: try checkJournalRecord(input)
        case .workers: try checkWorkers(input)
        case .driverAnswers: try checkDriverAnswer(input)
        case .configuration: try checkConfiguration(input)
        case .signatures: try checkSignatures(input)
        case .trust: try checkTrust(input)
        case .apiBodies: try checkBody(input)
        case .forms: try checkForm(input)
        case .requestHeads: try checkHead(input)
        }
    }
}

/// What an input showed.
package struct FuzzFinding: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Throws a finding unless `holds`.
func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(FuzzFinding) {
    guard holds else { throw FuzzFinding(what()) }
}
