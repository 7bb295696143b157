import Glibc
import TandemModel
import TandemSpawn

/// What the driver sees and touches of the server around it; tests put another one in its place.
protocol Surroundings {
    /// Whether an address stands on a network card of this server.
    func bears(_ address: String) throws(TandemError) -> Bool
    /// Whether somebody on the wire answers for an address.
    ///
    /// - Throws: when nobody could ask; that is not silence.
    func answers(_ address: String) throws(TandemError) -> Bool
    /// Takes an address off every card, whoever put it there.
    ///
    /// - Returns: whether it is gone.
    func drop(_ address: String) throws(TandemError) -> Bool
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
    /// It waits a second for an answer; `status` may ask twice and has 4 s.
    static let arpingMilliseconds: UInt64 = 1700
    static let pauseMilliseconds: Int32 = 20

    let interface: String
    let pidFile: String
    let service: String
    let control: String
    /// The one of Debian's `iputils-arping`.
    var arping = "/usr/bin/arping"

    var milliseconds: UInt64 { MachineClock.monotonic().milliseconds }

    func pause() { _ = poll(nil, 0, Self.pauseMilliseconds) }

    func bears(_ address: String) throws(TandemError) -> Bool {
        try !places(of: address).isEmpty
    }

    /// Where an address stands: which card, with which prefix length.
    private func places(
        of address: String
    ) throws(TandemError) -> [(card: String, prefixLength: Int)] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else {
            throw systemFailure(errno, doing: "read the addresses of", path: interface)
        }
        defer { freeifaddrs(first) }
        guard let wanted = NetworkAddress(address) else { return [] }
        var places: [(card: String, prefixLength: Int)] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let pointer = entry.pointee.ifa_addr, NetworkAddress(pointer) == wanted else {
                continue
            }
            // An address's label, such as `eth0:1`, stands where the card's name does.
            let label = String(cString: entry.pointee.ifa_name)
            let mask = entry.pointee.ifa_netmask.flatMap { NetworkAddress($0) }
            let bits = mask?.bytes.reduce(0) { $0 + $1.nonzeroBitCount }
            places.append(
                (String(label.prefix { $0 != ":" }), bits ?? wanted.bytes.count * 8)
            )
        }
        return places
    }

    func answers(_ address: String) throws(TandemError) -> Bool {
        let isIPv6 = address.contains(":")
        let arguments =
            isIPv6
            ? ["-6", "-q", "-c", "1", "-W", "1", "-I", interface, address]
            : ["-q", "-f", "-c", "1", "-w", "1", "-I", interface, address]
        let command = ChildCommand(isIPv6 ? "/usr/bin/ping" : arping, arguments)
        let result = try runChild(
            command,
            timeoutMilliseconds: Self.arpingMilliseconds,
            outputByteCountMax: 4096
        )
        // Only 1 means that nobody answered: all else, that nobody asked.
        if !result.isTimedOut {
            if result.ending == .exited(0) { return true }
            if result.ending == .exited(1) { return false }
        }
        let said = result.errorText.split(whereSeparator: \.isNewline).last.map { " (\($0))" }
        throw TandemError(
            .driverFailed,
            "\(command.program) does not tell whether \(address) is there: "
                + (result.isTimedOut ? "no end" : "\(result.ending)") + (said ?? ""),
            remedy: "Look whether \(interface) is up, and try the program by hand."
        )
    }

    func drop(_ address: String) throws(TandemError) -> Bool {
        // The kernel wants the card and the prefix length that the address was added with.
        for place in try places(of: address) {
            _ = try? runChild(
                ChildCommand(
                    "/usr/sbin/ip",
                    ["addr", "del", "\(address)/\(place.prefixLength)", "dev", place.card]
                ),
                timeoutMilliseconds: 2000,
                outputByteCountMax: 4096
            )
        }
        return try !bears(address)
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

    /// An address of the system's, or a mask.
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
