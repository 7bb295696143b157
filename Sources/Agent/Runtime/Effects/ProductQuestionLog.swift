import TandemModel

/// Which questions of one kind were asked of the product, and how old the answer is that is known.
struct ProductQuestionLog: Hashable, Sendable {
    private var askedCount: UInt64 = 0
    private var answeredCount: UInt64 = 0
    /// Answers to questions up to this one count, and do not spare the next look its own question.
    private var doubtedCount: UInt64 = 0
    /// When the question was asked whose answer is known; `nil`: it is due.
    private(set) var answerAskedAt: Tick?

    var isOpen: Bool { answeredCount < askedCount }

    mutating func ask() -> UInt64 {
        askedCount += 1
        return askedCount
    }

    /// An answer counts unless a younger question was answered before it; one that is not kept leaves the
    /// question due.
    ///
    /// - Returns: whether it counts.
    mutating func answer(_ number: UInt64, askedAt: Tick, isKept: Bool = true) -> Bool {
        guard number > answeredCount else { return false }
        answeredCount = number
        answerAskedAt = isKept && number > doubtedCount ? askedAt : nil
        return true
    }

    /// Answers to what was asked so far count no more.
    mutating func forget() {
        answeredCount = askedCount
        answerAskedAt = nil
    }

    /// Something has changed while a question may be under way: nothing else would answer this look, and
    /// only a later question answers for good.
    mutating func doubt() {
        doubtedCount = askedCount
        answerAskedAt = nil
    }
}
