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
    ///
    /// A route that `takesForms` reads each with ``FormBody``, which checks its token.
    func pass(
        _ request: Request,
        _ permission: Permission,
        takesForms: Bool,
        _ work: (Request) async throws -> Response
    ) async throws -> Response {
        let known = try await person(of: request)
        return try await Caller.$known.withValue(known) {
            try Caller.demandRole(for: permission)
            try refuseCrossSite(request, known, takesForms: takesForms)
            guard takesForms, known.owes != nil, FormBody.isBorne(by: request) else {
                return try await admit(request, known, permission, work)
            }
            return try await prove(try await FormBody.held(request), known, permission, work)
        }
    }

    private func admit(
        _ request: Request,
        _ known: KnownPerson,
        _ permission: Permission,
        _ work: (Request) async throws -> Response
    ) async throws -> Response {
        try await Caller.$known.withValue(known) {
            try Caller.demand(permission)
            let origin = RequestOrigin(known, address: Caller.address)
            return try await RequestOrigin.$current.withValue(origin) { try await work(request) }
        }
    }

    /// Handles a form of a session that has to be proved anew, which the form itself may do.
    ///
    /// A wrong proof refuses only what needs one, where it is needed: so a page can come again with
    /// what was typed, and what stops goes on.
    private func prove(
        _ request: Request,
        _ known: KnownPerson,
        _ permission: Permission,
        _ work: (Request) async throws -> Response
    ) async throws -> Response {
        let proof = try await FormBody(of: request).unchanged(FormBody.proofField)
        guard !proof.isEmpty, let secret = SessionCookie.value(of: request) else {
            return try await admit(request, known, permission, work)
        }
        let proved: (secret: String, person: KnownPerson)
        do {
            proved = try await identities.prove(proof, session: secret, from: Visitor(request))
        } catch let error as TandemError where error.code != .signInNeeded {
            var refused = known
            refused.owes?.refusal = error
            return try await admit(request, refused, permission, work)
        }
        var response = try await admit(request, proved.person, permission, work)
        response.headers[.setCookie] = SessionCookie.header(proved.secret)
        return response
    }

    /// A token is meant by whoever sends one; then a session; a certificate is sent without asking.
    func person(of request: Request) async throws -> KnownPerson {
        if let authorization = request.headers[.authorization] {
            guard let token = Credentials.bearerToken(of: authorization) else {
                throw Caller.signInNeeded("the Authorization header is no bearer token")
            }
            return try await identities.person(ofToken: token)
        }
        let sessions = cookies(Self.cookie, of: request)
        if let session = sessions.first {
            guard sessions.count == 1 else {
                throw Caller.signInNeeded("the request bears two sessions")
            }
            return try await identities.person(ofSession: session)
        }
        guard let identity = Caller.identity else {
            throw Caller.signInNeeded("nobody is signed in")
        }
        return try await identities.person(ofCertificate: try Caller.certified(identity))
    }

    /// Browsers send cookies and certificates on another site's behalf too, but say whose.
    private func refuseCrossSite(
        _ request: Request,
        _ known: KnownPerson,
        takesForms: Bool
    ) throws {
        guard ![.get, .head, .options].contains(request.method) else { return }
        if case .token = known.means { return }
        try OriginCheck.refuse(request)
        // The form token of a session comes in a header, or in the form, where the page checks it.
        guard case .session(let token) = known.means else { return }
        guard !takesForms || !FormBody.isBorne(by: request) else { return }
        guard OriginCheck.formToken(of: request) == token else {
            throw OriginCheck.refused("the request bears no token of the page")
        }
    }
}
