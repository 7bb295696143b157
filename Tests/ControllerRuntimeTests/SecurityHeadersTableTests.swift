import TandemCrypto
import ControllerStore
import ControllerAPI
import ControllerRuntime
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import ControllerWeb

/// Every route, and every way to be turned away, answers with every security header.
@Suite(.timeLimit(.minutes(2))) struct SecurityHeadersTableTests {
    private static let fields = [
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; "
            + "form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
            + "require-trusted-types-for 'script'; trusted-types tandem",
        "strict-transport-security: max-age=63072000", "x-content-type-options: nosniff",
        "referrer-policy: same-origin", "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin", "server: tandem\r\n",
    ]

    /// One request on a connection of its own; all bytes of the answer.
    private func ask(
        _ controller: RunningController,
        _ method: String,
        _ path: String,
        _ fields: String = "",
        body: String = ""
    ) async throws -> String {
        let person = try await RawOperator.connect(to: controller)
        try await person.send(
            "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
                + "content-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
        )
        return try await person.answerUntilClosed()
    }

    private func expectHeaders(_ answer: String, _ what: String, isAsset: Bool = false) {
        let head = (answer.range(of: "\r\n\r\n").map { answer[..<$0.lowerBound] } ?? "") + "\r\n"
        let lower = head.lowercased()
        for field in Self.fields {
            #expect(lower.contains(field), "\(what) lacks \(field): \(head.prefix(300))")
        }
        #expect(lower.contains("cache-control: \(isAsset ? "no-cache" : "no-store")"), "\(what)")
        #expect(!lower.contains("/0.") && !lower.contains("hummingbird"), "\(what): \(head)")
    }

    @Test func everyRouteHasThem() async throws {
        try await RunningController.with { controller in
            let routes = Routes(
                service: controller.service,
                identities: CertificateIdentities(),
                people: PeopleDesk(store: InMemoryStore(), cost: .cheap)
            )
            _ = try routes.router()
            #expect(routes.inventory.entries.count > 20)
            for route in routes.inventory.entries {
                let path = route.path.replacing(/[:{][a-z]+}?/) { _ in "none" }
                // The stream never ends for who may see it; for others it is as the rest.
                let fields = path == "/api/v1/events" ? "authorization: Bearer none\r\n" : ""
                let answer = try await ask(controller, route.method.rawValue, path, fields)
                #expect(answer.hasPrefix("HTTP/1.1 "), "\(route.method) \(path): \(answer)")
                expectHeaders(
                    answer,
                    "\(route.method) \(path)",
                    isAsset: path.hasPrefix("/assets/")
                )
            }
        }
    }

    @Test(arguments: [
        "no request at all\r\n\r\n", "GET /healthz HTTP/1.1\r\nno field\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 101))\r\n",
        "GET /healthz HTTP/1.1\r\na: \(String(repeating: "b", count: 20_000))\r\n\r\n",
    ])
    func whatIsNoRequestHasThemToo(_ head: String) async throws {
        try await RunningController.with { controller in
            let person = try await RawOperator.connect(to: controller)
            try await person.send(head)
            let answer = try await person.answerUntilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(60))")
            expectHeaders(answer, "a malformed head")
        }
    }

    @Test(arguments: [
        ("GET", "/nowhere", "", 0, "404 Not Found", "\r\n"),
        ("GET", "/api/v1/clusters/a/b/c/d", "", 0, "404 Not Found", "\r\n"),
        ("PUT", "/api/v1/network", "", 0, "405 Method Not Allowed", "allow: GET"),
        ("POST", "/healthz", "", 0, "405 Method Not Allowed", "allow: GET"),
        ("PATCH", "/api/v1/clusters/a", "", 0, "405 Method Not Allowed", "allow: DELETE, GET"),
        (
            "POST", "/api/v1/clusters", "content-type: application/json\r\n", 300_000,
            "413 ", "\r\n"
        ),
        (
            "POST", "/api/v1/clusters", "content-type: text/plain\r\n", 2,
            "415 Unsupported Media Type", "\r\n"
        ),
        (
            "GET", "/api/v1/network", "authorization: Bearer nobody\r\n", 0, "401 Unauthorized",
            "www-authenticate: bearer"
        ),
        (
            "POST", "/api/v1/clusters", "origin: https://evil.example\r\n", 0, "403 Forbidden",
            "\r\n"
        ),
    ])
    func whatIsTurnedAwayHasThemToo(
        _ method: String,
        _ path: String,
        _ fields: String,
        _ byteCount: Int,
        _ status: String,
        _ needed: String
    ) async throws {
        try await RunningController.with { controller in
            let body = String(repeating: "x", count: byteCount)
            let answer = try await ask(controller, method, path, fields, body: body)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer.prefix(60))")
            expectHeaders(answer, "\(method) \(path)")
            #expect(answer.lowercased().contains(needed.lowercased()), "\(answer)")
            #expect(answer.contains("application/problem+json") && answer.contains("\"remedy\""))
        }
    }
}
