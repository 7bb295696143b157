import Foundation
import TandemCrypto
import TandemModel

/// The frozen files of an earlier version.
enum OldFixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/old/v1")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    /// The files and digests of the list, by name.
    static func listed() throws -> [String: String] {
        let text = String(decoding: try bytes("SHA256SUMS"), as: UTF8.self)
        var all: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2 else { continue }
            all[String(parts[1])] = String(parts[0])
        }
        return all
    }

    static func present() throws -> [String: String] {
        var all: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name != "SHA256SUMS" {
            all[name] = sha256(try bytes(name)).description
        }
        return all
    }
}
