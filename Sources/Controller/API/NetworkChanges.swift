package import TandemModel

/// What has changed since a version of the network that somebody knows.
package struct NetworkChanges: Codable, Sendable, Hashable {
    /// The reign that counts the versions; another one counts anew.
    package var epoch: UInt64
    /// What the asker knows afterwards.
    package var version: UInt64
    package var clusters: [ClusterName]
    package var removed: [ClusterName]
    /// The version asked about is of another reign or too old: everything is to be read anew.
    package var isReset: Bool

    /// Changes.
    package init(
        epoch: UInt64,
        version: UInt64,
        clusters: [ClusterName] = [],
        removed: [ClusterName] = [],
        isReset: Bool = false
    ) {
        self.epoch = epoch
        self.version = version
        self.clusters = clusters
        self.removed = removed
        self.isReset = isReset
    }
}

/// Tells what changes, to those who keep a page open.
package protocol ChangeFeed: Sendable {
    /// What has changed since `after` in this epoch, at once or as soon as anything has (at most
    /// `waitSeconds`).
    func changes(epoch: UInt64, after: UInt64, waitSeconds: Int) async throws -> NetworkChanges
}
