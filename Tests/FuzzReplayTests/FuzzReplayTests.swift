import Foundation
import TandemFuzz
import Testing

/// Every input that was ever kept, without libFuzzer: seeds, and what fuzzing has found.
@Suite struct FuzzReplayTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The committed inputs of a target below a folder; none where there is no such folder.
    private static func inputs(_ target: FuzzTarget, in folder: String) throws -> [URL] {
        let path = root.appending(path: "\(folder)/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: path.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(
            at: path,
            includingPropertiesForKeys: nil
        )
    }

    @Test(arguments: FuzzTarget.allCases)
    func keptInputsHold(_ target: FuzzTarget) throws {
        let seeds = try Self.inputs(target, in: "Fuzz/corpus")
        #expect(!seeds.isEmpty, "a target without seeds finds little")
        for file in seeds + (try Self.inputs(target, in: "Tests/Fixtures/found")) {
            do throws(FuzzFinding) {
                try target.check(Self.bytes(of: file))
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
    }

    /// Cheap neighbours of each seed: cut off anywhere, and with one byte changed.
    @Test(arguments: FuzzTarget.allCases)
    func cutAndChangedSeedsHold(_ target: FuzzTarget) throws {
        for file in try Self.inputs(target, in: "Fuzz/corpus") {
            let seed = Self.bytes(of: file)
            // Enough places of a long one; all of most.
            for place in stride(from: 0, to: seed.count, by: 1 + seed.count / 200) {
                var changed = seed
                changed[place] ^= 0x81
                do throws(FuzzFinding) {
                    try target.check(Array(seed[..<place]))
                    try target.check(changed)
                } catch {
                    Issue.record("\(file.lastPathComponent), byte \(place): \(error)")
                }
            }
        }
    }

    private static func bytes(of file: URL) -> [UInt8] {
        (try? Data(contentsOf: file)).map { Array($0) } ?? []
    }
}
