package import AgentCore
import Glibc
import TandemImage
package import TandemModel
import TandemSpawn

/// All checks before an upgrade or a back-out.
///
/// The built-in ones come first, then the operator's own in `checks.d/pre-upgrade`. Each that is
/// not ok says what to do.
package struct PreUpgradeChecks {
    let server: LocalServer
    let target: ReleaseManifest
    let source: ReleaseManifest?
    /// `nil` where it is not known: then what either direction allows is allowed.
    let direction: Direction?
    let facts: ServerFacts

    /// Checks for going from `source` to `target`.
    package init(
        _ server: LocalServer,
        target: ReleaseManifest,
        source: ReleaseManifest?,
        direction: Direction? = nil,
        facts: ServerFacts = ServerFacts()
    ) {
        self.server = server
        self.target = target
        self.source = source
        self.direction = direction
        self.facts = facts
    }

    /// Runs them one after the other; `onCheck` hears the name of each before it runs.
    package func run(_ onCheck: (String) -> Void = { _ in }) -> [CheckResult] {
        let builtIn: [(name: String, check: () throws(TandemError) -> CheckResult?)] = [
            ("release", checkRelease), (Self.imageCheck, checkImage),
            ("previous-release", checkPrevious), ("snapshot", checkSnapshot),
            ("package-database", checkDatabase), ("disk-space", checkSpace),
            ("role", checkRole), ("clock", checkClock), ("memory", checkMemory),
        ]
        var results: [CheckResult] = []
        for (name, check) in builtIn {
            onCheck(name)
            results.append(Self.result(name, check))
        }
        let surroundings = CheckSurroundings(
            .preUpgrade,
            ha: server.driver.status().status,
            facts: facts,
            direction: direction,
            target: target.release,
            source: source?.release
        )
        results += PluginChecks(server, surroundings).run(onCheck)
        return direction == .back ? results.map(Self.asWarning) : results
    }

    /// The way back asks for less: only what it installs has to be there (`safety.md` 1).
    private static func asWarning(_ result: CheckResult) -> CheckResult {
        guard result.level > .warning, result.name != imageCheck else { return result }
        var warning = result
        warning.level = .warning
        return warning
    }

    private static let imageCheck = "image"

    private static func result(
        _ name: String,
        _ check: () throws(TandemError) -> CheckResult?
    ) -> CheckResult {
        do throws(TandemError) {
            return try check() ?? CheckResult(name: name, level: .ok, text: "ok")
        } catch {
            return CheckResult(
                name: name,
                level: .critical,
                text: error.message,
                remedy: error.remedy
            )
        }
    }

    private func critical(_ name: String, _ text: String, remedy: String) -> CheckResult {
        CheckResult(name: name, level: .critical, text: text, remedy: remedy)
    }

    private func checkRelease() -> CheckResult? {
        guard target.format == server.packages.format else {
            return critical(
                "release",
                "\(target.release) holds \(target.format.rawValue) packages and this server "
                    + "installs \(server.packages.format.rawValue)",
                remedy: "Use the image of that release for this kind of server."
            )
        }
        guard let source else {
            guard direction == .back || target.installsOnBlank else {
                return critical(
                    "release",
                    "\(target.release) can't be installed on a blank server",
                    remedy: "Install a release that can, then upgrade to this one."
                )
            }
            return nil
        }
        if source.release == target.release { return nil }
        let mayUpgrade = target.installsOver.contains(source.release.version)
        let mayReturn = source.rollsBackTo.contains(target.release.version)
        let isAllowed =
            switch direction {
            case .up: mayUpgrade
            // The return after a failed back-out goes up again.
            case .back, nil: mayUpgrade || mayReturn
            }
        guard isAllowed, source.release.product == target.release.product else {
            return critical(
                "release",
                "\(target.release) does not go onto \(source.release)",
                remedy: "Go by way of a release that its image names."
            )
        }
        return nil
    }

    private func checkImage() throws(TandemError) -> CheckResult? {
        try server.store.check(target)
        return nil
    }

    private func checkPrevious() throws(TandemError) -> CheckResult? {
        guard let source else {
            return CheckResult(
                name: "previous-release",
                level: .ok,
                text: "a blank server has none"
            )
        }
        do throws(TandemError) {
            try server.store.check(source)
            return nil
        } catch {
            return critical(
                "previous-release",
                "the way back to \(source.release) is not there: \(error.message)",
                remedy: "Stage the image of \(source.release) on this server."
            )
        }
    }

    /// Says what the way back can be; speaks against a release only if that wants a snapshot.
    private func checkSnapshot() -> CheckResult? {
        if target.takesSnapshot, target.replicatesData,
            server.configuration.dataDirectories.isEmpty
        {
            // Whether its data would go back with the root can't be known.
            return critical(
                "snapshot",
                "\(target.release) has data of its own, and agent.conf names no `data-directory`",
                remedy: "Name the folders of its data; they must not lie on the root's subvolume."
            )
        }
        guard case .impossible(let why) = server.snapshots.ability() else { return nil }
        guard target.takesSnapshot, direction != .back, source != nil else {
            return CheckResult(
                name: "snapshot",
                level: .ok,
                text: "only package back-out is possible: \(why)"
            )
        }
        return critical(
            "snapshot",
            "the release wants a snapshot of the root as its way back: \(why)",
            remedy: "Mend that, or use an image without a `snapshot` step."
        )
    }

    private func checkDatabase() throws(TandemError) -> CheckResult? {
        // A package of the release's own is brought in order by the very step that installs it.
        let own = Set((target.packages + (source?.packages ?? [])).map(\.name))
        let halves =
            try server.packages.packages(named: nil).filter(\.isHalf)
            + server.packages.packages(named: own).filter(\.isHalf)
        if let half = halves.first(where: { !own.contains($0.name) }) {
            return critical(
                "package-database",
                "\(half.name) \(half.version) is \(half.state.rawValue)",
                remedy: "Repair it on the server: `\(server.packages.mendingCommand)`."
            )
        }
        if let holder = server.packages.lockHolder() {
            return critical(
                "package-database",
                "process \(holder) is using it",
                remedy: "Wait for the other package tool to end, then check again."
            )
        }
        if let half = halves.first {
            return CheckResult(
                name: "package-database",
                level: .warning,
                text: "\(half.name) \(half.version) is \(half.state.rawValue)",
                remedy: "Nothing: it is installed anew."
            )
        }
        return nil
    }

    private func checkSpace() throws(TandemError) -> CheckResult? {
        let root = server.configuration.root
        let needed = target.spaceNeeded + (source?.spaceNeeded ?? 0)
        let free = try Files.freeByteCount(at: root)
        guard free >= needed else {
            return critical(
                "disk-space",
                "\(root) has \(free) bytes free; the release and its way back need \(needed)",
                remedy: "Free space on the file system of \(root)."
            )
        }
        let missing = server.store.missingByteCount(for: target)
        let storeFree = try Files.freeByteCount(at: server.state.path)
        guard storeFree >= missing + Self.stateByteCount else {
            return critical(
                "disk-space",
                "\(server.state.path) has \(storeFree) bytes free; \(missing + Self.stateByteCount) "
                    + "are needed",
                remedy: "Free space there, or drop an image that nobody needs."
            )
        }
        return nil
    }

    /// Room that journal and records want.
    private static let stateByteCount: UInt64 = 8 * 1024 * 1024

    private func checkRole() -> CheckResult? {
        let (status, problem) = server.driver.status()
        if let problem {
            return critical(
                "role",
                "the HA driver does not answer: \(problem)",
                remedy: "Call \(server.driver.path) status on this server by hand."
            )
        }
        guard status.role == .unknown else { return nil }
        return critical(
            "role",
            "the HA driver does not know this server's role",
            remedy: "Repair the HA system of this server first."
        )
    }

    private func checkClock() -> CheckResult? {
        let seconds = MachineClock.wallTime().milliseconds / 1000
        guard seconds >= target.dateSeconds else {
            return critical(
                "clock",
                "this server's clock is before the day the image was built",
                remedy: "Set the clock, or let NTP set it."
            )
        }
        return nil
    }

    private func checkMemory() throws(TandemError) -> CheckResult? {
        let text = String(
            decoding: try Files.read("/proc/meminfo", byteCountMax: 16 * 1024),
            as: UTF8.self
        )
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("MemAvailable:") }
        guard let number = line?.split(separator: " ").dropFirst().first,
            let kibibytes = UInt64(number), kibibytes < Self.memoryKibibytes
        else { return nil }
        return CheckResult(
            name: "memory",
            level: .warning,
            text: "only \(kibibytes / 1024) MiB of memory are available",
            remedy: "End what uses up this server's memory before the upgrade."
        )
    }

    private static let memoryKibibytes: UInt64 = 64 * 1024
}
