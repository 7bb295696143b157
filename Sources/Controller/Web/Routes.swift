package import ControllerAPI
package import Hummingbird
import TandemModel

/// Every route, each with the policy that guards it.
///
/// A route can only be added through ``add(_:_:policy:to:_:)``, so none is without a policy.
package struct Routes: Sendable {
    /// Who may use a route.
    enum Policy: Sendable, Hashable {
        /// People with a role that gives this; all others get a problem answer.
        case allowed(Permission)
        /// The same for a page: who is not signed in is sent to the sign-in page.
        case page(Permission)
        /// Nobody need be known.
        case open
    }

    typealias Handler = @Sendable (Request, BasicRequestContext) async throws -> Response

    let service: any ControllerService
    let people: any PeopleService
    /// `nil` where the site has none.
    let provider: (any ProviderService)?
    let gate: Gate
    let preferences: PagePreferences
    /// What was added, in order: for the tests that hold every route against a table.
    let inventory = RouteInventory()

    /// Routes that ask this service, for people whom `identities` knows.
    package init(
        service: any ControllerService,
        identities: any IdentityService,
        people: any PeopleService,
        provider: (any ProviderService)? = nil
    ) {
        self.service = service
        self.people = people
        self.provider = provider
        gate = Gate(identities: identities)
        preferences = PagePreferences(
            load: { try await people.preferences(of: $0, page: $1) },
            save: { try await people.setPreferences($0, of: $1, page: $2) }
        )
    }

    /// The router with every route.
    package func router() throws -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ProblemMiddleware(inventory: inventory))
        addClusterRoutes(to: router)
        addImageRoutes(to: router)
        addUploadRoutes(to: router)
        addListRoutes(to: router)
        addPeopleRoutes(to: router)
        addEventRoutes(to: router)
        addChargeRoutes(to: router)
        addWatchRoutes(to: router)
        try addPages(to: router)
        return router
    }

    func add(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        policy: Policy,
        to router: Router<BasicRequestContext>,
        _ handler: @escaping Handler
    ) {
        inventory.note(method, path, policy)
        let gate = gate
        let idempotency = Idempotency(ledger: service)
        let way = WayToSignIn(inventory: inventory)
        router.on(path, method: method) { request, context in
            switch policy {
            case .open: try await handler(request, context)
            case .allowed(let permission):
                try await gate.pass(request, permission, takesForms: false) {
                    try await idempotency.once($0) { try await handler($0, context) }
                }
            case .page(let permission):
                try await way.pages(for: request) {
                    try await gate.pass(request, permission, takesForms: true) { request in
                        // Inside as well: here it is known whose page it is.
                        try await way.pages(for: request) { try await handler(request, context) }
                    }
                }
            }
        }
    }
}

// MARK: - Parameters

/// A name in the path; refused when it is not well formed.
func name<Tag>(
    _ parameter: String,
    as type: Name<Tag>.Type,
    in context: BasicRequestContext
) throws -> Name<Tag> {
    let name = Name<Tag>(try context.parameters.require(parameter))
    guard name.isValid else { throw badParameter(parameter, name.text) }
    return name
}

/// A digest in the path.
func digest(_ parameter: String, in context: BasicRequestContext) throws -> Digest {
    let text = try context.parameters.require(parameter)
    guard let digest = Digest(text) else { throw badParameter(parameter, text) }
    return digest
}

/// A whole number in the query; `nil` where it is not given.
func number(_ parameter: Substring, in request: Request) throws -> UInt64? {
    guard let text = request.uri.queryParameters[parameter] else { return nil }
    guard let value = UInt64(text) else { throw badParameter(String(parameter), String(text)) }
    return value
}

/// `before` and `limit` of a request for a list.
func stretch(of request: Request) throws -> Stretch {
    var stretch = Stretch(before: try number("before", in: request))
    guard let limit = try number("limit", in: request) else { return stretch }
    guard let count = Int(exactly: limit), Stretch.limits.contains(count) else {
        throw badParameter("limit", "\(limit)")
    }
    stretch.limit = count
    return stretch
}

private func badParameter(_ name: String, _ value: String) -> TandemError {
    TandemError(
        .usage,
        "'\(value.prefix(80))' is no valid \(name)",
        remedy: "Compare the request with the API's description."
    )
}
