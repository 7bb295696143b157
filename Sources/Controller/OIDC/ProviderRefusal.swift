package import TandemModel

/// Why the word of an identity provider does not hold.
package struct ProviderRefusal: Error, Hashable, Sendable {
    /// What was wrong, after "the identity provider ...".
    package var why: String

    /// Whether it is worth a line of the log: not what anybody can bring about as often as they like.
    package var isNews = true

    init(_ why: String) { self.why = why }

    /// A token of a key that is not in the provider's set, even after it was fetched again.
    package static let unknownKey = ProviderRefusal(
        "signed the token with a key that it does not show"
    )

    /// A document that the provider did not give.
    package static func unreadable(_ what: String) -> ProviderRefusal {
        ProviderRefusal("does not give its \(what)")
    }

    /// The refusal as a person reads it on the sign-in page.
    package func error(issuer: String) -> TandemError {
        TandemError(
            .providerRefused,
            "the identity provider \(issuer) \(why)",
            remedy: "Try once more; if it happens again, sign in with a local account and tell the "
                + "administrator of the provider."
        )
    }

    /// Text of the provider's that goes into a sentence of ours: short, and printable ASCII only.
    static func shown(_ text: String) -> String {
        let letters = text.unicodeScalars.prefix(80).map { scalar in
            (0x20..<0x7F).contains(scalar.value) ? Character(scalar) : "?"
        }
        return String(letters)
    }
}
