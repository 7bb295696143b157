import ControllerAPI
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    /// What programs ask about the controller: is it alive, can it work, how is it, what does it take.
    func addWatchRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/healthz", policy: .open, to: router) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: .init(string: "ok\n"))
            )
        }
        add(.get, "/readyz", policy: .open, to: router) { _, _ in
            let reasons = await service.unreadiness()
            guard reasons.isEmpty else {
                throw TandemError(
                    .storeUnavailable,
                    "not ready: \(reasons.joined(separator: "; "))",
                    remedy: "Look at the controller's log and at the disk of its state folder."
                )
            }
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: .init(string: "ready\n"))
            )
        }
        add(.get, "/api/v1/openapi.yaml", policy: .open, to: router) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/yaml"],
                body: .init(byteBuffer: ByteBuffer(bytes: EmbeddedFiles.apiDescription))
            )
        }
        add(.get, "/metrics", policy: .allowed(.see), to: router) { _, _ in
            let network = try await service.network(after: 0, waitSeconds: 0)
            let text = Metrics.text(network, await service.vitals())
            return Response(
                status: .ok,
                headers: [.contentType: Metrics.contentType],
                body: .init(byteBuffer: .init(string: text))
            )
        }
    }
}
