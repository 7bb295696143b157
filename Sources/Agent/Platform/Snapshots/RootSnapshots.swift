import AgentCore
import Glibc
package import TandemModel
import TandemSpawn

/// Snapshots of this server's root: whether they can be a way back, taking them, booting one.
///
/// What a snapshot would restore must not hold what the agent has to remember: journal, epoch, trust and
/// the product's data lie elsewhere, or nothing here is possible.
package struct RootSnapshots: Sendable {
    /// Room that a snapshot's own records want.
    private static let byteCountMin: UInt64 = 64 * 1024 * 1024
    private static let selectMilliseconds: UInt64 = 30_000
    /// Folders that a release's packages change: part of the root's subvolume, or not restored with it.
    private static let restored = ["/usr", "/etc", "/var/lib/dpkg"]

    private let configuration: AgentConfiguration
    private let environment: [String]

    /// Snapshots of the server that a configuration describes.
    init(_ configuration: AgentConfiguration, environment: [String]) {
        self.configuration = configuration
        self.environment = environment
    }

    // MARK: - Whether

    /// Whether the root can be kept and booted again; looks, and changes nothing.
    package func ability() -> SnapshotAbility {
        do throws(TandemError) {
            return try obstacle().map(SnapshotAbility.impossible) ?? .possible
        } catch {
            return .impossible(error.message)
        }
    }

    private func obstacle() throws(TandemError) -> String? {
        guard let folder = configuration.snapshots else {
            return "agent.conf names no folder for `snapshots`"
        }
        guard let boot = configuration.bootSelect else {
            return "agent.conf names no `boot-select`, so that no snapshot could be booted"
        }
        guard access(boot, X_OK) == 0 else { return "\(boot) can't be executed" }
        let root = configuration.root
        guard try Subvolume(at: root) != nil else { return "\(root) is no subvolume of btrfs" }
        guard try Files.kind(of: folder) == .directory else {
            return "there is no folder \(folder)"
        }
        guard try isOnSameSystem(folder, root) else {
            return "\(folder) does not lie on the file system of \(root)"
        }
        if let outside = try part(outside: root) {
            return "\(outside) is no part of the root's subvolume and would not be restored"
        }
        if let inside = try keptPath(inside: root) {
            return "\(inside) lies on the root and would be restored with it"
        }
        let free = try Files.freeByteCount(at: folder)
        guard free >= Self.byteCountMin else { return "\(folder) has only \(free) bytes free" }
        return nil
    }

    /// Subvolumes differ in device number, so the file systems' own ids are compared.
    private func isOnSameSystem(_ folder: String, _ root: String) throws(TandemError) -> Bool {
        guard let system = Subvolume.fileSystem(of: try Self.open(folder)) else { return false }
        return Subvolume.fileSystem(of: try Self.open(root)) == system
    }

    private func part(outside root: String) throws(TandemError) -> String? {
        let device = try Self.device(of: root)
        for path in Self.restored.map(inRoot) where try Files.kind(of: path) == .directory {
            if try Self.device(of: path) != device { return path }
        }
        return nil
    }

    private func keptPath(inside root: String) throws(TandemError) -> String? {
        let device = try Self.device(of: root)
        let kept =
            [configuration.stateDirectory, configuration.trust] + configuration.dataDirectories
        for path in kept where try Self.device(of: path) == device { return path }
        return nil
    }

    private func inRoot(_ path: String) -> String {
        configuration.root == "/" ? path : configuration.root + path
    }

    private static func open(_ path: String) throws(TandemError) -> Descriptor {
        try Descriptor.open(path, flags: O_RDONLY | O_DIRECTORY)
    }

    /// Follows links: what counts is where the bytes lie.
    private static func device(of path: String) throws(TandemError) -> UInt {
        try Descriptor.open(path, flags: O_RDONLY).attributes(path: path).st_dev
    }

    // MARK: - Taking and dropping

    /// Takes the snapshot of that name, unless it is there.
    func take(_ name: String) throws(TandemError) {
        guard try !has(name) else { return }
        if let why = try obstacle() { throw Self.refusal(why) }
        guard let root = try Subvolume(at: configuration.root), let folder = configuration.snapshots
        else { throw Self.refusal("the root has changed meanwhile") }
        try root.snapshot(in: folder, named: name)
    }

    /// Whether the snapshot of that name is there: read-only, hence as it was taken.
    func has(_ name: String) throws(TandemError) -> Bool {
        guard let snapshot = try snapshot(name) else { return false }
        return try snapshot.information().isReadOnly
    }

    /// Deletes Tandem's snapshots that are not named; others are left alone.
    package func drop(allBut kept: [String]) throws(TandemError) {
        guard let folder = configuration.snapshots else { return }
        for name in try Files.list(folder)
        where name.hasPrefix(RootSnapshot.prefix) && !kept.contains(name) {
            try Subvolume.delete(name, in: folder)
        }
    }

    private func snapshot(_ name: String) throws(TandemError) -> Subvolume? {
        guard let folder = configuration.snapshots else { return nil }
        return try Subvolume(at: "\(folder)/\(name)")
    }

    private static func refusal(_ why: String) -> TandemError {
        TandemError(
            .wayBackMissing,
            "no snapshot of the root can be kept: \(why)",
            remedy: "Mend that, or use an image without a `snapshot` step."
        )
    }

    // MARK: - Booting

    /// Has the boot loader put that snapshot in the root's place at the next boot.
    ///
    /// `note` is a file that remembers what the root was.
    func select(_ name: String, note: String) throws(TandemError) {
        guard try has(name) else { throw Self.refusal("\(name) is not there") }
        if let why = try obstacle() { throw Self.refusal(why) }
        guard let root = try Subvolume(at: configuration.root) else {
            throw Self.refusal("the root has changed meanwhile")
        }
        try Files.replace(note, with: try root.information().uuid)
        try callBootSelect(["select", name])
    }

    /// The next boot is an ordinary one.
    package func forgetBoot() throws(TandemError) {
        guard configuration.bootSelect != nil else { return }
        try callBootSelect(["clear"])
    }

    /// Whether the root is not what it was, and was made of that snapshot.
    func hasBooted(_ name: String, note: String) throws(TandemError) -> Bool {
        guard let snapshot = try snapshot(name), let root = try Subvolume(at: configuration.root)
        else { return false }
        let before = try Files.read(note, byteCountMax: 64)
        let now = try root.information()
        let wanted = try snapshot.information().uuid
        return now.uuid != before && now.parent == wanted
    }

    private func callBootSelect(_ words: [String]) throws(TandemError) {
        guard let program = configuration.bootSelect else {
            throw Self.refusal("agent.conf names no `boot-select`")
        }
        let end = try WatchedChild.run(
            ChildCommand(
                program,
                words,
                environment: ChildCommand.plainEnvironment + environment
            ),
            limitMilliseconds: Self.selectMilliseconds
        )
        guard end.isTimedOut || !end.ending.isSuccess else { return }
        throw TandemError(
            .childFailed,
            "\(program) \(words.joined(separator: " ")) failed: "
                + (end.isTimedOut ? "it did not end in time" : "\(end.ending)"),
            remedy: "Call it by hand on this server and mend what it says.",
            cause: end.tail
        )
    }
}
