/// The agent's times and sizes; all times in milliseconds on the agent's CLOCK_BOOTTIME.
///
/// The failover clocks are those of `details.md` 10 and are checked there as sums: changing one here
/// means checking `armed + promote + fence + drift < dead-man` again.
package struct AgentLimits: Hashable, Sendable {
    /// The protocol versions that the hello offers and a welcome may choose from; from 1.
    package var protocolVersions: ClosedRange<UInt8> = 1...1
    /// How long a voucher counts from the moment it was asked for.
    package var voucherMilliseconds: UInt64 = 10_000
    /// How long this server holds still after signing a voucher; longer than `voucherMilliseconds`
    /// because two clocks drift.
    package var vouchedMilliseconds: UInt64 = 12_000
    /// How often an interrupted command asks for a voucher again.
    package var retryMilliseconds: UInt64 = 2_000
    /// How long a promote waits for the mate's proof.
    package var armedMilliseconds: UInt64 = 15_000
    /// How long a promotion may take before this server fences itself.
    package var promoteMilliseconds: UInt64 = 20_000
    /// What the promotion's guard gets to fence this server itself before the machine does.
    package var fenceMilliseconds: UInt64 = 5_000
    /// How long after a demotion's start the role may still be found unmoved.
    package var demoteMilliseconds: UInt64 = 8_000
    /// How often an undecided take-back is asked again.
    package var takeBackRetryMilliseconds: UInt64 = 1_000
    /// How long a hold outlives the controller's last word, before `domain.md`'s rule may end it.
    package var holdLapseMilliseconds: UInt64 = 60_000
    /// How often a driver call that restates a hold, fence or inhibition is made again.
    package var restateMilliseconds: UInt64 = 5_000
    /// Heartbeat periods without an acknowledgement after which a connection is given up.
    package var silencePeriodCount: UInt64 = 3
    /// The least silence after which a connection is given up; also the limit of the handshake.
    package var silenceMilliseconds: UInt64 = 15_000
    /// The longest way of an acknowledgement whose wall time is compared with this server's.
    package var clockAnswerMilliseconds: UInt64 = 1_000
    /// How often to observe while no controller has named a heartbeat period.
    package var observationMilliseconds: UInt64 = 5_000
    /// How often at least to observe while a role given up is not seen to be somewhere else.
    package var demotedMilliseconds: UInt64 = 500
    /// A step is killed past this many times its limit; past the limit once, it shows as overdue,
    /// because time alone makes nothing failed (`protocol.md`).
    package var stepLimitFactor: UInt64 = 2
    /// The least time between two progress messages that differ in time and text alone.
    package var progressMilliseconds: UInt64 = 1_000
    /// How long the product of a server that has booted its snapshot may take to say what it is.
    package var bootedMilliseconds: UInt64 = 120_000
    /// How often a step whose end nobody saw is run again after it was observed not to be reached.
    package var rerunCountMax = 2
    /// Bytes asked for at once while staging.
    package var chunkByteCount: UInt32 = 256 * 1_024
    /// How long to wait for a chunk before asking again.
    package var chunkMilliseconds: UInt64 = 30_000
    /// Vouchers and requests for them kept at once; more are refused.
    package var voucherCountMax = 8
    /// Staging, check and log commands open at once; more are refused.
    package var sideCountMax = 8
    /// Images kept at once; as many as a report can name on the wire.
    package var imageCountMax = 16

    /// The limits of the design pages.
    package init() {}
}
