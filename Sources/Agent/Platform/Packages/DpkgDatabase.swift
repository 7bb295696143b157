import Glibc
package import TandemModel
import TandemSpawn

/// dpkg's own record of what is installed below a root.
///
/// Read directly: `dpkg-query` would cost a child for each look. The file `status` counts, and over
/// it what a dpkg that was cut short left in `updates`.
package struct DpkgDatabase: Sendable {
    /// `R/var/lib/dpkg`.
    package let directory: String

    /// The database of a root.
    package init(root: String) {
        directory = root == "/" ? "/var/lib/dpkg" : "\(root)/var/lib/dpkg"
    }

    private var status: String { "\(directory)/status" }
    private var updates: String { "\(directory)/updates" }

    /// Whether it is there.
    package var exists: Bool { access(status, F_OK) == 0 }

    /// What to compare before reading everything again.
    package func stamp() -> PackageStamp { PackageStamp([status, updates]) }

    /// The packages of these names that are there, also in part, by name; `nil` asks for all.
    package func packages(
        named names: Set<String>?
    ) throws(TandemError) -> [InstalledPackage] {
        var reader = DpkgStanzaReader(names: names)
        try read(status, into: &reader)
        for name in try updateNames() {
            try read("\(updates)/\(name)", into: &reader)
        }
        return reader.packages.values
            .filter { $0.state != .notInstalled }
            .sorted { ($0.name, $0.architecture) < ($1.name, $1.architecture) }
    }

    /// Journal files of dpkg, oldest first; it names them by number.
    private func updateNames() throws(TandemError) -> [String] {
        guard try Files.kind(of: updates) == .directory else { return [] }
        return try Files.list(updates).filter { name in
            !name.isEmpty && name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
        }
    }

    private func read(
        _ path: String,
        into reader: inout DpkgStanzaReader
    ) throws(TandemError) {
        let file = try Descriptor.open(path, flags: O_RDONLY)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { chunk.deallocate() }
        var position: UInt64 = 0
        while true {
            let count = try file.read(into: chunk, at: position, path: path)
            reader.take(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            position += UInt64(count)
            guard count == chunk.count else { break }
        }
        reader.finish()
    }

    /// Who holds the database's locks now; `nil` when nobody does.
    ///
    /// A lock of the calling process itself is not seen.
    package func lockHolder() -> Int32? {
        for name in ["lock-frontend", "lock"] {
            if let holder = recordLockHolder("\(directory)/\(name)") { return holder }
        }
        return nil
    }

    /// Makes an empty database of a private root; an existing one is left alone.
    package func create() throws(TandemError) {
        try Files.createDirectory("\(directory)/updates", mode: 0o755)
        try Files.createDirectory("\(directory)/info", mode: 0o755)
        guard try Files.kind(of: status) == nil else { return }
        try Files.replace(status, with: [], mode: 0o644)
    }
}
