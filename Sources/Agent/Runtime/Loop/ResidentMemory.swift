import Glibc
import TandemModel
import TandemSpawn

/// Gives back memory that only the beginning needed.
///
/// Connecting and installing touch most of the program's and libcrypto's pages once; an idle agent
/// goes through few of them. Clean pages of files come back from the page cache when they are wanted
/// again, so letting go of them costs some hundred faults and halves what an idle agent holds.
enum ResidentMemory {
    private typealias Trim = @convention(c) (Int) -> Int32

    /// One mapping of the process, as far as it matters here.
    struct Mapping: Hashable {
        var addresses: Range<UInt>
        /// Of a file, and not to be written.
        var isReadOnlyFile: Bool
        /// Kilobytes that are in no file any more: tables that the loader has filled in.
        var ownKilobytes = 0
    }

    /// Lets go of free heap and of clean pages of the program and its libraries.
    static func trim() {
        if let address = dlsym(nil, "malloc_trim") {
            _ = unsafeBitCast(address, to: Trim.self)(0)
        }
        guard let bytes = try? Files.read("/proc/self/smaps", byteCountMax: 1024 * 1024) else {
            return
        }
        for mapping in mappings(of: bytes)
        where mapping.isReadOnlyFile && mapping.ownKilobytes == 0 {
            let range = mapping.addresses
            _ = madvise(
                UnsafeMutableRawPointer(bitPattern: range.lowerBound),
                range.count,
                MADV_DONTNEED
            )
        }
    }

    /// The mappings that `/proc/PID/smaps` tells of.
    static func mappings(of smaps: [UInt8]) -> [Mapping] {
        var mappings: [Mapping] = []
        for bytes in smaps.split(separator: UInt8(ascii: "\n")) {
            let words = bytes.split(separator: UInt8(ascii: " ")).map {
                String(decoding: $0, as: UTF8.self)
            }
            if let mapping = mapping(words) {
                mappings.append(mapping)
            } else if words.count >= 2, words[0] == "Anonymous:", !mappings.isEmpty {
                mappings[mappings.count - 1].ownKilobytes = Int(words[1]) ?? 1
            }
        }
        return mappings
    }

    /// Reads `low-high flags offset device inode path`.
    private static func mapping(_ words: [String]) -> Mapping? {
        guard words.count >= 5, let first = words.first else { return nil }
        let ends = first.split(separator: "-")
        guard ends.count == 2, let low = UInt(ends[0], radix: 16),
            let high = UInt(ends[1], radix: 16), low < high
        else { return nil }
        let isReadOnly = words[1] == "r-xp" || words[1] == "r--p"
        let isFile = words.count >= 6 && words[5].utf8.first == UInt8(ascii: "/")
        return Mapping(addresses: low..<high, isReadOnlyFile: isReadOnly && isFile)
    }
}
