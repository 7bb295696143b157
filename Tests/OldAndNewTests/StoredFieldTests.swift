import ControllerCore
import Foundation
import TandemModel
import Testing

@testable import TandemSimulation

/// Stored states over versions: what a later one adds is stepped over, what an earlier one did not
/// have is optional.
struct StoredFieldTests {
    private func state() throws -> [String: Any] {
        var joint = Joint()
        joint.press(.startUpgrade)
        let hasBegun = joint.run(upTo: 60_000) { !$0.nodes[1].platform.isServiceRunning }
        #expect(hasBegun)
        let data = try JSONEncoder().encode(joint.controller.stored)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func decoded(_ json: [String: Any]) throws -> ClusterState {
        let data = try JSONSerialization.data(withJSONObject: json)
        return try JSONDecoder().decode(ClusterState.self, from: data)
    }

    @Test(arguments: ["", "definition", "operation", "action", "servers", "commands", "alarms"])
    func unknownFieldsAreSteppedOver(_ place: String) throws {
        var json = try state()
        let plain = try decoded(json)
        if place.isEmpty {
            json["futureField"] = ["deep": [1, 2]]
        } else if var part = json[place] as? [String: Any] {
            part["futureField"] = "x"
            json[place] = part
        } else {
            let parts = try #require(json[place] as? [[String: Any]])
            #expect(!parts.isEmpty)
            json[place] = parts.map { $0.merging(["futureField": 1]) { $1 } }
        }
        #expect(try decoded(json) == plain)
    }

    /// The pattern for each field that is added: an older store does not have it, and reads as `nil`.
    @Test(arguments: [
        "operation", "lastOperation", "action", "failure", "single", "demotion", "baseline",
        "failedAttempt", "endedActions", "window",
    ])
    func missingOptionalFieldsAreNil(_ field: String) throws {
        var json = try state()
        json[field] = nil
        let again = try JSONEncoder().encode(try decoded(json))
        let fields = try #require(try JSONSerialization.jsonObject(with: again) as? [String: Any])
        #expect(fields[field] == nil)
        #expect(Set(fields.keys) == Set(json.keys))
    }

    /// A field of the first version that is gone is damage, and says so.
    @Test func missingFirstFieldsAreDamage() throws {
        var json = try state()
        json["servers"] = nil
        #expect(throws: DecodingError.self) { try decoded(json) }
    }
}
