import Glibc
import TandemModel
import TandemSpawn

/// Asks one line and reads the answer, over a Unix or TCP socket, within a time.
package struct LineSocket: ~Copyable {
    /// Why there was no answer.
    package enum Problem: Error, Hashable, Sendable {
        /// Nobody listens.
        case refused
        /// Somebody is there (or the network hides who), and nothing came in time.
        case silent
    }

    private let descriptor: Int32
    private let deadline: Tick

    /// Connects to a Unix socket.
    ///
    /// The path may be longer than a socket's name: it is reached through its folder's descriptor.
    package init(path: String, limitMilliseconds: UInt64) throws(Problem) {
        let deadline = MachineClock.monotonic() + limitMilliseconds
        let folder = open(Files.parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .refused }
        defer { close(folder) }
        let short = "/proc/self/fd/\(folder)/\(Files.lastComponent(of: path))"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(short.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .refused }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = withUnsafeBytes(of: address) {
            Self.connected(AF_UNIX, $0, before: deadline)
        }
        self.descriptor = try descriptor.get()
        self.deadline = deadline
    }

    /// Connects to `ADDRESS:PORT`, an IPv4 address.
    package init(tcp text: String, limitMilliseconds: UInt64) throws(Problem) {
        let deadline = MachineClock.monotonic() + limitMilliseconds
        let parts = text.split(separator: ":")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        guard parts.count == 2, let port = UInt16(parts[1]),
            inet_pton(AF_INET, String(parts[0]), &address.sin_addr) == 1
        else { throw .refused }
        address.sin_port = port.bigEndian
        let descriptor = withUnsafeBytes(of: address) {
            Self.connected(AF_INET, $0, before: deadline)
        }
        self.descriptor = try descriptor.get()
        self.deadline = deadline
    }

    deinit { close(descriptor) }

    /// Sends a line and reads lines up to an empty one, or one line where `isSingle`.
    package borrowing func ask(_ line: String, isSingle: Bool = false) throws(Problem) -> [String] {
        let request = Array("\(line)\n".utf8)
        let sent = request.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == request.count else { throw .silent }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while answer.count < 64 * 1024 {
            if Self.isWhole(answer, isSingle: isSingle) { break }
            guard Self.wait(for: descriptor, POLLIN, before: deadline) else { throw .silent }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        guard Self.isWhole(answer, isSingle: isSingle) else { throw .silent }
        return String(decoding: answer, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    private static func isWhole(_ answer: [UInt8], isSingle: Bool) -> Bool {
        let newline = UInt8(ascii: "\n")
        return isSingle ? answer.last == newline : answer.suffix(2) == [newline, newline]
    }

    private static func connected(
        _ family: Int32,
        _ address: UnsafeRawBufferPointer,
        before deadline: Tick
    ) -> Result<Int32, Problem> {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return .failure(.refused) }
        let outcome = address.withMemoryRebound(to: sockaddr.self) {
            connect(descriptor, $0.baseAddress, socklen_t(address.count))
        }
        if outcome == 0 { return .success(descriptor) }
        // EAGAIN: a Unix listener whose queue is full is there, and hangs.
        var problem = errno == EAGAIN ? Problem.silent : .refused
        if errno == EINPROGRESS {
            problem = .silent
            if wait(for: descriptor, POLLOUT, before: deadline) {
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                if code == 0 { return .success(descriptor) }
                problem = .refused
            }
        }
        close(descriptor)
        return .failure(problem)
    }

    private static func wait(for descriptor: Int32, _ event: Int32, before deadline: Tick) -> Bool {
        while true {
            let left = deadline.since(MachineClock.monotonic())
            guard left > 0 else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: left))
            if count > 0 { return true }
            guard count == 0 || errno == EINTR else { return false }
        }
    }
}
