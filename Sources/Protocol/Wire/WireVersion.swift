package import TandemModel

/// The protocol's version: one growing number.
///
/// History:
/// - 1 (2026-11-22): the first version; all messages of `Docs/protocol.md`.
///
/// A new number is taken when a message gets fixed fields, a kind or an enumeration gets a number
/// that an older peer would refuse, or a meaning changes. A new optional field that an older peer
/// may step over needs none.
package enum WireVersion {
    /// The first version: hello, error and bye carry it for ever.
    package static let first: UInt8 = 1
    /// The version of this program.
    package static let current: UInt8 = 1
    /// How many older versions a program still speaks beside its own.
    package static let olderCount: UInt8 = 2

    /// The versions this program speaks: its own and up to two older ones.
    package static let spoken = spoken(by: current)

    /// The versions that a program of version `version` (from 1) speaks.
    package static func spoken(by version: UInt8) -> ClosedRange<UInt8> {
        (version > olderCount ? version - olderCount : first)...version
    }

    /// The version that a controller chooses for an agent: the highest both speak.
    ///
    /// - Parameters:
    ///   - agent: the range of the agent's hello.
    ///   - server: for whom the agent speaks, for the text of the refusal.
    ///   - controller: the controller's own range.
    /// - Returns: the version to put into the welcome.
    /// - Throws: ``ErrorCode/versionRefused`` when the ranges do not meet.
    package static func negotiate(
        agent: ClosedRange<UInt8>,
        of server: ServerName,
        controller: ClosedRange<UInt8> = spoken
    ) throws(TandemError) -> UInt8 {
        let highest = min(agent.upperBound, controller.upperBound)
        if highest >= max(agent.lowerBound, controller.lowerBound) { return highest }
        let isAgentOlder = agent.upperBound < controller.lowerBound
        let remedy =
            isAgentOlder
            ? "Install a tandem-agent on \(server) that speaks protocol version "
                + "\(controller.lowerBound) or later."
            : "Upgrade the controller first: it must speak protocol version "
                + "\(agent.lowerBound) or later."
        throw TandemError(
            .versionRefused,
            "the agent of \(server) speaks protocol versions \(text(agent)), "
                + "this controller \(text(controller))",
            remedy: remedy
        )
    }

    private static func text(_ range: ClosedRange<UInt8>) -> String {
        range.count == 1
            ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
