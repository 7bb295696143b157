import TandemModel

extension Examination {
    /// The call that gives the role up.
    var demotion: [String] { mate.isEmpty ? ["demote"] : ["demote", "--to", mate] }

    mutating func tryUnknownVerb() throws(TandemError) {
        let before = try look()
        let call = try call(["no-such-verb"])
        let after = try look()
        let isUnchanged = before.map(Standing.init) == after.map(Standing.init)
        mark(.unknownVerb, call.code != 0, call.text)
        mark(.unknownVerb, isUnchanged, "no-such-verb changed the server")
    }

    mutating func tryStaleToken(of status: HAStatus) throws(TandemError) {
        guard !isSingle else { return pass(.staleToken, "one server: nobody else takes over") }
        let call = try watched(["promote", Self.staleToken])
        let expected: Int32 = status.role == .active ? 0 : 1
        mark(.staleToken, call.code == expected, "\(call.text), expected \(expected)")
        guard let after = try look() else { return }
        mark(
            .staleToken,
            after.role == status.role,
            "it made a \(status.role.rawValue) server \(after.role.rawValue)"
        )
    }

    mutating func tryHold(token: String) throws(TandemError) {
        guard !isSingle else { return pass(.hold, "one server: nobody to hold it back for") }
        guard try twice(["hold"], .hold), let held = try look() else { return }
        mark(.hold, held.isHeld, "after hold, status does not say held=yes")
        if held.peerRole != .active {
            let call = try watched(["promote", held.token.isEmpty ? token : held.token])
            mark(.hold, call.code == 1, "a held server answers \(call.text), expected 1")
        }
        guard try twice(["unhold"], .hold), let free = try look() else { return }
        mark(.hold, !free.isHeld, "after unhold, status says held=yes")
    }

    mutating func tryReplication() throws(TandemError) {
        let first = try watched(["inhibit-replication"])
        guard first.code != 1 else { return pass(.replication, first.text) }
        guard try twice(["inhibit-replication"], .replication), let stopped = try look()
        else { return }
        let isReplicated = !stopped.position.isEmpty
        if isReplicated {
            mark(
                .replication,
                stopped.replication.isInhibited,
                "after inhibit-replication, status does not say replication-inhibited=yes"
            )
        }
        guard try twice(["allow-replication"], .replication), let free = try look() else { return }
        mark(
            .replication,
            !free.replication.isInhibited,
            "after allow-replication, status says replication-inhibited=yes"
        )
    }

    mutating func tryPromotion(from standby: HAStatus) throws(TandemError) {
        guard try twice(["promote", standby.token], .promote), let active = try look() else {
            return
        }
        mark(.promote, active.role == .active, "after promote, it is \(active.role.rawValue)")
        guard !isSingle else { return pass(.generation, "one server: nobody else takes over") }
        mark(
            .generation,
            active.token != standby.token,
            "\(standby.token) before and after a promotion"
        )
        try tryStaleToken(of: active)
        guard standby.switchover == .twoStep else { return }
        try tryDemotion()
        try tryTakeBack()
        guard let again = try look() else { return }
        mark(
            .generation,
            again.token != active.token,
            "\(active.token) before and after a demotion and a take-back"
        )
    }

    /// What can be tried where a demotion gives the role to the mate at once.
    mutating func tryAtomicReturn(from first: HAStatus) throws(TandemError) {
        try tryTakeBack()
        guard let after = try look() else { return }
        mark(
            .generation,
            after.token != first.token,
            "\(first.token) before and after a demotion and a take-back"
        )
    }

    mutating func tryDemotion() throws(TandemError) {
        guard !isSingle else { return pass(.demote, "one server: nobody to give the role to") }
        guard try twice(demotion, .demote), let after = try look() else { return }
        mark(.demote, after.role != .active, "after demote, it is active")
        mark(.demote, !after.isInService, "after demote, it is in service")
        try listen(after: "demote")
    }

    mutating func tryTakeBack() throws(TandemError) {
        guard let before = try look() else { return }
        // An atomic driver moves the role back from its mate.
        guard before.peerRole != .active || before.switchover == .atomic else {
            return pass(.takeBack, "the mate is active")
        }
        guard try twice(["take-back"], .takeBack), let after = try look() else { return }
        mark(.takeBack, after.role == .active, "after take-back, it is \(after.role.rawValue)")
    }

    mutating func tryFence() throws(TandemError) {
        guard try twice(["fence"], .fence), let after = try look() else { return }
        mark(.fence, after.role != .active, "after fence, it is active")
        mark(.fence, !after.isInService, "after fence, it is in service")
        try listen(after: "fence")
    }
}
