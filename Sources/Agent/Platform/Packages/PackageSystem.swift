package import TandemModel
package import TandemSpawn

/// The package system of one root: looks at it, and changes it through children that are waited for.
///
/// What an operation says counts for nothing alone: whether the packages are there, a later look says.
package protocol PackageSystem: Sendable {
    /// Told as an operation goes on: percent from 0 to 99, and what is being done.
    typealias Progress = (_ percent: UInt8, _ text: String) -> Void

    /// What it installs.
    var format: PackageFormat { get }
    /// The log of its operations.
    var log: String { get }
    /// What a person types to mend what is half installed and none of ours.
    var mendingCommand: String { get }

    /// What to compare before looking again; changes whenever the database has changed.
    func stamp() -> PackageStamp

    /// A look at the packages of these names that are there, also in part; `nil` asks for all.
    func look(named names: Set<String>?) throws(TandemError) -> PackageLook

    /// Throws when the database can't be read.
    func checkReadable() throws(TandemError)

    /// Who is changing the database now; `nil` when nobody is. The calling process is not seen.
    func lockHolder() -> Int32?

    /// Brings all files in by one call, also over newer versions; `nil` when it worked.
    func install(
        _ files: [PackageFile],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure?

    /// Removes packages, whose changed configuration files stay; `nil` when it worked.
    func remove(
        _ names: [String],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure?

    /// Ends what a call that was cut short left open, as far as that goes without package files;
    /// `nil` when it worked.
    func endOpenCalls(
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure?
}

extension PackageSystem {
    /// Looks, and waits for the answer, where that takes a child.
    package func packages(
        named names: Set<String>?
    ) throws(TandemError) -> [InstalledPackage] {
        switch try look(named: names) {
        case .seen(let packages): return packages
        case .asking(let question):
            let result = try runChild(
                question.command,
                timeoutMilliseconds: PackageLook.limitMilliseconds,
                outputByteCountMax: PackageLook.outputByteCountMax
            )
            let isWhole = !result.isTimedOut && !result.isTruncated
            return try question.packages(
                isWhole ? result.ending : nil,
                result.standardOutput,
                result.standardError
            )
        }
    }
}

/// A package file that was verified on this descriptor; the package system reads the very same one.
package struct PackageFile: Sendable {
    package var entry: PackageEntry
    package var descriptor: Descriptor

    /// A verified file.
    package init(entry: PackageEntry, descriptor: Descriptor) {
        self.entry = entry
        self.descriptor = descriptor
    }
}

/// What of a package database's files changes when it is written.
package struct PackageStamp: Hashable, Sendable {
    private var files: [[Int]]

    /// Of these files, whether they are there or not.
    init(_ paths: [String]) { files = paths.map(fileStamp) }
}

/// What is seen of a package database, or the question to a child that will tell.
package enum PackageLook {
    case seen([InstalledPackage])
    case asking(PackageQuestion)

    /// How long a child may take to answer.
    package static let limitMilliseconds: UInt64 = 20_000
    /// Most bytes of an answer that count: some 100 000 packages.
    package static let outputByteCountMax = 8 * 1024 * 1024
}

/// A child to be asked, and how its answer is read.
package struct PackageQuestion {
    package var command: ChildCommand
    /// Reads the child's end (`nil`: it was ended, or said too much), output and errors.
    package var packages:
        (_ ending: ChildEnding?, _ output: [UInt8], _ errors: [UInt8]) throws(TandemError)
            -> [InstalledPackage]
}
