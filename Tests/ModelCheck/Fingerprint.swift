import AgentCore
import ControllerCore
import Synchronization
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

    private mutating func walk(_ value: some Any, _ name: String) {
        walk(value, Name(name))
    }

    private mutating func walk<Value>(_ value: Value, _ name: Name) {
        withUnsafePointer(to: value) { walk(UnsafeRawPointer($0), Plan.of(Value.self), name) }
    }

    private mutating func walk(_ place: UnsafeRawPointer, _ plan: Plan, _ name: Name) {
        guard !name.isSkipped, !(name.isSilence && isConnected) else { return }
        if trail != nil { path.append(name.text) }
        defer { if trail != nil { path.removeLast() } }
        switch plan.form {
        case .number(let load):
            let number = load(place)
            if name.isRenamed, !plan.isByte {
                self.name(number, UInt64(name.text.utf8.count))
            } else {
                add(number)
            }
        case .identifier(let halves):
            let (high, low) = halves(place)
            self.name(high, low)
        case .leaf(let likeness, let load): walkLeaf(load(place), likeness, name)
        case .command(let load, let fields):
            if let entry = load(place) as? CommandEntry,
                case .ended(_, isDelivered: true) = entry.life
            {
                return
            }
            walk(place, fields)
        case .fields(let fields): walk(place, fields)
        case .optional(let type, let inner):
            type.unwrap(place) { some in
                guard let some else { return add(0x6e) }
                walk(some, inner, name)
            }
        case .list(let type, let element):
            type.visit(place) { walk($0, element, name) }
            add(0x5d)
        case .gathering(let type, let key, let inner):
            add(UInt64(type.count(place)))
            type.visit(place) { one, two in
                walk(one, key, .key)
                walk(two, inner, .value)
            }
        case .mirrored(let load): walkMirrored(place, plan, load, name)
        }
    }

    private mutating func walk(_ place: UnsafeRawPointer, _ fields: [Plan.Field]) {
        for field in fields { walk(place + field.offset, field.plan, field.name) }
    }

    private mutating func walkLeaf(_ value: Any, _ likeness: Likeness, _ name: Name) {
        switch likeness {
        case .nothing: return
        case .text:
            guard let text = value as? String else { return }
            if name.isRenamed {
                self.name(text.utf8.reduce(0xcbf2_9ce4) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, 1)
            } else {
                add(text)
            }
        case .moment:
            if let tick = value as? Tick { add(span(tick.milliseconds, name)) }
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
        case .child:
            if let child = value as? ChildIdentity {
                self.name(UInt64(child.pid.magnitude), 0xc41d)
            }
        case .number, .command, .identifier, .parts: return
        }
    }

    /// Enums: their cases and payloads.
    private mutating func walkMirrored(
        _ place: UnsafeRawPointer,
        _ plan: Plan,
        _ load: (UnsafeRawPointer) -> Any,
        _ name: Name
    ) {
        let byte = plan.isByte ? place.load(as: UInt8.self) : 0
        if plan.isByte, let text = plan.caseNames.withLock({ $0[byte] }) { return add(text) }
        let value = load(place)
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .enum:
            guard let child = mirror.children.first else {
                let text = "\(value)"
                if plan.isByte { plan.caseNames.withLock { $0[byte] = text } }
                return add(text)
            }
            add(child.label ?? "")
            walkOpened(child.value, Name(child.label ?? ""))
        case .collection, .set, .dictionary, .struct, .class, .tuple, .optional, .foreignReference,
            .none, .some:
            for child in mirror.children {
                walkOpened(child.value, child.label.map(Name.init) ?? name)
            }
        }
    }

    private mutating func walkOpened(_ value: Any, _ name: Name) {
        func walkOpen<Value>(_ value: Value) { walk(value, name) }
        _openExistential(value, do: walkOpen)
    }

    // MARK: - Abstractions

    /// What is the same or another one matters, not which it is.
    private mutating func name(_ high: UInt64, _ low: UInt64) {
        let raw = (high ^ 0x9ddf_ea08_eb38_2d69) &* 0xb492_b66f_be98_f273 ^ low
        let name = names[raw] ?? UInt64(names.count)
        names[raw] = name
        add(name)
    }

    /// The span of an age or of the time that is left.
    private func span(_ moment: UInt64, _ name: Name) -> UInt64 {
        let edges = name.isUnhurried ? Likeness.longEdges : Likeness.edges
        if moment <= now {
            if name.isDeadline { return 0 }
            let age = now - moment
            return UInt64(edges.count { $0 <= age })
        }
        let left = moment - now
        return 64 + UInt64(edges.count { $0 <= left })
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
