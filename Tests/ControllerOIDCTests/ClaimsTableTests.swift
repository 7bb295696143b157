import ControllerAPI
import TandemModel
import Testing

@testable import ControllerOIDC

/// One claim set to a value, or taken away, and the words that the refusal must hold.
private struct Case: Sendable, CustomStringConvertible {
    var claim: String
    var value: JSONValue?
    var why: String

    init(_ claim: String, _ value: JSONValue?, _ why: String) {
        self.claim = claim
        self.value = value
        self.why = why
    }

    var description: String { "\(claim) = \(value?.json ?? "nothing")" }
}

private let now = Sample.nowSeconds

struct ClaimsTableTests {
    @Test(arguments: [
        Case("iss", nil, "issued by ''"),
        Case("iss", .text("https://id.example/realm/"), "issued by"),
        Case("iss", .text("https://evil.example"), "issued by 'https://evil.example'"),
        Case("iss", .array([.text(Sample.issuer)]), "issued by ''"),
        Case("aud", nil, "for somebody else"),
        Case("aud", .text("tandem2"), "for somebody else"),
        Case("aud", .text(""), "for somebody else"),
        Case("aud", .array([]), "for somebody else"),
        Case("aud", .array([.text("tandem"), .number(1)]), "for somebody else"),
        Case("aud", .array([.text("a"), .text("tandem")]), "without saying whose it is"),
        Case(
            "aud",
            .array([JSONValue](repeating: .text("tandem"), count: 17)),
            "for somebody else"
        ),
        Case("azp", .text("other"), "another client"),
        Case("azp", .null, "another client"),
        Case("exp", nil, "without the times"),
        Case("exp", .text("\(now + 300)"), "without the times"),
        Case("exp", .number(-1), "without the times"),
        Case("exp", .number((now + 300) * 1000), "without the times"),
        Case("exp", .number(now - 60), "has expired"),
        Case("exp", .number(now - 1e6), "has expired"),
        Case("iat", nil, "without the times"),
        Case("iat", .number(now + 60.5), "of the future"),
        Case("iat", .number(now - 660.5), "ten minutes ago"),
        Case("nbf", .number(now + 60.5), "does not count yet"),
        Case("nbf", .text("soon"), "does not count yet"),
        Case("nonce", nil, "another sign-in"),
        Case("nonce", .text("the-noncE"), "another sign-in"),
        Case("nonce", .text(""), "another sign-in"),
        Case("nonce", .number(1), "another sign-in"),
        Case("sub", nil, "without a subject"),
        Case("sub", .text(""), "without a subject"),
        Case("sub", .text(String(repeating: "s", count: 256)), "without a subject"),
        Case("preferred_username", nil, "without the claim 'preferred_username'"),
        Case("preferred_username", .number(7), "without the claim"),
        Case("preferred_username", .text("ada lovelace"), "can't be a name"),
        Case("preferred_username", .text("<b>"), "can't be a name"),
        Case("preferred_username", .text(""), "can't be a name"),
    ])
    private func refuses(_ row: Case) {
        var claims = Sample.claims
        claims[row.claim] = row.value
        let why = refusal { () throws(ProviderRefusal) in
            _ = try IDToken(claims: claims).person(
                for: Sample.settings,
                nonce: "the-nonce",
                at: Sample.now
            )
        }
        #expect(why.contains(row.why) && !why.isEmpty, "\(why)")
    }

    @Test(
        arguments: [
            ("exp", .number(now - 59)), ("iat", .number(now + 60)), ("iat", .number(now - 660)),
            ("nbf", .number(now + 60)), ("azp", .text("tandem")),
            ("aud", .array([.text("tandem")])),
            ("extra", .object(["a": .null])),
        ] as [(String, JSONValue)]
    )
    func takesWhatIsWithinTheLimits(_ claim: String, _ value: JSONValue) throws {
        var claims = Sample.claims
        claims[claim] = value
        let person = try IDToken(claims: claims).person(
            for: Sample.settings,
            nonce: "the-nonce",
            at: Sample.now
        )
        #expect(person == ProvedPerson(name: PersonName("ada"), roles: nil))
    }

    /// What `auth_time` says, whether the provider was to ask anew, and when it did; `nil`: refused.
    @Test(
        arguments: [
            (nil, false, .some(nil)), (.number(now - 7200), false, .some(now - 7200)),
            (.number(now + 30), false, .some(now)), (.text("x"), false, .some(nil)),
            (nil, true, nil), (.text("x"), true, nil), (.number(now - 7200), true, nil),
            (.number(now - 160), true, nil), (.number(now - 100), true, .some(now - 100)),
        ] as [(JSONValue?, Bool, Double??)]
    )
    func tellsWhenTheProviderAsked(_ value: JSONValue?, _ isFresh: Bool, _ when: Double??) {
        var claims = Sample.claims
        claims["auth_time"] = value
        let told = claims
        let start = WallTime(milliseconds: Sample.now.milliseconds - 90_000)
        var found: Double?? = nil
        let why = refusal { () throws(ProviderRefusal) in
            let person = try IDToken(claims: told).person(
                for: Sample.settings,
                nonce: "the-nonce",
                freshSince: isFresh ? start : nil,
                at: Sample.now
            )
            found = .some(person.provedAt.map { Double($0.milliseconds) / 1000 })
        }
        #expect(found == when, "\(why)")
        #expect(why.isEmpty == (when != nil))
    }

    @Test
    func takesSeveralAudiencesWithOurselvesAsTheParty() throws {
        var claims = Sample.claims
        claims["aud"] = .array([.text("tandem"), .text("wiki")])
        claims["azp"] = .text("tandem")
        let person = try IDToken(claims: claims).person(
            for: Sample.settings,
            nonce: "the-nonce",
            at: Sample.now
        )
        #expect(person.name == PersonName("ada"))
    }

    @Test(
        arguments: [
            (.array([.text("night"), .text("chess")]), [.viewer, .operator], ""),
            (.text("audit"), [.auditor], ""),
            (.array([.text("chess")]), [], "none of the groups"),
            (.array([]), [], "none of the groups"),
            (.array([.number(1)]), [], "as a list of texts"),
            (.null, [], "as a list of texts"),
            (nil, [], "as a list of texts"),
        ] as [(JSONValue?, Set<Role>, String)]
    )
    func mapsGroupsToRoles(_ value: JSONValue?, _ roles: Set<Role>, _ why: String) {
        var settings = Sample.settings
        settings.rolesClaim = "groups"
        settings.roles = ["night": [.viewer, .operator], "audit": [.auditor]]
        var claims = Sample.claims
        claims["groups"] = value
        let site = settings
        let told = claims
        var found: Set<Role> = []
        let said = refusal { () throws(ProviderRefusal) in
            found =
                try IDToken(claims: told).person(for: site, nonce: "the-nonce", at: Sample.now)
                .roles ?? []
        }
        #expect(found == roles)
        #expect(said.contains(why) && said.isEmpty == why.isEmpty, "\(said)")
    }
}
