import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// The emergency stop, hand-over, windows and acknowledgements.
    func addChargeRoutes(to router: Router<BasicRequestContext>) {
        addEmergencyStopRoutes(to: router)
        let service = service
        let takeOver: RouterPath = "/api/v1/clusters/:cluster/take-over"
        add(.post, takeOver, policy: .allowed(.takeCharge), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(ReasonRequest.self, of: request)
            let person = try Caller.person()
            return try jsonResponse(
                try await service.takeOver(body, cluster: cluster, person: person)
            )
        }
        let window: RouterPath = "/api/v1/clusters/:cluster/window"
        add(.put, window, policy: .allowed(.takeCharge), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(WindowRequest.self, of: request)
            let person = try Caller.person()
            return try jsonResponse(
                try await service.setWindow(body, cluster: cluster, person: person)
            )
        }
        add(.delete, window, policy: .allowed(.takeCharge), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            let body = try await jsonBody(ReasonRequest.self, of: request)
            let person = try Caller.person()
            return try jsonResponse(
                try await service.clearWindow(body, cluster: cluster, person: person)
            )
        }
        add(.post, "/api/v1/alarms/acknowledge", policy: .allowed(.takeCharge), to: router) {
            request,
            _ in
            let body = try await jsonBody(AcknowledgeRequest.self, of: request)
            let person = try Caller.person()
            return try jsonResponse(try await service.acknowledge(body, person: person))
        }
    }

    private func addEmergencyStopRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        let path: RouterPath = "/api/v1/emergency-stop"
        add(.get, path, policy: .allowed(.see), to: router) { _, _ in
            let stop = try await service.emergencyStop()
            return try jsonResponse(EmergencyStopAnswer(emergencyStop: stop))
        }
        @Sendable func set(_ isOn: Bool, _ request: Request) async throws -> Response {
            let body = try await jsonBody(ReasonRequest.self, of: request)
            let stop = try await service.emergencyStop(
                on: isOn,
                reason: body.reason,
                person: try Caller.person()
            )
            return try jsonResponse(EmergencyStopAnswer(emergencyStop: stop))
        }
        // Stopping is the safe direction, and more people may do it than may go on.
        add(.post, path, policy: .allowed(.stop), to: router) { request, _ in
            try await set(true, request)
        }
        add(.delete, path, policy: .allowed(.operate), to: router) { request, _ in
            try await set(false, request)
        }
    }
}
