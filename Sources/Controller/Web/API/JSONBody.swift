import ControllerAPI
import Foundation
import Hummingbird
import Logging
import NIOCore
import TandemModel

/// A JSON answer.
func jsonResponse(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = ByteBuffer(bytes: try encoder.encode(value))
    return Response(
        status: status,
        headers: [
            .contentType: "application/json", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ],
        body: .init(byteBuffer: body)
    )
}

/// A problem answer (RFC 9457) for any error; what is not ours is told without its details.
func problemResponse(_ error: any Error) -> Response {
    let known: TandemError
    switch error {
    case let error as TandemError: known = error
    case let error as HTTPError where error.status.code < 500:
        known = TandemError(
            .usage,
            error.body ?? "the request is not understood (\(error.status.code))",
            remedy: "See the API's description for the paths and bodies it takes."
        )
    case _:
        known = TandemError(
            .storeUnavailable,
            "the controller could not handle the request",
            remedy: "Try again; if it happens again, look into the controller's log."
        )
    }
    var problem = Problem(known)
    if let error = error as? HTTPError { problem.status = error.status.code }
    let body = (try? JSONEncoder().encode(problem)) ?? Data()
    return Response(
        status: .init(code: problem.status),
        headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(bytes: body))
    )
}

/// Reads a JSON body of at most 256 KiB.
func jsonBody<Body: Decodable>(_ type: Body.Type, of request: Request) async throws -> Body {
    let limit = 256 * 1024
    let bytes: ByteBuffer
    do {
        bytes = try await request.body.collect(upTo: limit)
    } catch {
        throw TandemError(
            .usage,
            "the request's body is larger than \(limit) bytes or was cut short",
            remedy: "Send less; images go to their own path."
        )
    }
    do {
        return try JSONDecoder().decode(type, from: Data(buffer: bytes))
    } catch {
        throw TandemError(
            .usage,
            "the request's body is not a \(type)",
            remedy: "Compare it with the API's description.",
            cause: "\(error)"
        )
    }
}

/// Problem answers for everything that a handler throws.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if !(error is TandemError) && !(error is HTTPError) {
                context.logger.error("request failed", metadata: ["error": "\(error)"])
            }
            return problemResponse(error)
        }
    }
}

extension Data {
    fileprivate init(buffer: ByteBuffer) { self.init(buffer.readableBytesView) }
}
