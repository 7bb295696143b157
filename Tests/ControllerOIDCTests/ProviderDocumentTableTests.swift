import Testing

@testable import ControllerOIDC

struct ProviderDocumentTableTests {
    @Test
    func readsADocument() throws {
        let document = try ProviderDocument(JSONValue.bytes(Sample.document), for: Sample.settings)
        #expect(document.authorization.text == "https://id.example/realm/auth")
        #expect(document.token.target == "/realm/token?x=1")
        #expect(document.token.port == 443)
        #expect(document.keys.host == "keys.example")
        #expect(document.keys.port == 8443)
        #expect(document.keys.target == "/")
        #expect(document.proof == .basic)
        #expect(!document.namesIssuer)
    }

    @Test(
        arguments: [
            ("issuer", nil, "calls itself ''"),
            ("issuer", .text("https://id.example"), "calls itself 'https://id.example'"),
            ("authorization_endpoint", nil, "authorization_endpoint"),
            ("authorization_endpoint", .text("http://id.example/auth"), "authorization_endpoint"),
            ("authorization_endpoint", .text("https://a@id.example/"), "authorization_endpoint"),
            ("authorization_endpoint", .text("https://id.example/#a"), "authorization_endpoint"),
            ("authorization_endpoint", .text("javascript:alert(1)"), "authorization_endpoint"),
            ("token_endpoint", .text("https:///token"), "token_endpoint"),
            ("token_endpoint", .text("https://id.example:99999/"), "token_endpoint"),
            ("jwks_uri", .text("file:///etc/passwd"), "jwks_uri"),
            ("jwks_uri", .array([]), "jwks_uri"),
            ("response_types_supported", .array([.text("id_token")]), "'code'"),
            ("response_types_supported", nil, "'code'"),
            ("code_challenge_methods_supported", nil, "'S256'"),
            ("code_challenge_methods_supported", .array([.text("plain")]), "'S256'"),
            ("id_token_signing_alg_values_supported", .array([.text("HS256")]), "none of RS256"),
            ("id_token_signing_alg_values_supported", nil, "none of RS256"),
            (
                "token_endpoint_auth_methods_supported", .array([.text("tls_client_auth")]),
                "neither"
            ),
            ("token_endpoint_auth_methods_supported", .array([]), "neither"),
        ] as [(String, JSONValue?, String)]
    )
    func refuses(_ member: String, _ value: JSONValue?, _ why: String) {
        var members = Sample.document
        members[member] = value
        let bytes = JSONValue.bytes(members)
        let said = refusal { () throws(ProviderRefusal) in
            _ = try ProviderDocument(bytes, for: Sample.settings)
        }
        #expect(said.contains(why), "\(said)")
    }

    @Test(arguments: ["", "[]", "null", "{", #"{"issuer":}"#])
    func refusesWhatIsNoObject(_ text: String) {
        let said = refusal { () throws(ProviderRefusal) in
            _ = try ProviderDocument(Array(text.utf8), for: Sample.settings)
        }
        #expect(said.contains("no JSON object"))
    }

    @Test(
        arguments: [
            (nil, "s", .basic),
            (.array([.text("client_secret_post")]), "s", .post),
            (.array([.text("client_secret_post"), .text("client_secret_basic")]), "s", .basic),
            (.array([.text("tls_client_auth")]), nil, .none),
        ] as [(JSONValue?, String?, ProviderDocument.ClientProof)]
    )
    func choosesTheClientsProof(
        _ value: JSONValue?,
        _ secret: String?,
        _ proof: ProviderDocument.ClientProof
    ) throws {
        var members = Sample.document
        members["token_endpoint_auth_methods_supported"] = value
        var settings = Sample.settings
        settings.clientSecret = secret
        #expect(try ProviderDocument(JSONValue.bytes(members), for: settings).proof == proof)
    }

    @Test
    func findsTheDocumentBelowTheIssuer() {
        var settings = Sample.settings
        let place = "https://id.example/realm/.well-known/openid-configuration"
        #expect(settings.discovery == place)
        settings.issuer += "/"
        #expect(settings.discovery == place)
    }
}

struct ProviderQuestionsTests {
    private let document = Result {
        try ProviderDocument(JSONValue.bytes(Sample.document), for: Sample.settings)
    }

    /// RFC 7636, appendix B.
    @Test
    func sendsTheChallengeOfTheVerifier() throws {
        let address = ProviderQuestions.authorization(
            try document.get(),
            Sample.settings,
            Sample.signIn(),
            state: "s"
        )
        #expect(
            address == "https://id.example/realm/auth?response_type=code&client_id=tandem"
                + "&redirect_uri=https%3A%2F%2Fcmp-a.example%2Fsign-in%2Fprovider%2Freturn"
                + "&scope=openid%20profile&state=s&nonce=the-nonce"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
                + "&code_challenge_method=S256"
        )
        var fresh = Sample.signIn()
        fresh.isFresh = true
        let again = ProviderQuestions.authorization(
            try document.get(),
            Sample.settings,
            fresh,
            state: "s"
        )
        #expect(again == address + "&prompt=login&max_age=1")
    }

    @Test
    func redeemsACodeByEachProof() throws {
        var document = try document.get()
        let common =
            "grant_type=authorization_code&code=a%26b"
            + "&redirect_uri=https%3A%2F%2Fcmp-a.example%2Fsign-in%2Fprovider%2Freturn"
            + "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        func ask() -> (body: String, authorization: String?) {
            ProviderQuestions.redemption(document, Sample.settings, Sample.signIn(), code: "a&b")
        }
        #expect(ask() == (common, "Basic dGFuZGVtOnMlMjZjcmV0"))
        document.proof = .post
        #expect(ask() == ("\(common)&client_id=tandem&client_secret=s%26cret", nil))
        document.proof = .none
        #expect(ask() == ("\(common)&client_id=tandem", nil))
    }

    @Test(arguments: [
        (200, #"{"id_token":"t"}"#, ""),
        (200, #"{"access_token":"t"}"#, "without an ID token"),
        (200, "", "without an ID token"),
        (400, #"{"error":"invalid_grant","id_token":"t"}"#, "redeem the code: invalid_grant"),
        (302, "", "HTTP status 302"),
        (500, #"{"error":"<script>"}"#, "<script>"),
    ])
    func readsTheAnswer(_ status: Int, _ body: String, _ why: String) {
        let said = refusal { () throws(ProviderRefusal) in
            _ = try ProviderQuestions.token(status: status, body: Array(body.utf8))
        }
        #expect(said.contains(why) && said.isEmpty == why.isEmpty, "\(said)")
    }

    @Test(
        arguments: [
            ("c", nil, nil, false, ""),
            ("c", nil, Sample.issuer, true, ""),
            ("c", nil, Sample.issuer, false, ""),
            ("c", nil, nil, true, "was not the one"),
            ("c", nil, "https://evil.example", false, "was not the one"),
            ("c", "access_denied", nil, false, "let nobody in: access_denied"),
            (nil, nil, nil, false, "without a code"),
            ("", nil, nil, false, "without a code"),
            (String(repeating: "c", count: 2049), nil, nil, false, "without a code"),
        ] as [(String?, String?, String?, Bool, String)]
    )
    func readsTheWayBack(
        _ code: String?,
        _ error: String?,
        _ issuer: String?,
        _ namesIssuer: Bool,
        _ why: String
    ) throws {
        var document = try document.get()
        document.namesIssuer = namesIssuer
        let site = document
        let said = refusal { () throws(ProviderRefusal) in
            _ = try ProviderQuestions.code(
                code,
                error: error,
                issuer: issuer,
                document: site,
                settings: Sample.settings
            )
        }
        #expect(said.contains(why) && said.isEmpty == why.isEmpty, "\(said)")
    }
}
