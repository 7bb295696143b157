package import TandemModel

/// What an operation has to know of a release, kept with it: the catalogue may forget the image.
package struct ReleaseFacts: Hashable, Sendable, Codable {
    package var release: ReleaseID
    /// SHA-256 of the manifest's bytes; `Digest.none` while no image of it has been seen.
    package var manifest: Digest
    /// What agents are told in order to stage it; `nil` where the controller holds no image.
    package var offer: ImageOffer?
    /// The configuration schema it understands; `nil` when it has none.
    package var schema: String?
    package var takeover: TakeoverWhileMixed
    package var replicatesData: Bool
    /// Versions whose replication with this one works.
    package var replicatesWith: [String]
    package var carriesData: Bool
    package var minimumCMP: String

    /// Facts from a held image.
    package init(_ image: CatalogueImage) {
        let manifest = image.manifest
        release = manifest.release
        self.manifest = image.offer.manifest
        offer = image.offer
        schema = manifest.configuration?.schema
        takeover = manifest.takeoverWhileMixed
        replicatesData = manifest.replicatesData
        replicatesWith = manifest.replicatesWith
        carriesData = manifest.dataCarryHook != nil
        minimumCMP = manifest.minimumCMP
    }

    /// What can be said of a release that only servers hold; cautious where nothing is known.
    package init(release: ReleaseID, manifest: Digest, schema: String?) {
        self.release = release
        self.manifest = manifest
        self.schema = schema
        takeover = .held
        replicatesData = false
        replicatesWith = []
        carriesData = false
        minimumCMP = ""
    }

    /// Whether data replication works between the two.
    func replicates(with other: ReleaseFacts) -> Bool {
        !replicatesData || replicatesWith.contains(other.release.version)
            || release == other.release
    }
}

/// A configuration that was written to the active server and verified there.
package struct ReapplyRecord: Hashable, Sendable, Codable {
    package var server: ServerName
    /// The server's generation then: a role change since voids the record.
    package var generation: UInt64
    package var digest: Digest
    package var number: UInt32
}

/// What a server's package set was as the operation began.
package struct StartDigest: Hashable, Sendable, Codable {
    package var server: ServerName
    package var packages: Digest
}

/// How an operation ended.
package enum OperationEnding: String, Hashable, Sendable, Codable {
    case upgraded
    case rolledBack = "rolled back"
    case unchanged
    case asObserved = "as observed"
}

/// One upgrade or rollback of one cluster, from Start to the end; durable.
package struct OperationState: Hashable, Sendable, Codable {
    package var id: OperationID
    package var direction: Direction
    package var old: ReleaseFacts
    package var new: ReleaseFacts
    package var owner: PersonName
    package var reason: String
    package var startedAt: WallTime
    /// Who was active at Start; `nil` when nobody could say.
    package var activeAtStart: ServerName?
    package var digestsAtStart: [StartDigest]
    /// Whether a server was changed, by us or by observation.
    package var hasChanged: Bool
    /// Whether the active role was elsewhere at any time in this operation.
    package var haveRolesMoved: Bool
    /// Accept has begun: there is no way back from here.
    package var hasAcceptIntent: Bool
    package var reapplied: ReapplyRecord?
    /// The configuration that belongs to the old release, as it was at Start.
    package var snapshot: ConfigurationVersion?
    /// The highest configuration number at Start: what is above was written since.
    package var configurationAtStart: UInt32
    /// Learnt from the agents' records, not begun by this store.
    package var isAdopted: Bool
    /// The last action's end in the literal words; empty before the first.
    package var lastResult: String
    /// When the last action ended; `nil` before the first, and in what an older controller stored.
    package var restingSince: WallTime?
    /// Since when, from whom and why the owner took it over; `nil` while it is with its starter.
    package var ownedSince: WallTime?
    package var takenOverFrom: PersonName?
    package var takeOverReason: String?

    /// A new operation.
    package init(
        id: OperationID,
        direction: Direction,
        old: ReleaseFacts,
        new: ReleaseFacts,
        owner: PersonName,
        reason: String,
        startedAt: WallTime
    ) {
        self.id = id
        self.direction = direction
        self.old = old
        self.new = new
        self.owner = owner
        self.reason = reason
        self.startedAt = startedAt
        digestsAtStart = []
        hasChanged = false
        haveRolesMoved = false
        hasAcceptIntent = false
        configurationAtStart = 0
        isAdopted = false
        lastResult = ""
    }

    /// The release the direction leads to.
    var goal: ReleaseFacts { direction == .up ? new : old }

    /// Whether a standby must not take over while versions are mixed.
    var isHeldWhileMixed: Bool { new.takeover == .held }

    /// Whether replication between the two releases does not work.
    var isReplicationBroken: Bool { !new.replicates(with: old) }
}
