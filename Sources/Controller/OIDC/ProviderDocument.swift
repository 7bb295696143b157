import TandemCrypto

/// What a provider says of itself (OpenID Connect Discovery 1.0), as far as it is used here.
package struct ProviderDocument: Sendable, Hashable {
    /// How the controller proves itself where it redeems a code.
    package enum ClientProof: Sendable, Hashable {
        /// Id and secret in the Authorization header.
        case basic
        /// Id and secret among the fields.
        case post
        /// The id alone: there is no secret.
        case none
    }

    /// Where the person's browser is sent.
    package var authorization: SecureAddress
    /// Where a code is redeemed.
    package var token: SecureAddress
    /// Where the provider's keys lie.
    package var keys: SecureAddress
    package var proof: ClientProof
    /// Whether the way back must name the issuer (RFC 9207).
    package var namesIssuer: Bool

    /// Reads and checks a document.
    package init(_ bytes: [UInt8], for settings: ProviderSettings) throws(ProviderRefusal) {
        guard let members = JSONValue.object(bytes) else {
            throw ProviderRefusal("has a discovery document that is no JSON object")
        }
        // The one thing that ties the document to what the site has laid down.
        guard members["issuer"]?.text == settings.issuer else {
            throw ProviderRefusal(
                "calls itself '\(ProviderRefusal.shown(members["issuer"]?.text ?? ""))'"
            )
        }
        func address(_ name: String) throws(ProviderRefusal) -> SecureAddress {
            guard let address = members[name]?.text.flatMap({ SecureAddress($0) }) else {
                throw ProviderRefusal("names no https address as \(name)")
            }
            return address
        }
        authorization = try address("authorization_endpoint")
        token = try address("token_endpoint")
        keys = try address("jwks_uri")
        try Self.demand("code", in: members["response_types_supported"], "response_types_supported")
        // A provider without PKCE leaves the member out or names it without S256: both are too little.
        try Self.demand(
            "S256",
            in: members["code_challenge_methods_supported"],
            "code_challenge_methods_supported"
        )
        let algorithms = members["id_token_signing_alg_values_supported"]?.texts ?? []
        guard !Set(algorithms).isDisjoint(with: IDToken.algorithms.map(\.rawValue)) else {
            throw ProviderRefusal("signs by none of RS256, ES256 and EdDSA")
        }
        proof = try Self.proof(
            members["token_endpoint_auth_methods_supported"],
            hasSecret: settings.clientSecret != nil
        )
        namesIssuer = members["authorization_response_iss_parameter_supported"] == .bool(true)
    }

    private static func demand(
        _ value: String,
        in list: JSONValue?,
        _ name: String
    ) throws(ProviderRefusal) {
        guard list?.texts?.contains(value) == true else {
            throw ProviderRefusal("does not name '\(value)' among its \(name)")
        }
    }

    /// Basic is what a provider does that names nothing.
    private static func proof(
        _ list: JSONValue?,
        hasSecret: Bool
    ) throws(ProviderRefusal) -> ClientProof {
        guard hasSecret else { return .none }
        let methods = list?.texts ?? ["client_secret_basic"]
        if methods.contains("client_secret_basic") { return .basic }
        if methods.contains("client_secret_post") { return .post }
        throw ProviderRefusal("takes a client's secret neither by header nor by form")
    }
}
