import Glibc
import TandemCrypto
package import TandemModel
import TandemSpawn

/// The cluster's configuration document as it lies on this server's disk.
package struct ClusterConfigurationFile: Sendable {
    /// A document is smaller; a larger file was not written by us.
    private static let byteCountMax = 1024 * 1024

    package let path: String

    /// The file of a schema.
    ///
    /// - Throws: ``ErrorCode/manifestInvalid`` for a path that leaves the root.
    package init(
        _ schema: ConfigurationSchema,
        on server: LocalServer
    ) throws(TandemError) {
        let parts = schema.path.split(separator: "/")
        guard schema.path.hasPrefix("/"), !parts.isEmpty, !parts.contains("..") else {
            throw TandemError(
                .manifestInvalid,
                "\(schema.path) can't be the path of a configuration",
                remedy: "Build the image again with an absolute path."
            )
        }
        path = server.path(inRoot: schema.path)
    }

    /// SHA-256 of what lies there; `nil` when there is no file.
    package func digest() throws(TandemError) -> Digest? {
        guard try Files.kind(of: path) != nil else { return nil }
        let file = try Descriptor.open(path, flags: O_RDONLY)
        defer { withExtendedLifetime(file) {} }
        return try sha256(descriptor: file.number)
    }

    /// What lies there; `nil` when there is no file.
    func content() throws(TandemError) -> [UInt8]? {
        guard try Files.kind(of: path) != nil else { return nil }
        return try Files.read(path, byteCountMax: Self.byteCountMax)
    }

    /// Puts a document in its place: after a crash there is the old or the new, whole.
    ///
    /// Keeps owner and mode of a file that is there. Throws `configurationFailed` when what is read
    /// back is not what was asked for.
    func write(_ version: ConfigurationVersion) throws(TandemError) {
        guard sha256(version.document) == version.digest else {
            throw TandemError(
                .configurationFailed,
                "configuration version \(version.number) does not match its digest",
                remedy: "Send it again from the controller."
            )
        }
        try replace(with: version.document)
        guard try digest() == version.digest else {
            throw TandemError(
                .configurationFailed,
                "\(path) does not hold what was just written",
                remedy: "See who else writes that file on this server."
            )
        }
    }

    /// Replaces the content; `nil` removes the file.
    func replace(with content: [UInt8]?) throws(TandemError) {
        guard let content else {
            try Files.removeFile(path)
            return try Files.syncDirectory(Files.parent(of: path))
        }
        let folder = Files.parent(of: path)
        try Files.createDirectory(folder, mode: 0o755)
        let (file, temporary) = try Files.createTemporary(in: folder)
        do throws(TandemError) {
            try write(content, to: file)
            try Files.rename(temporary, to: path)
        } catch {
            try? Files.removeFile(temporary)
            throw error
        }
    }

    /// The product may run as another user: its file stays its own.
    private func write(_ content: [UInt8], to file: Descriptor) throws(TandemError) {
        let outcome = content.withUnsafeBytes { bytes in
            Result { () throws(TandemError) in try file.writeAll(bytes, path: path) }
        }
        try outcome.get()
        var attributes = stat()
        let isThere = lstat(path, &attributes) == 0 && attributes.st_mode & S_IFMT == S_IFREG
        let mode = isThere ? attributes.st_mode & 0o7777 : 0o644
        let isOurs = attributes.st_uid == geteuid() && attributes.st_gid == getegid()
        if isThere, !isOurs, fchown(file.number, attributes.st_uid, attributes.st_gid) != 0 {
            throw systemFailure(errno, doing: "set the owner of", path: path)
        }
        guard fchmod(file.number, mode) == 0 else {
            throw systemFailure(errno, doing: "set the mode of", path: path)
        }
        try file.sync(path: path)
    }
}
