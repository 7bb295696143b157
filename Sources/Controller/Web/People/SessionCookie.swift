import ControllerAPI
import HTTPTypes
import Hummingbird

/// The cookie that bears a session's secret.
enum SessionCookie {
    /// No `Max-Age` and no `Expires`: it goes with the browser, and the session by its own limits.
    private static let attributes = "Path=/; Secure; HttpOnly; SameSite=Strict"

    /// Its value in a request.
    static func value(of request: Request) -> String? { cookies(Gate.cookie, of: request).first }

    /// The header that sets it.
    static func header(_ secret: String) -> String { "\(Gate.cookie)=\(secret); \(attributes)" }

    /// The header that takes it away.
    static let end = "\(Gate.cookie)=; \(attributes); Max-Age=0"
}

/// All values that a request gives a cookie.
func cookies(_ name: String, of request: Request) -> [String] {
    Credentials.cookies(name, in: request.headers[values: .cookie])
}

/// An answer that sends the browser on with GET.
func seeOther(_ path: String, cookie: String? = nil) -> Response {
    var headers: HTTPFields = [.location: path, .cacheControl: "no-store"]
    if let cookie { headers[.setCookie] = cookie }
    return Response(status: .seeOther, headers: headers)
}

/// A path of ours to go on to; anything else leads to the start page.
func localPath(_ text: String?) -> String {
    guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/sign-in"),
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    return text
}
