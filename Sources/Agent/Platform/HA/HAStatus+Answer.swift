package import TandemModel

extension HAStatus {
    /// Reads a driver's `status` answer.
    ///
    /// `role` and `in-service` are needed; a key that is missing counts as the answer that promises
    /// least. Unknown keys are left for later versions.
    package init(answer: KeyValueFile) throws(KeyValueFile.Problem) {
        let reader = AnswerReader(answer)
        self.init(
            role: try reader.role(),
            isInService: try reader.flag("in-service", otherwise: nil),
            peerRole: try reader.choice("peer-role", otherwise: .unseen),
            replication: ReplicationState(
                isCaughtUp: try reader.flag("caught-up", otherwise: false),
                lagBytes: try reader.number("lag-bytes"),
                lagMilliseconds: try reader.milliseconds("lag-seconds"),
                isInhibited: try reader.flag("replication-inhibited", otherwise: false)
            ),
            exclusion: try reader.choice("exclusion", otherwise: .none),
            switchover: try reader.choice("switchover", otherwise: .twoStep),
            token: try reader.text("token"),
            position: try reader.text("position"),
            isHeld: try reader.flag("held", otherwise: false)
        )
    }
}

/// Values of a driver's answer by key.
private struct AnswerReader {
    typealias Problem = KeyValueFile.Problem

    let answer: KeyValueFile

    init(_ answer: KeyValueFile) { self.answer = answer }

    func role() throws(Problem) -> ServerRole {
        guard let text = try answer.value("role") else { throw missing("role") }
        // Holding back is Tandem's own doing: a driver says it by `held`.
        guard let role = ServerRole(rawValue: text), role != .forcedStandby else {
            throw wrong("role", text)
        }
        return role
    }

    /// `otherwise` is `nil` where the key is needed.
    func flag(_ key: String, otherwise: Bool?) throws(Problem) -> Bool {
        switch (try answer.value(key), otherwise) {
        case ("yes", _): return true
        case ("no", _): return false
        case (nil, let value?): return value
        case (nil, nil): throw missing(key)
        case (let text?, _): throw wrong(key, text)
        }
    }

    func choice<Choice: RawRepresentable<String>>(
        _ key: String,
        otherwise: Choice
    ) throws(Problem) -> Choice {
        guard let text = try answer.value(key) else { return otherwise }
        guard let choice = Choice(rawValue: text) else { throw wrong(key, text) }
        return choice
    }

    func number(_ key: String) throws(Problem) -> UInt64 {
        guard let text = try answer.value(key) else { return 0 }
        guard let number = UInt64(text) else { throw wrong(key, text) }
        return number
    }

    func milliseconds(_ key: String) throws(Problem) -> UInt64 {
        guard let text = try answer.value(key) else { return 0 }
        guard let value = millisecondsOfSeconds(text) else { throw wrong(key, text) }
        return value
    }

    func text(_ key: String) throws(Problem) -> String {
        let text = try answer.value(key) ?? ""
        guard text.utf8.count <= TextLimit.name else { throw wrong(key, String(text.prefix(40))) }
        return text
    }

    private func missing(_ key: String) -> Problem { Problem(line: 0, "`\(key)` is missing") }

    private func wrong(_ key: String, _ text: String) -> Problem {
        Problem(line: answer.all(key).first?.line ?? 0, "`\(key)` can't be `\(text)`")
    }
}
