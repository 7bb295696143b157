import TandemCrypto
import Testing

@testable import ControllerOIDC

/// RFC 7515, appendix A.3: header and claims, signature, and the key.
private enum Signed {
    static let input =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        + "LmNvbS9pc19yb290Ijp0cnVlfQ"
    static let signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let key: [String: JSONValue] = [
        "kty": .text("EC"), "crv": .text("P-256"),
        "x": .text("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        "y": .text("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ]

    static func keys(_ keys: [String: JSONValue]...) throws -> KeySet {
        try KeySet(JSONValue.bytes(["keys": .array(keys.map { .object($0) })]))
    }
}

private func token(header: String, claims: String = "{}", signature: String = "AA") -> String {
    let parts = [header, claims].map { Base64URL.text(Array($0.utf8)) }
    return "\(parts[0]).\(parts[1]).\(signature)"
}

struct TokenTests {
    @Test
    func readsASignedToken() throws {
        let envelope = try IDToken.Envelope("\(Signed.input).\(Signed.signature)")
        let token = try IDToken(envelope, keys: try Signed.keys(Signed.key))
        #expect(token?.claims["iss"] == .text("joe"))
        #expect(token?.claims["exp"]?.seconds == 1_300_819_380)
    }

    @Test(arguments: [
        ("", "no signed token"),
        ("a.b", "no signed token"),
        ("a.b.c.d", "no signed token"),
        ("....", "no signed token"),
        ("!.AA.AA", "no signed token"),
        (token(header: "{}"), "by 'none'"),
        (token(header: #"{"alg":"none"}"#, signature: ""), "by 'none'"),
        (token(header: #"{"alg":"HS256"}"#), "by 'HS256'"),
        (token(header: #"{"alg":"RS512"}"#), "by 'RS512'"),
        (token(header: #"{"alg":"ES256","crit":["b64"]}"#), "extensions"),
        (token(header: #"["ES256"]"#), "no signed token"),
        (token(header: "{", claims: "{}"), "no signed token"),
        (String(repeating: "a", count: 16 * 1024 + 1), "longer than"),
    ])
    func refusesWhatIsNoSuchToken(_ text: String, _ why: String) {
        let said = refusal { () throws(ProviderRefusal) in _ = try IDToken.Envelope(text) }
        #expect(said.contains(why) && !said.isEmpty, "\(said)")
    }

    /// The attack that takes the public key for a shared secret has no algorithm to name.
    @Test
    func refusesAWrongSignature() throws {
        let keys = try Signed.keys(Signed.key)
        let other = "A" + Signed.signature.dropFirst()
        for signature in [other, "", "AA"] {
            let envelope = try IDToken.Envelope("\(Signed.input).\(signature)")
            let said = refusal { () throws(ProviderRefusal) in
                _ = try IDToken(envelope, keys: keys)
            }
            #expect(said == "sent a token whose signature is wrong")
        }
    }

    @Test
    func refusesClaimsThatAreNoObject() throws {
        for claims in ["[]", "1", "", "{", "{\"a\":}"] {
            #expect(JSONValue.object(Array(claims.utf8)) == nil)
        }
    }

    @Test(
        arguments: [
            ("kid", .text("k1"), nil, true), ("kid", .text("k1"), "k1", true),
            ("kid", .text("k1"), "k2", false), ("kid", nil, "k1", false),
            ("use", .text("sig"), nil, true), ("use", .text("enc"), nil, false),
            ("alg", .text("ES256"), nil, true), ("alg", .text("RS256"), nil, false),
            ("alg", .text("none"), nil, false), ("crv", .text("P-384"), nil, false),
            ("crv", nil, nil, false), ("kty", .text("oct"), nil, false),
            ("kty", nil, nil, false), ("x", .text("AA"), nil, false), ("y", nil, nil, false),
            ("key_ops", .array([.text("verify")]), nil, true),
            ("key_ops", .array([.text("encrypt")]), nil, false),
        ] as [(String, JSONValue?, String?, Bool)]
    )
    func choosesKeys(_ member: String, _ value: JSONValue?, _ wanted: String?, _ isFound: Bool)
        throws
    {
        var key = Signed.key
        key[member] = value
        let keys = try Signed.keys(key)
        #expect((keys.key(id: wanted, algorithm: .es256) != nil) == isFound)
        #expect(keys.key(id: wanted, algorithm: .rs256) == nil)
    }

    @Test
    func choosesNoneWhereTwoCouldBeMeant() throws {
        var (one, two) = (Signed.key, Signed.key)
        (one["kid"], two["kid"]) = (.text("1"), .text("2"))
        let keys = try Signed.keys(one, two)
        #expect(keys.key(id: nil, algorithm: .es256) == nil)
        #expect(keys.key(id: "2", algorithm: .es256) != nil)
        #expect(try Signed.keys(one, one).key(id: "1", algorithm: .es256) == nil)
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":1}"#])
    func refusesWhatIsNoSetOfKeys(_ text: String) {
        let said = refusal { () throws(ProviderRefusal) in _ = try KeySet(Array(text.utf8)) }
        #expect(said.contains("no JSON object"))
    }

    @Test
    func refusesTooManyKeys() {
        let keys = [JSONValue](repeating: .object(Signed.key), count: 65)
        let said = refusal { () throws(ProviderRefusal) in
            _ = try KeySet(JSONValue.bytes(["keys": .array(keys)]))
        }
        #expect(said.contains("more than 64"))
    }
}
