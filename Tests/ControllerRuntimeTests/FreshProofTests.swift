import ControllerAPI
import ControllerPeople
import ControllerStore
@testable import ControllerRuntime
@testable import ControllerWeb
import Foundation
import HTTPTypes
import TandemCrypto
import TandemModel
import Testing

/// Every button and every way to press it x the age of the session's last proof.
@Suite(.timeLimit(.minutes(1))) struct FreshProofTests {
    private static let limit = Session.proofMilliseconds
    private static let password = "correct horse battery tandem"
    private static let approval = "00000000-0000-0000-0000-000000000001"
    private static let code = ErrorCode.proofNeeded.id

    /// Sessions of so many milliseconds, and whether they are too old to move anything.
    static let ages: [(UInt64, Bool)] = [(0, false), (limit - 30_000, false), (limit, true)]

    private func session(
        _ rig: AccessRig,
        of name: String,
        _ age: UInt64
    ) async throws -> AccessRig.Proof {
        let secret = try await rig.session(of: name, age: age)
        // It is in use: what ends by itself is not what is tested here.
        try await rig.store.noteSeen(session: PeopleDesk.digest(secret), at: wallNow())
        return .session(secret)
    }

    @Test(arguments: Button.allCases, ages)
    func aButtonThatMovesServiceNeedsAFreshProof(
        _ button: Button,
        _ age: (milliseconds: UInt64, isOld: Bool)
    ) async throws {
        let rig = try await AccessRig()
        // Stopping is free; a cluster is forgotten by an administrator, and moves no service.
        let isRefused = age.isOld && button != .stop && button != .removeCluster
        let person = button == .removeCluster ? "administrator" : "operator"
        let json = try JSONEncoder().encode(PressRequest(button: button, reason: "r", seen: "s"))
        let text = String(decoding: json, as: UTF8.self)
        let pressed = [
            try await rig.send(
                .post,
                "/clusters/nothing/press/\(button.rawValue)",
                "reason=r&seen=s",
                isForm: true,
                as: try await session(rig, of: person, age.milliseconds)
            ),
            try await rig.send(
                .post,
                "/api/v1/clusters/nothing/press",
                text,
                isForm: false,
                as: try await session(rig, of: person, age.milliseconds)
            ),
        ]
        // By the API a cluster is forgotten in another way, so that this press is no right of it.
        let ways = button == .removeCluster ? Array(pressed.prefix(1)) : pressed
        for answer in ways {
            #expect((answer.code == Self.code) == isRefused, "\(button): \(answer)")
            #expect((answer.status == 403) == isRefused, "\(button): \(answer)")
        }
        guard button != .removeCluster else { return }
        let several = try await rig.send(
            .post,
            "/press-several",
            "button=\(button.rawValue)&clusters=one,two&one.confirm=yes",
            isForm: true,
            as: try await session(rig, of: person, age.milliseconds)
        )
        #expect((several.code == Self.code) == isRefused, "\(button): \(several)")
    }

    /// What is no button: method, path, body, who, and whether it moves anything.
    static let others: [(HTTPRequest.Method, String, String, String, Bool)] = [
        (.post, "/emergency-stop", "set=off&reason=r", "operator", true),
        (.post, "/emergency-stop", "set=on&reason=r", "operator", false),
        (.delete, "/api/v1/emergency-stop", #"{"reason":"r"}"#, "operator", true),
        (.post, "/api/v1/emergency-stop", #"{"reason":"r"}"#, "operator", false),
        (.post, "/approvals/\(approval)/approve", "", "approver", true),
        (.post, "/approvals/\(approval)/withdraw", "", "approver", false),
        (.post, "/api/v1/approvals/\(approval)", "{}", "approver", true),
        (.delete, "/api/v1/approvals/\(approval)", "{}", "approver", false),
    ]

    @Test(arguments: others, ages)
    func soDoApprovalsAndTheEndOfTheEmergencyStop(
        _ way: (HTTPRequest.Method, String, String, String, Bool),
        _ age: (milliseconds: UInt64, isOld: Bool)
    ) async throws {
        let rig = try await AccessRig()
        let answer = try await rig.send(
            way.0,
            way.1,
            way.2,
            isForm: !way.1.hasPrefix("/api/"),
            as: try await session(rig, of: way.3, age.milliseconds)
        )
        #expect((answer.code == Self.code) == (age.isOld && way.4), "\(way.1): \(answer)")
    }

    @Test func tokensAndCertificatesAreNotAsked() async throws {
        let rig = try await AccessRig()
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 1)
        let issued = try people.issue(.operator("operator"), validityDays: 1)
        let certificate = try PeerIdentity(certificate: issued.source)
        let token = try await rig.token(of: "operator")
        for proof in [AccessRig.Proof.token(token), .certificate(certificate)] {
            let answer = try await rig.send(
                .post,
                "/clusters/nothing/press/start-upgrade",
                "reason=r",
                isForm: true,
                as: proof
            )
            #expect(answer.code == ErrorCode.unknownName.id, "\(answer)")
        }
    }

    @Test func theFormItselfBringsTheProof() async throws {
        let rig = try await AccessRig()
        let hash = try PasswordHash(of: Self.password, .cheap).description
        try await rig.store.changePeople { book in
            book.accounts[PersonName("operator")]?.passwordHash = hash
        }
        let old = try await session(rig, of: "operator", Self.limit)
        guard case .session(let secret) = old else { return }
        func press(_ proof: String, as session: AccessRig.Proof) async throws -> AccessRig.Answer {
            let escaped = proof.replacing(" ", with: "+")
            return try await rig.send(
                .post,
                "/clusters/nothing/press/accept",
                "reason=r&proof=\(escaped)",
                isForm: true,
                as: session
            )
        }
        let wrong = try await press("my other password", as: old)
        #expect(wrong.code == ErrorCode.accountRefused.id && wrong.cookie == nil, "\(wrong)")
        let right = try await press(Self.password, as: old)
        #expect(right.code == ErrorCode.unknownName.id, "\(right)")
        let next = try #require(right.cookie)
        #expect(next != secret)
        let network = try #require(rig.entries.first { $0.path == APIPath.network })
        #expect(try await rig.send(network, as: .session(secret)).status == 401, "the old is out")
        #expect(try await rig.send(network, as: .session(next)).isPassed)
        // A wrong one does not stop what stops.
        let stop = try await rig.send(
            .post,
            "/clusters/nothing/press/stop",
            "proof=wrong",
            isForm: true,
            as: try await session(rig, of: "operator", Self.limit)
        )
        #expect(stop.code == ErrorCode.unknownName.id, "\(stop)")
    }
}
