import ControllerAPI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import TandemModel

extension Routes {
    /// The stream that tells open pages, and programs, what has changed.
    func addEventRoutes(to router: Router<BasicRequestContext>) {
        let (service, gate, openings) = (service, gate, StreamOpenings())
        add(.get, "/api/v1/events", policy: .allowed(.see), to: router) { request, _ in
            let stream = EventStream(
                service: service,
                position: try EventPosition(of: request),
                isStillAllowed: { try await gate.person(of: request).may(.see) }
            )
            let person = try Caller.person()
            try openings.refuse(person)
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                ],
                body: ResponseBody { writer in
                    try openings.open(person)
                    defer { openings.close(person) }
                    // Ends with an error where the reader goes: there is nobody to tell.
                    try? await request.body.consumeWithCancellationOnInboundClose { _ in
                        try await stream.run(&writer)
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }
}

extension EventPosition {
    /// What the request names; `nil` where it names none, or none of ours: then all is to be read.
    init?(of request: Request) throws {
        let header = HTTPField.Name("last-event-id").flatMap { request.headers[$0] }
        guard let id = header ?? request.uri.queryParameters["after"].map(String.init) else {
            return nil
        }
        self.init(id)
    }
}

/// One open stream: events as they come, a comment where none does, an end with the permission.
struct EventStream: Sendable {
    /// How long nothing is said at most.
    static let heartbeatSeconds = 15

    let service: any ChangeFeed
    let position: EventPosition?
    let isStillAllowed: @Sendable () async throws -> Bool

    /// Writes until the reader goes, the service stops or the person may not look any more.
    ///
    /// Each event is asked for only when the one before was taken, and sums up all that came meanwhile:
    /// a slow reader costs no memory.
    @concurrent func run(_ writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        var position = position
        while !Task.isCancelled {
            let changes = try await changes(after: position)
            guard !Task.isCancelled, !Task.isShuttingDownGracefully, try await allowed() else {
                return
            }
            let isNews = changes.isReset || changes.version != position?.version
            try await writer.write(
                ByteBuffer(string: isNews ? try Self.text(of: changes) : ": alive\n\n")
            )
            position = EventPosition(epoch: changes.epoch, version: changes.version)
        }
    }

    /// Waits for changes, but not while the service stops: it stops when all answers have ended.
    private func changes(after position: EventPosition?) async throws -> NetworkChanges {
        let service = service
        return try await cancelWhenGracefulShutdown {
            try await service.changes(
                epoch: position?.epoch ?? 0,
                after: position?.version ?? .max,
                waitSeconds: Self.heartbeatSeconds
            )
        }
    }

    private func allowed() async throws -> Bool {
        do {
            return try await isStillAllowed()
        } catch let error as TandemError
            where error.code == .signInNeeded || error.code == .forbidden
        {
            return false
        }
    }

    private struct Change: Encodable {
        var version: UInt64
        var clusters: [ClusterName]
        var removed: [ClusterName]
    }

    /// An event in the stream's form.
    static func text(of changes: NetworkChanges) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = try encoder.encode(
            Change(
                version: changes.version,
                clusters: changes.clusters,
                removed: changes.removed
            )
        )
        return "id: \(changes.epoch)-\(changes.version)\n"
            + "event: \(changes.isReset ? "reset" : "changed")\n"
            + "data: \(String(decoding: data, as: UTF8.self))\n\n"
    }
}
