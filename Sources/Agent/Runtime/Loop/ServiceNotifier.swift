import Glibc
import TandemModel
import TandemSpawn

/// Tells the service manager that the agent is ready and alive, by the protocol of sd_notify(3).
struct ServiceNotifier {
    private let address: [UInt8]?
    /// How often to say that the agent lives; `nil` where nobody watches.
    let watchdogMilliseconds: UInt64?

    /// Reads NOTIFY_SOCKET and WATCHDOG_USEC.
    init() {
        let path = getenv("NOTIFY_SOCKET").map { String(cString: $0) } ?? ""
        let isUsable = path.utf8.count < 108 && (path.hasPrefix("/") || path.hasPrefix("@"))
        address = isUsable ? Array(path.utf8) : nil
        let watchdog = getenv("WATCHDOG_USEC").flatMap { UInt64(String(cString: $0)) }
        watchdogMilliseconds = watchdog.map { max(100, $0 / 1000 / 3) }
    }

    func ready() { send("READY=1") }
    func alive() { send("WATCHDOG=1") }
    func stopping() { send("STOPPING=1") }

    private func send(_ text: String) {
        guard let path = address else { return }
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return }
        let descriptor = Descriptor(owning: number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path)
            // A name that begins with `@` is in the abstract space.
            if path.first == UInt8(ascii: "@") { place[0] = 0 }
        }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let bytes = Array(text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                _ = sendto(
                    descriptor.number,
                    bytes,
                    bytes.count,
                    Int32(MSG_DONTWAIT),
                    name,
                    size
                )
            }
        }
        withExtendedLifetime(descriptor) {}
    }
}
