import ControllerCore
import Foundation
import TandemModel

/// The stored form of a cluster's state: JSON with sorted keys.
enum StateCoding {
    static func encode(_ state: ClusterState) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(state))
    }

    static func decode(_ bytes: [UInt8], cluster: ClusterName) throws -> ClusterState {
        do {
            return try JSONDecoder().decode(ClusterState.self, from: Data(bytes))
        } catch {
            throw TandemError(
                .storeCorrupt,
                "the stored state of cluster \(cluster) can't be read",
                remedy: "Run the version of Tandem that wrote it, or restore a backup.",
                cause: "\(error)"
            )
        }
    }
}

/// Wall time for display.
func wallNow() -> WallTime {
    WallTime(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
}
