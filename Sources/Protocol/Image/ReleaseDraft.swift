package import TandemModel

/// A release as its author describes it, before anything was measured.
package struct ReleaseDraft: Hashable, Sendable {
    /// A hook to be put into the image.
    package struct Hook: Hashable, Sendable {
        /// Path of the executable file; the last part is its name in the image.
        package var path: String
        /// Whether running it again after it was cut short is harmless.
        package var isRepeatable: Bool
        /// Whether it answers `--observe`.
        package var observes: Bool

        /// A hook.
        package init(path: String, isRepeatable: Bool, observes: Bool) {
            self.path = path
            self.isRepeatable = isRepeatable
            self.observes = observes
        }
    }

    /// Everything the author says; `packages`, `hooks` and `carriedFiles` are filled in by
    /// `ImageBuilder`, whatever stands there.
    package var manifest: ReleaseManifest
    /// Paths of the package files, the full set; the last part is the name in the image.
    package var packagePaths: [String]
    package var hooks: [Hook]
    /// Names of the package files that the image carries, where `nil` stands for all.
    ///
    /// Fewer than all make a patch.
    package var carriedFiles: [String]?
    /// Bytes the installed release needs beside the old one, where `nil` stands for twice the
    /// packages' sizes.
    package var spaceNeeded: UInt64?

    /// A draft.
    package init(
        manifest: ReleaseManifest,
        packagePaths: [String],
        hooks: [Hook],
        carriedFiles: [String]? = nil,
        spaceNeeded: UInt64? = nil
    ) {
        self.manifest = manifest
        self.packagePaths = packagePaths
        self.hooks = hooks
        self.carriedFiles = carriedFiles
        self.spaceNeeded = spaceNeeded
    }
}
