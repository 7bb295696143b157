import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// The own account: password, second factor, tokens and sessions.
    func addAccountPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let people = people
        add(.get, "/account", policy: .page(.keepOwnAccount), to: router) { _, _ in
            try await renderer.account(people)
        }
        addPasswordPost(renderer, to: router)
        post("/account/second-factor", renderer, to: router) { _, _, name in
            let offer = try await people.offerSecondFactor(name)
            return ["offer": ["key": offer.key, "uri": offer.uri]]
        }
        post("/account/second-factor/confirm", renderer, to: router) { form, _, name in
            try await people.confirmSecondFactor(name, code: try form.required("code"))
            return nil
        }
        post("/account/second-factor/remove", renderer, to: router) { form, request, name in
            try await people.removeSecondFactor(
                name,
                password: form.unchanged("password"),
                visitor: Visitor(request)
            )
            return nil
        }
        post("/account/tokens", renderer, to: router) { form, _, name in
            let request = TokenRequest(
                label: form["label"] ?? "",
                roles: form.roles,
                days: Int(form["days"] ?? "") ?? 0
            )
            let made = try await people.createToken(request, of: name)
            return ["made": ["secret": made.secret, "id": made.token.id]]
        }
        post("/account/tokens/revoke", renderer, to: router) { form, _, name in
            try await people.revokeToken(try form.required("id"), of: name, by: name)
            return nil
        }
        post("/account/sessions/end", renderer, to: router) { form, _, name in
            try await people.endSession(try form.required("id"), of: name, by: name)
            return nil
        }
    }

    private func addPasswordPost(
        _ renderer: PageRenderer,
        to router: Router<BasicRequestContext>
    ) {
        let people = people
        add(.post, "/account/password", policy: .page(.keepOwnAccount), to: router) { request, _ in
            try refuseToken()
            let form = try await FormBody(of: request)
            do {
                guard form.unchanged("new") == form.unchanged("again") else {
                    throw TandemError(
                        .accountRefused,
                        "the two new passwords differ",
                        remedy: "Enter the new password twice, both times the same."
                    )
                }
                let signedIn = try await people.changePassword(
                    try Caller.person(),
                    from: form.unchanged("old"),
                    to: form.unchanged("new"),
                    visitor: Visitor(request)
                )
                guard case .done(let secret) = signedIn else { return seeOther("/sign-in") }
                return seeOther("/account", cookie: SessionCookie.header(secret))
            } catch let error as TandemError {
                return try await renderer.account(people, problem: error)
            }
        }
    }

    /// A posted form of the account's page; what it returns is shown on the page, else the page is
    /// opened anew.
    private func post(
        _ path: RouterPath,
        _ renderer: PageRenderer,
        to router: Router<BasicRequestContext>,
        _ work:
            @escaping @Sendable (FormBody, Request, PersonName) async throws ->
            [String: [String: String]]?
    ) {
        let people = people
        add(.post, path, policy: .page(.keepOwnAccount), to: router) { request, _ in
            try refuseToken()
            let form = try await FormBody(of: request)
            do {
                let shown = try await work(form, request, try Caller.person())
                guard let shown else { return seeOther("/account") }
                return try await renderer.account(people, showing: shown)
            } catch let error as TandemError {
                return try await renderer.account(people, problem: error)
            }
        }
    }
}

/// A token changes nothing of its owner's account: it would outlive its own end, or shut the owner
/// out.
func refuseToken() throws {
    guard case .token = try Caller.current().means else { return }
    throw TandemError(
        .forbidden,
        "a token can't change the account that it belongs to",
        remedy: "Sign in, or send a client certificate."
    )
}

extension PageRenderer {
    fileprivate func account(
        _ people: any PeopleService,
        problem: TandemError? = nil,
        showing shown: [String: [String: String]] = [:]
    ) async throws -> Response {
        let person = try Caller.current()
        let own = try await people.ownAccount(person.name)
        var content: [String: Any] = [
            "name": own.name.text,
            "roleTexts": own.roles.map(\.rawValue).joined(separator: ", "),
            "roleBoxes": own.roles.map { ["role": $0.rawValue] },
            "hasPassword": own.hasPassword,
            "hasGivenPassword": own.hasGivenPassword,
            "hasSecondFactor": own.hasSecondFactor,
            "sessions": own.sessions.map { session in
                [
                    "id": session.id, "startedAt": utcText(session.startedAt),
                    "seenAt": utcText(session.seenAt), "source": session.source,
                    "agent": session.agent,
                ]
            },
            "tokens": own.tokens.map { token in
                [
                    "id": token.id, "label": token.label,
                    "roles": token.roles.map(\.rawValue).joined(separator: ", "),
                    "expiresAt": utcText(token.expiresAt),
                    "usedAt": token.usedAt.map(utcText) ?? "never",
                ]
            },
            "hasTokens": !own.tokens.isEmpty,
            "hasSessions": !own.sessions.isEmpty,
        ]
        content.merge(Self.told(problem)) { mine, _ in mine }
        content.merge(shown) { mine, _ in mine }
        return try page(
            "account",
            PageFrame(title: "Your account", section: nil, person: person),
            content,
            status: Self.status(problem)
        )
    }
}
