import ControllerCore
import TandemModel

/// Since when each server has been calm: heard, at work on nothing, its packages and replication as they were.
///
/// It is read off the platforms and the connections, never from what the controller believes.
struct Settling {
    private struct Look: Equatable {
        var packages: Platform.Packages
        var isInhibited: Bool
        var isHere: Bool
        var release: ReleaseID?
        var process: Int
    }

    private var looks: [[Look]] = []
    private(set) var since: [[UInt64]] = []

    init(_ joints: [Joint]) {
        looks = joints.map { joint in joint.nodes.indices.map { Self.look(joint, $0) } }
        since = joints.map { joint in joint.nodes.map { _ in joint.now } }
    }

    mutating func note(_ joints: [Joint], at now: UInt64) {
        for index in joints.indices {
            for server in joints[index].nodes.indices {
                let look = Self.look(joints[index], server)
                let isCalm = look.isHere && look.release != nil
                if !isCalm || look != looks[index][server] { since[index][server] = now }
                looks[index][server] = look
            }
        }
    }

    private static func look(_ joint: Joint, _ index: Int) -> Look {
        let link = joint.nodes[index].link
        let isHere =
            joint.nodes[index].isRunning && link != 0 && link == joint.controller.links[index]
            && joint.now >= joint.nodes[index].pausedUntil
        return Look(
            packages: joint.nodes[index].platform.packages,
            isInhibited: joint.nodes[index].platform.isInhibited,
            isHere: isHere && joint.nodes[index].changesUnderWay == 0,
            release: isHere ? joint.nodes[index].platform.software.release : nil,
            process: joint.controller.process
        )
    }
}

/// What is looked at once a second or at each press, by what the servers are and not by what is shown.
extension NetworkWorld {
    /// Longer than a report and its look at the network take, with every delay that is played.
    private static let settledMilliseconds: UInt64 = 20_000

    private func isSettled(_ index: Int, _ server: Int) -> Bool {
        now - settling.since[index][server] >= Self.settledMilliseconds
    }

    // MARK: - 7

    /// Clusters, but for one, in which an action can go on: its servers have all been heard.
    ///
    /// Fewer than may count as at work, never more.
    func surelyAtWork(beside own: Int) -> [Int] {
        joints.indices.filter { index in
            guard index != own, joints[index].isActing,
                joints[index].controller.machine.state.servers.allSatisfy({ $0.deathNote == nil })
            else { return false }
            return joints[index].nodes.indices.allSatisfy { server in
                now - (joints[index].controller.heardAt[server] ?? 0) < 14_000
            }
        }
    }

    /// Something that leads forward has begun.
    mutating func watchPlaces(_ button: Button, in index: Int) {
        guard button.isForward else { return }
        let others = surelyAtWork(beside: index)
        checks.look(.safety7, premise: others.count >= 3, holds: others.count < 4) {
            "\(button) in \(joints[index].setting.name) beside "
                + others.map { joints[$0].setting.name }.joined(separator: ", ")
        }
        if others.count == 3 { milestones.count("the last place was taken") }
    }

    /// A Start was obeyed: the primary `cmp` is where its upgrade leads, if it has one.
    mutating func watchRank(_ index: Int) {
        let first = joints[primary]
        guard index != primary, let operation = first.controller.machine.state.operation,
            operation.direction == .up
        else { return }
        let goal = Platform.Packages.release(first.setting.lineage.newManifest)
        checks.look(
            .safety7,
            premise: true,
            holds: first.nodes.allSatisfy { $0.platform.packages == goal }
        ) { "\(joints[index].setting.name) starts before the primary cmp is there" }
        milestones.count("started behind an open cmp upgrade")
    }

    /// No server runs a release whose `cmp` is not there (`details.md` 23), and none is left without it.
    mutating func watchMinimum() {
        let first = joints[primary]
        let isThere = first.nodes.allSatisfy { node in
            node.platform.packages == .release(first.setting.lineage.newManifest)
        }
        let bound = joints.first { joint in
            !joint.setting.lineage.minimumCMP.isEmpty
                && joint.nodes.contains {
                    $0.platform.packages == .release(joint.setting.lineage.newManifest)
                }
        }
        checks.look(.safety7, premise: bound != nil, holds: isThere) {
            "\(bound?.setting.name ?? "") runs a release above the primary cmp: "
                + first.nodes.map { "\($0.platform.packages)" }.joined(separator: ", ")
        }
    }

    // MARK: - 10

    /// 70500 per product, and 70502 per server, wherever what is observed has settled.
    mutating func watchMixed() {
        let raised = Set(machine.activeAlarms().map(\.instance))
        for lineage in [Lineage.management, .boundFrontEnd, .single, .database] {
            var calm: Set<Digest> = []
            var isWhole = true
            for index in joints.indices where joints[index].setting.lineage == lineage {
                for server in joints[index].nodes.indices {
                    guard isSettled(index, server),
                        let installed = joints[index].nodes[server].platform.installed
                    else {
                        isWhole = false
                        continue
                    }
                    calm.insert(installed)
                }
            }
            let isRaised = raised.contains(lineage.new.product)
            checks.look(.safety10, premise: calm.count > 1, holds: isRaised) {
                "70500 \(lineage.new.product) is clear, and its servers differ"
            }
            checks.look(.safety10, premise: isWhole && calm.count == 1, holds: !isRaised) {
                "70500 \(lineage.new.product) is raised, and its servers are alike"
            }
        }
        for index in joints.indices { watchInhibited(index) }
    }

    private mutating func watchInhibited(_ index: Int) {
        let raised = joints[index].controller.machine.activeAlarms().filter {
            $0.number == .clusterReplicationInhibited
        }
        for server in joints[index].nodes.indices where isSettled(index, server) {
            let name = joints[index].nodes[server].server
            let isInhibited = joints[index].nodes[server].platform.isInhibited
            let isRaised = raised.contains { $0.instance == name.text }
            guard isRaised || isInhibited else { continue }
            checks.look(.safety10, premise: true, holds: isRaised == isInhibited) {
                "70502 \(name) is \(isRaised ? "raised" : "clear"), and it is not so"
            }
            milestones.count("70502 was looked at")
        }
    }
}
