package import TandemModel

/// Where a controller keeps what must survive it.
///
/// Every backend passes `StoreContractTests`. A returned `commit` means durable: it survives a
/// power cut. Errors are ``TandemModel/TandemError`` with a 6xxx code.
package protocol NetworkStore: AuditStore, KeptRequestStore {
    /// Everything a controller needs to start; also makes the next epoch durable and returns it.
    func open() async throws -> StoredNetwork

    /// Makes all of the transaction durable, or nothing.
    ///
    /// - Throws: `storeFenced` when another controller has opened the store since (its epoch is
    ///   higher): this one must stop.
    func commit(_ transaction: StoreTransaction) async throws

    /// Upgrade log lines, newest first, older than row `before`.
    func log(cluster: ClusterName?, before: UInt64?, limit: Int) async throws
        -> [StoredRow<UpgradeLogEntry>]

    /// Audit lines, newest first, older than row `before`.
    func audit(before: UInt64?, limit: Int) async throws -> [StoredRow<AuditEntry>]

    /// Alarms that were raised and have been cleared, newest first, older than row `before`.
    func alarmHistory(before: UInt64?, limit: Int) async throws -> [StoredRow<AlarmEntry>]

    /// Writes something durably, of which nothing is kept.
    ///
    /// - Throws: what a commit would throw now.
    func checkWritable() async throws
}

/// What a store holds as a controller starts.
package struct StoredNetwork: Sendable {
    /// The epoch of this controller's reign: higher than any before.
    package var epoch: UInt64
    /// One row per cluster, by name.
    package var clusters: [ClusterRow]
    /// The images in the library, oldest first.
    package var images: [ImageRow]
    /// The network's own state, encoded by the runtime; `nil` before the first.
    package var network: [UInt8]?

    /// A stored network.
    package init(
        epoch: UInt64,
        clusters: [ClusterRow],
        images: [ImageRow],
        network: [UInt8]? = nil
    ) {
        self.epoch = epoch
        self.clusters = clusters
        self.images = images
        self.network = network
    }
}

/// A cluster's durable state, encoded by the runtime.
package struct ClusterRow: Sendable, Hashable {
    package var name: ClusterName
    /// Version 1: JSON of `ClusterState`.
    package var state: [UInt8]

    /// A row.
    package init(name: ClusterName, state: [UInt8]) {
        self.name = name
        self.state = state
    }
}

/// An image of the library.
package struct ImageRow: Sendable, Hashable, Codable {
    package var offer: ImageOffer
    package var addedAt: WallTime
    package var addedBy: PersonName

    /// A row.
    package init(offer: ImageOffer, addedAt: WallTime, addedBy: PersonName) {
        self.offer = offer
        self.addedAt = addedAt
        self.addedBy = addedBy
    }
}

/// A line of a growing list with its row number.
package struct StoredRow<Item: Sendable & Hashable>: Sendable, Hashable {
    /// Rises with each new line; changes of a line keep it.
    package var row: UInt64
    package var item: Item

    /// A line.
    package init(row: UInt64, item: Item) {
        self.row = row
        self.item = item
    }
}

/// All that becomes durable at once.
package struct StoreTransaction: Sendable {
    /// The epoch of the writer; a lower one than the store's is refused.
    package var epoch: UInt64
    /// Set to raise the store's epoch with this transaction (a restored backup met newer agents).
    package var nextEpoch: UInt64?
    package var clusters: [ClusterRow] = []
    package var removedClusters: [ClusterName] = []
    /// Version 1: JSON of `NetworkState`; `nil` where it did not change.
    package var network: [UInt8]?
    package var audit: [AuditEntry] = []
    /// New or changed lines: a line is known by action, step index and server.
    package var log: [UpgradeLogEntry] = []
    /// Ended alarms; the active ones are part of the states.
    package var clearedAlarms: [AlarmEntry] = []
    package var addedImages: [ImageRow] = []
    package var removedImages: [Digest] = []

    /// An empty transaction.
    package init(epoch: UInt64) { self.epoch = epoch }

    /// Whether there is anything to write.
    package var isEmpty: Bool {
        clusters.isEmpty && removedClusters.isEmpty && audit.isEmpty && log.isEmpty
            && clearedAlarms.isEmpty && addedImages.isEmpty && removedImages.isEmpty
            && nextEpoch == nil && network == nil
    }
}

extension TandemError {
    /// The error of a writer whose epoch has passed.
    package static func storeFenced(mine: UInt64, newest: UInt64) -> TandemError {
        TandemError(
            .storeFenced,
            "another controller has opened the store (its epoch \(newest), ours \(mine))",
            remedy: "Stop this controller, or the other one; only one may command the network."
        )
    }
}
