/// The version of all of Tandem's programs.
package let tandemVersion = "0.1.0"

/// What the web layer asks about the controller itself.
package protocol VitalsService: Sendable {
    /// The numbers of this moment.
    func vitals() async -> Vitals

    /// Why the controller can't do its work now; empty when it can.
    func unreadiness() async -> [String]
}

/// Numbers of a running controller, beside what a network's snapshot says.
package struct Vitals: Codable, Sendable, Hashable {
    /// Commits of the store so far, and what they took together.
    package var commitCount: UInt64
    package var commitSeconds: Double
    /// Commits that the store refused.
    package var commitFailureCount: UInt64
    /// Inputs that wait for the network loop.
    package var queueLength: Int
    /// Operations that are open, not those that were.
    package var openOperationCount: Int
    /// Ended actions by result, such as `done`.
    package var actions: [String: UInt64]
    /// Agents with a session.
    package var agentCount: Int
    /// Resident memory of the process; 0 where the system does not tell.
    package var residentBytes: UInt64
    /// Of this program.
    package var version: String

    /// The numbers of a moment.
    package init(
        commitCount: UInt64,
        commitSeconds: Double,
        commitFailureCount: UInt64,
        queueLength: Int,
        openOperationCount: Int,
        actions: [String: UInt64],
        agentCount: Int,
        residentBytes: UInt64,
        version: String
    ) {
        self.commitCount = commitCount
        self.commitSeconds = commitSeconds
        self.commitFailureCount = commitFailureCount
        self.queueLength = queueLength
        self.openOperationCount = openOperationCount
        self.actions = actions
        self.agentCount = agentCount
        self.residentBytes = residentBytes
        self.version = version
    }
}
