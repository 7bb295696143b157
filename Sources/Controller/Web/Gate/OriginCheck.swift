import HTTPTypes
import Hummingbird
import TandemModel

/// Whether a changing request comes from our own pages, as far as the browser tells.
enum OriginCheck {
    private static let formTokenHeader = HTTPField.Name("x-tandem-form-token")
    private static let fetchSite = HTTPField.Name("sec-fetch-site")

    /// The session's form token as a script sends it, where the body is no form.
    static func formToken(of request: Request) -> String? {
        formTokenHeader.flatMap { request.headers[$0] }
    }

    /// - Throws: `crossSiteRefused` where the browser names another site. Programs name none.
    static func refuse(_ request: Request) throws {
        if let fetchSite, let site = request.headers[fetchSite],
            site != "same-origin", site != "none"
        {
            throw refused("the request comes from another site (\(site.prefix(20)))")
        }
        guard let origin = request.headers[.origin] else { return }
        guard let host = request.head.authority, origin == "https://\(host)" else {
            throw refused("the request comes from \(origin.prefix(100))")
        }
    }

    static func refused(_ why: String) -> TandemError {
        TandemError(.crossSiteRefused, why, remedy: "Open the page anew and press there.")
    }
}
