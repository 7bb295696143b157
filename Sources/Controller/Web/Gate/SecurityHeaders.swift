import HTTPTypes
import Hummingbird

/// What every answer tells a browser: run only our own files, frame and guess nothing, keep nothing.
enum SecurityFields {
    /// Scripts may put HTML in place only through our one trusted-types policy.
    private static var contentPolicy: String {
        """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
        connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; \
        frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; \
        trusted-types tandem
        """
    }

    static let all: [(HTTPField.Name, String)] =
        [
            (.contentSecurityPolicy, contentPolicy),
            // Two years; names below ours are not ours to bind.
            (.strictTransportSecurity, "max-age=63072000"), (.xContentTypeOptions, "nosniff"),
        ]
        + [
            ("referrer-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

/// Gives them to every answer of the router; outermost, so that errors have them too.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in SecurityFields.all { response.headers[name] = value }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
