import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// Where a second person sees what is asked for, and approves it or takes it away.
    func addApprovalPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        let page = ApprovalPage(service: service, renderer: renderer)
        add(.get, "/approvals/:request", policy: .page(.see), to: router) { _, context in
            try await page.show(try request(in: context))
        }
        add(.post, "/approvals/:request/approve", policy: .page(.approve), to: router) {
            incoming,
            context in
            _ = try await FormBody(of: incoming)
            return try await page.settle(try request(in: context)) { id, person in
                try await service.approve(id, person: person)
            }
        }
        add(.post, "/approvals/:request/withdraw", policy: .page(.stop), to: router) {
            incoming,
            context in
            _ = try await FormBody(of: incoming)
            return try await page.settle(try request(in: context)) { id, person in
                try await service.withdraw(id, person: person)
            }
        }
    }
}

private func request(in context: BasicRequestContext) throws -> TandemModel.RequestID {
    let text = try context.parameters.require("request")
    guard let id = TandemModel.RequestID(text) else { throw ApprovalPage.unknown(text) }
    return id
}

/// The page of one request that waits for a second person.
struct ApprovalPage: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    static func unknown(_ id: String) -> TandemError {
        TandemError(
            .unknownName,
            "no request \(id.prefix(80)) waits for a second person",
            remedy: "It was approved, withdrawn, void or out of time: look at the cluster."
        )
    }

    func show(_ id: TandemModel.RequestID, problem: TandemError? = nil) async throws -> Response {
        let clusters = try await service.network(after: 0, waitSeconds: 0).clusters
        for cluster in clusters {
            guard let pending = cluster.approvals.first(where: { $0.id == id }) else { continue }
            let person = try Caller.current()
            var values = Self.values(pending, cluster, person)
            values["problem"] = Shown.problem(problem)
            values["proof"] =
                values["cannotApprove"] is String
                ? false : Shown.proof(person, for: .approve, provider: renderer.provider)
            return try renderer.page(
                "approval",
                PageFrame(
                    title: "Request: \(pending.press.button.label) \(cluster.name)",
                    section: .upgradeManager,
                    person: person
                ),
                values,
                status: problem.map { .init(code: Problem($0).status) } ?? .ok
            )
        }
        throw problem ?? Self.unknown(id.description)
    }

    func settle(
        _ id: TandemModel.RequestID,
        _ work: (TandemModel.RequestID, PersonName) async throws -> PressResponse
    ) async throws -> Response {
        let clusters = try await service.network(after: 0, waitSeconds: 0).clusters
        let cluster = clusters.first { $0.approvals.contains { $0.id == id } }
        do {
            _ = try await work(id, try Caller.person())
        } catch let error as TandemError where cluster != nil {
            return try await show(id, problem: error)
        }
        // A cluster that was removed has no page any more.
        let isThere = try await service.network(after: 0, waitSeconds: 0).clusters
            .contains { $0.name == cluster?.name }
        let path = isThere ? "/clusters/\(cluster?.name.text ?? "")" : "/"
        return Response(status: .seeOther, headers: [.location: path])
    }

    static func values(
        _ pending: PendingApproval,
        _ cluster: ClusterStatus,
        _ person: KnownPerson
    ) -> Values {
        let press = pending.press
        let offer = cluster.buttons.first {
            $0.button == press.button && (press.server == nil || $0.server == press.server)
        }
        let target = press.server?.text ?? cluster.name.text
        let isOwn = press.person == person.name
        return [
            "id": pending.id.description, "clusterName": cluster.name.text,
            "buttonLabel": press.button.label,
            "action": offer?.action
                ?? "\(press.button.label) \(target)",
            "server": press.server?.text as Any? ?? false,
            "release": press.release?.description as Any? ?? false,
            "statement": press.statement.isEmpty ? false : press.statement as Any,
            "asker": press.person.text, "reason": press.reason,
            "asked": Shown.time(pending.requestedAt), "left": left(pending),
            "acceptsLoss": press.acceptsDataLoss,
            "warnings": (offer?.warnings ?? []).map { ["warning": $0] },
            "isStale": press.seen != cluster.seen, "positionText": cluster.positionText,
            "seenLines": cluster.seenLines.map { ["line": $0] }, "isOwn": isOwn,
            "cannotApprove": isOwn
                ? "another person than \(press.person) must do it." : lack(.approve, person),
            "cannotWithdraw": lack(.stop, person),
        ]
    }

    private static func lack(_ permission: Permission, _ person: KnownPerson) -> Any {
        guard !person.may(permission) else { return false }
        return "it needs the role "
            + permission.roles.map(\.rawValue).sorted().joined(separator: " or ") + "."
    }

    /// How long a request can still be approved.
    static func left(_ pending: PendingApproval) -> String {
        pending.leftMilliseconds.map(Shown.duration) ?? "unknown"
    }
}
