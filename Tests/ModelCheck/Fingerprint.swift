import AgentCore
import ControllerCore
import TandemModel
package import TandemSimulation

/// 128 bits that stand for all of a world that can still matter.
///
/// Two worlds with the same fingerprint are taken for the same. Times count as ages in a few spans, whose
/// edges are the limits of `details.md` 10; ids, nonces, generations and process numbers count by the
/// order in which they are met; what is only shown, logged or counted is left out.
package struct Fingerprint: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    package init(_ joint: Joint) {
        var walk = LikenessWalk(now: joint.now)
        walk.take(joint)
        high = walk.high
        low = walk.low
    }
}

/// Walks through a world and hashes what it meets.
struct LikenessWalk {
    private(set) var high: UInt64 = 0x9ae1_6a3b_2f90_404f
    private(set) var low: UInt64 = 0xc3a5_c85c_97cb_3127
    private let now: UInt64
    private var names: [UInt64: UInt64] = [:]
    /// Of the agent that is looked at.
    private var isConnected = false
    /// What was met, in words, for whoever asks why two worlds differ.
    var trail: [String]?
    private var path: [String] = []

    init(now: UInt64) { self.now = now }

    mutating func take(_ joint: Joint) {
        for (index, node) in joint.nodes.enumerated() {
            walk(node.platform, "platform")
            add(node.isRunning ? 1 : 0)
            add(node.isDown ? 1 : 0)
            isConnected = node.link != 0
            walk(node.machine, "machine")
            walk(node.children, "children")
            walk(node.guards, "guards")
            walk(Tick(milliseconds: node.pausedUntil), "pausedUntil")
            walk(Tick(milliseconds: node.cutUntil), "cutUntil")
            add(node.link != 0 && node.link == joint.controller.links[index] ? 1 : 0)
        }
        add(joint.controller.isRunning ? 1 : 0)
        walk(joint.controller.machine, "controller")
        add(joint.hidesPeers ? 1 : 0)
        add(joint.checks.excusesOutage ? 1 : 0)
        add(joint.checks.excusesTwoActive ? 1 : 0)
        for node in joint.nodes { add(joint.checks.declaredGone.contains(node.server) ? 1 : 0) }
        let coming = joint.queue.sorted { ($0.due, $0.order) < ($1.due, $1.order) }
        for item in coming where !joint.isMoot(item.work) && !item.work.isRoutine {
            walk(Tick(milliseconds: item.due), "due")
            walk(item.work, "work")
        }
    }

    // MARK: - Values

    private mutating func walk(_ value: Any, _ label: String) {
        guard !Likeness.skipped.contains(label) else { return }
        if label == "silentSince", isConnected { return }
        if trail != nil { path.append(label) }
        defer { if trail != nil { path.removeLast() } }
        if Likeness.renamed.contains(label), rename(value, label) { return }
        switch Likeness.of(value) {
        case .nothing: return
        case .number: add(number(value))
        case .text:
            if let text = value as? String { add(text) }
        case .moment:
            if let tick = value as? Tick { add(span(tick.milliseconds, label)) }
        case .digest:
            if let digest = value as? Digest { digest.bytes.forEach { add(UInt64($0)) } }
        case .manifest:
            if let manifest = value as? ReleaseManifest { add(manifest.release.version) }
        case .failure:
            if let failure = value as? TandemFailure { add(failure.code) }
        case .event:
            if let event = value as? AlarmEvent {
                add(UInt64(event.number.value))
                add(event.instance)
                add(event.isRaised ? 1 : 0)
            }
        case .entry:
            if let entry = value as? AlarmEntry {
                add(UInt64(entry.number.value))
                add(entry.instance)
            }
        case .command:
            if let entry = value as? CommandEntry, case .ended(_, isDelivered: true) = entry.life {
                return
            }
            walkParts(value, label)
        case .child:
            if let child = value as? ChildIdentity { name(UInt64(child.pid.magnitude), 0xc41d) }
        case .identifier(let halves):
            let (high, low) = halves(value)
            name(high, low)
        case .parts: walkParts(value, label)
        }
    }

    private mutating func walkParts(_ value: Any, _ label: String) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let some = mirror.children.first else { return add(0x6e) }
            walk(some.value, label)
        case .enum:
            guard let child = mirror.children.first else { return add("\(value)") }
            add(child.label ?? "")
            walk(child.value, child.label ?? "")
        case .collection:
            for child in mirror.children { walk(child.value, label) }
            add(0x5d)
        case .set, .dictionary:
            add(UInt64(mirror.children.count))
            for child in mirror.children.sorted(by: { "\($0.value)" < "\($1.value)" }) {
                walk(child.value, label)
            }
        case .struct, .class, .tuple, .foreignReference, .none, .some:
            for child in mirror.children { walk(child.value, child.label ?? label) }
        }
    }

    // MARK: - Abstractions

    /// What is the same or another one matters, not which it is.
    private mutating func rename(_ value: Any, _ kind: String) -> Bool {
        if let number = value as? UInt64 {
            name(number, UInt64(kind.utf8.count))
            return true
        }
        if let number = value as? Int {
            name(UInt64(bitPattern: Int64(number)), UInt64(kind.utf8.count))
            return true
        }
        guard let text = value as? String else { return false }
        name(text.utf8.reduce(0xcbf2_9ce4) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, 1)
        return true
    }

    private mutating func name(_ high: UInt64, _ low: UInt64) {
        let raw = (high ^ 0x9ddf_ea08_eb38_2d69) &* 0xb492_b66f_be98_f273 ^ low
        let name = names[raw] ?? UInt64(names.count)
        names[raw] = name
        add(name)
    }

    /// The span of an age or of the time that is left.
    private func span(_ moment: UInt64, _ label: String) -> UInt64 {
        let edges = Likeness.unhurried.contains(label) ? Likeness.longEdges : Likeness.edges
        if moment <= now {
            if Likeness.deadlines.contains(label) { return 0 }
            let age = now - moment
            return UInt64(edges.count { $0 <= age })
        }
        let left = moment - now
        return 64 + UInt64(edges.count { $0 <= left })
    }

    private func number(_ value: Any) -> UInt64 {
        switch value {
        case let value as Bool: value ? 1 : 0
        case let value as Int: UInt64(bitPattern: Int64(value))
        case let value as UInt64: value
        case let value as UInt32: UInt64(value)
        case let value as UInt16: UInt64(value)
        case let value as UInt8: UInt64(value)
        case let value as Int32: UInt64(bitPattern: Int64(value))
        case _: 0
        }
    }

    private mutating func add(_ text: String) {
        trail?.append(path.joined(separator: ".") + " " + text)
        var word: UInt64 = UInt64(text.utf8.count) | 0x7e00
        for byte in text.utf8 { word = (word &* 0x100_0000_01b3) ^ UInt64(byte) }
        mix(word)
    }

    private mutating func add(_ word: UInt64) {
        trail?.append(path.joined(separator: ".") + " \(word)")
        mix(word)
    }

    private mutating func mix(_ word: UInt64) {
        high = (high ^ word) &* 0x9ddf_ea08_eb38_2d69
        high ^= high >> 29
        low = (low &+ word) &* 0xb492_b66f_be98_f273
        low ^= low >> 32
    }
}
