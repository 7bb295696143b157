import TandemModel
import Testing

@testable import AgentRuntime

struct ProductQuestionLogTests {
    private let early = Tick(milliseconds: 1000)
    private let late = Tick(milliseconds: 2000)

    @Test
    func theYoungestAnswerStays() {
        var log = ProductQuestionLog()
        let first = log.ask()
        let second = log.ask()
        let isSecond = log.answer(second, askedAt: late)
        let isFirst = log.answer(first, askedAt: early)
        #expect(isSecond && !isFirst)
        #expect(log.answerAskedAt == late && !log.isOpen)
    }

    @Test
    func noAnswerLeavesTheQuestionDue() {
        var log = ProductQuestionLog()
        let number = log.ask()
        let counts = log.answer(number, askedAt: early, isKept: false)
        #expect(counts && log.answerAskedAt == nil && !log.isOpen)
    }

    @Test
    func otherPackagesMakeEarlierAnswersVoid() {
        var log = ProductQuestionLog()
        let before = log.ask()
        log.forget()
        let after = log.ask()
        let isBefore = log.answer(before, askedAt: early)
        let isAfter = log.answer(after, askedAt: late)
        #expect(!isBefore && isAfter)
    }

    /// The service starts, and the look after it asks product and driver at once: the product's answer comes
    /// behind the driver's word that the service has come. It is the only one that this look gets.
    @Test
    func anAnswerUnderWayCountsWhenTheServiceComes() {
        var log = ProductQuestionLog()
        let underWay = log.ask()
        log.doubt()
        let counts = log.answer(underWay, askedAt: early)
        #expect(counts && log.answerAskedAt == nil, "and the next look asks again")
        let next = log.ask()
        let isNext = log.answer(next, askedAt: late)
        #expect(isNext && log.answerAskedAt == late)
    }
}
