import ControllerAPI
import Foundation
import TandemModel
import Testing

@testable import tandem

@Suite struct PeopleCommandTests {
    private static let token = TokenInfo(
        id: "0a1b2c3d",
        label: "backup",
        roles: [.viewer],
        createdAt: WallTime(milliseconds: 0),
        expiresAt: WallTime(milliseconds: 1_800_000_000_000),
        usedAt: nil
    )

    @Test func aNewTokenStandsAloneOnStandardOutput() throws {
        let stub = try StubController { _ in
            .value(NewToken(token: Self.token, secret: "tandem_secret"), status: 201)
        }
        let run = try stub("token", "create", "backup", "--role", "viewer", "--days", "30")
        #expect(run.exit == 0, "\(run.error)")
        #expect(run.output == "tandem_secret\n")
        #expect(run.error.contains("0a1b2c3d"))
        let request = try #require(stub.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/api/v1/tokens")
        #expect(
            try request.decoded(TokenRequest.self)
                == TokenRequest(label: "backup", roles: [.viewer], days: 30)
        )
    }

    @Test func tokensAreListedAndRevoked() throws {
        let stub = try StubController { request in
            request.method == "GET"
                ? .value([Self.token]) : StubController.Answer(status: 204, body: [])
        }
        let list = try stub("token", "list")
        #expect(list.output.contains("0a1b2c3d  backup  viewer  2027-01-15 08:00:00 UTC  never"))
        let revoked = try stub("token", "revoke", "0a1b2c3d")
        #expect(revoked.exit == 0, "\(revoked.error)")
        #expect(stub.requests.last?.path == "/api/v1/tokens/0a1b2c3d")
        #expect(stub.requests.last?.method == "DELETE")
        let odd = try stub("token", "revoke", "../people")
        #expect(odd.exit == 3)
        #expect(stub.requests.count == 2, "nothing was asked for it")
    }

    @Test func peopleAreListedWithWhatWaits() throws {
        let person = PersonInfo(
            name: PersonName("olivia"),
            roles: [.administrator, .operator],
            isLocked: true,
            hasPassword: true,
            hasSecondFactor: false,
            createdAt: WallTime(milliseconds: 0),
            createdBy: PersonName("root"),
            lastSignInAt: nil,
            sessionCount: 0,
            tokenCount: 0
        )
        let request = RoleRequestInfo(
            id: RequestID(high: 0, low: 1),
            person: PersonName("sam"),
            roles: [.approver],
            askedBy: PersonName("olivia"),
            askedAt: WallTime(milliseconds: 0)
        )
        let stub = try StubController { _ in
            .value(PeopleList(people: [person], requests: [request]))
        }
        let text = try stub("people", "list").output
        #expect(text.contains("olivia  administrator, operator  locked"))
        #expect(text.contains("sam"))
        let json = try stub("people", "list", "--json").output
        let read = try JSONDecoder().decode(PeopleList.self, from: Data(json.utf8))
        #expect(read.people == [person])
    }
}
