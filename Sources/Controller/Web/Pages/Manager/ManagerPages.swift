import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// The Upgrade Manager and its pieces.
    func addManagerPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/", policy: .page(.see), to: router) { request, _ in
            let person = try Caller.current()
            let network = try await service.network(after: 0, waitSeconds: 0)
            let values = ManagerView.page(
                network,
                ManagerQuery(of: request),
                images: try await service.images(),
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
