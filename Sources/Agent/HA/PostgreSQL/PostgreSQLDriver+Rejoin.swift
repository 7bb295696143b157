import AgentHA
import TandemModel
import TandemSpawn

// MARK: - Rejoining

extension PostgreSQLDriver {
    /// `pg_rewind` reads the whole of what was changed since, a copy everything.
    private static let rejoinMilliseconds: UInt64 = 6 * 3_600_000
    private static let slowStartMilliseconds: UInt64 = 60_000
    /// Another verb that starts PostgreSQL is short; a rejoin may last for hours.
    private static let lockMilliseconds: UInt64 = 500

    /// The lock over who may start PostgreSQL: shared by the verbs, a rejoin's alone.
    ///
    /// - Returns: `nil` while somebody else has it.
    func folderLock(_ mode: FileLock.Mode) throws(TandemError) -> FileLock? {
        let deadline = CallDeadline(milliseconds: Self.lockMilliseconds)
        return try FileLock("\(folder)/postgresql-start.lock", mode, within: deadline)
    }

    /// The shared lock for what makes a server stand back; without one whether a rejoin has it.
    ///
    /// Where the lock can't even be looked at, such as on a full disk, it has to go on all the same.
    func lockToStandBack() -> (lock: FileLock?, isRejoining: Bool) {
        do throws(TandemError) {
            let lock = try folderLock(.shared)
            return (lock, lock == nil)
        } catch {
            return (nil, false)
        }
    }

    /// Does what may start PostgreSQL, unless a rejoin is under way.
    func starting(
        _ action: () throws(TandemError) -> DriverEnd
    ) throws(TandemError) -> DriverEnd {
        guard let lock = try folderLock(.shared) else {
            return .refused("a rejoin is under way on this server")
        }
        defer { withExtendedLifetime(lock) {} }
        return try action()
    }

    /// Makes a server whose log has left its mate's a standby again; what only it has is lost.
    ///
    /// Not a verb of the contract, since it may take hours: an operator calls it.
    func rejoin() throws(TandemError) -> DriverEnd {
        if let own = database.look(), !own.isInRecovery {
            return .refused("this server is active: demote or fence it first")
        }
        guard let mate = database.lookAtMate(), !mate.isInRecovery else {
            return .refused("the mate is not active: there is nobody to rejoin")
        }
        // From here on nobody starts it, also where this call is killed and what it started lives on.
        guard let lock = try folderLock(.exclusive) else {
            return .refused("a rejoin or another verb is under way on this server")
        }
        let end = try rejoin(keeping: lock)
        guard end == .done else { return end }
        try lock.release()
        try database.start(limitMilliseconds: Self.slowStartMilliseconds)
        return .done
    }

    private func rejoin(keeping lock: FileLock) throws(TandemError) -> DriverEnd {
        try standbyFiles.lay()
        do throws(TandemError) {
            try database.stop(limitMilliseconds: Self.slowStartMilliseconds)
        } catch {
            guard database.stopNow() else {
                return .unknown("it can't be stopped: \(error.message)")
            }
        }
        do throws(TandemError) {
            try rewind(keeping: lock)
        } catch {
            guard settings.rebuilds else {
                return .failed("pg_rewind: \(error.message); `rebuild = yes` would copy it anew")
            }
            try rebuild(keeping: lock)
        }
        try standbyFiles.lay()
        try follow()
        return .done
    }

    private func rewind(keeping lock: FileLock) throws(TandemError) {
        let own = try database.controlData()
        guard let mate = database.mateHistory() else {
            throw Database.problem("the mate does not tell its timeline's history")
        }
        let obstacle = obstacleToRewind(
            own: own,
            ownHistory: try standbyFiles.history(of: own.timeline),
            mateTimeline: mate.timeline,
            mateHistory: mate.history
        )
        if let obstacle { throw Database.problem(obstacle) }
        let place = ["-D", settings.data, "--source-server=dbname=postgres \(settings.mate)"]
        let file = settings.configFile.isEmpty ? [] : ["--config-file=\(settings.configFile)"]
        // The service's own start lays the signal file again, should we die in between.
        try standbyFiles.lift()
        do throws(TandemError) {
            try database.run(
                database.command("pg_rewind", place + file, keeping: lock),
                Self.rejoinMilliseconds
            )
        } catch {
            try standbyFiles.lay()
            throw error
        }
    }

    /// Copies the mate's database beside this one and takes it in its place.
    private func rebuild(keeping lock: FileLock) throws(TandemError) {
        let copy = "\(settings.data).copy"
        let old = "\(settings.data).before-rebuild"
        for folder in [copy, old] where try Files.kind(of: folder) != nil {
            try Files.removeTree(folder)
        }
        try database.run(
            database.command(
                "pg_basebackup",
                ["-d", settings.replication, "-D", copy, "-X", "stream", "-c", "fast", "-w"],
                keeping: lock
            ),
            Self.rejoinMilliseconds
        )
        try StandbyFiles(data: copy).lay()
        try Files.rename(settings.data, to: old)
        try Files.rename(copy, to: settings.data)
    }
}
