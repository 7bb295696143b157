import ControllerAPI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TandemModel
import Testing

@testable import ControllerWeb

/// Where a browser is sent whose session has ended, and where it comes out after signing in.
@Suite(.timeLimit(.minutes(1))) struct WayToSignInTests {
    private static let host = "tandem.test"
    private static let undone = "&why=not-carried-out"

    private func request(
        _ method: HTTPRequest.Method,
        _ path: String,
        from referer: String? = nil,
        origin: String? = nil,
        cookie: String? = "__Host-tandem=ended",
        authorization: String? = nil
    ) -> Request {
        var head = HTTPRequest(
            method: method,
            scheme: "https",
            authority: Self.host,
            path: path
        )
        head.headerFields[.referer] = referer
        head.headerFields[.origin] = origin
        head.headerFields[.cookie] = cookie
        head.headerFields[.authorization] = authorization
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    /// The answer to somebody who is not signed in.
    private func answer(_ request: Request) async throws -> Response {
        let way = WayToSignIn(inventory: try await AccessRig().inventory)
        return try await way.pages(for: request) { throw Caller.signInNeeded("it has ended") }
    }

    private func location(_ request: Request) async throws -> String? {
        try await answer(request).headers[.location]
    }

    @Test(
        arguments: [
            // The page that the form stood on, with what it showed.
            (
                "/clusters/a/press/start-upgrade",
                "https://tandem.test/clusters/a/press/start-upgrade?server=a1",
                "/clusters/a/press/start-upgrade?server=a1"
            ),
            ("/alarms/acknowledge", "https://tandem.test/alarms?x=1", "/alarms?x=1"),
            // A refused form is shown where only forms go: the page above it is meant.
            ("/account/tokens", "https://tandem.test/account/password", "/account"),
            // No word of the browser: the nearest page above the form's own address.
            ("/approvals/7/approve", nil, "/approvals/7"), ("/people/ada/lock", nil, "/people"),
            ("/press-several", nil, "/press-several"), ("/role-requests/7/approve", nil, "/"),
            // Never outside, and never to what is no page.
            ("/people/add", "https://evil.test/people", "/people"),
            ("/people/add", "https://tandem.test.evil.test/x", "/people"),
            ("/people/add", "https://tandem.test//evil.test/", "/"),
            ("/people/add", "https://tandem.test/\\evil.test/", "/"),
            ("/people/add", "http://tandem.test/alarms", "/people"),
            ("/people/add", "https://tandem.test/api/v1/network", "/"),
            ("/people/add", "https://tandem.test/sign-in?to=//evil.test", "/"),
        ] as [(String, String?, String)]
    )
    func aFormLeadsBackToItsPage(_ path: String, _ referer: String?, _ back: String) async throws {
        let found = try await location(request(.post, path, from: referer))
        let escaped = back.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        #expect(found == "/sign-in?to=\(escaped ?? "")\(Self.undone)")
        #expect(localPath(back) == back)
    }

    @Test func aPageLeadsBackToItself() async throws {
        let asked = request(.get, "/alarms?x=1")
        #expect(try await location(asked) == "/sign-in?to=%2Falarms%3Fx%3D1&why=ended")
        let first = request(.get, "/alarms", cookie: nil)
        #expect(try await location(first) == "/sign-in?to=%2Falarms", "nothing has ended")
    }

    @Test func whoSignsOutTooLateIsOut() async throws {
        #expect(try await location(request(.post, "/sign-out")) == "/sign-in?to=%2F&why=ended")
    }

    @Test func aFormOfAnotherSiteLeadsNowhere() async throws {
        let foreign = request(.post, "/people/add", origin: "https://evil.test")
        #expect(try await answer(foreign).status == .forbidden)
    }

    @Test func aProgramIsToldByItsStatus() async throws {
        let program = request(.post, "/people/add", authorization: "Bearer old")
        #expect(try await answer(program).status == .unauthorized)
    }

    @Test func onlyOurOwnReasonsAreShown() throws {
        let own = request(.get, "/sign-in?to=%2F&why=not-carried-out")
        #expect(WayToSignIn.Reason(of: own)?.sentence.contains("NOT carried out") == true)
        #expect(WayToSignIn.Reason(of: request(.get, "/sign-in?why=Call+0800")) == nil)
        #expect(WayToSignIn.Reason(of: request(.get, "/sign-in")) == nil)
    }
}
