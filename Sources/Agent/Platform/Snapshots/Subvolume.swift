import Glibc
import TandemModel
import TandemSpawn

/// A subvolume of btrfs, through the kernel's own calls: `btrfs-progs` need not be installed.
///
/// Numbers and offsets are those of `linux/btrfs.h`, which never change.
struct Subvolume {
    /// The number of a subvolume's own folder.
    private static let rootInode: UInt64 = 256
    /// Bytes of a call's argument, and where in it a name lies.
    private static let argumentByteCount = 4096
    private static let nameOffset = 8
    private static let newerNameOffset = 56
    private static let nameByteCountMax = 255
    private static let infoByteCount = 504
    private static let systemByteCount = 1024

    private enum Call: UInt {
        case synchronise = 0x9408
        case destroySnapshot = 0x5000_940F
        case createSnapshot = 0x5000_9417
        case information = 0x81F8_943C
        case fileSystem = 0x8400_941F
    }

    let path: String
    private let file: Descriptor

    /// What the kernel knows of a subvolume.
    struct Information {
        var uuid: [UInt8]
        /// The subvolume that it is a snapshot of; zeros where it is none.
        var parent: [UInt8]
        var isReadOnly: Bool
    }

    /// The subvolume at that path; `nil` where there is none, or another file system.
    init?(at path: String) throws(TandemError) {
        guard try Files.kind(of: path) == .directory else { return nil }
        let file = try Descriptor.open(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let attributes = try file.attributes(path: path)
        guard Self.fileSystem(of: file) != nil, attributes.st_ino == Self.rootInode else {
            return nil
        }
        self.path = path
        self.file = file
    }

    /// The id of the btrfs that an open folder lies on, the same for all of its subvolumes; `nil`
    /// elsewhere.
    static func fileSystem(of folder: Descriptor) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: systemByteCount)
        // Two numbers, then the id.
        return call(.fileSystem, folder, &bytes) ? Array(bytes[16..<32]) : nil
    }

    func information() throws(TandemError) -> Information {
        var bytes = [UInt8](repeating: 0, count: Self.infoByteCount)
        guard Self.call(.information, file, &bytes) else {
            throw Self.failure(path, "be looked at")
        }
        // Behind the id and a name of 256 bytes: four numbers, the last of them the flags.
        return Information(
            uuid: Array(bytes[296..<312]),
            parent: Array(bytes[312..<328]),
            isReadOnly: bytes[288] & 1 == 1
        )
    }

    /// Takes a read-only snapshot, whole or not at all, and durable when this returns.
    func snapshot(in folder: String, named name: String) throws(TandemError) {
        let target = try Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        var bytes = [UInt8](repeating: 0, count: Self.argumentByteCount)
        withUnsafeBytes(of: Int64(file.number)) { bytes.replaceSubrange(0..<8, with: $0) }
        bytes[16] = 2  // read-only
        try Self.put(name, at: Self.newerNameOffset, into: &bytes)
        guard Self.call(.createSnapshot, target, &bytes) else {
            throw Self.failure("\(folder)/\(name)", "be made")
        }
        guard Self.call(.synchronise, target, &bytes) else {
            throw Self.failure("\(folder)/\(name)", "be written")
        }
    }

    /// Deletes a snapshot; its space comes back in the background.
    static func delete(_ name: String, in folder: String) throws(TandemError) {
        guard let subvolume = try Subvolume(at: "\(folder)/\(name)") else { return }
        let parent = try Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        var bytes = [UInt8](repeating: 0, count: argumentByteCount)
        try put(name, at: nameOffset, into: &bytes)
        guard call(.destroySnapshot, parent, &bytes) else {
            throw failure(subvolume.path, "be deleted")
        }
    }

    private static func put(
        _ name: String,
        at offset: Int,
        into bytes: inout [UInt8]
    ) throws(TandemError) {
        let text = Array(name.utf8)
        guard !text.isEmpty, text.count <= nameByteCountMax, !text.contains(UInt8(ascii: "/")),
            !text.contains(0)
        else {
            throw TandemError(
                .fileUnavailable,
                "`\(name)` is no name for a snapshot",
                remedy: "Report this as a defect of tandem-agent."
            )
        }
        bytes.replaceSubrange(offset..<(offset + text.count), with: text)
    }

    private static func call(_ call: Call, _ file: Descriptor, _ bytes: inout [UInt8]) -> Bool {
        bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            return ioctl(file.number, call.rawValue, base) >= 0
        }
    }

    private static func failure(_ path: String, _ what: String) -> TandemError {
        TandemError(
            .fileUnavailable,
            "the snapshot \(path) can't \(what)",
            remedy: "See that the file system there is btrfs, whole, and has room.",
            cause: String(cString: strerror(errno))
        )
    }
}
