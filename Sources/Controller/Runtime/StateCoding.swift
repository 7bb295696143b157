import ControllerCore
import Foundation
import TandemModel

/// The stored form of the network's and the clusters' states: JSON with sorted keys.
enum StateCoding {
    static func encode(_ state: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(state))
    }

    static func decode(_ bytes: [UInt8], cluster: ClusterName) throws -> ClusterState {
        try decode(ClusterState.self, bytes, "cluster \(cluster)")
    }

    static func decodeNetwork(_ bytes: [UInt8]) throws -> NetworkState {
        try decode(NetworkState.self, bytes, "the network")
    }

    private static func decode<State: Decodable>(
        _ type: State.Type,
        _ bytes: [UInt8],
        _ whose: String
    ) throws -> State {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw TandemError(
                .storeCorrupt,
                "the stored state of \(whose) can't be read",
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
