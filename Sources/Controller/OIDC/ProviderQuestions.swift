import Foundation

/// What the controller says to a provider: the way there, and the redeeming of a code.
package enum ProviderQuestions {
    /// The address that the person's browser is sent to (RFC 6749, section 4.1.1; RFC 7636).
    package static func authorization(
        _ document: ProviderDocument,
        _ settings: ProviderSettings,
        _ signIn: PendingSignIn,
        state: String
    ) -> String {
        // Both, as some providers heed only one; what came of it says `auth_time`.
        let fresh = signIn.isFresh ? [("prompt", "login"), ("max_age", "1")] : []
        let fields = form(
            [
                ("response_type", "code"), ("client_id", settings.clientID),
                ("redirect_uri", settings.redirect), ("scope", "openid profile"), ("state", state),
                ("nonce", signIn.nonce), ("code_challenge", signIn.challenge),
                ("code_challenge_method", "S256"),
            ] + fresh
        )
        let address = document.authorization.text
        return address + (address.contains("?") ? "&" : "?") + fields
    }

    /// The body that redeems a code, and the Authorization header beside it.
    package static func redemption(
        _ document: ProviderDocument,
        _ settings: ProviderSettings,
        _ signIn: PendingSignIn,
        code: String
    ) -> (body: String, authorization: String?) {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", settings.redirect), ("code_verifier", signIn.verifier),
        ]
        let secret = settings.clientSecret ?? ""
        switch document.proof {
        case .basic:
            // Both are form-encoded before they become base64 (RFC 6749, section 2.3.1).
            let pair = Data("\(escaped(settings.clientID)):\(escaped(secret))".utf8)
            return (form(fields), "Basic \(pair.base64EncodedString())")
        case .post:
            fields += [("client_id", settings.clientID), ("client_secret", secret)]
            return (form(fields), nil)
        case .none:
            fields.append(("client_id", settings.clientID))
            return (form(fields), nil)
        }
    }

    /// The token in the answer to a redemption.
    package static func token(status: Int, body: [UInt8]) throws(ProviderRefusal) -> String {
        let members = JSONValue.object(body) ?? [:]
        guard status == 200 else {
            let why = ProviderRefusal.shown(members["error"]?.text ?? "HTTP status \(status)")
            throw ProviderRefusal("did not redeem the code: \(why)")
        }
        guard let token = members["id_token"]?.text else {
            throw ProviderRefusal("answered without an ID token")
        }
        return token
    }

    /// What stands in the way back: a code, or why there is none; `issuer` is the `iss` of RFC 9207,
    /// where the provider sends one.
    package static func code(
        _ code: String?,
        error: String?,
        issuer: String?,
        document: ProviderDocument,
        settings: ProviderSettings
    ) throws(ProviderRefusal) -> String {
        guard issuer == nil && !document.namesIssuer || issuer == settings.issuer else {
            throw ProviderRefusal("was not the one that sent the browser back")
        }
        if let error {
            throw ProviderRefusal("let nobody in: \(ProviderRefusal.shown(error))")
        }
        guard let code, (1...2048).contains(code.utf8.count) else {
            throw ProviderRefusal("sent the browser back without a code")
        }
        return code
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\($0)=\(escaped($1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}
