import ControllerAPI
import Foundation
import TandemModel

/// The same for people, tokens, uploads, and who has charge of the network.
extension APISamples {
    static func people() throws -> [(String, [Data])] {
        let change = PersonChange(password: "p", approval: id())
        let request = RoleRequestInfo(
            id: id(),
            person: person,
            roles: [.approver],
            askedBy: person,
            askedAt: time
        )
        let info = PersonInfo(
            name: person,
            roles: [.viewer],
            isLocked: false,
            hasPassword: true,
            hasSecondFactor: false,
            createdAt: time,
            createdBy: person,
            lastSignInAt: time,
            sessionCount: 1,
            tokenCount: 0
        )
        return [
            ("PersonChange", try json(change, PersonChange())),
            ("Person", try json(info)), ("RoleRequest", try json(request)),
            ("People", try json(PeopleList(people: [info], requests: [request]))),
            (
                "PersonAddition",
                try json(PersonRequest(name: person, roles: [.auditor], givesPassword: true))
            ),
            ("Roles", try json(RolesRequest(roles: [.operator]))),
            ("Lock", try json(LockRequest(reason: "r"))),
            ("KeptText", try json(KeptText(text: "{}"))),
            (
                "Me",
                try json(Me(name: person, roles: [.viewer], means: "token", permissions: [.see]))
            ),
        ]
    }

    static func tokens() throws -> [(String, [Data])] {
        let token = TokenInfo(
            id: "t",
            label: "l",
            roles: [.viewer],
            createdAt: time,
            expiresAt: time,
            usedAt: time
        )
        return [
            ("Token", try json(token)),
            ("NewToken", try json(NewToken(token: token, secret: "s"))),
            ("TokenRequest", try json(TokenRequest(label: "l", roles: [.viewer], days: 9))),
        ]
    }

    static func charge() throws -> [(String, [Data])] {
        let stop = EmergencyStop(person: person, since: time, reason: "r")
        return [
            ("EmergencyStop", try json(stop)),
            (
                "EmergencyStopAnswer",
                try json(
                    EmergencyStopAnswer(emergencyStop: stop),
                    EmergencyStopAnswer(emergencyStop: nil)
                )
            ),
            (
                "Acknowledgement",
                try json(
                    AcknowledgeRequest(number: .clusterMixedVersion, instance: "i", note: "n")
                )
            ),
            ("Reason", try json(ReasonRequest(reason: "r"))),
            (
                "WindowRequest",
                try json(WindowRequest(startsAt: time, endsAt: time, reason: "r"))
            ),
            (
                "CertificateExpiry",
                try json(
                    CertificateExpiry(server: server, owner: "o", expiresAt: time),
                    CertificateExpiry(server: nil, owner: "o", expiresAt: time)
                )
            ),
            ("UploadRequest", try json(UploadRequest(name: "n", byteCount: 9))),
            (
                "Upload",
                try json(
                    UploadStatus(
                        id: UploadID(high: 1, low: 2),
                        name: "n",
                        byteCount: 9,
                        offset: 3,
                        startedAt: time,
                        expiresAt: time
                    )
                )
            ),
        ]
    }
}
