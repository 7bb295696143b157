import ControllerAPI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    /// Images in pieces, one image's contents, and certificates that end.
    func addUploadRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/api/v1/images/:image", policy: .allowed(.see), to: router) { _, context in
            try jsonResponse(try await service.image(try digest("image", in: context)))
        }
        add(.get, "/api/v1/certificates", policy: .allowed(.see), to: router) { _, _ in
            try jsonResponse(try await service.certificates(endingBy: nil))
        }
        add(.get, "/api/v1/uploads", policy: .allowed(.handleImages), to: router) { _, _ in
            try jsonResponse(try await service.uploads(person: try Caller.person()))
        }
        add(.post, "/api/v1/uploads", policy: .allowed(.handleImages), to: router) { request, _ in
            let body = try await jsonBody(UploadRequest.self, of: request)
            let status = try await service.beginUpload(body, person: try Caller.person())
            return try jsonResponse(status, status: .created)
        }
        addUploadPieceRoutes(to: router)
    }

    private func addUploadPieceRoutes(to router: Router<BasicRequestContext>) {
        let service = service
        let path: RouterPath = "/api/v1/uploads/:upload"
        add(.get, path, policy: .allowed(.handleImages), to: router) { _, context in
            let id = try uploadID(context)
            return try jsonResponse(try await service.upload(id, person: try Caller.person()))
        }
        add(.put, path, policy: .allowed(.handleImages), to: router) { request, context in
            let (id, person) = (try uploadID(context), try Caller.person())
            let offset = try uploadOffset(of: request)
            let pieces = request.body.map { [UInt8](buffer: $0) }
            do {
                return try jsonResponse(
                    try await service.continueUpload(id, at: offset, pieces, person: person)
                )
            } catch let error as TandemError where error.code == .uploadRefused {
                // Where to go on stands in a header too, for programs.
                var answer = problemResponse(error)
                if let name = uploadOffsetHeader {
                    answer.headers[name] = "\(try await service.upload(id, person: person).offset)"
                }
                return answer
            }
        }
        add(.delete, path, policy: .allowed(.handleImages), to: router) { _, context in
            try await service.dropUpload(try uploadID(context), person: try Caller.person())
            return Response(status: .noContent)
        }
        add(.post, "/api/v1/uploads/:upload/finish", policy: .allowed(.handleImages), to: router) {
            _,
            context in
            let id = try uploadID(context)
            let info = try await service.finishUpload(id, person: try Caller.person())
            return try jsonResponse(info, status: .created)
        }
    }
}

private let uploadOffsetHeader = HTTPField.Name("upload-offset")

/// The upload that a path names.
func uploadID(_ context: BasicRequestContext) throws -> UploadID {
    let text = try context.parameters.require("upload")
    guard let id = UploadID(text) else {
        throw TandemError(
            .unknownName,
            "there is no upload '\(text.prefix(80))'",
            remedy: "Begin one with POST /api/v1/uploads."
        )
    }
    return id
}

private func uploadOffset(of request: Request) throws -> UInt64 {
    guard let text = uploadOffsetHeader.flatMap({ request.headers[$0] }),
        let offset = UInt64(plain: text)
    else {
        throw TandemError(
            .usage,
            "the header Upload-Offset does not say where the piece begins",
            remedy: "Send it as a whole number; GET of the upload tells where it stands."
        )
    }
    return offset
}
