import ControllerAPI
import Foundation
import TandemModel

/// First byte: which request of the API; then its JSON.
func checkBody(_ input: [UInt8]) throws(FuzzFinding) {
    guard let first = input.first else { return }
    let bytes = Data(input.dropFirst())
    switch first % 5 {
    case 0: try checkJSON(bytes, PressRequest.self)
    case 1: try checkJSON(bytes, ClusterAddRequest.self)
    case 2: try checkJSON(bytes, EnrolRequest.self)
    case 3: try checkJSON(bytes, ConfigurationRequest.self)
    case _: try checkJSON(bytes, StageRequest.self)
    }
}

/// A body that is understood says the same after it was written.
private func checkJSON<Body: Codable & Equatable>(
    _ bytes: Data,
    _ type: Body.Type
) throws(FuzzFinding) {
    guard let body = try? JSONDecoder().decode(type, from: bytes) else { return }
    let again = try? JSONDecoder().decode(type, from: JSONEncoder().encode(body))
    try require(again == body, "a \(type) is written as something else: \(body)")
}
