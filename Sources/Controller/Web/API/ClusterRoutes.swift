import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// Clusters, buttons, approvals, configuration and servers.
    func addClusterRoutes(to router: Router<BasicRequestContext>) {
        addStatusRoutes(to: router)
        addPersonRoutes(to: router)
        addConfigurationRoutes(to: router)
        addServerRoutes(to: router)
    }

    private func addStatusRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/api/v1/network", policy: .allowed(.see), to: router) { request, _ in
            let (after, wait) = try waiting(request)
            return try jsonResponse(try await service.network(after: after, waitSeconds: wait))
        }
        add(.get, "/api/v1/clusters/:cluster", policy: .allowed(.see), to: router) {
            request,
            context in
            let (after, wait) = try waiting(request)
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            return try jsonResponse(
                try await service.cluster(cluster, after: after, waitSeconds: wait)
            )
        }
        add(.post, "/api/v1/clusters", policy: .allowed(.changeNetwork), to: router) { request, _ in
            let body = try await jsonBody(ClusterAddRequest.self, of: request)
            let status = try await service.addCluster(body, person: try Caller.person())
            return try jsonResponse(status, status: .created)
        }
        add(.delete, "/api/v1/clusters/:cluster", policy: .allowed(.changeNetwork), to: router) {
            request,
            context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(ClusterRemovalRequest.self, of: request)
            let answer = try await service.removeCluster(
                body,
                cluster: cluster,
                person: try Caller.person()
            )
            return try jsonResponse(answer, status: .accepted)
        }
    }

    private func addPersonRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.post, "/api/v1/clusters/:cluster/press", policy: .allowed(.stop), to: router) {
            request,
            context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(PressRequest.self, of: request)
            if body.button != .stop { try Caller.demand(.operate) }
            let answer = try await service.press(
                body,
                cluster: cluster,
                person: try Caller.person()
            )
            return try jsonResponse(answer, status: .accepted)
        }
        add(.post, "/api/v1/approvals/:request", policy: .allowed(.approve), to: router) {
            _,
            context in
            let answer = try await service.approve(
                try requestID(context),
                person: try Caller.person()
            )
            return try jsonResponse(answer, status: .accepted)
        }
        add(.delete, "/api/v1/approvals/:request", policy: .allowed(.stop), to: router) {
            _,
            context in
            let answer = try await service.withdraw(
                try requestID(context),
                person: try Caller.person()
            )
            return try jsonResponse(answer)
        }
    }

    private func addConfigurationRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        let path: RouterPath = "/api/v1/clusters/:cluster/configurations"
        add(.get, path, policy: .allowed(.see), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let stretch = try stretch(of: request)
            return try jsonResponse(try await service.configurations(cluster, stretch))
        }
        add(.post, path, policy: .allowed(.editConfiguration), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(ConfigurationRequest.self, of: request)
            _ = try await service.edit(body, cluster: cluster, person: try Caller.person())
            let newest = try await service.configurations(cluster, Stretch())
            return try jsonResponse(newest, status: .created)
        }
    }

    private func addServerRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.post, "/api/v1/servers/:server/agent", policy: .allowed(.enrol), to: router) {
            request,
            context in
            let server = try name("server", as: ServerName.self, in: context)
            let body = try await jsonBody(EnrolRequest.self, of: request)
            return try jsonResponse(
                try await service.enrol(body, server: server, person: try Caller.person()),
                status: .accepted
            )
        }
        add(.post, "/api/v1/servers/:server/logs", policy: .allowed(.handleImages), to: router) {
            _,
            context in
            let server = try name("server", as: ServerName.self, in: context)
            let logs = try await service.collectLogs(server, person: try Caller.person())
            return try jsonResponse(logs, status: .accepted)
        }
        add(.get, "/api/v1/servers/:server/logs", policy: .allowed(.see), to: router) {
            _,
            context in
            let server = try name("server", as: ServerName.self, in: context)
            return try jsonResponse(try await service.logs(server))
        }
    }
}

/// `after` and `wait` of a status request; waits are cut at 30 s.
private func waiting(_ request: Request) throws -> (after: UInt64, wait: Int) {
    let after = try number("after", in: request) ?? 0
    let wait = min(try number("wait", in: request) ?? 0, 30)
    return (after, Int(wait))
}

func requestID(_ context: BasicRequestContext) throws -> TandemModel.RequestID {
    let text = try context.parameters.require("request")
    guard let id = TandemModel.RequestID(text) else {
        throw TandemError(
            .unknownName,
            "there is no request '\(text.prefix(80))'",
            remedy: "`tandem cluster show CLUSTER` lists the requests that wait."
        )
    }
    return id
}
