import ControllerStore
import ControllerAPI
import ControllerAudit
import ControllerRuntime
import Foundation
import HTTPTypes
import TandemCrypto
import TandemModel
import Testing

@testable import ControllerWeb

/// The committed description says what the routes do and what the types hold, no less and no more.
@Suite(.timeLimit(.minutes(1))) struct APIDescriptionTests {
    private let description: APIDescription

    init() throws { description = try APIDescription(EmbeddedFiles.apiDescription) }

    @Test func itDescribesEveryRouteAndNoOther() async throws {
        let described = Set(
            description.operations.map { "\($0.method) \($0.route) \($0.permission)" }
        )
        try await RunningController.with { controller in
            let routes = Routes(
                service: controller.service,
                identities: CertificateIdentities(),
                people: PeopleDesk(store: InMemoryStore(), cost: .cheap)
            )
            _ = try routes.router()
            let others: Set = ["/healthz", "/readyz", "/metrics"]
            let built = routes.inventory.entries.filter {
                $0.path.hasPrefix("/api/") || others.contains($0.path)
            }.map { entry in
                let permission =
                    switch entry.policy {
                    case .allowed(let permission), .page(let permission): permission.rawValue
                    case .open: "open"
                    }
                let path = entry.path.replacing("{", with: ":").replacing("}", with: "")
                return "\(entry.method.rawValue) \(path) \(permission)"
            }
            #expect(Set(built).subtracting(described) == [], "not described")
            #expect(described.subtracting(built) == [], "described, and not there")
        }
    }

    @Test func everyOperationIsWhole() throws {
        #expect(description.root["openapi"] as? String == "3.1.0")
        var ids: Set<String> = []
        for operation in description.operations {
            let what = "\(operation.method) \(operation.route)"
            let id = try #require(operation.parts["operationId"] as? String, "\(what)")
            #expect(ids.insert(id).inserted, "\(id) twice")
            #expect(operation.parts["summary"] is String, "\(what)")
            let isOpen = operation.permission == "open"
            #expect(
                (operation.parts["security"] as? [Any])?.isEmpty == (isOpen ? true : nil),
                "\(what)"
            )
            let responses = try #require(operation.parts["responses"] as? [String: Any], "\(what)")
            #expect(responses.keys.contains { $0.hasPrefix("2") }, "\(what)")
            if !isOpen {
                for code in ["400", "401", "403", "500", "503"] {
                    #expect(responses[code] != nil, "\(what) lacks \(code)")
                }
            }
            let named = (operation.parts["parameters"] as? [[String: Any]] ?? []).compactMap {
                ($0["$ref"] as? String).map { description.target($0) ?? [:] } ?? $0
            }
            let inPath = named.filter { $0["in"] as? String == "path" }
            let wanted = operation.route.split(separator: "/").filter { $0.first == ":" }
            #expect(
                inPath.compactMap { $0["name"] as? String }.sorted()
                    == wanted.map { String($0.dropFirst()) }.sorted(),
                "\(what)"
            )
            let hasKey = named.contains { $0["name"] as? String == "Idempotency-Key" }
            #expect(hasKey == (operation.method != "GET"), "\(what)")
        }
        for reference in description.references() {
            #expect(description.target(reference) != nil, "\(reference) leads nowhere")
        }
        let described = (description.root["components"] as? [String: Any])?["securitySchemes"]
        #expect(
            (described as? [String: Any])?.keys.sorted()
                == ["certificate", "formToken", "session", "token"]
        )
    }

    /// It is read by people too, line by line.
    @Test func itIsInBlockStyle() {
        let text = String(decoding: EmbeddedFiles.apiDescription, as: UTF8.self)
        for line in text.split(separator: "\n") where !line.hasSuffix(": []") {
            #expect(!line.contains(": [") && !line.contains(": {"), "\(line)")
        }
    }

    @Test func everyTypeIsAsDescribed() throws {
        var check = SchemaCheck(description)
        for (name, values) in try APISamples.all() {
            for value in values {
                let json = try JSONSerialization.jsonObject(
                    with: value,
                    options: .fragmentsAllowed
                )
                let schema = ["$ref": "#/components/schemas/\(name)"]
                check.check(json, schema, at: name)
            }
        }
        #expect(check.problems == [])
        #expect(description.schemaNames.subtracting(check.met) == [], "no sample of these")
        // Every property of every top-level type was seen.
        for (name, _) in try APISamples.all() {
            let schema = description.target("#/components/schemas/\(name)")
            let properties = (schema?["properties"] as? [String: Any] ?? [:]).keys
            for property in properties {
                #expect(
                    check.met.contains("\(name):\(property)"),
                    "\(name).\(property) has no sample"
                )
            }
        }
    }

    @Test func enumerationsAreWhole() {
        func values(_ name: String) -> [String]? {
            description.target("#/components/schemas/\(name)")?["enum"] as? [String]
        }
        #expect(values("Button") == Button.allCases.map(\.rawValue))
        #expect(values("Position") == Position.allCases.map(\.rawValue))
        #expect(values("Role") == Role.allCases.map(\.rawValue).sorted())
        #expect(values("ServerRole") == ServerRole.allCases.map(\.rawValue))
        #expect(values("Severity") == AlarmSeverity.allCases.map(\.rawValue))
    }
}
