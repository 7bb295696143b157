import ControllerAPI
import TandemModel
import Testing

@testable import ControllerPeople

/// What becomes of a person whom the identity provider has proved.
struct ProvidedPersonTableTests {
    private static let now = WallTime(milliseconds: 1_000_000_000)
    private static let name = PersonName("ada")
    private static let session = Digest(bytes: [UInt8](repeating: 1, count: 32)) ?? .none

    private static func book(
        _ roles: Set<Role>?,
        hasPassword: Bool = false,
        isLocked: Bool = false
    ) -> PeopleBook {
        var book = PeopleBook()
        guard let roles else { return book }
        var account = Account(
            name: name,
            roles: roles,
            passwordHash: hasPassword ? "hash" : nil,
            createdAt: now,
            createdBy: PersonName("root")
        )
        account.isLocked = isLocked
        book.accounts[name] = account
        return book
    }

    private static func open(_ book: inout PeopleBook, _ roles: Set<Role>?) -> TandemError? {
        book.open(
            session,
            provided: name,
            roles: roles,
            proved: now,
            from: SessionOrigin(source: "192.0.2.7", agent: "browser"),
            request: RequestID(high: 0, low: 1),
            at: now
        )
    }

    @Test(
        arguments: [
            (Self.book([.viewer]), nil, [.viewer]),
            (Self.book([.viewer], hasPassword: true), nil, [.viewer]),
            (Self.book([.viewer]), [.viewer], [.viewer]),
            (Self.book([.viewer, .administrator]), [.auditor], [.auditor]),
            (Self.book(nil), [.operator, .approver], [.operator, .approver]),
        ] as [(PeopleBook, Set<Role>?, Set<Role>)]
    )
    func letsIn(_ before: PeopleBook, _ roles: Set<Role>?, _ after: Set<Role>) {
        var book = before
        #expect(Self.open(&book, roles) == nil)
        #expect(book.accounts[Self.name]?.roles == after)
        #expect(book.sessions[Self.session]?.isHalf == false)
        #expect(book.requests.isEmpty)
        #expect(book.notes.last?.what == "sign in by identity provider")
        let wasChanged = before.accounts[Self.name]?.roles != after
        #expect(book.notes.contains { $0.person.text == "identity-provider" } == wasChanged)
    }

    @Test(
        arguments: [
            (Self.book(nil), nil, "no such account"),
            (Self.book([.viewer], isLocked: true), nil, "is locked"),
            (Self.book([.viewer], isLocked: true), [.operator], "is locked"),
            (Self.book([.viewer], hasPassword: true), [.operator], "local account with a password"),
            (Self.book([.viewer], hasPassword: true), [.viewer], "local account with a password"),
        ] as [(PeopleBook, Set<Role>?, String)]
    )
    func refuses(_ before: PeopleBook, _ roles: Set<Role>?, _ why: String) {
        var book = before
        let error = Self.open(&book, roles)
        #expect(error?.code == .signInRefused)
        #expect(error?.message.contains(why) == true, "\(String(describing: error))")
        #expect(book.accounts == before.accounts)
        #expect(book.sessions.isEmpty)
        #expect(book.notes.map(\.what) == ["refused sign-in"])
    }

    @Test
    func otherRolesEndOldSessions() {
        var book = Self.book([.operator])
        #expect(Self.open(&book, nil) == nil)
        let old = book.sessions[Self.session]
        book.sessions[.none] = old
        #expect(Self.open(&book, [.viewer]) == nil)
        #expect(book.sessions.keys.map(\.self) == [Self.session])
    }

    @Test(arguments: ["root", "Identity-Provider", "tandem"])
    func takesNoNameOfAPartOfTandem(_ name: String) {
        var book = PeopleBook()
        let error = book.open(
            Self.session,
            provided: PersonName(name),
            roles: [.administrator],
            proved: Self.now,
            from: SessionOrigin(source: "192.0.2.7", agent: "browser"),
            request: RequestID(high: 0, low: 1),
            at: Self.now
        )
        #expect(error?.code == .accountRefused)
        #expect(book.sessions.isEmpty && book.accounts.isEmpty)
    }
}
