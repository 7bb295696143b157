import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// Oneself, own tokens and what pages keep; accounts of all.
    func addPeopleRoutes(to router: Router<BasicRequestContext>) {
        addOwnRoutes(to: router)
        addAccountRoutes(to: router)
        addRoleRoutes(to: router)
    }

    private func addOwnRoutes(to router: Router<BasicRequestContext>) {
        let people = people
        add(.get, "/api/v1/me", policy: .allowed(.keepOwnAccount), to: router) { _, _ in
            let person = try Caller.current()
            return try jsonResponse(
                Me(
                    name: person.name,
                    roles: person.roles.sorted(),
                    means: person.means.text,
                    permissions: Permission.allCases.filter { person.may($0) }
                )
            )
        }
        add(.get, "/api/v1/tokens", policy: .allowed(.keepOwnAccount), to: router) { _, _ in
            try jsonResponse(try await people.tokens(of: try Caller.person()))
        }
        add(.post, "/api/v1/tokens", policy: .allowed(.keepOwnAccount), to: router) { request, _ in
            try refuseToken()
            let body = try await jsonBody(TokenRequest.self, of: request)
            let made = try await people.createToken(body, of: try Caller.person())
            return try jsonResponse(made, status: .created)
        }
        add(.delete, "/api/v1/tokens/:token", policy: .allowed(.keepOwnAccount), to: router) {
            _,
            context in
            try refuseToken()
            let person = try Caller.person()
            let token = try context.parameters.require("token")
            try await people.revokeToken(token, of: person, by: person)
            return Response(status: .noContent)
        }
        let preferences: RouterPath = "/api/v1/preferences/:page"
        add(.get, preferences, policy: .allowed(.keepOwnAccount), to: router) { _, context in
            let page = try context.parameters.require("page")
            let text = try await people.preferences(of: try Caller.person(), page: page)
            return try jsonResponse(KeptText(text: text ?? ""))
        }
        add(.put, preferences, policy: .allowed(.keepOwnAccount), to: router) { request, context in
            let page = try context.parameters.require("page")
            let body = try await jsonBody(KeptText.self, of: request)
            try await people.setPreferences(body.text, of: try Caller.person(), page: page)
            return Response(status: .noContent)
        }
    }

    private func addAccountRoutes(to router: Router<BasicRequestContext>) {
        let people = people
        add(.get, "/api/v1/people", policy: .allowed(.managePeople), to: router) { _, _ in
            try jsonResponse(try await people.people())
        }
        add(.post, "/api/v1/people", policy: .allowed(.managePeople), to: router) { request, _ in
            let body = try await jsonBody(PersonRequest.self, of: request)
            let change = try await people.addPerson(body, by: try Caller.person())
            return try jsonResponse(change, status: .created)
        }
        add(.post, "/api/v1/people/:person/lock", policy: .allowed(.managePeople), to: router) {
            request,
            context in
            let body = try await jsonBody(LockRequest.self, of: request)
            try await people.lock(
                try personName(context),
                reason: body.reason,
                by: try Caller.person()
            )
            return Response(status: .noContent)
        }
        add(.post, "/api/v1/people/:person/unlock", policy: .allowed(.managePeople), to: router) {
            _,
            context in
            try await people.unlock(try personName(context), by: try Caller.person())
            return Response(status: .noContent)
        }
        addAccessRoutes(to: router)
    }

    /// What lets a person in, taken away or given anew.
    private func addAccessRoutes(to router: Router<BasicRequestContext>) {
        let people = people
        add(.delete, "/api/v1/people/:person/sessions", policy: .allowed(.managePeople), to: router)
        { _, context in
            try await people.endSessions(of: try personName(context), by: try Caller.person())
            return Response(status: .noContent)
        }
        add(
            .delete,
            "/api/v1/people/:person/second-factor",
            policy: .allowed(.managePeople),
            to: router
        ) { _, context in
            try await people.resetSecondFactor(try personName(context), by: try Caller.person())
            return Response(status: .noContent)
        }
        add(.post, "/api/v1/people/:person/password", policy: .allowed(.managePeople), to: router) {
            _,
            context in
            try jsonResponse(
                try await people.givePassword(try personName(context), by: try Caller.person())
            )
        }
        add(
            .delete,
            "/api/v1/people/:person/tokens/:token",
            policy: .allowed(.managePeople),
            to: router
        ) { _, context in
            let token = try context.parameters.require("token")
            try await people.revokeToken(
                token,
                of: try personName(context),
                by: try Caller.person()
            )
            return Response(status: .noContent)
        }
    }

    private func addRoleRoutes(to router: Router<BasicRequestContext>) {
        let people = people
        add(.put, "/api/v1/people/:person/roles", policy: .allowed(.managePeople), to: router) {
            request,
            context in
            let body = try await jsonBody(RolesRequest.self, of: request)
            let change = try await people.setRoles(
                Set(body.roles),
                of: try personName(context),
                by: try Caller.person()
            )
            return try jsonResponse(change, status: change.approval == nil ? .ok : .accepted)
        }
        add(.post, "/api/v1/role-requests/:request", policy: .allowed(.managePeople), to: router) {
            _,
            context in
            try await people.approveRoles(try requestID(context), by: try Caller.person())
            return Response(status: .noContent)
        }
        add(.delete, "/api/v1/role-requests/:request", policy: .allowed(.managePeople), to: router)
        { _, context in
            try await people.withdrawRoles(try requestID(context), by: try Caller.person())
            return Response(status: .noContent)
        }
    }
}

extension KnownPerson.Means {
    fileprivate var text: String {
        switch self {
        case .certificate: "certificate"
        case .session: "session"
        case .token: "token"
        }
    }
}
