import ControllerAPI
import Hummingbird
package import TandemCrypto
import TandemModel

/// Who is at the other end of the connection whose request is being handled.
package enum Caller {
    /// Set by the TLS child channel around everything that one connection asks; `nil` where the
    /// client showed no certificate, as browsers don't.
    @TaskLocal package static var identity: PeerIdentity?

    /// The address at the other end, likewise; for what is counted and told, never to prove anything.
    @TaskLocal static var source = "unknown"

    /// The IP address of the connection's other end.
    @TaskLocal static var address: String?

    /// Set by the gate around everything that one request does, on every route but open ones.
    @TaskLocal static var known: KnownPerson?

    /// The person who asks.
    ///
    /// - Throws: `signInNeeded` on an open route.
    static func person() throws -> PersonName { try current().name }

    /// The person who asks, with roles.
    static func current() throws -> KnownPerson {
        guard let known else { throw signInNeeded("nobody is signed in") }
        return known
    }

    /// Refuses a person without the permission, or with too old a proof of who that is: for what a
    /// route knows only from its body.
    static func demand(_ permission: Permission) throws {
        try demandRole(for: permission)
        guard permission.needsFreshProof, let owed = try current().owes else { return }
        throw owed.error
    }

    /// Refuses a person none of whose roles gives the permission.
    static func demandRole(for permission: Permission) throws {
        let person = try current()
        guard !person.may(permission) else { return }
        let needed = permission.roles.map(\.rawValue).sorted().joined(separator: " or ")
        let roles = person.roles.map(\.rawValue).sorted().joined(separator: ", ")
        throw TandemError(
            .forbidden,
            "\(person.name) (\(roles)) may not do this: it needs the role \(needed)",
            remedy: "Ask somebody who has it, or an administrator for the role."
        )
    }

    /// The name in a client certificate's URI.
    ///
    /// - Throws: `identityRefused` for a certificate that names no person.
    static func certified(_ identity: PeerIdentity) throws -> PersonName {
        let prefix = "urn:tandem:person:"
        guard let uri = identity.uri, uri.hasPrefix(prefix) else {
            throw TandemError(
                .identityRefused,
                "the client certificate names no person (\(identity.uri ?? "no URI"))",
                remedy: "Use a certificate made by `tandem ca issue person NAME`."
            )
        }
        let person = PersonName(String(uri.dropFirst(prefix.count)))
        guard person.isValid else {
            throw TandemError(
                .identityRefused,
                "the client certificate names '\(person)', which is no valid name",
                remedy: "Use letters, digits, dots, dashes and underscores, at most 63."
            )
        }
        return person
    }

    static func signInNeeded(_ why: String) -> TandemError {
        TandemError(
            .signInNeeded,
            why,
            remedy: "Sign in on the page, or send a client certificate or an API token."
        )
    }
}
