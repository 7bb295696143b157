import ControllerAPI
import TandemCrypto
import TandemModel

@testable import ControllerOIDC

/// What the tests start from: all of it is in order, and each test spoils one thing.
enum Sample {
    static let issuer = "https://id.example/realm"
    static let nowSeconds = 1_790_000_000.0
    static let now = WallTime(milliseconds: 1_790_000_000_000)

    static let settings = ProviderSettings(
        issuer: issuer,
        clientID: "tandem",
        clientSecret: "s&cret",
        redirect: "https://cmp-a.example/sign-in/provider/return",
        personClaim: "preferred_username",
        rolesClaim: nil,
        roles: [:]
    )

    static let document: [String: JSONValue] = [
        "issuer": .text(issuer),
        "authorization_endpoint": .text("https://id.example/realm/auth"),
        "token_endpoint": .text("https://id.example/realm/token?x=1"),
        "jwks_uri": .text("https://keys.example:8443"),
        "response_types_supported": .array([.text("code"), .text("id_token")]),
        "code_challenge_methods_supported": .array([.text("plain"), .text("S256")]),
        "id_token_signing_alg_values_supported": .array([.text("RS256"), .text("HS256")]),
        "token_endpoint_auth_methods_supported": .array([
            .text("client_secret_basic"), .text("client_secret_post"),
        ]),
    ]

    static let claims: [String: JSONValue] = [
        "iss": .text(issuer),
        "aud": .text("tandem"),
        "sub": .text("248289761001"),
        "nonce": .text("the-nonce"),
        "iat": .number(nowSeconds - 2),
        "exp": .number(nowSeconds + 300),
        "preferred_username": .text("ada"),
    ]

    static func signIn(
        from source: String = "192.0.2.1",
        at time: WallTime = now,
        browser: String = "cookie"
    ) -> PendingSignIn {
        PendingSignIn(
            nonce: "the-nonce",
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            browser: sha256(Array(browser.utf8)),
            path: "/alarms",
            source: source,
            startedAt: time
        )
    }
}

/// The reason of a refusal; empty when nothing was refused.
func refusal(_ work: () throws(ProviderRefusal) -> Void) -> String {
    do {
        try work()
        return ""
    } catch { return error.why }
}

extension JSONValue {
    /// The value as JSON.
    var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .array(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\"\($0)\":\($1.json)" }.joined(separator: ","))}"
        }
    }

    static func bytes(_ members: [String: JSONValue]) -> [UInt8] {
        Array(JSONValue.object(members).json.utf8)
    }
}
