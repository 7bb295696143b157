import ControllerAPI
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    /// The image library, and pushing images to servers.
    func addImageRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/api/v1/images", policy: .allowed(.see), to: router) { request, _ in
            try jsonResponse(try await service.images(try stretch(of: request)))
        }
        add(.post, "/api/v1/images", policy: .allowed(.handleImages), to: router) { request, _ in
            let pieces = request.body.map { [UInt8](buffer: $0) }
            let info = try await service.addImage(pieces, person: try Caller.person())
            return try jsonResponse(info, status: .created)
        }
        add(.post, "/api/v1/images/:image/stage", policy: .allowed(.handleImages), to: router) {
            request,
            context in
            let image = try digest("image", in: context)
            let body = try await jsonBody(StageRequest.self, of: request)
            let answer = try await service.stage(image, body, person: try Caller.person())
            return try jsonResponse(answer, status: .accepted)
        }
        add(.delete, "/api/v1/images/:image", policy: .allowed(.handleImages), to: router) {
            request,
            context in
            let image = try digest("image", in: context)
            let server = request.uri.queryParameters["server"].map { ServerName(String($0)) }
            let answer = try await service.drop(
                image,
                server: server,
                person: try Caller.person()
            )
            return try jsonResponse(answer)
        }
    }

    /// Alarms, upgrade log and audit.
    func addListRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/api/v1/alarms", policy: .allowed(.see), to: router) { request, _ in
            let history = request.uri.queryParameters["history"] == "true"
            return try jsonResponse(
                try await service.alarms(includesHistory: history, try stretch(of: request))
            )
        }
        add(.get, "/api/v1/log", policy: .allowed(.see), to: router) { request, _ in
            let cluster = request.uri.queryParameters["cluster"].map { ClusterName(String($0)) }
            return try jsonResponse(
                try await service.log(cluster: cluster, try stretch(of: request))
            )
        }
        add(.get, "/api/v1/audit", policy: .allowed(.audit), to: router) { request, _ in
            try jsonResponse(try await service.audit(try stretch(of: request)))
        }
        add(.get, "/api/v1/audit/export", policy: .allowed(.audit), to: router) { request, _ in
            guard let row = try number("after", in: request) else {
                let lines = service.auditExport()
                return exported(
                    ResponseBody { writer in
                        for try await piece in lines {
                            try await writer.write(ByteBuffer(bytes: piece))
                        }
                        try await writer.finish(nil)
                    }
                )
            }
            let limit = try stretch(of: request).limit
            let piece = try await service.auditExport(after: row, limit: limit)
            return exported(.init(byteBuffer: ByteBuffer(bytes: piece)))
        }
    }
}

/// Lines of the audit as a file.
private func exported(_ body: ResponseBody) -> Response {
    Response(
        status: .ok,
        headers: [
            .contentType: "application/x-ndjson",
            .contentDisposition: "attachment; filename=\"tandem-audit.jsonl\"",
        ],
        body: body
    )
}
