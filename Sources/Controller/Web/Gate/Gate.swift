import ControllerAPI
import HTTPTypes
import Hummingbird
import TandemModel

/// The one gate: who asks, may they, and does the request come from where it says.
struct Gate: Sendable {
    let identities: any IdentityService

    /// The cookie of a browser's session; the prefix makes browsers hold it to this host and to TLS.
    static let cookie = "__Host-tandem"

    /// Handles a request as the person it proves to come from, if that person has the permission.
    func pass(
        _ request: Request,
        _ permission: Permission,
        _ work: () async throws -> Response
    ) async throws -> Response {
        let known = try await person(of: request)
        return try await Caller.$known.withValue(known) {
            try Caller.demand(permission)
            try refuseCrossSite(request, known)
            let origin = RequestOrigin(known, address: Caller.address)
            return try await RequestOrigin.$current.withValue(origin) { try await work() }
        }
    }

    /// A token is meant by whoever sends one; then a session; a certificate is sent without asking.
    func person(of request: Request) async throws -> KnownPerson {
        if let authorization = request.headers[.authorization] {
            let scheme = "bearer "
            guard authorization.lowercased().hasPrefix(scheme) else {
                throw Caller.signInNeeded("the Authorization header is no bearer token")
            }
            return try await identities.person(
                ofToken: String(authorization.dropFirst(scheme.count))
            )
        }
        if let cookie = request.cookies[Self.cookie] {
            return try await identities.person(ofSession: cookie.value)
        }
        guard let identity = Caller.identity else {
            throw Caller.signInNeeded("nobody is signed in")
        }
        return try await identities.person(ofCertificate: try Caller.certified(identity))
    }

    /// Browsers send cookies and certificates on another site's behalf too, but say whose.
    private func refuseCrossSite(_ request: Request, _ known: KnownPerson) throws {
        guard ![.get, .head, .options].contains(request.method) else { return }
        if case .token = known.means { return }
        try OriginCheck.refuse(request)
        // The form token of a session comes in a header, or in the form, where the page checks it.
        guard case .session(let token) = known.means else { return }
        guard request.headers[.contentType]?.hasPrefix(FormBody.contentType) != true else { return }
        guard OriginCheck.formToken(of: request) == token else {
            throw OriginCheck.refused("the request bears no token of the page")
        }
    }
}
