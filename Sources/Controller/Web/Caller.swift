package import TandemCrypto
package import TandemModel

/// Who is at the other end of the connection whose request is being handled.
package enum Caller {
    /// Set by the TLS child channel around everything that one connection asks.
    @TaskLocal package static var identity: PeerIdentity?

    /// The person named by the client certificate's URI.
    ///
    /// - Throws: `identityRefused` for a certificate that names no person.
    package static func person() throws -> PersonName {
        let prefix = "urn:tandem:person:"
        guard let uri = identity?.uri, uri.hasPrefix(prefix) else {
            throw TandemError(
                .identityRefused,
                "the client certificate names no person (\(identity?.uri ?? "no URI"))",
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
}
