import TandemModel
import TandemSimulation

/// What may go wrong at a boundary.
extension Excursion {
    func disturbances(at before: Joint, _ work: Joint.Work) -> [Disturbance] {
        var all: [Disturbance]
        switch bounds.scope {
        case .brief: all = brief(at: before)
        case .crashes: all = crashes(at: before)
        case .messages: all = messages(work)
        case .servers: all = deaths(at: before)
        case .stops: all = stops
        case .all:
            all =
                crashes(at: before) + messages(work) + deaths(at: before) + others(at: before, work)
                + stops
        }
        guard bounds.isClose, departure.faultCount > 0 else { return all }
        all.removeAll { !$0.strikesParty(of: work) }
        return all
    }

    private func brief(at before: Joint) -> [Disturbance] {
        var all: [Disturbance] = []
        for index in before.nodes.indices where before.nodes[index].isRunning {
            all.append(.agentDies(index, point: 0, seconds: 2, withChild: false))
            if !before.nodes[index].children.isEmpty {
                all.append(.agentDies(index, point: 0, seconds: 2, withChild: true))
            }
            all.append(.linkBreaks(index))
        }
        if before.controller.isRunning, departure.restartCount < bounds.restartCount {
            all.append(.controllerDies(point: 0, seconds: 2))
        }
        return all
    }

    private func crashes(at before: Joint) -> [Disturbance] {
        var all: [Disturbance] = []
        for index in before.nodes.indices where before.nodes[index].isRunning {
            let pointCount = joint.nodes[index].points - before.nodes[index].points
            let hasChild = !before.nodes[index].children.isEmpty
            // Before anything of this event, and between what it does.
            for point in 0...max(0, pointCount) where point != 1 {
                // How long it stays away matters for what the others do; where it died, for itself.
                for seconds in (point == 0 ? [2, 20] : [2]) as [UInt64] {
                    all.append(
                        .agentDies(index, point: point, seconds: seconds, withChild: false)
                    )
                }
                if hasChild {
                    all.append(.agentDies(index, point: point, seconds: 2, withChild: true))
                }
            }
            all.append(.linkBreaks(index))
            all.append(.isCutOff(index))
        }
        if before.controller.isRunning, departure.restartCount < bounds.restartCount {
            let pointCount = joint.controller.points - before.controller.points
            for point in 0...max(0, pointCount) where point != 1 {
                for seconds in [2, 40] as [UInt64] {
                    all.append(.controllerDies(point: point, seconds: seconds))
                }
            }
        }
        return all
    }

    private func messages(_ work: Joint.Work) -> [Disturbance] {
        guard bounds.scope == .messages ? work.isMessage : work.isWeighty else { return [] }
        var all: [Disturbance] = [
            .messageTwice, .messageLate(seconds: 6), .messageLate(seconds: 16),
        ]
        guard let server = work.party else { return all }
        if bounds.scope == .messages { all.append(.linkBreaks(server)) }
        if case .toController = work { all.append(.lastWordsCome(server)) }
        return all
    }

    private var stops: [Disturbance] { [.stopPressed, .emergencyStopPressed] }

    private func deaths(at before: Joint) -> [Disturbance] {
        guard before.nodes.allSatisfy({ !$0.isDown }) else { return [] }
        return before.nodes.indices.map { .serverDies($0) }
    }

    private func others(at before: Joint, _ work: Joint.Work) -> [Disturbance] {
        var all: [Disturbance] = []
        for index in before.nodes.indices where !before.nodes[index].isDown {
            all.append(.linkGoesSilent(index))
            if before.nodes[index].isRunning { all.append(.agentPauses(index)) }
            all.append(.serverFreezes(index, milliseconds: 3_900))
            all.append(.serverFreezes(index, milliseconds: 50_000))
            all.append(.serverReboots(index))
            if !before.nodes[index].platform.isIll { all.append(.fallsIll(index)) }
        }
        if !before.hidesPeers { all += [.peersUnseen(seconds: 10), .peersUnseen(seconds: 70)] }
        all.append(.roleMoves)
        if before.endsInstallation, let index = work.server {
            all += [
                .installationFails(.preinstFails), .installationFails(.postinstFails),
                .packagesStayBroken(index),
            ]
        }
        return all
    }
}
