import ControllerAPI
import ControllerPeople
@testable import ControllerRuntime
import ControllerStore
import TandemCrypto
import TandemModel
import Testing

/// What becomes of guessing: counted in the store, so that a restart gives no free tries, and told.
@Suite(.timeLimit(.minutes(1))) struct LockOutTests {
    private let password = "correct horse battery tandem"
    private let ada = PersonName("ada")
    private let visitor = Visitor(source: "192.0.2.7", agent: "browser")
    private let store = InMemoryStore()

    private func makeDesk() async throws -> PeopleDesk {
        let hash = try PasswordHash(of: password, .cheap).description
        let name = ada
        _ = try await store.changePeople { book in
            try book.add(
                name,
                roles: [.operator],
                passwordHash: hash,
                by: .local,
                request: RequestID(high: 0, low: 0),
                at: wallNow()
            )
        }
        return PeopleDesk(store: store, cost: .cheap)
    }

    /// As after so many wrong tries a moment ago.
    private func fail(_ count: Int) async throws {
        let (name, now) = (ada, wallNow())
        try await store.changePeople { book in
            for index in 0..<count {
                // From an address of its own each time, and after each wait.
                let time = WallTime(milliseconds: now.milliseconds - UInt64(count - index) * 60_000)
                _ = book.beginAttempt(of: name, source: "s\(index)", at: time)
            }
        }
    }

    private func code(_ name: PersonName, _ password: String, _ desk: PeopleDesk) async
        -> ErrorCode?
    {
        do {
            _ = try await desk.signIn(name, password: password, from: visitor)
            return nil
        } catch { return (error as? TandemError)?.code }
    }

    @Test func guessingIsSlowedDownBeforeAnythingIsComputed() async throws {
        let desk = try await makeDesk()
        try await fail(11)
        #expect(await code(ada, "no", desk) == .signInRefused)
        #expect(await code(ada, password, desk) == .tooManyAttempts, "also with the right one")
        let restarted = PeopleDesk(store: store, cost: .cheap)
        #expect(await code(ada, password, restarted) == .tooManyAttempts, "also after a restart")
        let once = try await store.changePeople { book in
            try book.add(
                code: sha256(Array("one time".utf8)),
                for: PersonName("ada"),
                by: .local,
                at: wallNow()
            )
            return "one time"
        }
        _ = try await desk.signIn(oneTime: once, from: visitor)
    }

    @Test func theRightPasswordStartsAfresh() async throws {
        let desk = try await makeDesk()
        try await fail(8)
        #expect(try await store.attempts().lockedOut(at: wallNow()) == [ada])
        #expect(await code(ada, password, desk) == nil)
        #expect(try await store.attempts().lockedOut(at: wallNow()) == [])
    }

    @Test func aNameThatIsNoAccountWaitsTooAndIsNotWrittenDown() async throws {
        let desk = try await makeDesk()
        let stranger = PersonName("my secret password")
        var codes: Set<ErrorCode?> = []
        // Each wait is twice as long as the one before: one of them is longer than a try takes.
        for _ in 0..<12 { codes.insert(await code(stranger, "x", desk)) }
        #expect(codes == [.signInRefused, .tooManyAttempts])
        let kept = try await store.attempts().records.keys.map(\.description)
        #expect(kept == ["source 192.0.2.7"])
        #expect(try await store.peopleNotes(limit: 50).allSatisfy { !"\($0)".contains("secret") })
    }

    @Test func anAlarmTellsOfItUntilItIsOver() async throws {
        let desk = try await makeDesk()
        try await fail(5)
        let (ada, visitor, password) = (ada, visitor, password)
        try await RunningController.with(people: store) { controller in
            func alarms(_ count: Int) async throws -> [AlarmEntry] {
                var network = try await controller.service.network(after: 0, waitSeconds: 0)
                while network.alarms.count != count {
                    network = try await controller.service.network(
                        after: network.version,
                        waitSeconds: 5
                    )
                }
                return network.alarms
            }
            let alarm = try #require(try await alarms(1).first)
            #expect(alarm.number == .signInLockedOut && alarm.instance == "ada")
            #expect(alarm.severity == .minor && alarm.text.contains("sign-ins as ada fail"))
            _ = try await desk.signIn(ada, password: password, from: visitor)
            #expect(try await alarms(0) == [])
            let past = try await controller.service.alarms(includesHistory: true)
            #expect(past.items.first?.number == .signInLockedOut)
        }
    }
}
