import AgentPlatform
import TandemModel
import TandemSpawn

/// Who carries a promotion out right now, for an agent that starts after the one that began it.
enum PromoteIdentity {
    private static func path(_ state: StateFolder) -> String { "\(state.guards)/promote" }

    static func write(_ child: ChildProcess, in state: StateFolder) throws(TandemError) {
        try Files.replace(path(state), with: Array("\(try ProcessMark(child).text)\n".utf8))
    }

    static func forget(in state: StateFolder) { try? Files.removeFile(path(state)) }

    /// Ends whatever is left of it; waits until it is gone, at most five seconds.
    ///
    /// - Returns: whether nothing of it is left.
    static func kill(in state: StateFolder) -> Bool {
        guard let bytes = try? Files.read(path(state), byteCountMax: 4096),
            let mark = ProcessMark(text: String(decoding: bytes, as: UTF8.self)),
            (try? mark.mayLeadSession()) == true
        else { return true }
        let isGone = SessionMembers.endOthers(ofSession: mark.processID)
        if isGone { forget(in: state) }
        return isGone
    }
}
