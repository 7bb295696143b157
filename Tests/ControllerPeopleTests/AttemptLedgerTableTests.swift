@testable import ControllerPeople
import TandemModel
import Testing

@Suite struct AttemptLedgerTableTests {
    private let ada = PersonName("ada")

    private func at(_ seconds: UInt64) -> WallTime {
        WallTime(milliseconds: 1_000_000_000 + seconds * 1000)
    }

    @Test func theFirstFourFailuresCostNothingThenTheWaitDoubles() {
        var ledger = AttemptLedger()
        for _ in 0..<4 {
            #expect(ledger.begin(name: ada, source: "s", at: at(0)) == .mayTry)
        }
        var now = at(0)
        for wait: UInt64 in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            // From an address of its own each time, so that only the name counts.
            #expect(ledger.begin(name: ada, source: "\(now)", at: now) == .mayTry)
            #expect(ledger.begin(name: ada, source: "x", at: now) == .mustWait(seconds: wait))
            now = WallTime(milliseconds: now.milliseconds + wait * 1000)
        }
    }

    @Test func aRefusedTryMakesNobodyWaitLonger() {
        var ledger = AttemptLedger()
        for _ in 0..<5 { _ = ledger.begin(name: ada, source: "s", at: at(0)) }
        for _ in 0..<100 {
            #expect(ledger.begin(name: ada, source: "s", at: at(0)) == .mustWait(seconds: 1))
        }
        #expect(ledger.begin(name: ada, source: "s", at: at(1)) == .mayTry)
    }

    @Test func anAddressWaitsForAllNamesItTries() {
        var ledger = AttemptLedger()
        for index in 0..<10 {
            let name = PersonName("p\(index)")
            #expect(ledger.begin(name: name, source: "s", at: at(0)) == .mayTry)
        }
        let next = ledger.begin(name: PersonName("p99"), source: "s", at: at(0))
        #expect(next == .mustWait(seconds: 1))
        #expect(ledger.begin(name: PersonName("p99"), source: "t", at: at(0)) == .mayTry)
    }

    @Test func anOwnAccountDoesNotWashAnAddress() {
        var ledger = AttemptLedger()
        var tries = 0
        for index in 0..<40 {
            if ledger.begin(name: PersonName("p\(index)"), source: "s", at: at(0)) == .mayTry {
                tries += 1
            }
            if ledger.begin(name: ada, source: "s", at: at(0)) == .mayTry {
                ledger.succeeded(ada, source: "s")
            }
        }
        #expect(tries <= 10)
    }

    @Test func successMakesTheNameStartAfresh() {
        var ledger = AttemptLedger()
        for _ in 0..<4 { _ = ledger.begin(name: ada, source: "s", at: at(0)) }
        ledger.succeeded(ada, source: "s")
        for _ in 0..<4 {
            #expect(ledger.begin(name: ada, source: "t", at: at(0)) == .mayTry)
        }
    }

    @Test func anHourOfQuietIsForgiven() {
        var ledger = AttemptLedger()
        for second in 0..<200 { _ = ledger.begin(name: ada, source: "s", at: at(UInt64(second))) }
        for _ in 0..<4 {
            #expect(ledger.begin(name: ada, source: "s", at: at(200 + 3600)) == .mayTry)
        }
    }

    @Test func itHoldsSoManyAndNoMore() {
        var ledger = AttemptLedger()
        for index in 0..<6000 {
            let name = PersonName("p\(index)")
            _ = ledger.begin(name: name, source: "s\(index)", at: at(UInt64(index / 10)))
        }
        #expect(ledger.records.keys.count(where: \.isName) <= 4096)
        #expect(ledger.records.keys.count(where: { !$0.isName }) <= 1024)
        #expect(ledger.records[.source("s5999")] != nil, "the longest quiet ones go")
    }

    @Test func whoHasToWaitIsToldUntilItIsForgotten() {
        var ledger = AttemptLedger()
        for index in 0..<5 {
            #expect(ledger.lockedOut(at: at(0)) == [])
            _ = ledger.begin(name: ada, source: "s\(index)", at: at(0))
        }
        #expect(ledger.lockedOut(at: at(3599)) == [ada], "also after the wait")
        #expect(ledger.lockedOut(at: at(3600)) == [])
        ledger.succeeded(ada, source: "s")
        #expect(ledger.lockedOut(at: at(0)) == [])
    }

    @Test func aClockThatIsSetBackEndsAWaitAndNoCount() {
        var ledger = AttemptLedger()
        for _ in 0..<12 { _ = ledger.begin([.name(ada)], at: at(9_000)) }
        #expect(ledger.begin([.name(ada)], at: at(9_000)) == .mustWait(seconds: 1))
        #expect(ledger.begin([.name(ada)], at: at(10)) == .mayTry)
        #expect(ledger.begin([.name(ada)], at: at(10)) == .mustWait(seconds: 2))
    }
}

extension AttemptLedger {
    fileprivate mutating func begin(name: PersonName, source: String, at now: WallTime) -> Decision
    {
        begin([.name(name), .source(source)], at: now)
    }
}
