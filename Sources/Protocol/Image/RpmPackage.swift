import Glibc
import TandemModel
import TandemSpawn

/// What an `.rpm` file says about itself, read out of its headers.
///
/// Read here and not by `rpm -qp`: a build machine need not have rpm, and no macro or database of
/// that machine can change the answer. Layout: a lead of 96 bytes, the signature header filled up to
/// eight bytes, the header, the payload.
struct RpmPackage: PackageDescription, Hashable {
    var name: String
    /// `EPOCH:VERSION-RELEASE`, without an epoch where the package has none; as `rpm -q` gives it.
    var version: String
    var architecture: String
    /// Absolute paths of its `%config` files.
    var conffiles: [String]

    /// Most bytes of one header that are read; rpm's own limit is 256 MiB.
    private static let headerByteCountMax: UInt64 = 64 * 1024 * 1024
    private static let leadByteCount: UInt64 = 96
    private static let leadMagic: [UInt8] = [0xed, 0xab, 0xee, 0xdb]

    /// Reads a file.
    init(path: String) throws(TandemError) {
        do throws(RpmHeader.Problem) {
            try self.init(file: try Self.open(path), path: path)
        } catch {
            throw TandemError(
                .manifestInvalid,
                "\(path) is not an RPM package that can go into an image: \(error.text)",
                remedy: "Check the file; only binary .rpm packages can be put into this image."
            )
        }
    }

    private static func open(_ path: String) throws(RpmHeader.Problem) -> Descriptor {
        do throws(TandemError) {
            return try Descriptor.open(path, flags: O_RDONLY)
        } catch {
            throw RpmHeader.Problem(error.message)
        }
    }

    private init(file: Descriptor, path: String) throws(RpmHeader.Problem) {
        func bytes(_ count: UInt64, at position: UInt64) throws(RpmHeader.Problem) -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: Int(count))
            let found = buffer.withUnsafeMutableBytes { room in
                (try? file.read(into: room, at: position, path: path)) ?? 0
            }
            guard found == buffer.count else { throw RpmHeader.Problem("it ends too early") }
            return buffer
        }
        func header(at position: UInt64) throws(RpmHeader.Problem) -> (RpmHeader, end: UInt64) {
            let start = try bytes(RpmHeader.startByteCount, at: position)
            let count = try RpmHeader.byteCount(start: start)
            guard count <= Self.headerByteCountMax else {
                throw RpmHeader.Problem("its header is larger than any real one")
            }
            let body = try bytes(count, at: position + RpmHeader.startByteCount)
            let end = position + RpmHeader.startByteCount + count
            return (try RpmHeader(start: start, body: body), end)
        }
        let lead = try bytes(Self.leadByteCount, at: 0)
        guard lead.starts(with: Self.leadMagic) else {
            throw RpmHeader.Problem("it does not begin like one")
        }
        let (_, end) = try header(at: Self.leadByteCount)
        try self.init(header: try header(at: (end + 7) / 8 * 8).0)
    }

    private init(header: RpmHeader) throws(RpmHeader.Problem) {
        guard header.hasEntry(.sourcePackage) else {
            throw RpmHeader.Problem("it is a source package")
        }
        let epoch = try header.numbers(.epoch).first.map { "\($0):" } ?? ""
        name = try header.text(.name)
        version = epoch + (try header.text(.version)) + "-" + (try header.text(.release))
        architecture = try header.text(.architecture)
        let hasBlank = (name + version + architecture).utf8.contains { $0 <= 0x20 || $0 == 0x7f }
        guard !hasBlank, !name.isEmpty, !architecture.isEmpty else {
            throw RpmHeader.Problem("its name, version or architecture is empty or has blanks")
        }
        conffiles = try Self.conffiles(header)
    }

    /// `RPMFILE_CONFIG`.
    private static let configurationFlag: UInt32 = 1

    private static func conffiles(
        _ header: RpmHeader
    ) throws(RpmHeader.Problem) -> [String] {
        let flags = try header.numbers(.fileFlags)
        let (names, folders) = (try header.texts(.baseNames), try header.texts(.folderNames))
        let places = try header.numbers(.folderIndexes)
        guard flags.count == names.count, places.count == names.count else {
            throw RpmHeader.Problem("its lists of files do not fit together")
        }
        var paths: [String] = []
        for index in names.indices where flags[index] & configurationFlag != 0 {
            guard let place = Int(exactly: places[index]), folders.indices.contains(place) else {
                throw RpmHeader.Problem("its lists of files do not fit together")
            }
            paths.append(folders[place] + names[index])
        }
        return paths
    }
}
