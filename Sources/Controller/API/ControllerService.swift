package import TandemModel

/// What the web layer asks of the controller; the runtime answers.
///
/// Every call but the reads names the person who asks. Errors are ``TandemModel/TandemError``.
package protocol ControllerService: AuditService, ChangeFeed, ChargeService, RecordService,
    RequestLedger, UploadService, VitalsService
{
    /// All clusters, at once or as soon as their version is above `after` (at most `waitSeconds`).
    func network(after: UInt64, waitSeconds: Int) async throws -> NetworkSnapshot
    /// One cluster, likewise.
    func cluster(_ name: ClusterName, after: UInt64, waitSeconds: Int) async throws
        -> ClusterSnapshot
    func addCluster(_ request: ClusterAddRequest, person: PersonName) async throws -> ClusterStatus
    /// Asks for a cluster to be forgotten; a second person approves it.
    func removeCluster(
        _ request: ClusterRemovalRequest,
        cluster: ClusterName,
        person: PersonName
    ) async throws -> PressResponse
    func press(_ request: PressRequest, cluster: ClusterName, person: PersonName) async throws
        -> PressResponse
    func approve(_ id: RequestID, person: PersonName) async throws -> PressResponse
    func withdraw(_ id: RequestID, person: PersonName) async throws -> PressResponse
    func enrol(_ request: EnrolRequest, server: ServerName, person: PersonName) async throws
        -> PressResponse
    func configurations(_ cluster: ClusterName) async throws -> [ConfigurationInfo]
    func edit(_ request: ConfigurationRequest, cluster: ClusterName, person: PersonName)
        async throws -> [ConfigurationInfo]
    func images() async throws -> [ImageInfo]
    /// Takes an image in pieces; verified before it is kept.
    func addImage(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        person: PersonName
    ) async throws -> ImageInfo
    func stage(_ image: Digest, _ request: StageRequest, person: PersonName) async throws
        -> PressResponse
    /// Forgets an image on a server, or on the controller where `server` is `nil`.
    func drop(_ image: Digest, server: ServerName?, person: PersonName) async throws
        -> PressResponse
    func collectLogs(_ server: ServerName, person: PersonName) async throws -> LogCollection
    func logs(_ server: ServerName) async throws -> LogCollection
    /// The raised alarms, whole and on the first stretch only; then, if asked for, the cleared ones.
    func alarms(includesHistory: Bool, _ stretch: Stretch) async throws -> Page<AlarmEntry>
    func log(cluster: ClusterName?, _ stretch: Stretch) async throws -> Page<UpgradeLogEntry>
    func audit(_ stretch: Stretch) async throws -> Page<AuditEntry>
}

/// Which stretch of a long list is asked for; lists begin with what is newest.
package struct Stretch: Sendable, Hashable {
    /// How many lines one answer may have.
    package static let limits = 1...500

    /// Only lines older than this one; `nil` from the newest on.
    package var before: UInt64?
    /// At most so many lines.
    package var limit: Int

    /// A stretch.
    package init(before: UInt64? = nil, limit: Int = 200) {
        self.before = before
        self.limit = limit
    }
}

extension ControllerService {
    package func alarms(includesHistory: Bool) async throws -> Page<AlarmEntry> {
        try await alarms(includesHistory: includesHistory, Stretch())
    }
    package func log(cluster: ClusterName?, before: UInt64?) async throws -> Page<UpgradeLogEntry> {
        try await log(cluster: cluster, Stretch(before: before))
    }
    package func audit(before: UInt64?) async throws -> Page<AuditEntry> {
        try await audit(Stretch(before: before))
    }
}
