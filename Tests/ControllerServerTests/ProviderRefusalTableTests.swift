import Foundation
import TandemModel
import Testing

/// What is wrong with the lines about an identity provider, said at the start.
struct ProviderRefusalTableTests {
    private static let good: [(String, String?)] = [
        ("oidc-issuer", "https://id.example/realm"), ("oidc-client-id", "tandem"),
        ("oidc-redirect", "https://cmp-a.example/sign-in/provider/return"),
    ]

    private static func row(
        _ name: String,
        _ code: ErrorCode,
        _ words: [String],
        _ changes: (String, String?)...
    ) -> StartRefusal {
        let spoilt = changes
        return StartRefusal(name, code, words) { rig in
            try rig.write("secret", Array("s\n".utf8))
            let files = [
                ("oidc-authority", rig.path("api-ca.pem")),
                ("oidc-client-secret-file", rig.path("secret")),
            ]
            for (key, value) in good + files.map({ ($0.0, $0.1) }) + spoilt {
                try rig.set(key, value.map { $0.replacing("FOLDER", with: rig.folder.path) })
            }
        }
    }

    static let rows = [
        row("no client", .configurationInvalid, ["`oidc-client-id`"], ("oidc-client-id", nil)),
        row("no authority", .configurationInvalid, ["`oidc-authority`"], ("oidc-authority", nil)),
        row(
            "a plain issuer",
            .configurationInvalid,
            ["line 13", "`oidc-issuer` is an https address"],
            ("oidc-issuer", "http://id.example")
        ),
        row(
            "an issuer with a query",
            .configurationInvalid,
            ["`oidc-issuer` is an https address"],
            ("oidc-issuer", "https://id.example?a=b")
        ),
        row(
            "another way back",
            .configurationInvalid,
            ["`oidc-redirect` is https://HOST/sign-in/provider/return"],
            ("oidc-redirect", "https://cmp-a.example/")
        ),
        row(
            "a mapping without a claim",
            .configurationInvalid,
            ["go together"],
            ("oidc-role.viewer", "noc")
        ),
        row(
            "a claim without a mapping",
            .configurationInvalid,
            ["go together"],
            ("oidc-roles-claim", "groups")
        ),
        row(
            "an unknown role",
            .configurationInvalid,
            ["ROLE is one of viewer, operator"],
            ("oidc-roles-claim", "groups"),
            ("oidc-role.king", "noc")
        ),
        row(
            "no secret",
            .fileUnavailable,
            ["nowhere holds no secret"],
            ("oidc-client-secret-file", "FOLDER/nowhere")
        ),
        row(
            "no certificate",
            .tlsConfiguration,
            ["no readable certificate"],
            ("oidc-authority", "FOLDER/secret")
        ),
    ]

    @Test(arguments: rows)
    func controllerDoesNotStart(_ refusal: StartRefusal) async throws {
        let rig = try ServerRig()
        try refusal.spoil(rig)
        let run = try await rig.run()
        #expect(run.exit == 1)
        #expect(run.error.contains(refusal.code.id), "\(run.error)")
        for word in refusal.words { #expect(run.error.contains(word), "\(run.error)") }
    }
}
