/// The clocks and bounds one cluster runs under, in milliseconds unless named otherwise.
///
/// The failover clocks are those of `details.md` 10; ``isSound`` checks their sums.
package struct ClusterLimits: Hashable, Sendable {
    /// Silence after which SUPERVISION_LOST is raised and a server counts as silent.
    package var supervisionMilliseconds: UInt64 = 15_000
    /// T_fresh: what was reported longer ago is shown as stale and decides nothing.
    package var freshMilliseconds: UInt64 = 30_000
    /// Silence after which the few buttons of `safety.md` 15 work beside the silent mate.
    package var silenceMilliseconds: UInt64 = 30_000
    /// Within which a command must have started, counted from its issue.
    package var commandMilliseconds: UInt64 = 20_000
    /// Within which a change of packages must have started: its agent looks through every file of two
    /// releases first, and it is the mate's voucher, not this time, that makes the start safe.
    package var changeMilliseconds: UInt64 = 600_000
    /// For how long an armed target waits for the demotion's proof.
    package var armMilliseconds: UInt64 = 15_000
    /// Within which a demotion must have started, counted from its issue.
    package var demoteMilliseconds: UInt64 = 5_000
    /// How long a promotion may take before the target fences itself.
    package var promoteMilliseconds: UInt64 = 20_000
    /// After which a demoted server takes its role back by the rule.
    package var deadManMilliseconds: UInt32 = 45_000
    /// How long a take-back may take.
    package var takeBackMilliseconds: UInt64 = 10_000
    /// T_fo: a failover has ended by then, one way or the other.
    package var failoverMilliseconds: UInt64 = 60_000
    /// Within which observation must confirm what a command's result claims.
    package var confirmMilliseconds: UInt64 = 15_000
    /// How long "none active" and "two active" must stand before they are alarms; below T_alarm.
    package var settleMilliseconds: UInt64 = 3_000
    /// How long a release may be unknown before it counts as another one (70501).
    package var unknownReleaseMilliseconds: UInt64 = 600_000
    /// How long versions may be mixed before 70501 is major: a night, and the day to look on.
    package var mixedVersionMilliseconds: UInt64 = 24 * 3_600_000
    /// How long we may hold replication back before 70502 is major.
    package var inhibitedReplicationMilliseconds: UInt64 = 6 * 3_600_000
    /// How long a request waits for its second person.
    package var approvalMilliseconds: UInt64 = 15 * 60_000
    /// How long an action may wait for a server to become ready before it fails, nothing changed.
    package var readyMilliseconds: UInt64 = 60_000
    /// After which a command that found its agent busy is issued anew.
    package var busyRetryMilliseconds: UInt64 = 4_000
    /// How long a busy agent is asked again: longer than a voucher or a fresh start holds it still.
    package var busyMilliseconds: UInt64 = 20_000
    /// How often one instruction is issued anew after its command proved never to have started.
    package var attemptCountMax = 3
    /// How many clusters may be at work for another one to go forward (P of `safety.md` 7).
    package var clusterAtWorkCountMax = 4
    /// This controller's version, for the images' minimum; empty: not compared.
    package var controllerVersion = ""

    /// The defaults.
    package init() {}

    /// Whether no sum of the failover's clocks can leave two servers active or none for ever.
    package var isSound: Bool {
        let selfFence: UInt64 = 5_000
        let driftAndPause: UInt64 = 4_000
        let promotion = armMilliseconds + promoteMilliseconds + selfFence + driftAndPause
        return promotion < UInt64(deadManMilliseconds)
            && UInt64(deadManMilliseconds) + takeBackMilliseconds < failoverMilliseconds
            && demoteMilliseconds < armMilliseconds
            && supervisionMilliseconds <= silenceMilliseconds
    }
}
