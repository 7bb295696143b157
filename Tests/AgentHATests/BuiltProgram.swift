import Foundation
import Testing

/// A program that was built beside the tests: SwiftPM lays all into one folder.
enum BuiltProgram {
    static func path(_ name: String) throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = tests.deletingLastPathComponent().appending(path: name).path
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }
}
