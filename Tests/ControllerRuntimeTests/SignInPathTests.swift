import ControllerAPI
@testable import ControllerWeb
import NIOCore
import Testing

@Suite struct SignInPathTests {
    @Test(
        arguments: [
            ("/people", "/people"), ("/clusters/a?x=1", "/clusters/a?x=1"), ("/", "/"), (nil, "/"),
            ("", "/"), ("//elsewhere.test", "/"), ("https://elsewhere.test", "/"),
            ("/\\elsewhere.test", "/"), ("/a\r\nset-cookie: b", "/"), ("javascript:x", "/"),
            ("/sign-in?to=/", "/"), ("people", "/"), ("/ä", "/"),
        ] as [(String?, String)]
    )
    func onlyPathsOfOursAreGoneOnTo(_ asked: String?, _ path: String) {
        #expect(localPath(asked) == path)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
        ("2001:db8::1", "2001:db8:0:0::/64"),
    ])
    func oneAddressIsANetworkOfIPv6(_ address: String, _ source: String) throws {
        let socket = try SocketAddress(ipAddress: address, port: 443)
        #expect(Visitor.source(socket) == source)
    }

    @Test func theCookieIsBoundToThisHostAndGoesWithTheBrowser() {
        #expect(
            SessionCookie.header("s")
                == "__Host-tandem=s; Path=/; Secure; HttpOnly; SameSite=Strict"
        )
    }
}
