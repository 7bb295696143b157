import ControllerAPI
import Foundation
import HTTPTypes
import Hummingbird
import TandemModel

extension Routes {
    /// Signing in with the identity provider: the way there and the way back.
    func addProviderPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let (people, provider) = (people, provider)
        let way = WayToSignIn(inventory: inventory)
        add(.get, "/sign-in/provider", policy: .open, to: router) { request, _ in
            // A link on a page of ours comes back to that page.
            let target = decoded("to", in: request).map(localPath) ?? way.page(of: request)
            do {
                let start = try await Self.demand(provider).begin(
                    to: target,
                    isFresh: decoded("fresh", in: request) != nil,
                    browser: ProviderCookie.value(of: request),
                    source: Visitor(request).source
                )
                return seeOther(start.address, cookie: ProviderCookie.header(start.browser))
            } catch let error as TandemError {
                return try renderer.signIn(to: target, problem: error)
            }
        }
        add(.get, "/sign-in/provider/return", policy: .open, to: router) { request, _ in
            do {
                let end = try await Self.demand(provider).finish(
                    ProviderAnswer(
                        state: decoded("state", in: request),
                        code: decoded("code", in: request),
                        error: decoded("error", in: request),
                        issuer: decoded("iss", in: request)
                    ),
                    browser: ProviderCookie.value(of: request)
                )
                let signedIn = try await people.signIn(provided: end, from: Visitor(request))
                return try renderer.returned(signedIn, to: localPath(end.path))
            } catch let error as TandemError {
                return try renderer.signIn(to: "/", problem: error)
            }
        }
    }

    private static func demand(
        _ provider: (any ProviderService)?
    ) throws(TandemError) -> any ProviderService {
        if let provider { return provider }
        throw TandemError(
            .providerRefused,
            "this controller knows no identity provider",
            remedy: "Sign in with a local account."
        )
    }
}

/// The cookie that ties a way to the provider to the browser that went it.
///
/// `SameSite=Lax`, as it must come along when the provider sends the browser back.
private enum ProviderCookie {
    private static let name = "__Host-tandem-oidc"
    /// As long as a sign-in may take, in seconds.
    private static let ageSecondsMax = 600

    static func value(of request: Request) -> String? { cookies(name, of: request).first }

    static func header(_ secret: String) -> String {
        "\(name)=\(secret); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(ageSecondsMax)"
    }
}

extension PageRenderer {
    /// Where the way to the provider begins.
    func providerPath(to target: String) -> String {
        let escaped = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return "/sign-in/provider?to=\(escaped ?? "%2F")"
    }

    /// A page of ours between the provider and the target.
    ///
    /// A redirect would still count as sent by the provider's site, and the session's cookie, which is
    /// `SameSite=Strict`, would not be sent along.
    fileprivate func returned(_ signedIn: SignedIn, to target: String) throws -> Response {
        let secret =
            switch signedIn {
            case .done(let secret), .needsCode(let secret): secret
            }
        var response = try page(
            "provider-return",
            PageFrame(title: "Signed in", section: nil, person: nil),
            ["to": target]
        )
        response.headers[.setCookie] = SessionCookie.header(secret)
        if let refresh = HTTPField.Name("refresh") {
            response.headers[refresh] = "0; url=\(target)"
        }
        return response
    }
}
