import TandemImage
package import TandemModel
package import TandemSpawn

/// Runs the executables of a release straight out of the store, on the descriptor they were
/// verified through.
package struct HookRunner: Sendable {
    /// The child finds the hook's own file under this number, for as long as it runs.
    private static let number: Int32 = 4

    private let store: BlobStore
    private let environment: [String]

    /// Hooks of that store; `environment` is added to the plain one.
    init(store: BlobStore, environment: [String]) {
        self.store = store
        self.environment = environment
    }

    /// What would be run: the verified hook, with fixed arguments.
    package func command(
        _ hook: HookEntry,
        _ arguments: [String] = [],
        environment more: [String] = []
    ) throws(TandemError) -> ChildCommand {
        ChildCommand(
            "/proc/self/fd/\(Self.number)",
            arguments,
            environment: ChildCommand.plainEnvironment + environment + more,
            passed: [.init(try store.open(hook.content), as: Self.number)]
        )
    }

    /// Runs a hook to its end, at most that long.
    package func run(
        _ hook: HookEntry,
        _ arguments: [String] = [],
        environment more: [String] = [],
        limitMilliseconds: UInt64
    ) throws(TandemError) -> WatchedChild.End {
        try WatchedChild.run(
            try command(hook, arguments, environment: more),
            limitMilliseconds: limitMilliseconds
        )
    }
}

extension ReleaseManifest {
    /// The hook of that file name.
    package func hook(_ file: String) throws(TandemError) -> HookEntry {
        guard let hook = hooks.first(where: { $0.file == file }) else {
            throw TandemError(
                .manifestInvalid,
                "\(release) names a hook `\(file)` that its image does not hold",
                remedy: "Build the image again with the hook in it."
            )
        }
        return hook
    }
}
