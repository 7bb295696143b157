package import TandemModel

/// The paths of the API, in one place for server and clients.
///
/// | method | path | body -> answer |
/// |---|---|---|
/// | GET | `/api/v1/network?after=V&wait=S` | -> ``NetworkSnapshot`` |
/// | GET | `/api/v1/clusters/C?after=V&wait=S` | -> ``ClusterSnapshot`` |
/// | POST | `/api/v1/clusters` | ``ClusterAddRequest`` -> ``ClusterStatus`` |
/// | DELETE | `/api/v1/clusters/C` | ``ClusterRemovalRequest`` -> ``PressResponse`` |
/// | POST | `/api/v1/clusters/C/press` | ``PressRequest`` -> ``PressResponse`` |
/// | GET, POST | `/api/v1/clusters/C/configurations` | ``ConfigurationRequest`` -> ``Page`` of ``ConfigurationInfo`` |
/// | POST | `/api/v1/approvals/R`, DELETE to withdraw | -> ``PressResponse`` |
/// | POST | `/api/v1/servers/S/agent` | ``EnrolRequest`` -> ``PressResponse`` |
/// | POST, GET | `/api/v1/servers/S/logs` | -> ``LogCollection`` |
/// | GET | `/api/v1/images?before=N` | -> ``Page`` of ``ImageInfo`` |
/// | POST | `/api/v1/images` | image bytes -> ``ImageInfo`` |
/// | POST | `/api/v1/images/D/stage` | ``StageRequest`` -> ``PressResponse`` |
/// | DELETE | `/api/v1/images/D?server=S` | -> ``PressResponse`` |
/// | GET | `/api/v1/images/D` | -> ``ImageDetail`` |
/// | GET, POST | `/api/v1/uploads` | ``UploadRequest`` -> ``UploadStatus`` |
/// | GET, PUT, DELETE | `/api/v1/uploads/U` | bytes at `Upload-Offset` -> ``UploadStatus`` |
/// | POST | `/api/v1/uploads/U/finish` | -> ``ImageInfo`` |
/// | GET | `/api/v1/certificates` | -> [``CertificateExpiry``] |
/// | POST | `/api/v1/clusters/C/take-over` | ``ReasonRequest`` -> ``ClusterStatus`` |
/// | PUT, DELETE | `/api/v1/clusters/C/window` | ``WindowRequest``, ``ReasonRequest`` -> ``ClusterStatus`` |
/// | GET, POST, DELETE | `/api/v1/emergency-stop` | ``ReasonRequest`` -> ``EmergencyStopAnswer`` |
/// | POST | `/api/v1/alarms/acknowledge` | ``AcknowledgeRequest`` -> ``AlarmEntry`` |
/// | GET | `/api/v1/alarms?history=true` | -> ``Page`` of ``AlarmEntry`` |
/// | GET | `/api/v1/log?cluster=C&before=N` | -> ``Page`` of ``UpgradeLogEntry`` |
/// | GET | `/api/v1/audit?before=N` | -> ``Page`` of ``AuditEntry`` |
/// | GET | `/api/v1/audit/export?after=N` | -> JSON lines: signed heads, entries with their hashes |
/// | GET | `/api/v1/me` | -> ``Me`` |
/// | GET, POST | `/api/v1/tokens`, DELETE `/T` | ``TokenRequest`` -> ``NewToken``, [``TokenInfo``] |
/// | GET, PUT | `/api/v1/preferences/PAGE` | ``KeptText`` |
/// | GET, POST | `/api/v1/people` | ``PersonRequest`` -> ``PersonChange``, ``PeopleList`` |
/// | PUT | `/api/v1/people/P/roles` | ``RolesRequest`` -> ``PersonChange`` |
/// | POST | `/api/v1/people/P/lock` | ``LockRequest`` |
/// | POST | `/api/v1/people/P/unlock`, `/password` | -> ``PersonChange`` for a password |
/// | DELETE | `/api/v1/people/P/sessions`, `/second-factor`, `/tokens/T` | |
/// | POST | `/api/v1/role-requests/R`, DELETE to withdraw | |
package enum APIPath {
    package static let network = "/api/v1/network"
    package static let clusters = "/api/v1/clusters"
    package static let images = "/api/v1/images"
    package static let uploads = "/api/v1/uploads"
    package static let certificates = "/api/v1/certificates"
    package static let alarms = "/api/v1/alarms"
    package static let log = "/api/v1/log"
    package static let audit = "/api/v1/audit"
    /// Paths below which an answer may be kept for those who ask again: none of them holds a secret.
    package static let keptAnswers = [clusters, images, "/api/v1/approvals/", "/api/v1/servers/"]
    package static let auditExport = "/api/v1/audit/export"
    package static let me = "/api/v1/me"
    package static let people = "/api/v1/people"
    package static let tokens = "/api/v1/tokens"

    /// One cluster.
    package static func cluster(_ name: ClusterName) -> String { "\(clusters)/\(name)" }
    /// Where buttons of a cluster are pressed.
    package static func press(_ name: ClusterName) -> String { "\(clusters)/\(name)/press" }
    package static let emergencyStop = "/api/v1/emergency-stop"
    package static let acknowledge = "\(alarms)/acknowledge"
    /// Where an open operation gets another owner.
    package static func takeOver(_ name: ClusterName) -> String { "\(clusters)/\(name)/take-over" }
    /// The maintenance window of a cluster.
    package static func window(_ name: ClusterName) -> String { "\(clusters)/\(name)/window" }
    /// The configuration versions of a cluster.
    package static func configurations(_ name: ClusterName) -> String {
        "\(clusters)/\(name)/configurations"
    }
    /// A request that waits for a second person.
    package static func approval(_ id: RequestID) -> String { "/api/v1/approvals/\(id)" }
    /// The agent of a slot.
    package static func agent(_ name: ServerName) -> String { "/api/v1/servers/\(name)/agent" }
    /// Logs collected from a server.
    package static func logs(_ name: ServerName) -> String { "/api/v1/servers/\(name)/logs" }
    /// One image.
    package static func image(_ digest: Digest) -> String { "\(images)/\(digest)" }
    /// Where an image is pushed to servers.
    package static func stage(_ digest: Digest) -> String { "\(images)/\(digest)/stage" }
}
