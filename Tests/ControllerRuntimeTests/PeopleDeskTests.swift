import ControllerAPI
import ControllerPeople
@testable import ControllerRuntime
import ControllerStore
import TandemCrypto
import TandemModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct PeopleDeskTests {
    private let password = "correct horse battery tandem"
    private let ada = PersonName("ada")
    private let visitor = Visitor(source: "192.0.2.7", agent: "browser")
    private let store = InMemoryStore()

    /// A desk with one administrator, whose password is known.
    private func makeDesk(cost: PasswordHash.Parameters = .cheap) async throws -> PeopleDesk {
        let hash = try PasswordHash(of: password, .cheap).description
        let name = ada
        _ = try await store.changePeople { book in
            try book.add(
                name,
                roles: [.administrator, .operator],
                passwordHash: hash,
                by: .local,
                request: RequestID(high: 0, low: 0),
                at: wallNow()
            )
        }
        return PeopleDesk(store: store, cost: cost)
    }

    private func secret(_ signedIn: SignedIn) throws -> String {
        guard case .done(let secret) = signedIn else {
            throw TandemError(.signInRefused, "a code is asked for", remedy: "-")
        }
        return secret
    }

    private func code(_ work: () async throws -> Void) async -> ErrorCode? {
        do {
            try await work()
            return nil
        } catch { return (error as? TandemError)?.code }
    }

    @Test func aPersonSignsInAndOut() async throws {
        let desk = try await makeDesk()
        let secret = try secret(
            try await desk.signIn(ada, password: password, from: visitor)
        )
        let known = try await desk.person(ofSession: secret)
        #expect(known.name == ada)
        #expect(known.roles == [.administrator, .operator])
        let kept = try await store.people().sessions
        #expect(kept.keys.contains(sha256(Array(secret.utf8))), "only the digest is kept")
        try await desk.signOut(secret)
        let after = await code { _ = try await desk.person(ofSession: secret) }
        #expect(after == .signInNeeded)
    }

    @Test func refusalsSayTheSameWhateverIsWrong() async throws {
        let desk = try await makeDesk()
        let bob = PersonName("bob")
        _ = try await desk.addPerson(
            PersonRequest(name: bob, roles: [.viewer], givesPassword: false),
            by: ada
        )
        let given = try await desk.givePassword(bob, by: ada).password ?? ""
        try await desk.lock(bob, reason: "away", by: ada)
        var texts: Set<String> = []
        for (name, tried) in [(ada, "wrong"), (PersonName("nobody"), "x"), (bob, given), (ada, "")]
        {
            do {
                _ = try await desk.signIn(name, password: tried, from: visitor)
                Issue.record("\(name) got in")
            } catch let error as TandemError { texts.insert("\(error)") }
        }
        #expect(texts.count == 1, "\(texts)")
    }

    @Test func anOldHashIsMadeAnewAtSignIn() async throws {
        let desk = try await makeDesk(cost: .current)
        let before = try await store.account(ada)?.passwordHash
        _ = try await desk.signIn(ada, password: password, from: visitor)
        let after = try #require(try await store.account(ada)?.passwordHash)
        #expect(after != before)
        #expect(after.hasPrefix("scrypt$131072$8$1$"))
        #expect(try PasswordHash(after)?.matches(password) == true)
    }

    @Test func manySignInsAtOnceWaitOrAreRefused() async throws {
        let work = PasswordWork(parameters: .current)
        let text = try PasswordHash(of: password, .cheap).description
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    do { return try await work.matches("correct horse battery tandem", text) } catch
                    {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.count == 60)
        #expect(outcomes.filter { $0 }.count >= 18, "those that had a place were served")
    }

    @Test func theSecondFactorIsAskedForOnceItIsOn() async throws {
        let desk = try await makeDesk()
        let offer = try await desk.offerSecondFactor(ada)
        #expect(offer.uri.contains(offer.key))
        let key = try #require(try await store.account(ada)?.offeredFactorKey)
        func codeNow(_ ahead: UInt64) -> String {
            TOTP.code(key: key, step: PeopleDesk.step(wallNow()) + ahead)
        }
        let wrong = await code { try await desk.confirmSecondFactor(ada, code: "x") }
        #expect(wrong == .accountRefused)
        try await desk.confirmSecondFactor(ada, code: codeNow(0))
        let half = try await desk.signIn(ada, password: password, from: visitor)
        guard case .needsCode(let secret) = half else {
            Issue.record("the password alone was enough")
            return
        }
        let early = await code { _ = try await desk.person(ofSession: secret) }
        #expect(early == .signInNeeded)
        let again = await code {
            _ = try await desk.signIn(code: "000000x", half: secret, from: visitor)
        }
        #expect(again == .signInRefused)
        let whole = try await desk.signIn(code: codeNow(1), half: secret, from: visitor)
        guard case .done(let next) = whole else {
            Issue.record("the code was not enough")
            return
        }
        #expect(next != secret, "a new id at each step")
        #expect(try await desk.person(ofSession: next).name == ada)
        let old = await code { _ = try await desk.person(ofSession: secret) }
        #expect(old == .signInNeeded)
        let guess = await code {
            try await desk.removeSecondFactor(ada, password: "wrong", visitor: visitor)
        }
        #expect(guess == .accountRefused)
        try await desk.removeSecondFactor(ada, password: password, visitor: visitor)
        #expect(try await store.account(ada)?.secondFactor == nil)
    }

    @Test func aSessionIsProvedAnewByWhatThePersonHas() async throws {
        let desk = try await makeDesk()
        let begun = WallTime(milliseconds: wallNow().milliseconds - Session.proofMilliseconds)
        func oldSession() async throws -> String {
            let secret = try secret(try await desk.signIn(ada, password: password, from: visitor))
            try await store.changePeople {
                $0.sessions[PeopleDesk.digest(secret)]?.startedAt = begun
            }
            return secret
        }
        let old = try await oldSession()
        let before = try await desk.person(ofSession: old)
        #expect(before.owes?.kind == .password)
        for _ in 0..<3 {
            let wrong = await code { _ = try await desk.prove("no", session: old, from: visitor) }
            #expect(wrong == .accountRefused)
        }
        #expect(try await desk.person(ofSession: old).owes != nil)
        let (next, known) = try await desk.prove(password, session: old, from: visitor)
        #expect(known.owes == nil)
        let after = try await desk.person(ofSession: next)
        #expect(after.owes == nil)
        #expect(after.means == before.means, "forms in other tabs still count")
        let kept = try await store.session(PeopleDesk.digest(next))?.0
        #expect(kept?.startedAt == begun, "its end comes no later")
        let out = await code { _ = try await desk.person(ofSession: old) }
        #expect(out == .signInNeeded)
        // Guessing here is slowed down as at the sign-in.
        var codes: [ErrorCode?] = []
        // Each wait is twice as long as the one before: one of them is longer than a try takes.
        for _ in 0..<12 {
            codes.append(
                await code { _ = try await desk.prove("no", session: next, from: visitor) }
            )
        }
        #expect(codes.contains(.tooManyAttempts))
    }

    @Test func whoHasASecondFactorProvesItWithACode() async throws {
        let desk = try await makeDesk()
        let secret = try secret(try await desk.signIn(ada, password: password, from: visitor))
        _ = try await desk.offerSecondFactor(ada)
        let key = try #require(try await store.account(ada)?.offeredFactorKey)
        func codeNow(_ ahead: UInt64) -> String {
            TOTP.code(key: key, step: PeopleDesk.step(wallNow()) + ahead)
        }
        try await desk.confirmSecondFactor(ada, code: codeNow(0))
        try await store.changePeople {
            $0.sessions[PeopleDesk.digest(secret)]?.provedAt = WallTime(milliseconds: 0)
        }
        #expect(try await desk.person(ofSession: secret).owes?.kind == .code)
        let byPassword = await code {
            _ = try await desk.prove(password, session: secret, from: visitor)
        }
        #expect(byPassword == .accountRefused)
        let used = await code {
            _ = try await desk.prove(codeNow(0), session: secret, from: visitor)
        }
        #expect(used == .accountRefused)
        let (_, known) = try await desk.prove(codeNow(1), session: secret, from: visitor)
        #expect(known.owes == nil)
    }

    @Test func aSiteMayNotAskForIt() async throws {
        _ = try await makeDesk()
        let desk = PeopleDesk(store: store, cost: .cheap, proofMilliseconds: 0)
        let secret = try secret(try await desk.signIn(ada, password: password, from: visitor))
        try await store.changePeople {
            $0.sessions[PeopleDesk.digest(secret)]?.provedAt = WallTime(milliseconds: 0)
        }
        #expect(try await desk.person(ofSession: secret).owes == nil)
    }

    @Test func aProvidersWordCountsFromWhenItAsked() async throws {
        let desk = try await makeDesk()
        let eve = PersonName("eve")
        let now = wallNow().milliseconds
        for (told, owes) in [
            (now, nil), (now - Session.proofMilliseconds, OwedProof.Kind.signIn), (nil, .signIn),
        ] as [(UInt64?, OwedProof.Kind?)] {
            let end = ProviderEnd(
                name: eve,
                roles: [.operator],
                provedAt: told.map { WallTime(milliseconds: $0) },
                path: "/"
            )
            let secret = try secret(try await desk.signIn(provided: end, from: visitor))
            #expect(try await desk.person(ofSession: secret).owes?.kind == owes)
        }
    }

    @Test func aNewPasswordEndsAllOtherSessions() async throws {
        let desk = try await makeDesk()
        let old = try secret(try await desk.signIn(ada, password: password, from: visitor))
        let weak = await code {
            _ = try await desk.changePassword(
                ada,
                from: password,
                to: "short",
                visitor: visitor
            )
        }
        #expect(weak == .accountRefused)
        let wrong = await code {
            _ = try await desk.changePassword(
                ada,
                from: "not it",
                to: "four other words entirely",
                visitor: visitor
            )
        }
        #expect(wrong == .accountRefused)
        let next = try secret(
            try await desk.changePassword(
                ada,
                from: password,
                to: "four other words entirely",
                visitor: visitor
            )
        )
        #expect(try await desk.person(ofSession: next).name == ada)
        let ended = await code { _ = try await desk.person(ofSession: old) }
        #expect(ended == .signInNeeded)
        #expect(try await desk.ownAccount(ada).hasGivenPassword == false)
    }

    @Test func tokensWorkUntilTheyAreRevoked() async throws {
        let desk = try await makeDesk()
        let made = try await desk.createToken(
            TokenRequest(label: "backup", roles: [.operator], days: 1),
            of: ada
        )
        let known = try await desk.person(ofToken: made.secret)
        #expect(known.roles == [.operator])
        #expect(try await desk.tokens(of: ada).map(\.id) == [made.token.id])
        try await desk.revokeToken(made.token.id, of: ada, by: ada)
        let after = await code { _ = try await desk.person(ofToken: made.secret) }
        #expect(after == .signInNeeded)
    }

    @Test func preferencesAreSmallAndOfKnownPages() async throws {
        let desk = try await makeDesk()
        try await desk.setPreferences("{}", of: ada, page: "alarms")
        #expect(try await desk.preferences(of: ada, page: "alarms") == "{}")
        let large = await code {
            try await desk.setPreferences(
                String(repeating: "x", count: 4097),
                of: ada,
                page: "alarms"
            )
        }
        #expect(large == .usage)
        let odd = await code { try await desk.setPreferences("", of: ada, page: "../x") }
        #expect(odd == .unknownName)
    }

    @Test func whatHappensToAccountsIsInTheAudit() async throws {
        let network = InMemoryStore()
        let desk = try await makeDesk()
        _ = try await desk.signIn(ada, password: password, from: visitor)
        try await RunningController.with(store: network, people: store) { _ in
            // A controller that ends brings what waits.
        }
        let lines = try await network.audit(before: nil, limit: 10).map(\.item.what)
        #expect(
            lines == ["sign in by password", "add account ada (administrator, operator)"]
        )
        #expect(try await store.peopleNotes(limit: 10).isEmpty)
    }
}
