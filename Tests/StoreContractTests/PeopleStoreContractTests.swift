import ControllerAPI
import ControllerPeople
import ControllerStore
import ControllerStoreSQLite
import Foundation
import TandemModel
import Testing

/// A store of people to hold against the contract, with a second way to the same contents, as a
/// command on the controller's machine has one.
struct PeopleRig: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable () throws -> (any PeopleStore, () throws -> any PeopleStore)
    var testDescription: String { name }

    static let all = [
        PeopleRig(name: "in memory") {
            let store = InMemoryStore()
            return (store, { store })
        },
        PeopleRig(name: "SQLite") {
            let path = FileManager.default.temporaryDirectory
                .appending(path: "tandem-people-\(UUID().uuidString).sqlite").path
            return (try SQLiteStore(path: path), { try SQLiteStore(path: path) })
        },
    ]
}

@Suite struct PeopleStoreContractTests {
    private let ada = PersonName("ada")
    private let now = WallTime(milliseconds: 1_000_000)
    private let digest = Digest(bytes: [UInt8](repeating: 7, count: 32)) ?? .none

    private func add(_ name: PersonName, to store: any PeopleStore) async throws {
        let now = now
        _ = try await store.changePeople { book in
            try book.add(
                name,
                roles: [.operator, .viewer],
                passwordHash: "scrypt$x",
                by: .local,
                request: RequestID(high: 1, low: 1),
                at: now
            )
        }
    }

    @Test(arguments: PeopleRig.all)
    func oneProcessSeesAtOnceWhatAnotherWrote(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        let other = try again()
        #expect(try await store.account(ada) == nil)
        try await add(ada, to: other)
        #expect(try await store.account(ada)?.roles == [.operator, .viewer])
        try await other.changePeople {
            try $0.lock(PersonName("ada"), reason: "", by: .local, at: now)
        }
        #expect(try await store.account(ada)?.isLocked == true)
    }

    @Test(arguments: PeopleRig.all)
    func aChangeIsWholeOrNothing(_ rig: PeopleRig) async throws {
        let (store, _) = try rig.make()
        try await add(ada, to: store)
        let before = try await store.people()
        await #expect(throws: TandemError.self) {
            try await store.changePeople { book in
                book.accounts = [:]
                book.notes = [
                    AuditEntry(
                        time: now,
                        person: PersonName("x"),
                        cluster: nil,
                        server: nil,
                        what: "x",
                        reason: ""
                    )
                ]
                _ = try book.account(PersonName("nobody"))
            }
        }
        #expect(try await store.people() == before)
        #expect(try await store.peopleNotes(limit: 10).count == 1, "only that of the account")
    }

    @Test(arguments: PeopleRig.all)
    func everythingComesBackAsItWas(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        try await add(ada, to: store)
        let (now, digest) = (now, digest)
        let origin = SessionOrigin(source: "192.0.2.1", agent: "a browser")
        let name = ada
        let written = try await store.changePeople { book in
            _ = book.open(digest, for: name, proved: "in a test", from: origin, at: now)
            _ = try book.addToken(
                digest,
                id: "t1",
                of: name,
                label: "for a test",
                scope: [.viewer],
                days: 3,
                at: now
            )
            try book.add(code: digest, for: name, by: .local, at: now)
            try book.offerSecondFactor([1, 2, 3], to: name)
            let id = RequestID(high: 2, low: 2)
            book.requests[id] = RoleRequest(
                id: id,
                person: name,
                roles: [.auditor],
                askedBy: name,
                askedAt: now
            )
            return book
        }
        var expected = written
        expected.notes = []
        let read = try await again().people()
        #expect(read == expected)
        let session = try #require(await again().session(digest))
        #expect(session.0 == expected.sessions[digest])
        #expect(session.1 == expected.accounts[ada])
        let token = try #require(await again().token(digest))
        #expect(token.0 == expected.tokens[digest])
        #expect(token.1?.name == ada)
    }

    @Test(arguments: PeopleRig.all)
    func whatIsTakenAwayIsGone(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        try await add(ada, to: store)
        let (now, digest, name) = (now, digest, ada)
        let origin = SessionOrigin(source: "s", agent: "")
        _ = try await store.changePeople {
            $0.open(digest, for: name, proved: "in a test", from: origin, at: now)
        }
        #expect(try await store.session(digest) != nil)
        try await again().changePeople { $0.signOut(digest, at: now) }
        #expect(try await store.session(digest) == nil)
        #expect(try await store.token(digest) == nil)
    }

    @Test(arguments: PeopleRig.all)
    func timesOfUseAreNotedAndBringNothingBack(_ rig: PeopleRig) async throws {
        let (store, _) = try rig.make()
        try await add(ada, to: store)
        let (now, digest, name) = (now, digest, ada)
        let later = WallTime(milliseconds: now.milliseconds + 90_000)
        try await store.noteSeen(session: digest, at: later)
        try await store.noteUse(token: digest, at: later)
        #expect(try await store.session(digest) == nil)
        let origin = SessionOrigin(source: "s", agent: "")
        _ = try await store.changePeople { book in
            _ = book.open(digest, for: name, proved: "in a test", from: origin, at: now)
            _ = try book.addToken(
                digest,
                id: "t",
                of: name,
                label: "x",
                scope: [.viewer],
                days: 1,
                at: now
            )
        }
        try await store.noteSeen(session: digest, at: later)
        try await store.noteUse(token: digest, at: later)
        #expect(try await store.session(digest)?.0.seenAt == later)
        #expect(try await store.token(digest)?.0.usedAt == later)
    }

    @Test(arguments: PeopleRig.all)
    func aRestartGivesNoFreeTries(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        try await add(ada, to: store)
        func attempt(_ store: any PeopleStore) async throws -> AttemptLedger.Decision {
            let (name, now) = (ada, now)
            return try await store.changePeople {
                $0.beginAttempt(of: name, source: "192.0.2.1", at: now)
            }
        }
        for _ in 0..<5 { #expect(try await attempt(store) == .mayTry) }
        let restarted = try again()
        #expect(try await attempt(restarted) == .mustWait(seconds: 1))
        #expect(try await restarted.attempts() == store.people().attempts)
        #expect(try await restarted.attempts().lockedOut(at: now) == [ada])
        let name = ada
        try await restarted.changePeople { $0.attempts.succeeded(name, source: "192.0.2.1") }
        #expect(try await store.attempts().lockedOut(at: now) == [])
        #expect(try await attempt(again()) == .mayTry)
    }

    @Test(arguments: PeopleRig.all)
    func notesWaitInOrderUntilTheyAreTaken(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        for name in ["ada", "bob", "eve"] { try await add(PersonName(name), to: store) }
        let lines = try await again().peopleNotes(limit: 2)
        #expect(
            lines.map(\.item.what) == [
                "add account ada (operator, viewer)", "add account bob (operator, viewer)",
            ]
        )
        try await store.dropPeopleNotes(upTo: try #require(lines.last).row)
        let rest = try await store.peopleNotes(limit: 10)
        #expect(rest.map(\.item.what) == ["add account eve (operator, viewer)"])
        // Numbers go on, so that a late drop takes nothing new away.
        try await store.dropPeopleNotes(upTo: try #require(rest.last).row)
        try await add(PersonName("sam"), to: store)
        let next = try #require(try await store.peopleNotes(limit: 1).first)
        #expect(next.row > (try #require(rest.last)).row)
    }

    @Test(arguments: PeopleRig.all)
    func preferencesAreOfOnePersonAndPage(_ rig: PeopleRig) async throws {
        let (store, again) = try rig.make()
        try await store.setPreferences("one", of: ada, page: "alarms")
        try await store.setPreferences("two", of: ada, page: "alarms")
        #expect(try await again().preferences(of: ada, page: "alarms") == "two")
        #expect(try await again().preferences(of: ada, page: "audit") == nil)
        #expect(try await again().preferences(of: PersonName("bob"), page: "alarms") == nil)
    }
}
