import AgentHA
import TandemModel

/// keepalived: who bears the cluster's service address is active, and VRRP elects.
///
/// The role is moved by keepalived alone. A server that must not be master writes a mark into the file
/// that keepalived tracks (``Standing``) and falls into FAULT: it gives the address up with a last word,
/// and its mate takes it over at once. keepalived must run with `nopreempt`, so that nobody takes an
/// address from somebody who has it. Docs/ha-drivers.md shows the configuration.
struct KeepalivedDriver<Server: Surroundings>: HADriverProgram {
    /// `fence` is waited for 5 s in all.
    static var fenceMilliseconds: UInt64 { 1000 }

    let server: Server
    /// The cluster's service address, which moves.
    let serviceAddress: String
    /// The mate's own address.
    let mateAddress: String
    let exclusion: Exclusion
    /// Where the two files lie.
    let folder: String
    /// How long this call may take: keepalived sees a change of the tracked file at once and its mate's
    /// silence lasts 3 advertisements, but on a busy machine it may be late.
    var limitMilliseconds: UInt64 = 8000

    var standingPath: String { "\(folder)/keepalived-standing" }
    var transitionsPath: String { "\(folder)/keepalived-transitions" }

    private var isActive: Bool { server.bears(serviceAddress) }

    func status() throws(TandemError) -> HAStatus {
        var standing = try Standing(path: standingPath)
        let transitions = try Transitions(path: transitionsPath)
        let isActive = isActive
        let peer = peerRole(whenActive: isActive)
        // The failover is settled: the mate serves. From here on this server may take over again.
        if peer == .active, standing.marks.remove(.demoted) != nil {
            try standing.save(standingPath)
        }
        return HAStatus(
            role: role(isActive),
            isInService: isActive && server.isServiceRunning,
            peerRole: peer,
            replication: ReplicationState(isCaughtUp: true),
            exclusion: exclusion,
            switchover: .twoStep,
            token: "\(transitions.count)",
            isHeld: standing.marks.contains(.held)
        )
    }

    private func role(_ isActive: Bool) -> ServerRole {
        if isActive { return .active }
        return server.isKeepalivedRunning ? .standby : .outOfService
    }

    private func peerRole(whenActive isActive: Bool) -> PeerRole {
        if !isActive, server.answers(serviceAddress) { return .active }
        return server.answers(mateAddress) ? .other : .unseen
    }

    func perform(_ request: DriverRequest) -> DriverEnd {
        do throws(TandemError) {
            switch request {
            case .status, .inhibitReplication, .allowReplication: return .done
            case .promote(let token): return try promote(token)
            case .takeBack: return try becomeActive()
            case .demote: return try demote()
            case .fence: return try fence()
            case .hold: return try hold()
            case .unhold: return try unhold()
            }
        } catch {
            return .failed(error.message)
        }
    }
}

// MARK: - Becoming active

extension KeepalivedDriver {
    private func promote(_ token: String) throws(TandemError) -> DriverEnd {
        if isActive { return .done }
        let now = try Transitions(path: transitionsPath).count
        guard token.isEmpty || token == "\(now)" else {
            return .refused("the state of keepalived has changed: \(now), not \(token)")
        }
        return try becomeActive()
    }

    /// Lets keepalived elect this server; nothing has changed where it did not.
    private func becomeActive() throws(TandemError) -> DriverEnd {
        if isActive { return .done }
        let before = try Standing(path: standingPath)
        guard !before.marks.contains(.held) else { return .refused("this server is held") }
        guard server.isKeepalivedRunning else { return .refused("keepalived does not run") }
        guard !server.answers(serviceAddress) else {
            return .refused("\(serviceAddress) is borne by somebody else")
        }
        try Standing().save(standingPath)
        if waitUntil({ isActive }, milliseconds: limitMilliseconds * 2 / 3) { return .done }
        // Back to what it was. That keepalived elects us between the two looks is seen by the second.
        try before.save(standingPath)
        guard waitUntil({ !isActive }, milliseconds: limitMilliseconds / 4) else { return .done }
        return .failed("keepalived did not take \(serviceAddress) over")
    }
}

// MARK: - Standing back

extension KeepalivedDriver {
    private func mark(_ mark: Standing.Mark) throws(TandemError) {
        var standing = try Standing(path: standingPath)
        guard standing.marks.insert(mark).inserted else { return }
        try standing.save(standingPath)
    }

    private func demote() throws(TandemError) -> DriverEnd {
        // Active elsewhere already: a mark would only keep this server from helping its mate.
        if !isActive, server.answers(serviceAddress) { return .done }
        try mark(.demoted)
        if waitUntil({ !isActive }, milliseconds: limitMilliseconds) { return .done }
        return .unknown(
            "\(serviceAddress) is still on this server; does keepalived track the file?"
        )
    }

    private func fence() throws(TandemError) -> DriverEnd {
        try mark(.demoted)
        if waitUntil({ !isActive }, milliseconds: Self.fenceMilliseconds) { return .done }
        // It hangs, or it died and left the address: without it, nobody reaches the product here.
        server.killKeepalived()
        return server.drop(serviceAddress)
            ? .done : .unknown("\(serviceAddress) can't be taken off this server")
    }

    private func hold() throws(TandemError) -> DriverEnd {
        guard !isActive else { return .refused("this server is active") }
        try mark(.held)
        guard server.isKeepalivedRunning else { return .done }
        let isHeld = waitUntil(
            { (try? Transitions(path: transitionsPath))?.state == "FAULT" },
            milliseconds: limitMilliseconds
        )
        guard !isHeld else { return .done }
        return .unknown("keepalived does not fall back; does it track \(standingPath)?")
    }

    private func unhold() throws(TandemError) -> DriverEnd {
        var standing = try Standing(path: standingPath)
        guard standing.marks.remove(.held) != nil else { return .done }
        try standing.save(standingPath)
        return .done
    }

    private func waitUntil(
        _ holds: () -> Bool,
        milliseconds: UInt64
    ) -> Bool {
        let end = server.milliseconds + milliseconds
        while !holds() {
            guard server.milliseconds < end else { return false }
            server.pause()
        }
        return true
    }
}
