package import TandemModel

/// A proof of who somebody is that a session has to give anew before it moves service.
package struct OwedProof: Sendable, Hashable {
    /// What proves this person.
    package enum Kind: Sendable, Hashable {
        case password
        /// A code of the second factor, where there is one.
        case code
        /// A new sign-in: there is neither password nor second factor here.
        case signIn
    }

    package var kind: Kind
    /// How long the last proof counted, in minutes.
    package var minutes: UInt64
    /// Why what was given is none; `nil` where nothing was.
    package var refusal: TandemError?

    /// A proof that is missing.
    package init(_ kind: Kind, minutes: UInt64) {
        self.kind = kind
        self.minutes = minutes
    }

    /// Why nothing is moved.
    package var error: TandemError {
        refusal
            ?? TandemError(
                .proofNeeded,
                "you proved who you are more than \(minutes) minutes ago; nothing was done",
                remedy: remedy
            )
    }

    private var remedy: String {
        switch kind {
        case .password: "Enter your password on the page where you press."
        case .code: "Enter a code of your app on the page where you press."
        case .signIn: "Sign in anew, or use `tandem` with your certificate."
        }
    }
}
