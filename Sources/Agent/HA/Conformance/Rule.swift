/// What the contract of Docs/ha-drivers.md asks of a driver, one rule per line of the table.
enum Rule: String, CaseIterable {
    case clearedEnvironment = "cleared-environment"
    case statusForm = "status-form"
    case statusKeys = "status-keys"
    case statusAnswers = "status-answers"
    case statusIsQuiet = "status-quiet"
    case exitCodes = "exit-codes"
    case deadlines
    case unknownVerb = "unknown-verb"
    case refusals
    case staleToken = "stale-token"
    case hold
    case replication
    case promote
    case demote
    case takeBack = "take-back"
    case fence
    case silence
    case generation
    case noPreemption = "no-preemption"

    /// The rule in one sentence.
    var sentence: String {
        switch self {
        case .clearedEnvironment: "status answers with the contract's variables and nothing else"
        case .statusForm: "each value is one that the agent can read, each key stands once"
        case .statusKeys: "role, in-service and token are there"
        case .statusAnswers: "status answers after every call"
        case .statusIsQuiet: "status changes nothing"
        case .exitCodes: "every call ends with 0, 1, 2 or 3"
        case .deadlines: "every call ends within the agent's clock"
        case .unknownVerb: "a verb that is not of the contract is not done"
        case .refusals: "after exit code 1 nothing has changed"
        case .staleToken: "promote with an old token is refused; an active server answers 0"
        case .hold: "hold and unhold show in status, can be repeated, and hold refuses a promotion"
        case .replication: "replication is inhibited and allowed, shown, and can be repeated"
        case .promote: "promote makes the server active and can be repeated"
        case .demote: "demote leaves a server that is not active and can be repeated"
        case .takeBack: "take-back makes a demoted server active again and can be repeated"
        case .fence: "fence leaves a server that does not serve and can be repeated"
        case .silence: "after demote and fence the product itself does not serve"
        case .generation: "the token is another one after each take-over"
        case .noPreemption: "keepalived takes no address from who has it"
        }
    }
}

/// How a driver keeps a rule.
enum Verdict: Equatable {
    case kept
    case broken(String)
    /// Could not be tried here.
    case notApplicable(String)

    /// The last column of the table.
    var text: String {
        switch self {
        case .kept: "ok"
        case .broken(let why): "FAILED - \(why)"
        case .notApplicable(let why): "not applicable - \(why)"
        }
    }
}

/// What was found: one verdict for each rule, the first broken one stays.
struct Findings {
    private var verdicts: [Rule: Verdict] = [:]

    /// Notes that a rule was tried and kept.
    mutating func keep(_ rule: Rule) {
        switch verdicts[rule] {
        case .broken: break
        case .kept, .notApplicable, nil: verdicts[rule] = .kept
        }
    }

    /// Notes a breach; the first one is what is told.
    mutating func fail(_ rule: Rule, _ why: String) {
        switch verdicts[rule] {
        case .broken: break
        case .kept, .notApplicable, nil: verdicts[rule] = .broken(why)
        }
    }

    /// Notes why a rule could not be tried, unless it was.
    mutating func skip(_ rule: Rule, _ why: String) {
        if verdicts[rule] == nil { verdicts[rule] = .notApplicable(why) }
    }

    /// Keeps or fails.
    mutating func judge(_ rule: Rule, _ isKept: Bool, _ why: @autoclosure () -> String) {
        if isKept { keep(rule) } else { fail(rule, why()) }
    }

    /// The verdict on a rule.
    subscript(_ rule: Rule) -> Verdict {
        verdicts[rule] ?? .notApplicable("the driver's status could not be used")
    }

    /// Whether a rule is broken.
    var isAnyBroken: Bool {
        verdicts.values.contains {
            switch $0 {
            case .broken: true
            case .kept, .notApplicable: false
            }
        }
    }

    /// One line for each rule.
    var table: String {
        let width = (Rule.allCases.map(\.rawValue.count).max() ?? 0) + 2
        return Rule.allCases.map { rule in
            let name = rule.rawValue + String(repeating: " ", count: width - rule.rawValue.count)
            return name + self[rule].text
        }.joined(separator: "\n")
    }
}
