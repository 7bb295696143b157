package import ControllerAPI
import ControllerCore
import ControllerStore
import Foundation
import Glibc
import Synchronization
import TandemModel

/// What the network loop tells about its own work, for those who watch the controller.
final class LoopGauges: Sendable {
    private struct Counts {
        var commitCount: UInt64 = 0
        var commitTime = Duration.zero
        var failureCount: UInt64 = 0
        var actions: [String: UInt64] = [:]
        var agentCount = 0
        var turnedAt: ContinuousClock.Instant?
        var checkedAt: ContinuousClock.Instant?
        var writeFailure: String?
    }

    /// Ticks come twice a second: a loop that was not seen for so long hangs.
    private static let turnAgeMax = Duration.seconds(10)
    /// The store is tried at most so often, whoever asks.
    private static let checkAgeMin = Duration.seconds(2)

    private let counts = Mutex(Counts())

    /// The loop took its inputs.
    func turned(at now: ContinuousClock.Instant = .now) {
        counts.withLock { $0.turnedAt = now }
    }

    /// A transaction became durable.
    func committed(_ transaction: StoreTransaction, in time: Duration) {
        counts.withLock { counts in
            counts.commitCount += 1
            counts.commitTime += time
            for line in transaction.log
            where line.stepIndex == 0 && line.endedAt != nil && line.result != "note" {
                counts.actions[line.result, default: 0] += 1
            }
        }
    }

    /// The store refused a transaction.
    func refused() { counts.withLock { $0.failureCount += 1 } }

    /// Sessions of agents that are open.
    func connected(_ agentCount: Int) { counts.withLock { $0.agentCount = agentCount } }

    func vitals(queueLength: Int, openOperationCount: Int) -> Vitals {
        counts.withLock { counts in
            let parts = counts.commitTime.components
            return Vitals(
                commitCount: counts.commitCount,
                commitSeconds: Double(parts.seconds) + Double(parts.attoseconds) / 1e18,
                commitFailureCount: counts.failureCount,
                queueLength: queueLength,
                openOperationCount: openOperationCount,
                actions: counts.actions,
                agentCount: counts.agentCount,
                residentBytes: Self.residentBytes(),
                version: tandemVersion
            )
        }
    }

    /// Why the loop or the store does not work; empty when both do.
    func unreadiness(_ store: any NetworkStore) async -> [String] {
        let now = ContinuousClock.now
        let isDue = counts.withLock { counts in
            guard counts.checkedAt.map({ now - $0 >= Self.checkAgeMin }) ?? true else {
                return false
            }
            counts.checkedAt = now
            return true
        }
        if isDue {
            var failure: String?
            do {
                try await store.checkWritable()
            } catch {
                failure = (error as? TandemError)?.message ?? "the store can't be written"
            }
            counts.withLock { $0.writeFailure = failure }
        }
        return counts.withLock { counts in
            var reasons: [String] = []
            if let failure = counts.writeFailure { reasons.append(failure) }
            if counts.turnedAt.map({ now - $0 > Self.turnAgeMax }) ?? true {
                reasons.append("the network loop is not running")
            }
            return reasons
        }
    }

    private static func residentBytes() -> UInt64 {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
            .split(separator: " ")
        guard let fields, fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension NetworkController {
    package func vitals() async -> Vitals {
        let open = published.contents.machines.values.count { $0.state.operation != nil }
        return gauges.vitals(queueLength: queue.count, openOperationCount: open)
    }

    package func unreadiness() async -> [String] { await gauges.unreadiness(store) }
}
