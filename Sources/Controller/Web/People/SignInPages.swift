import ControllerAPI
import HTTPTypes
import Hummingbird
import TandemModel

extension Routes {
    /// Signing in by password, second factor or one-time code, and out.
    func addSignInPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let people = people
        add(.get, "/sign-in", policy: .open, to: router) { request, _ in
            try renderer.signIn(
                to: localPath(decoded("to", in: request)),
                why: WayToSignIn.Reason(of: request)
            )
        }
        add(.post, "/sign-in", policy: .open, to: router) { request, _ in
            try OriginCheck.refuse(request)
            let form = try await FormBody(of: request)
            let target = localPath(form["to"])
            do {
                let signedIn = try await people.signIn(
                    PersonName(form["name"] ?? ""),
                    password: form.unchanged("password"),
                    from: Visitor(request)
                )
                // Whoever signs in anew has done with the session before.
                if let old = SessionCookie.value(of: request) { try await people.signOut(old) }
                return try renderer.goOn(signedIn, to: target)
            } catch let error as TandemError {
                let name = form["name"] ?? ""
                return try renderer.signIn(to: target, name: name, problem: error)
            }
        }
        add(.post, "/sign-in/code", policy: .open, to: router) { request, _ in
            try OriginCheck.refuse(request)
            let form = try await FormBody(of: request)
            let target = localPath(form["to"])
            do {
                let signedIn = try await people.signIn(
                    code: form["code"] ?? "",
                    half: SessionCookie.value(of: request) ?? "",
                    from: Visitor(request)
                )
                return try renderer.goOn(signedIn, to: target)
            } catch let error as TandemError where error.code == .signInNeeded {
                return try renderer.signIn(to: target, problem: error)
            } catch let error as TandemError {
                return try renderer.secondFactor(to: target, problem: error)
            }
        }
        addOneTimeSignIn(renderer, to: router)
        add(.post, "/sign-out", policy: .page(.keepOwnAccount), to: router) { request, _ in
            _ = try await FormBody(of: request)
            if let secret = SessionCookie.value(of: request) {
                try await people.signOut(secret)
            }
            return seeOther("/sign-in", cookie: SessionCookie.end)
        }
    }

    private func addOneTimeSignIn(
        _ renderer: PageRenderer,
        to router: Router<BasicRequestContext>
    ) {
        let people = people
        add(.get, "/sign-in/once", policy: .open, to: router) { request, _ in
            let target = localPath(decoded("to", in: request))
            do {
                let signedIn = try await people.signIn(
                    oneTime: decoded("code", in: request) ?? "",
                    from: Visitor(request)
                )
                return try renderer.goOn(signedIn, to: target)
            } catch let error as TandemError {
                return try renderer.signIn(to: target, problem: error)
            }
        }
    }
}

/// A text in the query, with its escapes resolved.
func decoded(_ parameter: Substring, in request: Request) -> String? {
    request.uri.queryParameters.get(String(parameter))
}

extension PageRenderer {
    func signIn(
        to target: String,
        name: String = "",
        why: WayToSignIn.Reason? = nil,
        problem: TandemError? = nil
    ) throws -> Response {
        var content = Self.told(problem)
        content["why"] = why?.sentence
        content["name"] = name
        content["to"] = target
        content["provider"] = provider
        content["providerPath"] = providerPath(to: target)
        return try page(
            "sign-in",
            PageFrame(title: "Sign in", section: nil, person: nil),
            content,
            status: Self.status(problem)
        )
    }

    fileprivate func secondFactor(
        to target: String,
        problem: TandemError? = nil
    ) throws -> Response {
        try page(
            "second-factor",
            PageFrame(title: "Second factor", section: nil, person: nil),
            ["to": target].merging(Self.told(problem)) { mine, _ in mine },
            status: Self.status(problem)
        )
    }

    /// After a right password: on to where the person wanted to go, or to the second factor.
    fileprivate func goOn(_ signedIn: SignedIn, to target: String) throws -> Response {
        switch signedIn {
        case .done(let secret):
            return seeOther(target, cookie: SessionCookie.header(secret))
        case .needsCode(let secret):
            var response = try secondFactor(to: target)
            response.headers[.setCookie] = SessionCookie.header(secret)
            return response
        }
    }

    /// What a template shows of an error.
    static func told(_ problem: TandemError?) -> [String: Any] {
        guard let problem else { return [:] }
        return [
            "problem": problem.message, "remedy": problem.remedy, "problemCode": problem.code.id,
        ]
    }

    /// The status of a page that tells an error.
    static func status(_ problem: TandemError?) -> HTTPResponse.Status {
        problem.map { HTTPResponse.Status(code: Problem($0).status) } ?? .ok
    }
}
