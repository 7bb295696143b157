import ControllerAPI
import ControllerCore
import Synchronization
import TandemModel

/// What everybody but the network loop sees: copies of the machines, published after each batch
/// became durable, and a bell for those who wait for the next change.
final class PublishedNetwork: Sendable {
    struct Contents: Sendable {
        /// Rises with each change that a page would show.
        var version: UInt64 = 1
        var epoch: UInt64 = 0
        var machines: [ClusterName: ClusterMachine] = [:]
        /// The active alarms of the network as a whole.
        var networkAlarms: [AlarmEntry] = []
        var emergencyStop: EmergencyStop?
        /// The version at which each cluster last changed.
        var versions: [ClusterName: UInt64] = [:]
        /// Clusters that were forgotten, each with the version at which; the newest few.
        var removals: [(name: ClusterName, version: UInt64)] = []
        /// Who knows an older version than this may have missed a removal.
        var removalsKnownSince: UInt64 = 0

        /// Every active alarm, newest first.
        var alarms: [AlarmEntry] {
            let entries =
                networkAlarms
                + machines.keys.sorted().flatMap { machines[$0]?.activeAlarms() ?? [] }
            return entries.sorted { $0.raisedAt.milliseconds > $1.raisedAt.milliseconds }
        }

        /// What has changed since a version of an epoch.
        func changes(epoch known: UInt64, after: UInt64) -> NetworkChanges {
            guard known == epoch, after <= version, after >= removalsKnownSince else {
                return NetworkChanges(epoch: epoch, version: version, isReset: true)
            }
            return NetworkChanges(
                epoch: epoch,
                version: version,
                clusters: versions.filter { $0.value > after }.keys.sorted(),
                removed: removals.filter { $0.version > after && machines[$0.name] == nil }
                    .map(\.name)
            )
        }

        fileprivate mutating func forget(_ removed: [ClusterName]) {
            for name in removed {
                versions[name] = nil
                removals.append((name, version))
            }
            let excess = removals.count - PublishedNetwork.removalCountMax
            guard excess > 0 else { return }
            removalsKnownSince = removals[excess - 1].version
            removals.removeFirst(excess)
        }
    }

    fileprivate static let removalCountMax = 256

    private struct Guarded {
        var contents = Contents()
        var bells: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextBell: UInt64 = 0
    }

    private let guarded = Mutex(Guarded())

    var contents: Contents { guarded.withLock { $0.contents } }

    /// Puts new copies in place and rings if anything shown has changed.
    func publish(
        _ machines: [ClusterName: ClusterMachine],
        networkAlarms: [AlarmEntry],
        emergencyStop: EmergencyStop?,
        changed: Set<ClusterName>,
        changesNetwork: Bool = false,
        epoch: UInt64
    ) {
        guarded.withLock { guarded in
            let removed = guarded.contents.machines.keys.filter { machines[$0] == nil }.sorted()
            guarded.contents.machines = machines
            guarded.contents.networkAlarms = networkAlarms
            guarded.contents.emergencyStop = emergencyStop
            guarded.contents.epoch = epoch
            guard !changed.isEmpty || changesNetwork || !removed.isEmpty else { return }
            guarded.contents.version += 1
            for name in changed { guarded.contents.versions[name] = guarded.contents.version }
            guarded.contents.forget(removed)
            for bell in guarded.bells.values { bell.yield() }
        }
    }

    /// Returns as soon as the version (of one cluster, or of all) is above `after`, or at the limit.
    func wait(for cluster: ClusterName?, after: UInt64, seconds: Int) async {
        guard seconds > 0 else { return }
        // Newest 1: a ring that comes while the waiter looks is kept, more of them say the same.
        let (rings, bell) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = guarded.withLock { guarded in
            guarded.nextBell += 1
            guarded.bells[guarded.nextBell] = bell
            return guarded.nextBell
        }
        defer { guarded.withLock { _ = $0.bells.removeValue(forKey: id) } }
        guard !isNewer(cluster, than: after) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in rings where self.isNewer(cluster, than: after) { return }
            }
            group.addTask { try? await ContinuousClock().sleep(for: .seconds(seconds)) }
            await group.next()
            group.cancelAll()
        }
    }

    private func isNewer(_ cluster: ClusterName?, than version: UInt64) -> Bool {
        guarded.withLock { guarded in
            guard let cluster else { return guarded.contents.version > version }
            return guarded.contents.versions[cluster] ?? 0 > version
        }
    }
}
