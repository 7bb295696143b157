import Glibc
import TandemModel
import TandemSpawn
import Testing

struct FilesTests {
    @Test func `a replaced file holds the new content, its mode, and nothing is left beside it`()
        throws
    {
        let folder = try TemporaryFolder()
        try Files.replace(folder("a"), with: Array("one".utf8))
        try Files.replace(folder("a"), with: Array("two".utf8), mode: 0o644)
        #expect(try Files.read(folder("a"), byteCountMax: 3) == Array("two".utf8))
        #expect(try Files.list(folder.path) == ["a"])
        let attributes = try Descriptor.open(folder("a"), flags: O_RDONLY).attributes(path: "a")
        #expect(attributes.st_mode & 0o777 == 0o644)
        #expect(try Files.byteCount(of: folder("a")) == 3)
    }

    @Test func `a read is bounded and names the file`() throws {
        let folder = try TemporaryFolder()
        try Files.replace(folder("a"), with: [UInt8](repeating: 1, count: 40_000))
        #expect(try Files.read(folder("a"), byteCountMax: 40_000).count == 40_000)
        let error = failure { _ = try Files.read(folder("a"), byteCountMax: 39_999) }
        #expect(error?.code == .fileUnavailable)
        #expect(error?.message.contains(folder("a")) == true)
        #expect(
            failure { _ = try Files.read(folder("b"), byteCountMax: 1) }?.code == .fileUnavailable
        )
    }

    @Test func `what exists is not created again`() throws {
        let folder = try TemporaryFolder()
        _ = try Files.createNew(folder("a"), content: [1])
        #expect(failure { _ = try Files.createNew(folder("a"), content: [2]) } != nil)
        #expect(try Files.read(folder("a"), byteCountMax: 10) == [1])
        symlink("nowhere", folder("link"))
        #expect(failure { _ = try Files.createNew(folder("link"), content: [2]) } != nil)
        #expect(try Files.kind(of: folder("nowhere")) == nil)
    }

    @Test func `kinds are told without following links`() throws {
        let folder = try TemporaryFolder()
        try Files.createDirectory(folder("d"))
        try Files.replace(folder("f"), with: [])
        symlink("f", folder("l"))
        mkfifo(folder("p"), 0o600)
        #expect(try Files.kind(of: folder("d")) == .directory)
        #expect(try Files.kind(of: folder("f")) == .regular)
        #expect(try Files.kind(of: folder("l")) == .symbolicLink)
        #expect(try Files.kind(of: folder("p")) == .other)
        #expect(try Files.kind(of: folder("f/x")) == nil)
        #expect(try Files.list(folder.path) == ["d", "f", "l", "p"])
    }

    @Test func `directories are created on the way, and a file there is an error`() throws {
        let folder = try TemporaryFolder()
        try Files.createDirectory(folder("a/b/c"))
        try Files.createDirectory(folder("a/b/c"))
        #expect(try Files.kind(of: folder("a/b/c")) == .directory)
        try Files.replace(folder("a/file"), with: [])
        #expect(failure { try Files.createDirectory(folder("a/file")) } != nil)
        #expect(failure { try Files.createDirectory(folder("a/file/x")) } != nil)
    }

    @Test func `a tree is removed without following links out of it`() throws {
        let folder = try TemporaryFolder()
        try Files.createDirectory(folder("keep"))
        try Files.replace(folder("keep/file"), with: [1])
        try Files.createDirectory(folder("tree/deep/er"))
        try Files.replace(folder("tree/deep/er/file"), with: [1])
        symlink("../keep", folder("tree/link"))
        try Files.removeTree(folder("tree"))
        try Files.removeTree(folder("tree"))
        #expect(try Files.list(folder.path) == ["keep"])
        #expect(try Files.list(folder("keep")) == ["file"])
    }

    @Test func `leftovers of a crash are swept and nothing else`() throws {
        let folder = try TemporaryFolder()
        let (_, path) = try Files.createTemporary(in: folder.path)
        try Files.replace(folder("a"), with: [])
        #expect(try Files.kind(of: path) == .regular)
        try Files.removeTemporaries(in: folder.path)
        #expect(try Files.list(folder.path) == ["a"])
    }

    @Test func `a failed write leaves the old file`() throws {
        let folder = try TemporaryFolder()
        try Files.createDirectory(folder("d"))
        try Files.replace(folder("d/x"), with: [])
        // A directory that is not empty can't be replaced by a file.
        #expect(failure { try Files.replace(folder("d"), with: [1]) } != nil)
        #expect(try Files.list(folder.path) == ["d"])
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/", "a/b", "b"),
    ])
    func `paths are split`(path: String, parent: String, last: String) {
        #expect(Files.parent(of: path) == parent)
        #expect(Files.lastComponent(of: path) == last)
    }

    @Test func `free space is told in bytes`() throws {
        #expect(try Files.freeByteCount(at: "/tmp") > 0)
        #expect(failure { _ = try Files.freeByteCount(at: "/no/such") } != nil)
    }

    @Test(arguments: [ENOSPC, EDQUOT])
    func `a full disk says how much is needed and where`(number: Int32) {
        let error = systemFailure(number, doing: "write", path: "/x/y", neededByteCount: 4096)
        #expect(error.code == .diskFull)
        #expect(error.message.contains("/x/y") && error.message.contains("4096 bytes"))
        #expect(error.remedy.contains("/x/y"))
    }

    /// The kernel's own full device.
    @Test func `writing to a full device is a full disk`() throws {
        let full = try Descriptor.open("/dev/full", flags: O_WRONLY)
        let error = failure {
            try [UInt8](repeating: 0, count: 512).withUnsafeBytes { bytes in
                try full.writeAll(bytes, path: "/dev/full", neededByteCount: 1024)
            }
        }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains("1024 bytes") == true)
    }
}
