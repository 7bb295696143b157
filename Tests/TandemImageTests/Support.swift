import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn

/// A folder of its own for one test, removed with all in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tandem-image-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw systemFailure(errno, doing: "create", path: "/tmp")
        }
        path = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    deinit { try? Files.removeTree(path) }

    /// The path of a name in the folder.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// Runs the body and answers the `TandemError` it throws.
func failure(_ body: () throws -> Void) -> TandemError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TandemError
    }
}

func read(_ path: String) throws -> [UInt8] {
    try Files.read(path, byteCountMax: 64 * 1024 * 1024)
}

/// Where `part` begins in `whole`, if it is there exactly once.
func place(of part: [UInt8], in whole: [UInt8]) -> Int? {
    guard let first = part.first else { return nil }
    var found: [Int] = []
    var start = 0
    while let index = whole[start...].firstIndex(of: first), index + part.count <= whole.count {
        if whole[index..<index + part.count].elementsEqual(part) { found.append(index) }
        start = index + 1
    }
    return found.count == 1 ? found[0] : nil
}

/// Numbers that are the same in each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
