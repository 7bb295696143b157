import Foundation
import Yams

/// The API's description, read as data; only what its authors use of OpenAPI and JSON Schema.
struct APIDescription {
    struct Operation {
        var method: String
        /// As the router writes it: `:name` for what is in braces.
        var route: String
        var permission: String
        var parts: [String: Any]
    }

    let root: [String: Any]

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        root = try Yams.load(yaml: text) as? [String: Any] ?? [:]
    }

    var operations: [Operation] {
        (root["paths"] as? [String: [String: [String: Any]]] ?? [:]).flatMap { path, methods in
            methods.map { method, parts in
                Operation(
                    method: method.uppercased(),
                    route: path.replacing("{", with: ":").replacing("}", with: ""),
                    permission: parts["x-tandem-permission"] as? String ?? "",
                    parts: parts
                )
            }
        }
    }

    var schemaNames: Set<String> {
        Set(((root["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]).keys)
    }

    /// What a reference points at; `nil` where it leads nowhere.
    func target(_ reference: String) -> [String: Any]? {
        var value: Any = root
        for part in reference.dropFirst(2).split(separator: "/") {
            guard let next = (value as? [String: Any])?[String(part)] else { return nil }
            value = next
        }
        return value as? [String: Any]
    }

    /// Every `$ref` below a value.
    func references(in value: Any? = nil) -> [String] {
        let value = value ?? root
        if let list = value as? [Any] { return list.flatMap { references(in: $0) } }
        guard let map = value as? [String: Any] else { return [] }
        return map.flatMap { key, part in
            key == "$ref" ? [part as? String ?? ""] : references(in: part)
        }
    }
}

/// Holds JSON values against schemas, more strictly than a client would: a property that is not
/// described is wrong.
struct SchemaCheck {
    let description: APIDescription
    /// Schemas that some value met.
    private(set) var met: Set<String> = []
    private(set) var problems: [String] = []

    init(_ description: APIDescription) { self.description = description }

    mutating func check(_ value: Any, _ schema: [String: Any], at path: String) {
        if let reference = schema["$ref"] as? String {
            guard let target = description.target(reference) else {
                return problems.append("\(path): no \(reference)")
            }
            met.insert(reference.split(separator: "/").last.map(String.init) ?? "")
            return check(value, target, at: path)
        }
        if let choices = schema["oneOf"] as? [[String: Any]] {
            let fitting = choices.filter { choice in
                var other = SchemaCheck(description)
                other.check(value, choice, at: path)
                return other.problems.isEmpty
            }
            guard fitting.count == 1 else {
                return problems.append("\(path): fits \(fitting.count) of \(choices.count) forms")
            }
            return check(value, fitting[0], at: path)
        }
        if let allowed = schema["enum"] as? [String], !allowed.contains(value as? String ?? "") {
            problems.append("\(path): \(value) is none of \(allowed)")
        }
        switch schema["type"] as? String {
        case "object": checkObject(value, schema, at: path)
        case "array":
            guard let list = value as? [Any], let items = schema["items"] as? [String: Any] else {
                return problems.append("\(path): \(value) is no list")
            }
            for (index, item) in list.enumerated() { check(item, items, at: "\(path)[\(index)]") }
        case "string":
            guard let text = value as? String else {
                return problems.append("\(path): \(value) is no text")
            }
            let pattern = schema["pattern"] as? String ?? ""
            if text.range(of: pattern, options: .regularExpression) == nil, !pattern.isEmpty {
                problems.append("\(path): '\(text)' does not match \(pattern)")
            }
        case "integer":
            guard let number = value as? NSNumber,
                number.doubleValue.rounded() == number.doubleValue
            else { return problems.append("\(path): \(value) is no whole number") }
            if let low = schema["minimum"] as? Int, number.doubleValue < Double(low) {
                problems.append("\(path): \(number) is below \(low)")
            }
        case "boolean":
            if !(value is Bool) { problems.append("\(path): \(value) is no boolean") }
        case let other: problems.append("\(path): a type \(other ?? "of no name")")
        }
    }

    private mutating func checkObject(_ value: Any, _ schema: [String: Any], at path: String) {
        guard let map = value as? [String: Any] else {
            return problems.append("\(path): \(value) is no object")
        }
        let known = schema["properties"] as? [String: [String: Any]] ?? [:]
        for name in schema["required"] as? [String] ?? [] where map[name] == nil {
            problems.append("\(path): lacks \(name)")
        }
        for (name, part) in map {
            guard let schema = known[name] else {
                problems.append("\(path): \(name) is not described")
                continue
            }
            check(part, schema, at: "\(path).\(name)")
        }
        // What is never required must be seen somewhere, or nobody knows that it is right.
        for name in known.keys where map[name] != nil { met.insert("\(path):\(name)") }
    }
}
