/// How long each part of a failover may take: milliseconds on CLOCK_BOOTTIME of one server each.
///
/// The defaults are those the controller reckons with; `problem` holds the sums that make it
/// impossible for two servers to serve without a referee.
package struct FailoverClocks: Hashable, Sendable {
    /// How long a target stays armed for its mate's proof.
    package var arm: UInt64 = 15_000
    /// A demotion must have begun so long after it was issued.
    package var demoteDeadline: UInt64 = 5_000
    package var demoteLimit: UInt64 = 8_000
    /// From the journaled start of the demotion until the role is taken back.
    package var deadMan: UInt64 = 45_000
    package var promoteLimit: UInt64 = 20_000
    package var fenceLimit: UInt64 = 5_000
    package var takeBackLimit: UInt64 = 10_000
    /// Of `hold` and `unhold`: no part of a failover, so a slow HA system gets its time.
    package var holdLimit: UInt64 = 20_000
    /// The longest time without service that a commanded failover may cause.
    package var outage: UInt64 = 60_000
    /// Clock drift over the dead-man's time (1 %) and the longest pause of a guard.
    package var allowance: UInt64 = 4_000

    /// The clocks of `safety.md`.
    package init() {}

    /// Why these clocks can't be used; `nil` when they can.
    package var problem: String? {
        let promotion = arm + promoteLimit + fenceLimit + allowance
        let parts = [
            arm, demoteDeadline, demoteLimit, deadMan, promoteLimit, fenceLimit, takeBackLimit,
            holdLimit,
        ]
        if parts.contains(0) { return "a failover clock is 0" }
        if promotion >= deadMan {
            return "arm + promote + fence + \(allowance) ms = \(promotion) ms is not below the "
                + "dead-man's \(deadMan) ms"
        }
        if deadMan + takeBackLimit >= outage {
            return "dead-man + take-back = \(deadMan + takeBackLimit) ms is not below \(outage) ms"
        }
        if demoteLimit >= arm {
            return "the demotion's \(demoteLimit) ms are not below the target's \(arm) ms"
        }
        return nil
    }
}
