package import TandemModel

/// A person presses a button of a cluster; who it is comes from the connection's certificate.
package struct PressRequest: Codable, Sendable, Hashable {
    package var button: Button
    package var server: ServerName?
    /// For Start Upgrade: the release to go to; `nil` where only one image fits.
    package var release: ReleaseID?
    package var statement: String?
    package var reason: String?
    /// `ClusterStatus.seen` of what was shown; a press without it is refused.
    package var seen: String
    package var acknowledgesNotices: Bool?
    /// For Start Upgrade: the texts of the notices that are acknowledged, each by name.
    package var acknowledgedNotices: [String]?
    /// For Start Upgrade: the cluster's maintenance window from now on.
    package var window: MaintenanceWindow?
    package var acceptsDataLoss: Bool?

    /// A press.
    package init(
        button: Button,
        server: ServerName? = nil,
        release: ReleaseID? = nil,
        statement: String? = nil,
        reason: String? = nil,
        seen: String,
        acknowledgesNotices: Bool? = nil,
        acknowledgedNotices: [String]? = nil,
        window: MaintenanceWindow? = nil,
        acceptsDataLoss: Bool? = nil
    ) {
        self.button = button
        self.server = server
        self.release = release
        self.statement = statement
        self.reason = reason
        self.seen = seen
        self.acknowledgesNotices = acknowledgesNotices
        self.acknowledgedNotices = acknowledgedNotices
        self.window = window
        self.acceptsDataLoss = acceptsDataLoss
    }
}

/// What became of a request of a person.
package struct PressResponse: Codable, Sendable, Hashable {
    /// The action that began; `nil` where nothing runs or a second person is needed.
    package var action: ActionID?
    /// The request that a second person approves.
    package var approval: RequestID?

    /// An answer.
    package init(action: ActionID?, approval: RequestID?) {
        self.action = action
        self.approval = approval
    }
}

/// A new cluster with its servers.
package struct ClusterAddRequest: Codable, Sendable, Hashable {
    /// One server with its agent's certificate: the name and key that will be let in.
    package struct Server: Codable, Sendable, Hashable {
        package var name: ServerName
        /// PEM; its URI SAN names the agent.
        package var certificate: String

        /// A server.
        package init(name: ServerName, certificate: String) {
            self.name = name
            self.certificate = certificate
        }
    }

    package var name: ClusterName
    package var kind: ClusterKind
    package var site: SiteName
    package var isPrimarySite: Bool
    package var servers: [Server]
    package var reappliesByItself: Bool?
    package var peopleNeeded: Int?

    /// A cluster.
    package init(
        name: ClusterName,
        kind: ClusterKind,
        site: SiteName,
        isPrimarySite: Bool,
        servers: [Server],
        reappliesByItself: Bool? = nil,
        peopleNeeded: Int? = nil
    ) {
        self.name = name
        self.kind = kind
        self.site = site
        self.isPrimarySite = isPrimarySite
        self.servers = servers
        self.reappliesByItself = reappliesByItself
        self.peopleNeeded = peopleNeeded
    }
}

/// A cluster is to be forgotten; a second person approves it.
package struct ClusterRemovalRequest: Codable, Sendable, Hashable {
    /// Reason or ticket number; never empty.
    package var reason: String
    /// `ClusterStatus.seen` of what was shown.
    package var seen: String

    /// A removal.
    package init(reason: String, seen: String) {
        self.reason = reason
        self.seen = seen
    }
}

/// The certificate of the agent that fills a slot from now on.
package struct EnrolRequest: Codable, Sendable, Hashable {
    /// PEM; its URI SAN names the agent.
    package var certificate: String

    /// A replacement.
    package init(certificate: String) { self.certificate = certificate }
}

/// A person's edit of a cluster's configuration.
package struct ConfigurationRequest: Codable, Sendable, Hashable {
    package var schema: String
    /// UTF-8, at most 48 KiB.
    package var document: String
    package var reason: String

    /// An edit.
    package init(schema: String, document: String, reason: String) {
        self.schema = schema
        self.document = document
        self.reason = reason
    }
}

/// One configuration version as shown.
package struct ConfigurationInfo: Codable, Sendable, Hashable {
    package var number: UInt32
    package var schema: String
    package var digest: Digest
    package var document: String
    package var person: PersonName
    package var reason: String
    package var savedAt: WallTime
    /// Waits because versions are mixed; never applied by itself.
    package var isQueued: Bool

    /// A version.
    package init(
        number: UInt32,
        schema: String,
        digest: Digest,
        document: String,
        person: PersonName,
        reason: String,
        savedAt: WallTime,
        isQueued: Bool
    ) {
        self.number = number
        self.schema = schema
        self.digest = digest
        self.document = document
        self.person = person
        self.reason = reason
        self.savedAt = savedAt
        self.isQueued = isQueued
    }
}

/// Push an image to servers of a cluster.
package struct StageRequest: Codable, Sendable, Hashable {
    package var cluster: ClusterName
    /// `nil`: every server of the cluster.
    package var server: ServerName?

    /// A push.
    package init(cluster: ClusterName, server: ServerName?) {
        self.cluster = cluster
        self.server = server
    }
}

/// An image that the controller holds.
package struct ImageInfo: Codable, Sendable, Hashable {
    package var image: Digest
    package var manifest: Digest
    package var release: ReleaseID
    package var byteCount: UInt64
    package var kinds: [ClusterKind]
    package var minimumCMP: String
    package var notices: [String]
    package var isPatch: Bool
    package var addedAt: WallTime
    /// Servers on which it lies complete and verified.
    package var heldBy: [ServerName]
    /// Who brought it; `nil` from a controller that does not tell.
    package var addedBy: PersonName?
    /// When this controller last verified its signatures and every file; `nil` likewise.
    package var verifiedAt: WallTime?

    /// An image.
    package init(
        image: Digest,
        manifest: Digest,
        release: ReleaseID,
        byteCount: UInt64,
        kinds: [ClusterKind],
        minimumCMP: String,
        notices: [String],
        isPatch: Bool,
        addedAt: WallTime,
        heldBy: [ServerName],
        addedBy: PersonName? = nil,
        verifiedAt: WallTime? = nil
    ) {
        self.image = image
        self.manifest = manifest
        self.release = release
        self.byteCount = byteCount
        self.kinds = kinds
        self.minimumCMP = minimumCMP
        self.notices = notices
        self.isPatch = isPatch
        self.addedAt = addedAt
        self.heldBy = heldBy
        self.addedBy = addedBy
        self.verifiedAt = verifiedAt
    }
}

/// A cluster's status with the version to wait behind.
package struct ClusterSnapshot: Codable, Sendable, Hashable {
    /// Rises whenever anything shown changes; pass it as `after` to wait for the next change.
    package var version: UInt64
    package var status: ClusterStatus

    /// A snapshot.
    package init(version: UInt64, status: ClusterStatus) {
        self.version = version
        self.status = status
    }
}

/// All clusters with the version to wait behind.
package struct NetworkSnapshot: Codable, Sendable, Hashable {
    /// Rises whenever anything shown of any cluster changes.
    package var version: UInt64
    package var controller: String
    package var epoch: UInt64
    package var time: WallTime
    package var clusters: [ClusterStatus]
    /// Every active alarm, newest first: those of the clusters, and those of the network as a whole.
    package var alarms: [AlarmEntry]
    /// Set while nothing may be commanded.
    package var emergencyStop: EmergencyStop?

    /// A snapshot.
    package init(
        version: UInt64,
        controller: String,
        epoch: UInt64,
        time: WallTime,
        clusters: [ClusterStatus],
        alarms: [AlarmEntry],
        emergencyStop: EmergencyStop? = nil
    ) {
        self.version = version
        self.controller = controller
        self.epoch = epoch
        self.time = time
        self.clusters = clusters
        self.alarms = alarms
        self.emergencyStop = emergencyStop
    }
}

/// One stretch of a list, newest first.
package struct Page<Item: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    package var items: [Item]
    /// Pass as `before` to go on; `nil` at the end.
    package var next: UInt64?

    /// A page.
    package init(items: [Item], next: UInt64?) {
        self.items = items
        self.next = next
    }

    /// The stretch of a list that is at hand whole, newest first.
    ///
    /// Each item has a place of its own that it keeps, rising from the oldest on: a page goes on where the
    /// one before ended, whatever came or went meanwhile.
    package init(of items: [(place: UInt64, item: Item)], _ stretch: Stretch) {
        let limit = stretch.before ?? .max
        let older = items.filter { $0.place < limit }.sorted { $0.place > $1.place }
        let part = older.prefix(stretch.limit)
        self.init(
            items: part.map { $0.item },
            next: part.count < older.count ? part.last?.place : nil
        )
    }
}

/// A collection of logs of one server.
package struct LogCollection: Codable, Sendable, Hashable {
    /// Names the collection.
    package var id: CommandID?
    /// Whether all of it is here.
    package var isComplete: Bool
    package var text: String

    /// A collection.
    package init(id: CommandID?, isComplete: Bool, text: String) {
        self.id = id
        self.isComplete = isComplete
        self.text = text
    }

    /// The lines below the head `== NAME ==` and above the next one; `nil` where there is no such head.
    package func part(_ name: String) -> String? {
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isHead = line.hasPrefix("== ") && line.hasSuffix(" ==")
            if isHead, lines != nil { break }
            if isHead, line == "== \(name) ==" {
                lines = []
            } else {
                lines?.append(line)
            }
        }
        return lines?.joined(separator: "\n")
    }

    /// The part in which the HA driver's own words stand.
    package static let driverPart = "HA driver"
}
