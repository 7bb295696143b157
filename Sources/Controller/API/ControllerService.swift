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
    /// The image library, those added last first.
    package func images(_ stretch: Stretch) async throws -> Page<ImageInfo> {
        var placed: [(place: UInt64, item: ImageInfo)] = []
        // Of several in one millisecond, each has a place of its own.
        for image in try await images().sorted(by: {
            ($0.addedAt.milliseconds, $0.image) < ($1.addedAt.milliseconds, $1.image)
        }) {
            let first = image.addedAt.milliseconds << 10
            placed.append((max(first, (placed.last?.place).map { $0 + 1 } ?? 0), image))
        }
        return Page(of: placed, stretch)
    }

    /// A cluster's configuration versions, the newest first; edits that wait come before all of them.
    package func configurations(
        _ cluster: ClusterName,
        _ stretch: Stretch
    ) async throws -> Page<ConfigurationInfo> {
        let all = try await configurations(cluster)
        let placed = all.enumerated().map { place, version in
            // They have no number yet, and wait in their order.
            let queued = UInt64(UInt32.max) + 1 + UInt64(place)
            return (version.isQueued ? queued : UInt64(version.number), version)
        }
        return Page(of: placed, stretch)
    }

    package func audit(before: UInt64?) async throws -> Page<AuditEntry> {
        try await audit(Stretch(before: before))
    }
}
