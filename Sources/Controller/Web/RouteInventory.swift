import Hummingbird
import Synchronization

/// Every route of a router with its policy, in the order they were added.
final class RouteInventory: Sendable {
    /// One route.
    struct Entry: Sendable, Hashable {
        var method: HTTPRequest.Method
        /// As the router writes it, such as `/api/v1/clusters/:cluster`.
        var path: String
        var policy: Routes.Policy
    }

    private let noted = Mutex<[Entry]>([])

    var entries: [Entry] { noted.withLock { $0 } }

    func note(_ method: HTTPRequest.Method, _ path: RouterPath, _ policy: Routes.Policy) {
        noted.withLock {
            $0.append(Entry(method: method, path: path.description, policy: policy))
        }
    }

    /// The methods of every route that a path leads to.
    func methods(at path: String) -> Set<HTTPRequest.Method> {
        let parts = path.split(separator: "/")
        return Set(entries.filter { Self.matches($0.path, parts) }.map(\.method))
    }

    /// Whether a person can open that path as a page.
    func hasPage(at path: String) -> Bool {
        let parts = path.split(separator: "/")
        return entries.contains { entry in
            guard entry.method == .get, case .page = entry.policy else { return false }
            return Self.matches(entry.path, parts)
        }
    }

    private static func matches(_ route: String, _ parts: [Substring]) -> Bool {
        let names = route.split(separator: "/")
        guard names.count == parts.count else { return false }
        return zip(names, parts).allSatisfy { name, part in
            name.first == ":" || name.first == "{" || name == part
        }
    }
}
