package import AgentCore
import Glibc
import TandemImage
import TandemModel
import TandemSpawn

extension StepExecutor {
    /// How long somebody else's use of the package database is waited for.
    private static let lockMilliseconds: UInt64 = 60_000

    /// Brings the installed set to the target's.
    func installPackages() throws(TandemError) -> TandemFailure? {
        try waitForDatabase()
        if let failure = try installMissing() { return failure }
        if let failure = try removeDropped() { return failure }
        guard let wrong = try firstWrongPackage() else { return nil }
        return TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "the package system reported success, but \(wrong)",
            remedy: "Look at the package database on this server, then Try Again."
        )
    }

    /// Ends what was cut short, then brings the set to the target's whatever that said.
    package func repair() -> StepResult {
        do throws(TandemError) {
            try waitForDatabase()
            _ = try server.packages.endOpenCalls(
                limitMilliseconds: hardLimitMilliseconds,
                progress: progress
            )
            return Self.result(try installPackages())
        } catch {
            return .failed(TandemFailure(error))
        }
    }

    private func installMissing() throws(TandemError) -> TandemFailure? {
        let installed = try installedPackages()
        let missing = run.target.packages.filter { entry in
            !installed.contains { $0.isWholly(entry) }
        }
        guard !missing.isEmpty else { return nil }
        guard run.target.format == server.packages.format else {
            throw TandemError(
                .releaseUnsuitable,
                "\(run.target.release) holds \(run.target.format.rawValue) packages and this "
                    + "server installs \(server.packages.format.rawValue)",
                remedy: "Use the image of that release for this kind of server."
            )
        }
        progress(0, "verifying \(missing.count) packages")
        var files: [PackageFile] = []
        for entry in missing {
            files.append(.init(entry: entry, descriptor: try server.store.open(entry.content)))
        }
        return try server.packages.install(
            files,
            limitMilliseconds: hardLimitMilliseconds,
            progress: progress
        )
    }

    private func removeDropped() throws(TandemError) -> TandemFailure? {
        let present = try installedPackages().filter { !$0.isAbsent }.map(\.name)
        let dropped = droppedNames.filter(present.contains)
        guard !dropped.isEmpty else { return nil }
        return try server.packages.remove(
            dropped,
            limitMilliseconds: hardLimitMilliseconds,
            progress: progress
        )
    }

    /// Names that the source has and the target has not, sorted.
    private var droppedNames: [String] {
        let kept = Set(run.target.packages.map(\.name))
        let old = Set((run.source?.packages ?? []).map(\.name))
        return old.subtracting(kept).sorted()
    }

    private func installedPackages() throws(TandemError) -> [InstalledPackage] {
        let names = run.target.packages.map(\.name) + (run.source?.packages ?? []).map(\.name)
        return try server.packages.packages(named: Set(names))
    }

    private func firstWrongPackage() throws(TandemError) -> String? {
        let installed = try installedPackages()
        let wrong = run.target.packages.first { entry in
            !installed.contains { $0.isWholly(entry) }
        }
        if let wrong { return "\(wrong.name) \(wrong.version) is not wholly installed" }
        let left = droppedNames.first { name in
            installed.contains { $0.name == name && !$0.isAbsent }
        }
        return left.map { "\($0) is still there" }
    }

    func observePackages() throws(TandemError) -> StepObservation {
        let present = try installedPackages().filter { !$0.isAbsent }
        if try firstWrongPackage() == nil { return .reached }
        if present.contains(where: \.isHalf) { return .repairable }
        let old = run.source?.packages ?? []
        let isAsBefore =
            present.count == old.count
            && old.allSatisfy { entry in present.contains { $0.isWholly(entry) } }
        return isAsBefore ? .unchanged : .repairable
    }

    /// Waits while another package tool is at work, and for what a killed guard of ours left.
    private func waitForDatabase() throws(TandemError) {
        let limit = MachineClock.monotonic() + min(Self.lockMilliseconds, limitMilliseconds)
        while let holder = server.packages.lockHolder() {
            guard limit.since(MachineClock.monotonic()) > 0 else {
                throw TandemError(
                    .packageFailed,
                    "process \(holder) has been using the package database all the time",
                    remedy: "End the other package tool on this server, then Try Again."
                )
            }
            progress(0, "waiting for process \(holder), which uses the package database")
            _ = poll(nil, 0, 250)
        }
    }
}
