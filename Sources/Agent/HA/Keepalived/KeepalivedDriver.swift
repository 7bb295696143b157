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

    private var isActive: Bool {
        get throws(TandemError) { try server.bears(serviceAddress) }
    }

    func status() throws(TandemError) -> HAStatus {
        let standing = try Standing(path: standingPath)
        let transitions = try Transitions(path: transitionsPath)
        let isActive = try isActive
        let peer = try peerRole(whenActive: isActive)
        // The failover is settled: the mate serves. From here on this server may take over again.
        // A mark that came while the mate was asked is another failover's.
        if peer == .active, standing.marks.contains(.demoted) {
            try Standing.update(standingPath) { $0.marks.remove(.demoted) }
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

    private func peerRole(whenActive isActive: Bool) throws(TandemError) -> PeerRole {
        if !isActive, try server.answers(serviceAddress) { return .active }
        return try server.answers(mateAddress) ? .other : .unseen
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
        if try isActive { return .done }
        let now = try Transitions(path: transitionsPath).count
        guard token.isEmpty || token == "\(now)" else {
            return .refused("the state of keepalived has changed: \(now), not \(token)")
        }
        return try becomeActive()
    }

    /// Lets keepalived elect this server; nothing has changed where it did not.
    private func becomeActive() throws(TandemError) -> DriverEnd {
        if try isActive { return .done }
        let before = try Standing(path: standingPath)
        guard !before.marks.contains(.held) else { return .refused("this server is held") }
        guard server.isKeepalivedRunning else { return .refused("keepalived does not run") }
        guard try !server.answers(serviceAddress) else {
            return .refused("\(serviceAddress) is borne by somebody else")
        }
        try Standing.update(standingPath) { $0.marks.remove(.demoted) }
        if try waitUntil(isActive: true, limitMilliseconds * 2 / 3) { return .done }
        // Back to what it was. That keepalived elects us between the two looks is seen by the second.
        try Standing.update(standingPath) { $0.marks.formUnion(before.marks) }
        guard try waitUntil(isActive: false, limitMilliseconds / 4) else { return .done }
        return .failed("keepalived did not take \(serviceAddress) over")
    }
}

// MARK: - Standing back

extension KeepalivedDriver {
    private func mark(_ mark: Standing.Mark) throws(TandemError) {
        try Standing.update(standingPath) { $0.marks.insert(mark) }
    }

    private func demote() throws(TandemError) -> DriverEnd {
        // Active elsewhere already: a mark would only keep this server from helping its mate.
        if (try? isElsewhere) ?? false { return .done }
        try mark(.demoted)
        if try waitUntil(isActive: false, limitMilliseconds) { return .done }
        return .unknown(
            "\(serviceAddress) is still on this server; does keepalived track the file?"
        )
    }

    private var isElsewhere: Bool {
        get throws(TandemError) {
            guard try !isActive else { return false }
            return try server.answers(serviceAddress)
        }
    }

    private func fence() throws(TandemError) -> DriverEnd {
        var unmarked: TandemError?
        do throws(TandemError) {
            try mark(.demoted)
            if try waitUntil(isActive: false, Self.fenceMilliseconds) { return .done }
        } catch {
            unmarked = error
        }
        // It hangs, or it died and left the address, or it can't be told on a disk that takes nothing:
        // without keepalived and the address, nobody reaches the product here.
        server.killKeepalived()
        guard try server.drop(serviceAddress) else {
            return .unknown("\(serviceAddress) can't be taken off this server")
        }
        guard let unmarked else { return .done }
        return .failed(
            "keepalived was ended and \(serviceAddress) taken off, but its next start may take it "
                + "again: \(unmarked.message)"
        )
    }

    private func hold() throws(TandemError) -> DriverEnd {
        guard try !isActive else { return .refused("this server is active") }
        try mark(.held)
        guard server.isKeepalivedRunning else { return .done }
        let isHeld = waitUntil(
            { (try? Transitions(path: transitionsPath))?.state == "FAULT" },
            limitMilliseconds
        )
        guard !isHeld else { return .done }
        return .unknown("keepalived does not fall back; does it track \(standingPath)?")
    }

    private func unhold() throws(TandemError) -> DriverEnd {
        try Standing.update(standingPath) { $0.marks.remove(.held) }
        return .done
    }

    private func waitUntil(isActive: Bool, _ milliseconds: UInt64) throws(TandemError) -> Bool {
        try waitUntil({ () throws(TandemError) in try self.isActive == isActive }, milliseconds)
    }

    private func waitUntil<Problem: Error>(
        _ holds: () throws(Problem) -> Bool,
        _ milliseconds: UInt64
    ) throws(Problem) -> Bool {
        let end = server.milliseconds + milliseconds
        while try !holds() {
            guard server.milliseconds < end else { return false }
            server.pause()
        }
        return true
    }
}
