import AgentHA
import Foundation
import Glibc
import Testing

/// A Unix socket that accepts one connection and says what it is told to, then waits for its end.
private final class Listener: Sendable {
    // Written once before the thread begins. The thread closes the descriptor: closed by anybody else,
    // its number might already be another listener's when the thread comes back to accept.
    let path: String
    private let descriptor: Int32

    init(answer: String?) throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-line-\(UUID().uuidString.prefix(8)).sock").path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0 && listen(descriptor, 4) == 0)
        let listening = descriptor
        let said = answer.map { Array($0.utf8) }
        Thread {
            while true {
                let client = accept(listening, nil, nil)
                guard client >= 0 else { break }
                var buffer = [UInt8](repeating: 0, count: 256)
                _ = recv(client, &buffer, buffer.count, 0)
                if let said { _ = send(client, said, said.count, 0) }
                // A silent service keeps the connection until its peer gives up.
                if said == nil { _ = recv(client, &buffer, buffer.count, 0) }
                close(client)
            }
            close(listening)
        }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        unlink(path)
    }
}

@Suite struct LineSocketTests {
    private func ask(_ listener: Listener, milliseconds: UInt64) throws(LineSocket.Problem)
        -> [String]
    {
        let socket = try LineSocket(path: listener.path, limitMilliseconds: milliseconds)
        return try socket.ask("status")
    }

    @Test func linesUpToAnEmptyOneAreTheAnswer() throws {
        let listener = try Listener(answer: "result=ok\nrole=active\n\n")
        #expect(try ask(listener, milliseconds: 5000) == ["result=ok", "role=active"])
    }

    @Test func aCutAnswerIsNone() throws {
        let listener = try Listener(answer: "result=ok\nrole=act")
        #expect(throws: LineSocket.Problem.silent) { try ask(listener, milliseconds: 5000) }
    }

    @Test func aServiceThatHangsIsSilentWithinTheTime() throws {
        let listener = try Listener(answer: nil)
        #expect(throws: LineSocket.Problem.silent) { try ask(listener, milliseconds: 200) }
    }

    @Test func nobodyThereIsRefused() {
        #expect(throws: LineSocket.Problem.refused) {
            _ = try LineSocket(path: "/nonexistent/folder/x.sock", limitMilliseconds: 200)
        }
        #expect(throws: LineSocket.Problem.refused) {
            _ = try LineSocket(tcp: "127.0.0.1:1", limitMilliseconds: 500)
        }
        #expect(throws: LineSocket.Problem.refused) {
            _ = try LineSocket(tcp: "no address", limitMilliseconds: 200)
        }
    }
}
