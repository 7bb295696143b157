import Synchronization
import TandemModel

// `Mirror` finds out anew with each value what a type is made of, which took two thirds of a search's
// time. What the fields of a struct or tuple are is asked once per type through what `Mirror` itself
// stands on.
@_spi(Reflection) import Swift

/// How the values of one type are walked through: found out once, then kept.
final class Plan: @unchecked Sendable {
    // Sendable: made whole under the book's lock, and never changed after it was handed out.

    /// A stored property, or an element of a tuple.
    struct Field {
        var name: Name
        var offset: Int
        var plan: Plan
    }

    enum Form {
        /// Counts as its type says.
        case leaf(Likeness, load: (UnsafeRawPointer) -> Any)
        /// A number that mixes as it is.
        case number((UnsafeRawPointer) -> UInt64)
        case identifier((UnsafeRawPointer) -> (UInt64, UInt64))
        case fields([Field])
        case optional(any Optionality.Type, Plan)
        case list(any Listing.Type, Plan)
        case gathering(any Gathering.Type, Plan, Plan)
        /// Asked again with each value: enums.
        case mirrored(load: (UnsafeRawPointer) -> Any)
        /// A command counts only until its result was delivered.
        case command(load: (UnsafeRawPointer) -> Any, [Field])
    }

    fileprivate(set) var form = Form.fields([])
    /// Of enums in one byte without payload: the case's name by that byte.
    let caseNames = Mutex<[UInt8: String]>([:])
    let isByte: Bool

    fileprivate init(isByte: Bool) { self.isByte = isByte }

    /// The plan for a type.
    static func of(_ type: Any.Type) -> Plan { book.withLock { $0.plan(for: type) } }

    private static let book = Mutex(Book())
}

/// The name of a property, and what it says about its value.
struct Name: Sendable {
    let text: String
    let isSkipped: Bool
    let isRenamed: Bool
    let isUnhurried: Bool
    let isDeadline: Bool
    /// Counts only while there is no connection.
    let isSilence: Bool

    static let key = Name("key")
    static let value = Name("value")

    init(_ text: String) {
        self.text = text
        isSkipped = Likeness.skipped.contains(text)
        isRenamed = Likeness.renamed.contains(text)
        isUnhurried = Likeness.unhurried.contains(text)
        isDeadline = Likeness.deadlines.contains(text)
        isSilence = text == "silentSince"
    }
}

/// What has been found out so far.
private struct Book {
    private var plans: [ObjectIdentifier: Plan] = [:]

    mutating func plan(for type: Any.Type) -> Plan {
        if let known = plans[ObjectIdentifier(type)] { return known }
        return make(type)
    }

    private mutating func make<Value>(_ type: Value.Type) -> Plan {
        let plan = Plan(isByte: MemoryLayout<Value>.size == 1)
        plans[ObjectIdentifier(type)] = plan
        let load: (UnsafeRawPointer) -> Any = { $0.assumingMemoryBound(to: Value.self).pointee }
        switch Likeness.of(type) {
        case .parts: plan.form = parts(of: type, load)
        case .number: plan.form = number(type).map(Plan.Form.number) ?? .leaf(.number, load: load)
        case .identifier(let halves): plan.form = .identifier { halves(load($0)) }
        case .command: plan.form = .command(load: load, fields(of: type) ?? [])
        case let likeness: plan.form = .leaf(likeness, load: load)
        }
        return plan
    }

    private func number(_ type: Any.Type) -> ((UnsafeRawPointer) -> UInt64)? {
        switch type {
        case is Bool.Type: { $0.assumingMemoryBound(to: Bool.self).pointee ? 1 : 0 }
        case is Int.Type:
            { UInt64(bitPattern: Int64($0.assumingMemoryBound(to: Int.self).pointee)) }
        case is UInt64.Type: { $0.assumingMemoryBound(to: UInt64.self).pointee }
        case is UInt32.Type: { UInt64($0.assumingMemoryBound(to: UInt32.self).pointee) }
        case is UInt16.Type: { UInt64($0.assumingMemoryBound(to: UInt16.self).pointee) }
        case is UInt8.Type: { UInt64($0.assumingMemoryBound(to: UInt8.self).pointee) }
        case is Int32.Type:
            { UInt64(bitPattern: Int64($0.assumingMemoryBound(to: Int32.self).pointee)) }
        case _: nil
        }
    }

    private mutating func parts(
        of type: Any.Type,
        _ load: @escaping (UnsafeRawPointer) -> Any
    ) -> Plan.Form {
        if let optional = type as? any Optionality.Type {
            return .optional(optional, plan(for: optional.wrapped))
        }
        if let list = type as? any Listing.Type { return .list(list, plan(for: list.element)) }
        if let gathering = type as? any Gathering.Type {
            return .gathering(gathering, plan(for: gathering.key), plan(for: gathering.value))
        }
        return fields(of: type).map(Plan.Form.fields) ?? .mirrored(load: load)
    }

    /// The fields that count of a struct or tuple; `nil` for anything else.
    private mutating func fields(of type: Any.Type) -> [Plan.Field]? {
        var found: [(name: Name, offset: Int, type: Any.Type)] = []
        var isEnum = true
        let isWhole = _forEachField(of: type, options: []) { name, offset, type, _ in
            isEnum = false
            found.append((Name(String(cString: name)), offset, type))
            return true
        }
        guard isWhole, !isEnum else { return nil }
        return found.filter { !$0.name.isSkipped }.map { one in
            Plan.Field(name: one.name, offset: one.offset, plan: plan(for: one.type))
        }
    }
}

/// An optional of any type.
protocol Optionality {
    static var wrapped: Any.Type { get }
    /// Shows what is in the optional at an address; `nil` where nothing is.
    static func unwrap(_ place: UnsafeRawPointer, _ body: (UnsafeRawPointer?) -> Void)
}

extension Optional: Optionality {
    static var wrapped: Any.Type { Wrapped.self }

    static func unwrap(_ place: UnsafeRawPointer, _ body: (UnsafeRawPointer?) -> Void) {
        guard let value = place.assumingMemoryBound(to: Wrapped?.self).pointee else {
            return body(nil)
        }
        withUnsafePointer(to: value) { body(UnsafeRawPointer($0)) }
    }
}

/// An array of any type.
protocol Listing {
    static var element: Any.Type { get }
    static func visit(_ place: UnsafeRawPointer, _ body: (UnsafeRawPointer) -> Void)
}

extension Array: Listing {
    static var element: Any.Type { Element.self }

    static func visit(_ place: UnsafeRawPointer, _ body: (UnsafeRawPointer) -> Void) {
        place.assumingMemoryBound(to: [Element].self).pointee.withUnsafeBufferPointer { elements in
            for index in elements.indices {
                guard let base = elements.baseAddress else { return }
                body(UnsafeRawPointer(base + index))
            }
        }
    }
}

/// A set or dictionary of any type; its own order is by chance, so it is walked in that of its keys' words.
protocol Gathering {
    static var key: Any.Type { get }
    static var value: Any.Type { get }
    static func visit(
        _ place: UnsafeRawPointer,
        _ body: (_ key: UnsafeRawPointer, _ value: UnsafeRawPointer) -> Void
    )
    static func count(_ place: UnsafeRawPointer) -> Int
}

extension Set: Gathering {
    static var key: Any.Type { Element.self }
    static var value: Any.Type { Void.self }

    static func visit(
        _ place: UnsafeRawPointer,
        _ body: (_ key: UnsafeRawPointer, _ value: UnsafeRawPointer) -> Void
    ) {
        let elements = place.assumingMemoryBound(to: Set<Element>.self).pointee
        for element in inOrder(Array(elements), by: { $0 }) {
            withUnsafePointer(to: element) { body(UnsafeRawPointer($0), UnsafeRawPointer($0)) }
        }
    }

    static func count(_ place: UnsafeRawPointer) -> Int {
        place.assumingMemoryBound(to: Set<Element>.self).pointee.count
    }
}

extension Dictionary: Gathering {
    static var key: Any.Type { Key.self }
    static var value: Any.Type { Value.self }

    static func visit(
        _ place: UnsafeRawPointer,
        _ body: (_ key: UnsafeRawPointer, _ value: UnsafeRawPointer) -> Void
    ) {
        let elements = place.assumingMemoryBound(to: [Key: Value].self).pointee
        for element in inOrder(Array(elements), by: { $0.key }) {
            withUnsafePointer(to: element.key) { key in
                withUnsafePointer(to: element.value) { value in
                    body(UnsafeRawPointer(key), UnsafeRawPointer(value))
                }
            }
        }
    }

    static func count(_ place: UnsafeRawPointer) -> Int {
        place.assumingMemoryBound(to: [Key: Value].self).pointee.count
    }
}

private func inOrder<Element, Key>(_ all: [Element], by key: (Element) -> Key) -> [Element] {
    guard all.count > 1 else { return all }
    let worded = all.map { (words: "\(key($0))", element: $0) }
    return worded.sorted { $0.words < $1.words }.map(\.element)
}
