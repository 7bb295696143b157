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
}
