package import ControllerPeople
package import TandemModel

/// Where accounts, sessions and tokens are kept.
///
/// Two processes may use it at once: the controller, and its command for people on the same
/// machine. So nothing of it is remembered: each request reads what stands there now.
package protocol PeopleStore: Sendable {
    /// Everything, but for notes.
    func people() async throws -> PeopleBook

    /// Makes one change durable with the notes that it made, or nothing if it throws; no other
    /// change comes between. The book it gets bears no notes.
    func changePeople<Value: Sendable>(
        _ change: @escaping @Sendable (inout PeopleBook) throws -> Value
    ) async throws -> Value

    func account(_ name: PersonName) async throws -> Account?
    /// A session with the account it belongs to, both as of one moment.
    func session(_ digest: Digest) async throws -> (Session, Account?)?
    /// A token, likewise.
    func token(_ digest: Digest) async throws -> (APIToken, Account?)?
    func noteSeen(session: Digest, at now: WallTime) async throws
    func noteUse(token: Digest, at now: WallTime) async throws

    /// What was tried in vain, without the rest of the book.
    func attempts() async throws -> AttemptLedger

    /// Lines that belong into the audit and are not there yet, oldest first.
    func peopleNotes(limit: Int) async throws -> [StoredRow<AuditEntry>]
    /// These have got there.
    func dropPeopleNotes(upTo row: UInt64) async throws

    /// What a person set on a page; `nil` before the first time.
    func preferences(of person: PersonName, page: String) async throws -> String?
    func setPreferences(_ text: String, of person: PersonName, page: String) async throws
}
