import TandemModel

extension ObservedCluster {
    /// Where the cluster stands: derived from what is observed and open, never remembered.
    var position: Position {
        if let single { return singlePosition(self[single]) }
        if isFailoverUndecided { return .failoverUndecided }
        let unheard = servers.filter { $0.report == nil }
        guard unheard.allSatisfy(\.isSilent), unheard.count < servers.count else { return .unseen }
        if actives.count > 1 { return .twoActive }
        guard let active else {
            if servers.contains(where: { $0.report?.role == .unknown }) { return .unseen }
            return unheard.isEmpty ? .noneActive : .activeSilent
        }
        if !unheard.isEmpty { return .standbySilent }
        let others = servers.filter { $0.name != active.name }
        guard hasOperation else {
            return others.contains(where: \.isBroken) ? .standbyBroken : .idle
        }
        if active.letter == .other || active.isZombie { return .activeUnknown }
        guard let standby = others.first, !standby.isZombie || standby.change != nil else {
            return .standbyBroken
        }
        switch (active.letter, standby.letter) {
        case (_, .other): return .standbyBroken
        case (.old, .old): return .oldOld
        case (.old, .new): return .oldNew
        case (.new, .old): return .newOld
        case (.new, .new): return .newNew
        case (.other, .old), (.other, .new): return .activeUnknown
        }
    }

    private func singlePosition(_ server: ObservedServer?) -> Position {
        guard let server, server.report != nil else { return .unseen }
        guard hasOperation else {
            if server.isBroken { return .singleBroken }
            return server.isActive ? .idle : .noneActive
        }
        if server.isZombie, server.change == nil { return .singleBroken }
        switch (server.letter, server.isActive || server.change != nil) {
        case (.other, _): return .singleBroken
        case (.old, true): return .singleOld
        case (.new, true): return .singleNew
        case (.old, false), (.new, false): return .noneActive
        }
    }
}
