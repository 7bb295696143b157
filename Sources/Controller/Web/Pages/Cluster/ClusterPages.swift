import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// The pages of one cluster.
    func addClusterPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        addClusterPage(renderer, to: router)
        addConfigurationPage(renderer, to: router)
    }

    private func addClusterPage(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/clusters/:cluster", policy: .page(.see), to: router) { _, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let person = try Caller.current()
            // The version first: what changes while we read is told again, never missed.
            let changes = try await service.changes(epoch: 0, after: .max, waitSeconds: 0)
            let status = try await service.cluster(cluster, after: 0, waitSeconds: 0).status
            let log = try await service.log(cluster: cluster, before: nil).items
            let now = presentTime()
            let certificates = try await service.certificates(endingBy: Notes.limit(at: now))
            var values = ClusterView.page(status, log: log, person: person)
            values["expiring"] = ClusterView.expiring(certificates, of: status, now: now)
            values["position"] = "\(changes.epoch)-\(changes.version)"
            return try renderer.page(
                "cluster",
                PageFrame(title: cluster.text, section: .upgradeManager, person: person),
                values
            )
        }
    }

    private func addConfigurationPage(
        _ renderer: PageRenderer,
        to router: Router<BasicRequestContext>
    ) {
        let service = service
        let page = ConfigurationPage(service: service, renderer: renderer)
        let path: RouterPath = "/clusters/:cluster/configuration"
        add(.get, path, policy: .page(.see), to: router) { request, context in
            let parameters = request.uri.queryParameters
            return try await page.show(
                try name("cluster", as: ClusterName.self, in: context),
                from: parameters["from"].map(String.init),
                to: parameters["to"].map(String.init)
            )
        }
        add(.post, path, policy: .page(.editConfiguration), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let form = try await FormBody(of: request)
            let entry = ConfigurationView.Entry(
                schema: form["schema"] ?? "",
                // Browsers end lines of a text box as DOS does.
                document: (form["document"] ?? "").replacing("\r\n", with: "\n"),
                reason: form["reason"] ?? ""
            )
            return try await page.save(cluster, entry)
        }
    }
}

/// The page of a cluster's configuration.
struct ConfigurationPage: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    func show(
        _ cluster: ClusterName,
        from: String? = nil,
        to: String? = nil,
        entry: ConfigurationView.Entry? = nil,
        problem: TandemError? = nil,
        saved: String? = nil
    ) async throws -> Response {
        let person = try Caller.current()
        let status = try await service.cluster(cluster, after: 0, waitSeconds: 0).status
        var values = ConfigurationView.page(
            status,
            try await service.configurations(cluster),
            from: from,
            to: to,
            entry: entry,
            person: person
        )
        values["problem"] = Shown.problem(problem)
        if let saved { values["saved"] = saved }
        return try renderer.page(
            "configuration",
            PageFrame(
                title: "Configuration of \(cluster)",
                section: .upgradeManager,
                person: person
            ),
            values,
            status: problem.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    func save(_ cluster: ClusterName, _ entry: ConfigurationView.Entry) async throws -> Response {
        do {
            let versions = try await service.edit(
                ConfigurationRequest(
                    schema: entry.schema,
                    document: entry.document,
                    reason: entry.reason
                ),
                cluster: cluster,
                person: try Caller.person()
            )
            let isQueued = versions.last?.isQueued ?? false
            return try await show(
                cluster,
                saved: isQueued
                    ? "The edit is queued: versions are mixed. It is kept, and applied by nobody but you."
                    : "Saved as version \(versions.last?.number ?? 0)."
            )
        } catch let error as TandemError where error.code != .unknownName {
            return try await show(cluster, entry: entry, problem: error)
        }
    }
}
