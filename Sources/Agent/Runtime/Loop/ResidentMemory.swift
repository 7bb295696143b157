import Glibc
import TandemModel
import TandemSpawn

/// Gives back memory that only the beginning needed.
///
/// Connecting and installing touch most of the program's and libcrypto's code once; an idle agent
/// goes through little of it. Clean pages of code come back from the page cache when they are wanted
/// again, so letting go of them costs a few hundred faults and halves what an idle agent holds.
enum ResidentMemory {
    private typealias Trim = @convention(c) (Int) -> Int32

    /// Lets go of free heap and of code pages.
    static func trim() {
        if let address = dlsym(nil, "malloc_trim") {
            _ = unsafeBitCast(address, to: Trim.self)(0)
        }
        guard let bytes = try? Files.read("/proc/self/maps", byteCountMax: 256 * 1024) else {
            return
        }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let range = codeRange(line) else { continue }
            _ = madvise(
                UnsafeMutableRawPointer(bitPattern: range.lowerBound),
                range.count,
                MADV_DONTNEED
            )
        }
    }

    /// The addresses of a line of `maps` that maps a file's code, which nobody writes.
    static func codeRange(_ line: some StringProtocol) -> Range<UInt>? {
        let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard words.count == 6, words[1] == "r-xp",
            words[5].drop(while: { $0 == " " }).hasPrefix("/")
        else { return nil }
        let ends = words[0].split(separator: "-")
        guard ends.count == 2, let low = UInt(ends[0], radix: 16),
            let high = UInt(ends[1], radix: 16), low < high
        else { return nil }
        return low..<high
    }
}
