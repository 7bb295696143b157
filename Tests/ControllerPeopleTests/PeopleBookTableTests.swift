import ControllerAPI
import ControllerPeople
import TandemModel
import Testing

/// A book with some people, and short ways to do things to it.
struct BookRig {
    var book = PeopleBook()
    var now = WallTime(milliseconds: 1_000_000_000)
    private var count: UInt64 = 0

    let origin = SessionOrigin(source: "192.0.2.7", agent: "browser")

    /// One account for each name, with its roles.
    init(_ people: KeyValuePairs<String, Set<Role>> = [:]) throws {
        for (name, roles) in people { _ = try add(name, roles, by: .local) }
    }

    mutating func newDigest() -> Digest {
        count += 1
        return Digest(bytes: (0..<32).map { UInt8(truncatingIfNeeded: count >> (8 * ($0 % 4))) })
            ?? .none
    }

    mutating func add(
        _ name: String,
        _ roles: Set<Role>,
        by actor: PeopleActor
    ) throws -> RolesOutcome {
        count += 1
        return try book.add(
            PersonName(name),
            roles: roles,
            passwordHash: "hash of \(name)",
            by: actor,
            request: RequestID(high: 0, low: count),
            at: now
        )
    }

    mutating func setRoles(
        _ name: String,
        _ roles: Set<Role>,
        by actor: String
    ) throws -> RolesOutcome {
        count += 1
        return try book.setRoles(
            PersonName(name),
            roles,
            by: .person(PersonName(actor)),
            request: RequestID(high: 0, low: count),
            at: now
        )
    }

    mutating func signIn(_ name: String) throws -> Digest {
        let digest = newDigest()
        let account = try book.account(PersonName(name))
        #expect(book.open(digest, for: account, from: origin, at: now) == .whole)
        return digest
    }

    func roles(_ name: String) -> Set<Role>? { book.accounts[PersonName(name)]?.roles }

    mutating func pass(seconds: UInt64) {
        now = WallTime(milliseconds: now.milliseconds + seconds * 1000)
    }

    func code(of work: () throws -> Void) -> ErrorCode? {
        do {
            try work()
            return nil
        } catch { return (error as? TandemError)?.code }
    }
}

@Suite struct PeopleBookTableTests {
    @Test func anAccountIsMadeWithItsRolesAndNoted() throws {
        var rig = try BookRig()
        #expect(try rig.add("ada", [.operator, .auditor], by: .local) == .given)
        let account = try rig.book.account(PersonName("ada"))
        #expect(account.roles == [.operator, .auditor])
        #expect(account.hasGivenPassword)
        #expect(account.createdBy.text == "root")
        #expect(rig.book.notes.map(\.what) == ["add account ada (auditor, operator)"])
    }

    @Test(arguments: ["", "-a", "a b", "root", "Tandem", "agent", "unknown", "ADA", "<b>"])
    func someNamesAreRefused(_ name: String) throws {
        var rig = try BookRig(["ada": [.viewer]])
        let before = rig.book
        #expect(throws: TandemError.self) { try rig.add(name, [.viewer], by: .local) }
        #expect(rig.book == before)
    }

    @Test func nobodyIsWithoutARole() throws {
        var rig = try BookRig(["ada": [.viewer]])
        #expect(throws: TandemError.self) { try rig.add("bob", [], by: .local) }
        #expect(throws: TandemError.self) { try rig.setRoles("ada", [], by: "ada") }
    }

    // MARK: - Two administrators

    @Test func aSingleAdministratorGivesEveryRole() throws {
        var rig = try BookRig(["ann": [.administrator]])
        let ann = PeopleActor.person(PersonName("ann"))
        #expect(try rig.add("bob", [.administrator, .approver], by: ann) == .given)
        #expect(rig.roles("bob") == [.administrator, .approver])
    }

    @Test func ofTwoTheSecondGivesWhatWeighsMost() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator]])
        let ann = PeopleActor.person(PersonName("ann"))
        guard case .waits(let id) = try rig.add("bob", [.operator, .approver], by: ann) else {
            Issue.record("it was given at once")
            return
        }
        #expect(rig.roles("bob") == [.operator])
        #expect(throws: TandemError.self, "an own wish") {
            try rig.book.approve(id, by: PersonName("ann"), at: rig.now)
        }
        #expect(throws: TandemError.self, "own roles") {
            try rig.book.approve(id, by: PersonName("bob"), at: rig.now)
        }
        try rig.book.approve(id, by: PersonName("ben"), at: rig.now)
        #expect(rig.roles("bob") == [.operator, .approver])
        #expect(rig.book.requests.isEmpty)
    }

    @Test func onlyHeavyRolesAtFirstMeansLooking() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator]])
        _ = try rig.add("bob", [.administrator], by: .person(PersonName("ann")))
        #expect(rig.roles("bob") == [.viewer])
    }

    @Test func lightRolesAndTakingAwayNeedOne() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator, .approver]])
        #expect(try rig.setRoles("ben", [.administrator, .operator], by: "ann") == .given)
        #expect(rig.roles("ben") == [.administrator, .operator])
    }

    @Test func aLockedAdministratorIsNoSecondOne() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator]])
        let ann = PeopleActor.person(PersonName("ann"))
        try rig.book.lock(PersonName("ben"), reason: "gone", by: ann, at: rig.now)
        #expect(try rig.add("bob", [.approver], by: ann) == .given)
    }

    @Test func aRequestEndsByItselfAndByWithdrawing() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator], "x": [.viewer]])
        guard case .waits(let first) = try rig.setRoles("x", [.approver], by: "ann") else {
            Issue.record("it was given at once")
            return
        }
        rig.pass(seconds: 24 * 3600)
        #expect(throws: TandemError.self) {
            try rig.book.approve(first, by: PersonName("ben"), at: rig.now)
        }
        guard case .waits(let second) = try rig.setRoles("x", [.approver], by: "ann") else {
            Issue.record("it was given at once")
            return
        }
        #expect(rig.book.requests.count == 1, "the newest wish counts")
        try rig.book.withdraw(second, by: PersonName("ann"), at: rig.now)
        #expect(rig.book.requests.isEmpty)
        #expect(rig.roles("x") == [.viewer])
    }

    @Test func theLocalCommandWaitsForNobody() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator]])
        #expect(try rig.add("bob", [.administrator], by: .local) == .given)
    }

    // MARK: - The last administrator

    @Test func theLastAdministratorStays() throws {
        var rig = try BookRig(["ann": [.administrator], "bob": [.viewer]])
        #expect(throws: TandemError.self) { try rig.setRoles("ann", [.viewer], by: "ann") }
        #expect(throws: TandemError.self) {
            try rig.book.lock(
                PersonName("ann"),
                reason: "",
                by: .person(PersonName("bob")),
                at: rig.now
            )
        }
        #expect(rig.roles("ann") == [.administrator])
        try rig.book.lock(PersonName("ann"), reason: "", by: .local, at: rig.now)
        #expect(rig.book.accounts[PersonName("ann")]?.isLocked == true)
    }

    @Test func nobodyLocksTheOwnAccount() throws {
        var rig = try BookRig(["ann": [.administrator], "ben": [.administrator]])
        let ann = PersonName("ann")
        #expect(throws: TandemError.self) {
            try rig.book.lock(ann, reason: "", by: .person(ann), at: rig.now)
        }
    }

    // MARK: - Sessions

    @Test func changesOfAnAccountEndItsSessionsAtOnce() throws {
        let ann = PeopleActor.person(PersonName("ann"))
        let bob = PersonName("bob")
        let changes: [(String, (inout PeopleBook, WallTime) throws -> Void)] = [
            ("lock", { try $0.lock(bob, reason: "", by: ann, at: $1) }),
            (
                "roles",
                {
                    _ = try $0.setRoles(
                        bob,
                        [.operator],
                        by: ann,
                        request: RequestID(high: 9, low: 9),
                        at: $1
                    )
                }
            ),
            ("password", { try $0.setPassword(bob, hash: "new", by: ann, at: $1) }),
            ("factor", { try $0.resetSecondFactor(bob, by: ann, at: $1) }),
            ("all", { try $0.endSessions(of: bob, by: ann, at: $1) }),
        ]
        for (name, change) in changes {
            var rig = try BookRig(["ann": [.administrator], "bob": [.viewer]])
            let own = try rig.signIn("ann")
            let other = try rig.signIn("bob")
            try change(&rig.book, rig.now)
            #expect(rig.book.sessions[other] == nil, "\(name)")
            #expect(rig.book.sessions[own] != nil, "\(name)")
        }
    }

    @Test(
        arguments: [
            (0, 0, false), (899, 899, false), (900, 900, true), (28_799, 60, false),
            (28_800, 60, true),
        ] as [(UInt64, UInt64, Bool)]
    )
    func aSessionEndsByIdlenessAndByAge(_ age: UInt64, _ idle: UInt64, _ hasEnded: Bool) {
        let start = WallTime(milliseconds: 50_000_000)
        var session = Session(
            digest: .none,
            person: PersonName("ada"),
            now: start,
            source: "",
            agent: ""
        )
        let now = WallTime(milliseconds: start.milliseconds + age * 1000)
        session.seenAt = WallTime(milliseconds: now.milliseconds - idle * 1000)
        #expect(session.hasEnded(at: now) == hasEnded)
    }

    @Test func aClockThatIsSetBackEndsNothing() {
        let session = Session(
            digest: .none,
            person: PersonName("ada"),
            now: WallTime(milliseconds: 90_000_000),
            source: "",
            agent: ""
        )
        #expect(!session.hasEnded(at: WallTime(milliseconds: 1)))
        #expect(!session.shouldNoteSeen(at: WallTime(milliseconds: 1)))
    }

    @Test func thePersonsOldestSessionMakesPlace() throws {
        var rig = try BookRig(["ada": [.viewer], "bob": [.viewer]])
        let first = try rig.signIn("ada")
        let others = try rig.signIn("bob")
        for _ in 0..<20 {
            rig.pass(seconds: 1)
            _ = try rig.signIn("ada")
        }
        #expect(rig.book.sessions[first] == nil)
        #expect(rig.book.sessions[others] != nil)
        #expect(rig.book.sessions.count == 21)
    }

    @Test func whatChangedSinceThePasswordWasCheckedCounts() throws {
        var rig = try BookRig(["ann": [.administrator], "bob": [.viewer]])
        let checked = try rig.book.account(PersonName("bob"))
        let ann = PeopleActor.person(PersonName("ann"))
        try rig.book.setPassword(checked.name, hash: "other", by: ann, at: rig.now)
        let digest = rig.newDigest()
        #expect(rig.book.open(digest, for: checked, from: rig.origin, at: rig.now) == .refused)
        try rig.book.lock(checked.name, reason: "", by: ann, at: rig.now)
        let again = try rig.book.account(checked.name)
        #expect(rig.book.open(digest, for: again, from: rig.origin, at: rig.now) == .refused)
        #expect(rig.book.sessions.isEmpty)
    }

    @Test func aRefusedNameThatIsNoAccountIsNotWrittenDown() throws {
        var rig = try BookRig(["ada": [.viewer]])
        rig.book.notes = []
        rig.book.refusedSignIn(
            PersonName("my secret password"),
            "wrong",
            from: rig.origin,
            at: rig.now
        )
        rig.book.refusedSignIn(PersonName("ada"), "wrong", from: rig.origin, at: rig.now)
        #expect(rig.book.notes.map(\.person.text) == ["unknown", "ada"])
    }

    @Test func aLockOutIsNotedOnceAndEndsByUnlocking() throws {
        var rig = try BookRig(["ann": [.administrator], "bob": [.viewer]])
        let bob = PersonName("bob")
        rig.book.notes = []
        for _ in 0..<7 {
            _ = rig.book.beginAttempt(of: bob, source: "192.0.2.7", at: rig.now)
            rig.pass(seconds: 3)
        }
        #expect(rig.book.notes.map(\.what) == ["lock out after too many attempts"])
        #expect(rig.book.attempts.lockedOut(at: rig.now) == [bob])
        try rig.book.unlock(bob, by: .person(PersonName("ann")), at: rig.now)
        #expect(rig.book.attempts.lockedOut(at: rig.now) == [])
        _ = rig.book.beginAttempt(of: nil, source: "192.0.2.7", at: rig.now)
        #expect(rig.book.attempts.records.keys.map(\.description) == ["source 192.0.2.7"])
    }

    @Test func aOneTimeCodeCountsOnceAndTenMinutes() throws {
        var rig = try BookRig(["ada": [.viewer]])
        let ada = PersonName("ada")
        let (first, second) = (rig.newDigest(), rig.newDigest())
        try rig.book.add(code: first, for: ada, by: .local, at: rig.now)
        try rig.book.add(code: second, for: ada, by: .local, at: rig.now)
        rig.pass(seconds: 599)
        #expect(rig.book.take(code: first, at: rig.now) == ada)
        #expect(rig.book.take(code: first, at: rig.now) == nil)
        rig.pass(seconds: 1)
        #expect(rig.book.take(code: second, at: rig.now) == nil)
    }
}
