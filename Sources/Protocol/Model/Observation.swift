/// A server's part in its cluster: observed from the HA driver, never assumed.
package enum ServerRole: String, Hashable, Sendable, Codable, CaseIterable {
    case active
    case standby
    case spare
    /// Held back on purpose (`hold`); it will not take over.
    case forcedStandby = "forced-standby"
    case outOfService = "out-of-service"
    /// The driver gave no usable answer.
    case unknown

    /// The word operators read.
    package var description: String { rawValue }
}

/// What a driver says of the mate.
package enum PeerRole: String, Hashable, Sendable, Codable {
    /// The mate carries the service.
    case active
    /// The mate answers and does not carry the service.
    case other
    /// The mate does not answer: proves nothing.
    case unseen
}

/// Whether taking over is itself an election or compare-and-set.
package enum Exclusion: String, Hashable, Sendable, Codable {
    /// Two actives cannot both succeed: the kernel, VRRP or a consensus store decides.
    case referee
    /// Nothing but our own proofs and clocks keeps two servers apart.
    case none
}

/// How a driver moves the active role.
package enum Switchover: String, Hashable, Sendable, Codable {
    /// Demote one server, then promote the other.
    case twoStep = "two-step"
    /// One `demote --to SERVER` on the active server moves the role.
    case atomic
}

/// How far a server's copy of the product's data is.
package struct ReplicationState: Hashable, Sendable, Codable {
    /// Nothing is missing right now (also true where nothing is replicated).
    package var isCaughtUp: Bool
    /// Bytes still missing.
    package var lagBytes: UInt64
    /// Age of the newest replayed data, in milliseconds.
    package var lagMilliseconds: UInt64
    /// We hold replication to this server back (70502).
    package var isInhibited: Bool

    /// A state of replication.
    package init(
        isCaughtUp: Bool,
        lagBytes: UInt64 = 0,
        lagMilliseconds: UInt64 = 0,
        isInhibited: Bool = false
    ) {
        self.isCaughtUp = isCaughtUp
        self.lagBytes = lagBytes
        self.lagMilliseconds = lagMilliseconds
        self.isInhibited = isInhibited
    }
}

/// What one `status` call of the HA driver answered.
package struct HAStatus: Hashable, Sendable, Codable {
    /// This server's role by the HA system (never `forcedStandby` by itself; see `isHeld`).
    package var role: ServerRole
    /// Whether the product serves traffic here.
    package var isInService: Bool
    /// What the HA system says of the mate.
    package var peerRole: PeerRole
    /// How far this server's data is.
    package var replication: ReplicationState
    /// Whether taking over is an election.
    package var exclusion: Exclusion
    /// How the role is moved.
    package var switchover: Switchover
    /// The driver's compare-and-set token; changes with every take-over.
    package var token: String
    /// Opaque replication position (a WAL location, a counter); empty where nothing is replicated.
    package var position: String
    /// Whether the HA system itself holds this server back.
    package var isHeld: Bool

    /// A driver's answer.
    package init(
        role: ServerRole,
        isInService: Bool,
        peerRole: PeerRole,
        replication: ReplicationState,
        exclusion: Exclusion,
        switchover: Switchover,
        token: String,
        position: String = "",
        isHeld: Bool = false
    ) {
        self.role = role
        self.isInService = isInService
        self.peerRole = peerRole
        self.replication = replication
        self.exclusion = exclusion
        self.switchover = switchover
        self.token = token
        self.position = position
        self.isHeld = isHeld
    }

    /// The answer of a driver that gave none.
    package static let unknown = HAStatus(
        role: .unknown,
        isInService: false,
        peerRole: .unseen,
        replication: ReplicationState(isCaughtUp: false),
        exclusion: .none,
        switchover: .twoStep,
        token: ""
    )
}

/// A release image that lies complete on a server.
package struct StagedImage: Hashable, Sendable, Codable {
    /// SHA-256 of the whole image.
    package var image: Digest
    /// SHA-256 of its manifest's bytes.
    package var manifest: Digest
    /// What it holds.
    package var release: ReleaseID
    /// Whether signatures and every file matched when last looked at.
    package var isVerified: Bool

    /// A staged image.
    package init(image: Digest, manifest: Digest, release: ReleaseID, isVerified: Bool) {
        self.image = image
        self.manifest = manifest
        self.release = release
        self.isVerified = isVerified
    }
}

/// The configuration version that lies on a server.
package struct AppliedConfiguration: Hashable, Sendable, Codable {
    /// The controller's version number; 0 when the file was not written by Tandem.
    package var number: UInt32
    /// The schema its release understands.
    package var schema: String
    /// SHA-256 of the file as it is on disk now.
    package var digest: Digest

    /// A configuration as found.
    package init(number: UInt32, schema: String, digest: Digest) {
        self.number = number
        self.schema = schema
        self.digest = digest
    }
}

/// The result of the product's health checks.
package enum Health: Hashable, Sendable, Codable {
    case healthy
    /// Works, with this warning.
    case warning(String)
    /// Does not work, with the first failing check's words.
    case failing(String)
    /// No check could tell.
    case unknown
}

/// Whether this server's root can be kept as a snapshot and booted again from it.
package enum SnapshotAbility: Hashable, Sendable, Codable {
    case possible
    /// Only packages can be put back, with the reason.
    case impossible(String)
}

/// All that an agent knows of its own server, sent after hello and at each change.
package struct ServerReport: Hashable, Sendable, Codable {
    /// Counts the reports of one connection, from 1; heartbeats repeat the newest.
    package var sequence: UInt32
    /// The HA driver's answer.
    package var ha: HAStatus
    /// The role operators read: the driver's, or `forcedStandby` while a standby is held.
    package var role: ServerRole
    /// The agent's counter of role and token changes; persisted, never falls.
    package var generation: UInt64
    /// Whether Tandem holds this server in standby (70503).
    package var isHeld: Bool
    /// What runs.
    package var software: SoftwareState
    /// SHA-256 over the sorted `name=version=arch` of the packages the manifest names.
    package var packageDigest: Digest
    /// The release that a back-out would restore.
    package var previous: ReleaseID?
    /// Whether every file of the way back is here and matches its digest.
    package var isWayBackVerified: Bool
    /// Complete images.
    package var images: [StagedImage]
    /// The cluster configuration on disk.
    package var configuration: AppliedConfiguration?
    /// Health by the product's own checks.
    package var health: Health
    /// Why this server is a zombie; `nil` when it is none.
    package var zombie: String?
    /// Commands received or started and not ended, oldest first.
    package var openCommands: [CommandID]
    /// Whether the way back may go by a snapshot of the root; `nil` from an agent that does not say.
    package var snapshots: SnapshotAbility?

    /// A report.
    package init(
        sequence: UInt32,
        ha: HAStatus,
        role: ServerRole,
        generation: UInt64,
        isHeld: Bool,
        software: SoftwareState,
        packageDigest: Digest,
        previous: ReleaseID?,
        isWayBackVerified: Bool,
        images: [StagedImage],
        configuration: AppliedConfiguration?,
        health: Health,
        zombie: String?,
        openCommands: [CommandID],
        snapshots: SnapshotAbility? = nil
    ) {
        self.sequence = sequence
        self.ha = ha
        self.role = role
        self.generation = generation
        self.isHeld = isHeld
        self.software = software
        self.packageDigest = packageDigest
        self.previous = previous
        self.isWayBackVerified = isWayBackVerified
        self.images = images
        self.configuration = configuration
        self.health = health
        self.zombie = zombie
        self.openCommands = openCommands
        self.snapshots = snapshots
    }
}

/// The small periodic sign of life; everything larger travels in ``ServerReport``.
package struct Heartbeat: Hashable, Sendable {
    /// Counts heartbeats of one connection, from 1.
    package var sequence: UInt32
    /// The newest report sent in this connection.
    package var reportSequence: UInt32
    package var role: ServerRole
    package var generation: UInt64
    package var isInService: Bool
    package var isCaughtUp: Bool
    package var lagBytes: UInt64
    /// `Digest.prefix64` of the package digest.
    package var packageDigestPrefix: UInt64
    /// One-minute load average times 100.
    package var loadHundredths: UInt16
    /// The newest alarm event of this boot.
    package var alarmSequence: UInt32

    /// A heartbeat.
    package init(
        sequence: UInt32,
        reportSequence: UInt32,
        role: ServerRole,
        generation: UInt64,
        isInService: Bool,
        isCaughtUp: Bool,
        lagBytes: UInt64,
        packageDigestPrefix: UInt64,
        loadHundredths: UInt16,
        alarmSequence: UInt32
    ) {
        self.sequence = sequence
        self.reportSequence = reportSequence
        self.role = role
        self.generation = generation
        self.isInService = isInService
        self.isCaughtUp = isCaughtUp
        self.lagBytes = lagBytes
        self.packageDigestPrefix = packageDigestPrefix
        self.loadHundredths = loadHundredths
        self.alarmSequence = alarmSequence
    }
}
