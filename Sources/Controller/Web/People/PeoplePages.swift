import ControllerAPI
import Foundation
import Hummingbird
import TandemModel

extension Routes {
    /// Accounts of all people, for administrators.
    func addPeoplePages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let people = people
        add(.get, "/people", policy: .page(.managePeople), to: router) { _, _ in
            try await renderer.people(people)
        }
        post("/people/add", renderer, to: router) { form, _, actor in
            let request = PersonRequest(
                name: PersonName(form["name"] ?? ""),
                roles: form.roles,
                givesPassword: form["gives-password"] != nil
            )
            let change = try await people.addPerson(request, by: actor)
            return shown(request.name, change)
        }
        addRolePosts(renderer, to: router)
        post("/people/:person/lock", renderer, to: router) { form, context, actor in
            try await people.lock(
                try personName(context),
                reason: try form.required("reason"),
                by: actor
            )
            return nil
        }
        post("/people/:person/unlock", renderer, to: router) { _, context, actor in
            try await people.unlock(try personName(context), by: actor)
            return nil
        }
        post("/people/:person/end-sessions", renderer, to: router) { _, context, actor in
            try await people.endSessions(of: try personName(context), by: actor)
            return nil
        }
        post("/people/:person/reset-second-factor", renderer, to: router) { _, context, actor in
            try await people.resetSecondFactor(try personName(context), by: actor)
            return nil
        }
        post("/people/:person/give-password", renderer, to: router) { _, context, actor in
            let name = try personName(context)
            return shown(name, try await people.givePassword(name, by: actor))
        }
    }

    private func addRolePosts(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let people = people
        post("/people/:person/roles", renderer, to: router) { form, context, actor in
            let name = try personName(context)
            let change = try await people.setRoles(Set(form.roles), of: name, by: actor)
            return shown(name, change)
        }
        post("/role-requests/:request/approve", renderer, to: router) { _, context, actor in
            try await people.approveRoles(try requestID(context), by: actor)
            return nil
        }
        post("/role-requests/:request/withdraw", renderer, to: router) { _, context, actor in
            try await people.withdrawRoles(try requestID(context), by: actor)
            return nil
        }
    }

    /// A posted form of the people's page; what it returns is shown on it, else it is opened anew.
    private func post(
        _ path: RouterPath,
        _ renderer: PageRenderer,
        to router: Router<BasicRequestContext>,
        _ work:
            @escaping @Sendable (FormBody, BasicRequestContext, PersonName) async throws ->
            [String: [String: String]]?
    ) {
        let people = people
        add(.post, path, policy: .page(.managePeople), to: router) { request, context in
            let form = try await FormBody(of: request)
            do {
                let shown = try await work(form, context, try Caller.person())
                guard let shown else { return seeOther("/people") }
                return try await renderer.people(people, showing: shown)
            } catch let error as TandemError {
                return try await renderer.people(people, problem: error)
            }
        }
    }
}

/// What is told once of a change.
private func shown(_ name: PersonName, _ change: PersonChange) -> [String: [String: String]]? {
    if let password = change.password {
        return ["given": ["name": name.text, "password": password]]
    }
    return nil
}

/// The person in the path.
func personName(_ context: BasicRequestContext) throws -> PersonName {
    try name("person", as: PersonName.self, in: context)
}

/// A time for people, to the second, in UTC.
func utcText(_ time: WallTime) -> String {
    Shown.time(time)["utc"] as? String ?? ""
}

extension FormBody {
    /// The roles whose boxes are ticked.
    var roles: [Role] { Role.allCases.filter { self["role-\($0.rawValue)"] != nil } }
}

extension PageRenderer {
    fileprivate func people(
        _ people: any PeopleService,
        problem: TandemError? = nil,
        showing shown: [String: [String: String]] = [:]
    ) async throws -> Response {
        let viewer = try Caller.current()
        let list = try await people.people()
        var content: [String: Any] = [
            "allRoles": Role.allCases.map { ["role": $0.rawValue] },
            "accounts": list.people.map { Self.shown($0, to: viewer) },
            "requests": list.requests.map { request in
                [
                    "id": request.id.description, "subject": request.person.text,
                    "roles": request.roles.map(\.rawValue).joined(separator: ", "),
                    "askedBy": request.askedBy.text, "askedAt": utcText(request.askedAt),
                ]
            },
            "hasRequests": !list.requests.isEmpty,
        ]
        content.merge(Self.told(problem)) { mine, _ in mine }
        content.merge(shown) { mine, _ in mine }
        return try page(
            "people",
            PageFrame(title: "People", section: .people, person: viewer),
            content,
            status: Self.status(problem)
        )
    }

    private static func shown(_ account: PersonInfo, to viewer: KnownPerson) -> [String: Any] {
        [
            "name": account.name.text,
            "roles": account.roles.map(\.rawValue).joined(separator: ", "),
            "boxes": Role.allCases.map { role in
                ["role": role.rawValue, "checked": account.roles.contains(role)] as [String: Any]
            },
            "isLocked": account.isLocked,
            "state": account.isLocked ? "locked" : "active",
            "isOther": account.name != viewer.name,
            "password": account.hasPassword ? "yes" : "no",
            "secondFactor": account.hasSecondFactor ? "yes" : "no",
            "hasSecondFactor": account.hasSecondFactor,
            "lastSignInAt": account.lastSignInAt.map(utcText) ?? "never",
            "sessionCount": "\(account.sessionCount)",
            "tokenCount": "\(account.tokenCount)",
            "hasSessions": account.sessionCount > 0,
        ]
    }
}
