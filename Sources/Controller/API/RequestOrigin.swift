package import TandemModel

/// Where a person's request comes from and how the person was known: for the audit.
package struct RequestOrigin: Sendable, Hashable {
    /// Set around everything that one request does.
    @TaskLocal package static var current: RequestOrigin?

    package var person: PersonName
    /// The peer's IP address; `nil` where it has none.
    package var address: String?
    /// `certificate`, `session` or `token ID`.
    package var means: String

    /// The origin of a request of this person.
    package init(_ known: KnownPerson, address: String?) {
        person = known.name
        self.address = address
        means =
            switch known.means {
            case .certificate: "certificate"
            case .session: "session"
            case .token(let id): "token \(id)"
            }
    }
}
