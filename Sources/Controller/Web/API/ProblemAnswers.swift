import ControllerAPI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TandemModel

/// A problem with a status and header fields of its own, beside those that its code brings.
struct StatusProblem: Error {
    var status: HTTPResponse.Status
    var error: TandemError
    var headers = HTTPFields()
}

extension StatusProblem {
    /// 413 for a body of more than `byteCount` bytes.
    static func tooLarge(byteCount: Int) -> StatusProblem {
        StatusProblem(
            status: .contentTooLarge,
            error: TandemError(
                .usage,
                "the request's body is larger than \(byteCount) bytes or was cut short",
                remedy: "Send less; images go to their own path."
            )
        )
    }

    /// 415 for a body of a type that the route does not read.
    static func wrongType(_ found: String, needed: String) -> StatusProblem {
        StatusProblem(
            status: .unsupportedMediaType,
            error: TandemError(
                .usage,
                "the request's body is '\(found.prefix(80))', not \(needed)",
                remedy: "Send it as \(needed)."
            )
        )
    }
}

/// A problem answer (RFC 9457) for any error; what is not ours is told without its details.
func problemResponse(_ error: any Error) -> Response {
    var problem = Problem(known(error))
    var headers = HTTPFields()
    switch error {
    case let error as StatusProblem:
        problem.status = error.status.code
        headers = error.headers
    case let error as HTTPError: problem.status = error.status.code
    case _: break
    }
    headers[.contentType] = "application/problem+json"
    headers[.cacheControl] = "no-store"
    if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"tandem\"" }
    let body = (try? JSONEncoder().encode(problem)) ?? Data()
    return Response(
        status: .init(code: problem.status),
        headers: headers,
        body: .init(byteBuffer: ByteBuffer(bytes: body))
    )
}

private func known(_ error: any Error) -> TandemError {
    switch error {
    case let error as TandemError: error
    case let error as StatusProblem: error.error
    case let error as HTTPError where error.status.code < 500:
        TandemError(
            .usage,
            error.body ?? "the request is not understood (\(error.status.code))",
            remedy: "See the API's description for the paths and bodies it takes."
        )
    case _:
        TandemError(
            .storeUnavailable,
            "the controller could not handle the request",
            remedy: "Try again; if it happens again, look into the controller's log."
        )
    }
}

/// Problem answers for everything that a handler throws, and for paths and methods without one.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let inventory: RouteInventory

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return problemResponse(missing(request))
        } catch {
            if !(error is TandemError) && !(error is HTTPError) && !(error is StatusProblem) {
                context.logger.error("request failed", metadata: ["error": "\(error)"])
            }
            return problemResponse(error)
        }
    }

    /// 405 where the path is known with other methods, else 404.
    private func missing(_ request: Request) -> StatusProblem {
        let path = request.uri.path
        let methods = inventory.methods(at: path)
        guard !methods.isEmpty, !methods.contains(request.method) else {
            return StatusProblem(
                status: .notFound,
                error: TandemError(
                    .usage,
                    "there is nothing at \(path.prefix(200))",
                    remedy: "See the API's description for the paths it has."
                )
            )
        }
        let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
        return StatusProblem(
            status: .methodNotAllowed,
            error: TandemError(
                .usage,
                "\(request.method.rawValue.prefix(20)) can't be done with \(path.prefix(200))",
                remedy: "Use \(allowed)."
            ),
            headers: [.allow: allowed]
        )
    }
}
