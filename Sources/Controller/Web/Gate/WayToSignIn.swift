import ControllerAPI
import Foundation
import Hummingbird
import TandemModel

/// The way of a browser that is not signed in (any more): to the sign-in page, and back to where it was.
struct WayToSignIn: Sendable {
    /// Why somebody is asked to sign in; a closed list, so that no address puts words on our page.
    enum Reason: String, Sendable {
        case ended
        case notCarriedOut = "not-carried-out"

        /// What the sign-in page says.
        var sentence: String {
            switch self {
            case .ended: "Your session has ended."
            case .notCarriedOut:
                "Your session has ended; what you pressed was NOT carried out. Sign in, look at the "
                    + "page again, and press there if it is still what you want."
            }
        }

        /// The reason that an address names; `nil` for none of ours.
        init?(of request: Request) {
            guard let text = decoded("why", in: request) else { return nil }
            self.init(rawValue: text)
        }
    }

    let inventory: RouteInventory

    /// Handles a request for a page, and puts into a page why it is refused.
    ///
    /// A form is never sent a second time by itself: after signing in the person is back at the page
    /// that it came from, and decides anew.
    func pages(
        for request: Request,
        _ work: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await work()
        } catch let error as TandemError where error.code == .signInNeeded {
            if request.method == .get {
                let had = SessionCookie.value(of: request) != nil
                return Self.signIn(to: request.uri.string, had ? .ended : nil)
            }
            // A program looks at the status, and must not take a page for a success.
            guard request.headers[.authorization] == nil else { return try refusal(error, request) }
            do { try OriginCheck.refuse(request) } catch let error as TandemError {
                return try refusal(error, request)
            }
            let isDone = request.uri.path == "/sign-out"
            return Self.signIn(to: page(of: request), isDone ? .ended : .notCarriedOut)
        } catch let error as TandemError {
            return try refusal(error, request)
        }
    }

    /// The page that a form came from: what the browser says, where it is one of ours; else the
    /// nearest page above the path that the form was sent to.
    func page(of request: Request) -> String {
        let path = request.uri.path
        guard let referer = request.headers[.referer], let host = request.head.authority,
            referer.hasPrefix("https://\(host)/")
        else { return nearestPage(to: path) }
        let from = localPath(String(referer.dropFirst("https://\(host)".count)))
        let bare = String(from.prefix { $0 != "?" && $0 != "#" })
        // An address that only takes forms leads nowhere: a refused form was shown there.
        return nearestPage(to: bare) == bare ? from : nearestPage(to: bare)
    }

    private func nearestPage(to path: String) -> String {
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/")
            if inventory.hasPage(at: path) { return localPath(path) }
            parts.removeLast()
        }
        return "/"
    }

    private func refusal(_ error: TandemError, _ request: Request) throws -> Response {
        let back = request.method == .get ? "/" : page(of: request)
        return try PageRenderer.shared.get().refusal(error, back: back)
    }

    private static func signIn(to path: String, _ reason: Reason?) -> Response {
        let back = path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "%2F"
        return seeOther("/sign-in?to=\(back)" + (reason.map { "&why=\($0.rawValue)" } ?? ""))
    }
}
