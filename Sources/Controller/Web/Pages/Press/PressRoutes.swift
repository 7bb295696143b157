import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// Confirmation pages: of a button, of one button for several clusters, of a second person's word.
    func addPressPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        addPressPage(renderer, to: router)
        addSeveralPages(renderer, to: router)
        addApprovalPages(renderer, to: router)
    }

    private func addPressPage(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        let path: RouterPath = "/clusters/:cluster/press/:button"
        add(.get, path, policy: .page(.see), to: router) { request, context in
            let page = PressPage(service: service, renderer: renderer)
            let server = request.uri.queryParameters["server"].map { ServerName(String($0)) }
            return try await page.show(
                try name("cluster", as: ClusterName.self, in: context),
                try button(in: context),
                PressEntry(server: server)
            )
        }
        add(.post, path, policy: .page(.stop), to: router) { request, context in
            let entry = PressEntry(try await FormBody(of: request))
            let button = try button(in: context)
            let page = PressPage(service: service, renderer: renderer)
            return try await page.press(
                try name("cluster", as: ClusterName.self, in: context),
                button,
                entry
            )
        }
    }
}

private func button(in context: BasicRequestContext) throws -> Button {
    let text = try context.parameters.require("button")
    guard let button = Button(rawValue: text) else {
        throw TandemError(
            .unknownName,
            "there is no button '\(text.prefix(80))'",
            remedy: "Look at the cluster's page for its buttons."
        )
    }
    return button
}

/// The confirmation page of one button of one cluster.
struct PressPage: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    /// The page as it is now, with what was typed and why it was refused.
    func show(
        _ cluster: ClusterName,
        _ button: Button,
        _ entry: PressEntry,
        problem: TandemError? = nil
    ) async throws -> Response {
        let (view, position): (PressView, String)
        do {
            (view, position) = try await self.view(cluster, button, entry)
        } catch {
            // What was pressed was refused before its page could not be shown again.
            throw problem ?? error
        }
        var values = view.values(entry, problem: problem)
        let person = try Caller.current()
        values["position"] = position
        values["proof"] = Shown.proof(
            person,
            for: ButtonState.permission(of: button),
            provider: renderer.provider
        )
        values["post"] = PressView.path(cluster, button, server: nil)
        return try renderer.page(
            "press",
            PageFrame(
                title: "\(button.label): \(cluster)",
                section: .upgradeManager,
                person: person
            ),
            values,
            status: problem.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    /// Presses, and shows the page anew where that is refused.
    func press(_ cluster: ClusterName, _ button: Button, _ entry: PressEntry) async throws
        -> Response
    {
        do {
            try Caller.demand(ButtonState.permission(of: button))
            let (view, _) = try await view(cluster, button, entry)
            _ = try await send(view, entry)
            return Response(status: .seeOther, headers: [.location: "/clusters/\(cluster)"])
        } catch let error as TandemError where error.code != .unknownName {
            var again = entry
            // What is lost may be more by now: that is accepted anew.
            if error.code == .seenChanged { again.acceptsLoss = false }
            return try await show(cluster, button, again, problem: error)
        }
    }

    /// Presses what the view offers.
    func send(_ view: PressView, _ entry: PressEntry) async throws -> PressResponse {
        let (cluster, person) = (view.cluster.name, try Caller.person())
        guard view.button != .removeCluster else {
            return try await service.removeCluster(
                ClusterRemovalRequest(reason: entry.reason, seen: entry.seen ?? ""),
                cluster: cluster,
                person: person
            )
        }
        // A press is bound to what was shown: that is told first, before what it would ask for now.
        if let seen = entry.seen, seen != view.cluster.seen {
            return try await service.press(
                PressRequest(
                    button: view.button,
                    server: entry.server,
                    reason: entry.reason,
                    seen: seen
                ),
                cluster: cluster,
                person: person
            )
        }
        return try await service.press(
            try view.request(entry),
            cluster: cluster,
            person: person
        )
    }

    /// The press as it stands now.
    private func view(_ cluster: ClusterName, _ button: Button, _ entry: PressEntry) async throws
        -> (PressView, position: String)
    {
        let changes = try await service.changes(epoch: 0, after: .max, waitSeconds: 0)
        let status = try await service.cluster(cluster, after: 0, waitSeconds: 0).status
        let view = PressView(
            status,
            button,
            server: entry.server,
            images: button == .startUpgrade ? try await service.images() : [],
            person: try Caller.current()
        )
        return (view, "\(changes.epoch)-\(changes.version)")
    }
}
