import AgentHA
import TandemModel
import TandemSpawn

// MARK: - Becoming active

extension PostgreSQLDriver {
    func promote(_ token: String) throws(TandemError) -> DriverEnd {
        guard let own = database.look() else { return .refused("PostgreSQL does not answer") }
        guard own.isInRecovery else { return .done }
        let timeline = try standbyFiles.timeline()
        guard token.isEmpty || token == "\(timeline)" else {
            return .refused("the timeline is \(timeline), not \(token)")
        }
        return try becomeActive()
    }

    func takeBack() throws(TandemError) -> DriverEnd {
        if let own = database.look(), !own.isInRecovery { return .done }
        if let refusal = try refusal() { return refusal }
        // Never writable by its start alone: the mate is looked at once more before that.
        if !database.isRunning { try standbyFiles.lay() }
        try database.start(limitMilliseconds: deadline.left / 2)
        return try becomeActive()
    }

    private func refusal() throws(TandemError) -> DriverEnd? {
        if try has(.held) { return .refused("this server is held") }
        if let mate = database.lookAtMate(), !mate.isInRecovery {
            return .refused("the mate is active")
        }
        return nil
    }

    /// Promotes; PostgreSQL itself replays all it has received before it takes a write.
    ///
    /// Two thirds of the time are its own; in the rest both servers are looked at, and this one fenced.
    private func becomeActive() throws(TandemError) -> DriverEnd {
        if let refusal = try refusal() { return refusal }
        let seconds = max(1, deadline.left * 2 / 3000)
        do throws(TandemError) {
            if settings.reducesByItself { try database.change(Self.reduction) }
            try database.change(
                ["select pg_wal_replay_resume()", "select pg_promote(true, \(seconds))"],
                limitMilliseconds: seconds * 1000 + 500
            )
        } catch {
            guard let own = database.look(), !own.isInRecovery else {
                return .unknown("pg_promote: \(error.message)")
            }
        }
        guard let own = database.look() else {
            return .unknown("PostgreSQL does not answer after its promotion")
        }
        guard !own.isInRecovery else { return .unknown("the promotion did not end in time") }
        // Two that promote at once both saw a standby. The later one sees an active mate now.
        if let mate = database.lookAtMate(), !mate.isInRecovery {
            let end = try fence()
            guard end == .done else { return end }
            return .failed("the mate became active too; this server fenced itself")
        }
        return .done
    }
}

// MARK: - Standing back

extension PostgreSQLDriver {
    /// Stops writing and comes back as a standby; the connected standby has then received all.
    func demote() throws(TandemError) -> DriverEnd {
        let (lock, isRejoining) = lockToStandBack()
        defer { withExtendedLifetime(lock) {} }
        if isRejoining {
            // It serves nobody, and a rejoin ends with a standby.
            return database.isRunning ? .unknown("a rejoin stops PostgreSQL") : .done
        }
        if let own = database.look(), !own.isInRecovery {
            // Written now, it need not be written while nobody serves. A slow disk is no reason to fail.
            try? database.change(
                ["checkpoint"],
                limitMilliseconds: Self.checkpointMilliseconds
            )
            try follow()
        }
        try standbyFiles.lay()
        if let own = database.look(), own.isInRecovery { return .done }
        do throws(TandemError) {
            let left = deadline.left
            try database.stop(
                limitMilliseconds: max(1000, left - min(left, Self.startMilliseconds))
            )
        } catch {
            // A standby that does not take the rest holds the stop up: the mate's position will tell.
            guard database.stopNow() else {
                return .unknown("it can't be stopped: \(error.message)")
            }
        }
        try database.start(limitMilliseconds: max(1000, deadline.left))
        guard let own = database.look(), own.isInRecovery else {
            return .unknown("PostgreSQL did not come back as a standby")
        }
        return .done
    }

    /// Ends it whatever it does; it then comes back as a standby, but nobody waits for that.
    func fence() throws(TandemError) -> DriverEnd {
        let (lock, isRejoining) = lockToStandBack()
        defer { withExtendedLifetime(lock) {} }
        if isRejoining {
            // What a rejoin works on, nobody may end or start; it has been stopped, or will be.
            guard database.isRunning else { return .done }
            return database.stopNow() ? .done : .unknown("PostgreSQL can't be ended")
        }
        var unlaid: TandemError?
        do throws(TandemError) {
            try standbyFiles.lay()
        } catch {
            // Such as on a full disk: it has to end all the same, and must not be started then.
            unlaid = error
        }
        guard database.stopNow() else { return .unknown("PostgreSQL can't be ended") }
        if let unlaid {
            return .failed("PostgreSQL was ended and is not started: \(unlaid.message)")
        }
        database.beginStart()
        return .done
    }

    /// Before each start, by whoever starts it: this server comes up as a standby of its mate.
    func beforeStart() throws(TandemError) -> DriverEnd {
        try starting { () throws(TandemError) in
            guard !database.isRunning else { return .refused("PostgreSQL runs") }
            try standbyFiles.lay()
            try follow()
            return .done
        }
    }
}
