import AgentPlatform
import TandemModel
import TandemSpawn

/// One examination of a driver: calls verbs in an order that ends where it began, and notes findings.
struct Examination {
    let driver: DriverUnderTest
    /// The cluster has one server: nobody to hold for, to give the role to, or to replicate to.
    let isSingle: Bool
    /// Calls nothing that may move the role or stop the service.
    let looksOnly: Bool
    /// The mate's name, for drivers with `switchover=atomic`.
    let mate: String
    /// A program that ends with 0 while the product of this server serves; empty: none.
    let probe: String
    private(set) var findings = Findings()

    init(
        driver: DriverUnderTest,
        isSingle: Bool = false,
        looksOnly: Bool = false,
        mate: String = "",
        probe: String = ""
    ) {
        self.driver = driver
        self.isSingle = isSingle
        self.looksOnly = looksOnly
        self.mate = mate
        self.probe = probe
    }

    /// Keeps or fails a rule.
    mutating func mark(_ rule: Rule, _ isKept: Bool, _ why: @autoclosure () -> String) {
        findings.judge(rule, isKept, why())
    }

    /// Passes over a rule that can't be tried here.
    mutating func pass(_ rule: Rule, _ why: String) { findings.skip(rule, why) }

    /// A token that no driver hands out.
    static let staleToken = "tandem-conformance-no-such-token"

    /// Runs all rules.
    ///
    /// - Throws: when the driver can't be started at all.
    mutating func run() throws(TandemError) {
        guard let first = try look(isFirst: true) else { return }
        if let second = try look() {
            findings.judge(
                .statusIsQuiet,
                Standing(first) == Standing(second),
                "\(Standing(first).text), then \(Standing(second).text)"
            )
        }
        try tryUnknownVerb()
        guard !looksOnly else { return skipChanges("only looking was asked for") }
        guard first.role == .active || first.role == .standby else {
            return skipChanges("the server is \(first.role.rawValue)")
        }
        try tryChanges(from: first)
    }

    private mutating func skipChanges(_ why: String) {
        let rules: [Rule] = [
            .staleToken, .hold, .replication, .promote, .demote, .takeBack, .fence, .silence,
            .generation, .refusals,
        ]
        for rule in rules { findings.skip(rule, why) }
    }

    private mutating func tryChanges(from first: HAStatus) throws(TandemError) {
        guard first.switchover == .twoStep || !mate.isEmpty else {
            return skipChanges("switchover=atomic: name the mate by --mate")
        }
        var now = first
        if first.role == .active {
            try tryStaleToken(of: first)
            try tryDemotion()
            now = try look() ?? now
        }
        if now.role == .standby {
            try tryStaleToken(of: now)
            try tryHold(token: now.token)
            try tryReplication()
        }
        guard let standby = try look() else { return }
        if first.switchover == .atomic, first.role == .active {
            try tryAtomicReturn(from: first)
            return skipChanges("the mate would be elected: try it by hand")
        }
        guard standby.peerRole != .active else {
            return skipChanges("the mate is active: run this on the mate, or demote it first")
        }
        if standby.role == .standby { try tryPromotion(from: standby) }
        try tryFence()
        // Back to what it was; a server that was standing by is left so.
        if first.role == .active { try tryTakeBack() } else { try settleAsStandby() }
        skipChanges("it did not come so far")
    }

    private mutating func settleAsStandby() throws(TandemError) {
        try tryTakeBack()
        _ = try call(demotion)
    }
}

// MARK: - Looking

extension Examination {
    /// Asks for the status; `nil` when the answer can't be used.
    mutating func look(isFirst: Bool = false) throws(TandemError) -> HAStatus? {
        let call = try call(["status"])
        findings.judge(isFirst ? .clearedEnvironment : .statusAnswers, call.code == 0, call.text)
        guard call.code == 0 else { return nil }
        do {
            let answer = try KeyValueFile(call.result.standardOutput)
            let status = try HAStatus(answer: answer)
            findings.keep(.statusForm)
            if isFirst { judgeKeys(answer) }
            return status
        } catch {
            let isMissing = error.line == 0 && error.text.hasSuffix("is missing")
            findings.fail(isMissing ? .statusKeys : .statusForm, "\(error)")
            return nil
        }
    }

    private mutating func judgeKeys(_ answer: KeyValueFile) {
        // What else is missing counts as the answer that promises least: a driver may mean it.
        let token = (try? answer.value("token")) ?? nil
        findings.judge(.statusKeys, !(token ?? "").isEmpty, "`token` is missing or empty")
    }

    /// Calls a verb, and holds the answer against the rules that are for all verbs.
    mutating func call(_ words: [String]) throws(TandemError) -> DriverUnderTest.Call {
        let call = try driver.call(words)
        findings.judge(
            .deadlines,
            !call.result.isTimedOut,
            "\(words.joined(separator: " ")) did not end within \(call.limitMilliseconds) ms"
        )
        let isKnown = call.code.map { (0...3).contains($0) } ?? call.result.isTimedOut
        findings.judge(.exitCodes, isKnown, call.text)
        return call
    }

    /// Asks the product itself, past the driver, whether it still serves.
    mutating func listen(after verb: String) throws(TandemError) {
        guard !probe.isEmpty else { return pass(.silence, "no --serves PROGRAM was named") }
        let result = try runChild(ChildCommand(probe), timeoutMilliseconds: 10_000)
        findings.judge(
            .silence,
            result.isTimedOut || !result.ending.isSuccess,
            "after \(verb), \(probe) says that the product serves"
        )
    }

    /// Calls a verb that must end with 0, twice: what is so already is done.
    ///
    /// - Returns: whether it did.
    mutating func twice(_ words: [String], _ rule: Rule) throws(TandemError) -> Bool {
        for time in ["", " (the second time)"] {
            let call = try watched(words)
            guard call.code == 0 else {
                findings.fail(rule, call.text + time)
                return false
            }
        }
        findings.keep(rule)
        return true
    }

    /// Calls a verb; where it is refused, looks whether that was true.
    mutating func watched(_ words: [String]) throws(TandemError) -> DriverUnderTest.Call {
        let before = try look()
        let call = try call(words)
        guard call.code == 1, let before, let after = try look() else { return call }
        findings.judge(
            .refusals,
            Standing(before) == Standing(after),
            "\(call.text), but \(Standing(before).text) became \(Standing(after).text)"
        )
        return call
    }
}
