import Glibc
import TandemModel
import TandemSpawn

/// What the driver sees and touches of the server around it; tests put another one in its place.
protocol Surroundings {
    /// Whether an address stands on a network card of this server.
    func bears(_ address: String) -> Bool
    /// Whether somebody on the wire answers for an address.
    func answers(_ address: String) -> Bool
    /// Takes an address off the card, whoever put it there.
    func drop(_ address: String) -> Bool
    /// Whether keepalived runs.
    var isKeepalivedRunning: Bool { get }
    /// Ends keepalived without its consent.
    func killKeepalived()
    /// Whether the product's service runs; `true` where none is named.
    var isServiceRunning: Bool { get }
    /// A moment of waiting between two looks.
    func pause()
    /// Milliseconds of a clock that only goes forward.
    var milliseconds: UInt64 { get }
}

/// The server that the driver runs on.
struct ThisServer: Surroundings {
    static let arpingMilliseconds: UInt64 = 1500
    static let pauseMilliseconds: Int32 = 20

    let interface: String
    let pidFile: String
    let service: String
    let control: String

    var milliseconds: UInt64 { MachineClock.monotonic().milliseconds }

    func pause() { _ = poll(nil, 0, Self.pauseMilliseconds) }

    func bears(_ address: String) -> Bool {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return false }
        defer { freeifaddrs(first) }
        let wanted = NetworkAddress(address)
        var next = first
        while let entry = next {
            if let pointer = entry.pointee.ifa_addr, let wanted,
                NetworkAddress(pointer) == wanted
            {
                return true
            }
            next = entry.pointee.ifa_next
        }
        return false
    }

    func answers(_ address: String) -> Bool {
        let isIPv6 = address.contains(":")
        let arguments =
            isIPv6
            ? ["-6", "-q", "-c", "1", "-W", "1", "-I", interface, address]
            : ["-q", "-f", "-c", "1", "-w", "1", "-I", interface, address]
        let program = isIPv6 ? "/usr/bin/ping" : "/usr/bin/arping"
        let result = try? runChild(
            ChildCommand(program, arguments),
            timeoutMilliseconds: Self.arpingMilliseconds,
            outputByteCountMax: 4096
        )
        return result.map { !$0.isTimedOut && $0.ending.isSuccess } ?? false
    }

    func drop(_ address: String) -> Bool {
        let length = address.contains(":") ? "128" : "32"
        // The kernel wants the prefix length that the address was added with.
        for prefix in [length, "24", "16", "64", "8"] where bears(address) {
            _ = try? runChild(
                ChildCommand(
                    "/usr/sbin/ip",
                    ["addr", "del", "\(address)/\(prefix)", "dev", interface]
                ),
                timeoutMilliseconds: 2000,
                outputByteCountMax: 4096
            )
        }
        return !bears(address)
    }

    private var pid: Int32? {
        guard let bytes = try? Files.read(pidFile, byteCountMax: 32) else { return nil }
        let text = String(decoding: bytes.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        guard let pid = Int32(text), pid > 1,
            let name = try? Files.read("/proc/\(pid)/comm", byteCountMax: 64),
            String(decoding: name, as: UTF8.self).hasPrefix("keepalived")
        else { return nil }
        return pid
    }

    var isKeepalivedRunning: Bool { pid != nil }

    func killKeepalived() {
        guard let pid else { return }
        // Its parent would start a new VRRP process: both go, the parent first.
        var members: [Int32] = [pid]
        let children = try? Files.read("/proc/\(pid)/task/\(pid)/children", byteCountMax: 4096)
        if let children {
            members += String(decoding: children, as: UTF8.self)
                .split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
        }
        for member in members { kill(member, SIGKILL) }
    }

    var isServiceRunning: Bool {
        guard !service.isEmpty else { return true }
        let result = try? runChild(
            ChildCommand(control, ["is-active", service]),
            timeoutMilliseconds: 2000,
            outputByteCountMax: 4096
        )
        return result.map { !$0.isTimedOut && $0.ending.isSuccess } ?? false
    }
}

/// The bytes of an IPv4 or IPv6 address.
struct NetworkAddress: Hashable {
    let bytes: [UInt8]

    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    init?(_ address: UnsafeMutablePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
            }
        case _:
            return nil
        }
    }
}
