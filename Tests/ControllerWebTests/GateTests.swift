import ControllerAPI
import HTTPTypes
import Hummingbird
import NIOCore
import TandemModel
import Testing

@testable import ControllerWeb

struct GateTests {
    /// Whoever brings two sessions is asked to sign in, even beside a certificate.
    @Test func twoSessionsAreNobodys() async throws {
        let gate = Gate(identities: EveryoneIsAda())
        let one = try await gate.person(of: Self.request(cookie: "__Host-tandem=a"))
        #expect(one.name == PersonName("ada"))
        let error = await #expect(throws: TandemError.self) {
            try await gate.person(of: Self.request(cookie: "__Host-tandem=a; __Host-tandem=b"))
        }
        #expect(error?.code == .signInNeeded)
    }

    private static func request(cookie: String) -> Request {
        let head = HTTPRequest(
            method: .get,
            scheme: "https",
            authority: "c1",
            path: "/",
            headerFields: [.cookie: cookie]
        )
        return Request(head: head, body: .init(buffer: ByteBuffer()))
    }
}

private struct EveryoneIsAda: IdentityService {
    private let ada = KnownPerson(
        name: PersonName("ada"),
        roles: [.viewer],
        means: .session(formToken: "f")
    )

    func person(ofCertificate name: PersonName) async throws -> KnownPerson { ada }
    func person(ofSession secret: String) async throws -> KnownPerson { ada }
    func person(ofToken secret: String) async throws -> KnownPerson { ada }
    func prove(_ proof: String, session secret: String, from visitor: Visitor) async throws -> (
        secret: String, person: KnownPerson
    ) { (secret, ada) }
}
