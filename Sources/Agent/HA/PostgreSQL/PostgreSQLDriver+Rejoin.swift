import AgentHA
import TandemModel
import TandemSpawn

// MARK: - Rejoining

extension PostgreSQLDriver {
    /// `pg_rewind` reads the whole of what was changed since, a copy everything.
    private static let rejoinMilliseconds: UInt64 = 6 * 3_600_000
    private static let slowStartMilliseconds: UInt64 = 60_000

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
        try standbyFiles.lay()
        do throws(TandemError) {
            try database.stop(limitMilliseconds: Self.slowStartMilliseconds)
        } catch {
            guard database.stopNow() else {
                return .unknown("it can't be stopped: \(error.message)")
            }
        }
        do throws(TandemError) {
            try rewind()
        } catch {
            guard settings.rebuilds else {
                return .failed("pg_rewind: \(error.message); `rebuild = yes` would copy it anew")
            }
            try rebuild()
        }
        try standbyFiles.lay()
        try follow()
        try database.start(limitMilliseconds: Self.slowStartMilliseconds)
        return .done
    }

    private func rewind() throws(TandemError) {
        let place = ["-D", settings.data, "--source-server=dbname=postgres \(settings.mate)"]
        let file = settings.configFile.isEmpty ? [] : ["--config-file=\(settings.configFile)"]
        // The service's own start lays the signal file again, should we die in between.
        try standbyFiles.lift()
        do throws(TandemError) {
            try database.run(database.command("pg_rewind", place + file), Self.rejoinMilliseconds)
        } catch {
            try standbyFiles.lay()
            throw error
        }
    }

    /// Copies the mate's database beside this one and takes it in its place.
    private func rebuild() throws(TandemError) {
        let copy = "\(settings.data).copy"
        let old = "\(settings.data).before-rebuild"
        for folder in [copy, old] where try Files.kind(of: folder) != nil {
            try Files.removeTree(folder)
        }
        try database.run(
            database.command(
                "pg_basebackup",
                ["-d", settings.replication, "-D", copy, "-X", "stream", "-c", "fast", "-w"]
            ),
            Self.rejoinMilliseconds
        )
        try StandbyFiles(data: copy).lay()
        try Files.rename(settings.data, to: old)
        try Files.rename(copy, to: settings.data)
    }
}
