import ControllerAPI
import Hummingbird
import HummingbirdCore
import TandemModel

extension Routes {
    /// The Upgrade Manager and its pieces.
    func addManagerPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let (service, preferences) = (service, preferences)
        add(.get, "/", policy: .page(.see), to: router) { request, _ in
            let person = try Caller.current()
            let network = try await service.network(after: 0, waitSeconds: 0)
            let kept =
                request.uri.query == nil
                ? try await preferences.managerQuery(of: person.name) : nil
            let values = ManagerView.page(
                network,
                kept ?? ManagerQuery(of: request),
                images: try await service.images(),
                certificates: try await service.certificates(
                    endingBy: Notes.limit(at: network.time)
                ),
                person: person
            )
            var frame = PageFrame(title: "Upgrade Manager", section: .upgradeManager)
            frame.person = person
            return try renderer.page(
                "manager",
                frame,
                values.merging(["controller": network.controller]) { mine, _ in mine }
            )
        }
        add(.post, "/upgrade-manager/view", policy: .page(.keepOwnAccount), to: router) {
            request,
            _ in
            let form = try await FormBody(of: request)
            let parameters = URI("/?\(form["query"] ?? "")").queryParameters
            let query = ManagerQuery(parameters.map { (key: $0.key, value: $0.value) })
            try await preferences.keep(query, of: try Caller.person())
            return Response(status: .seeOther, headers: [.location: "/"])
        }
        // What a page puts in place of its own parts when something has changed.
        add(.get, "/upgrade-manager/pieces", policy: .page(.see), to: router) { request, _ in
            let network = try await service.network(after: 0, waitSeconds: 0)
            let names = Set(
                request.uri.queryParameters.getAll("changed").map { ClusterName(String($0)) }
            )
            let query = ManagerQuery(of: request)
            return try renderer.fragment(
                "manager-pieces",
                ManagerView.pieces(
                    network,
                    query,
                    certificates: try await service.certificates(
                        endingBy: Notes.limit(at: network.time)
                    ),
                    clusters: network.clusters.filter { names.contains($0.name) && query.shows($0) }
                )
            )
        }
        add(.get, "/upgrade-manager/buttons", policy: .page(.see), to: router) { request, _ in
            let person = try Caller.current()
            var clusters: [ClusterStatus] = []
            for name in ManagerQuery(of: request).checked.sorted().prefix(100) {
                clusters.append(
                    try await service.cluster(name, after: 0, waitSeconds: 0).status
                )
            }
            return try renderer.fragment(
                "manager-buttons",
                ["offers": ButtonBar.values(for: clusters, person: person)]
            )
        }
    }
}

extension ManagerQuery {
    fileprivate init(of request: Request) {
        self.init(request.uri.queryParameters.map { (key: $0.key, value: $0.value) })
    }
}
