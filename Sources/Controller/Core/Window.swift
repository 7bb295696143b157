import TandemModel

/// The maintenance window: the way forward only in it, and only where the way back still fits.
extension ClusterMachine {
    /// Why a button that leads forward can't be pressed by the clock; `nil` when it can (`safety.md` 24).
    func windowRefusal(
        of candidate: Candidate,
        window: MaintenanceWindow?,
        release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        guard candidate.policy.isForward, let window = window ?? state.window else { return nil }
        let wall = wall(at: now)
        guard wall.milliseconds >= window.startsAt.milliseconds else {
            return .blocked(
                "the maintenance window opens at \(utcText(window.startsAt))",
                "Wait until then, or set another window."
            )
        }
        guard wall.milliseconds < window.endsAt.milliseconds else {
            return .blocked(
                "the maintenance window has ended at \(utcText(window.endsAt))",
                "Set another window; the way back needs none."
            )
        }
        let left = window.endsAt.milliseconds - wall.milliseconds
        let ways = estimate(of: candidate.intent, release: release, in: cluster, at: now)
        let needed = (ways.step ?? 0) + (ways.back ?? 0)
        guard needed > left else { return nil }
        return .blocked(
            "it takes about \(Texts.clock(ways.step ?? 0)) and its way back "
                + "\(Texts.clock(ways.back ?? 0)), and the maintenance window ends in "
                + Texts.clock(left),
            "Leave it for the next window, or set a longer one."
        )
    }

    /// The window as it is shown.
    func windowStatus(in cluster: ObservedCluster, at now: Tick, wall: WallTime) -> WindowStatus? {
        guard let window = state.window else { return nil }
        let start = window.startsAt.milliseconds
        let end = window.endsAt.milliseconds
        let ways: (step: UInt64?, back: UInt64?)
        if let action = state.action, let intent = action.attempt?.intent {
            let back = estimate(of: intent, release: nil, in: cluster, at: now).back
            ways = (aboutLeft(of: action, at: now), back)
        } else if let forward = nextForward(in: cluster) {
            ways = estimate(of: forward, release: nil, in: cluster, at: now)
        } else {
            ways = (nil, nil)
        }
        return WindowStatus(
            startsAt: window.startsAt,
            endsAt: window.endsAt,
            leftMilliseconds: wall.milliseconds < end ? end - max(start, wall.milliseconds) : 0,
            isOpen: start <= wall.milliseconds && wall.milliseconds < end,
            thisStepMilliseconds: ways.step,
            wayBackMilliseconds: ways.back
        )
    }

    private func nextForward(in cluster: ObservedCluster) -> Intent? {
        if state.operation == nil { return cluster.position == .idle ? .start : nil }
        return buttonTable(in: cluster).forward
    }

    /// What an action and the way back after it take, by what was measured.
    private func estimate(
        of intent: Intent,
        release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> (step: UInt64?, back: UInt64?) {
        guard let (old, new) = releases(release, in: cluster, at: now) else { return (nil, nil) }
        let upgrade = measured(.upgrade(Self.anyServer), to: new)
        // Never measured, a way back is taken to last as long as the way there.
        let backOut = measured(.backOut(Self.anyServer), to: old) ?? upgrade
        let move = Intent.failover(to: Self.anyServer)
        let failover =
            measured(move, to: old) ?? measured(move, to: new) ?? limits.failoverMilliseconds
        switch intent {
        case .start: return (upgrade, backOut)
        case .upgrade:
            let isLast = cluster.active?.letter == .new
            return (upgrade, isLast ? backOut.map { 2 * $0 + failover } : backOut)
        case .failover: return (measured(intent, to: new), backOut.map { $0 + failover })
        case .accept: return (measured(intent, to: new), nil)
        case .backOut, .repair, .reapply, .turnUp, .finishRollback, .closeUnchanged,
            .closeAsObserved, .stop, .recover, .replace, .restore, .goOnSingle, .declare, .demote,
            .fence, .hold, .release:
            return (nil, nil)
        }
    }

    /// Times are kept per release and kind, not per server.
    private static var anyServer: ServerName { ServerName("any") }

    private func releases(_ release: ReleaseID?, in cluster: ObservedCluster, at now: Tick)
        -> (old: ReleaseID, new: ReleaseID)?
    {
        if let operation = state.operation {
            return (operation.old.release, operation.new.release)
        }
        let running = (cluster.active ?? cluster.single.flatMap { cluster[$0] })?.release
        guard let old = running,
            let new = startImage(release, in: cluster, at: now)?.manifest.release
        else { return nil }
        return (old, new)
    }
}
