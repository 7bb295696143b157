import Foundation
import TandemCrypto
import TandemModel
import Testing

/// The engine against the `openssl` program, over a real socket.
struct OpenSSLProgramTests {
    let network: TestNetwork
    let folder: TemporaryFolder
    let files: [String]

    init() throws {
        network = try TestNetwork.shared.get()
        folder = try TemporaryFolder()
        files = [
            "-CAfile", try folder.write("ca.pem", network.authority.certificatePEM),
            "-cert", try folder.write("agent.pem", network.agent.certificatePEM),
            "-key", try folder.write("agent.key", network.agent.privateKeyPEM),
        ]
    }

    /// Lets `s_client` connect, echoes what it sends, and answers what both sides saw.
    private func session(
        _ arguments: [String],
        input: String
    ) throws -> (text: String, engine: TLSEngine, error: TandemError?) {
        let listener = try Listener()
        let client = Process()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        client.arguments = ["s_client", "-connect", "127.0.0.1:\(listener.port)"] + arguments
        let output = Pipe()
        let stdin = Pipe()
        client.standardInput = stdin
        client.standardOutput = output
        client.standardError = output
        try client.run()
        let engine = try TLSEngine(
            context: network.server(),
            expecting: .anyTrusted,
            remoteName: "s_client"
        )
        let error = try echo(engine, on: listener.accepted()) {
            stdin.fileHandleForWriting.write(Data(input.utf8))
        }
        try stdin.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        client.waitUntilExit()
        return (text, engine, error)
    }

    /// Serves one connection until the peer says `end`, or fails.
    private func echo(
        _ engine: TLSEngine,
        on connection: Int32,
        whenReady: () -> Void
    ) throws -> TandemError? {
        defer { close(connection) }
        var chunk = [UInt8](repeating: 0, count: 4096)
        var isReady = false
        var said: [UInt8] = []
        while true {
            let progress = engine.handshake()
            if progress == .done && !isReady {
                isReady = true
                whenReady()
            }
            let (bytes, end) = engine.readAll()
            said += bytes
            var unsent = bytes[...]
            while !unsent.isEmpty { unsent = unsent.dropFirst(try engine.write(Array(unsent))) }
            let isLast = String(decoding: said, as: UTF8.self).contains("end")
            if isLast { engine.closeNotify() }
            while engine.ciphertextByteCount > 0 {
                _ = engine.drainCiphertext { Glibc.send(connection, $0.baseAddress, $0.count, 0) }
            }
            if let error = progress.error ?? end.error { return error }
            if isLast || end == .closed { return nil }
            var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            try #require(poll(&waiting, 1, 20_000) == 1)
            let count = recv(connection, &chunk, min(chunk.count, engine.feedCapacity), 0)
            if count <= 0 {
                engine.endOfCiphertext()
            } else {
                #expect(engine.feed(Array(chunk[..<count])) == count)
            }
        }
    }

    @Test func clientIsServedWithoutTickets() throws {
        let (text, engine, error) = try session(
            files + [
                "-tls1_3", "-alpn", "tandem/1", "-verify_return_error", "-verify_hostname",
                "controller.example", "-servername", "controller.example",
            ],
            input: "hello\nK\nagain\nk\nend\n"
        )
        #expect(error == nil)
        #expect(engine.peer?.uri == TestNetwork.agentURI)
        for expected in [
            "Verify return code: 0 (ok)", "ALPN protocol: tandem/1", "hello", "again",
            "Server Temp Key: X25519", "New, TLSv1.3",
        ] {
            #expect(text.contains(expected), "\(expected) in \(text)")
        }
        // Nothing to resume by, and no copy of the authority sent along.
        #expect(!text.contains("Session Ticket"), "\(text)")
        #expect(!text.contains("\n 1 s:"), "\(text)")
    }

    @Test func olderTLSIsRefused() throws {
        let (text, _, error) = try session(files + ["-tls1_2", "-alpn", "tandem/1"], input: "")
        #expect(error?.message == "s_client does not speak TLS 1.3")
        #expect(text.contains("alert number 70"), "\(text)")
    }

    @Test func missingProtocolIsRefused() throws {
        let (text, _, error) = try session(files + ["-tls1_3"], input: "")
        #expect(error?.message.contains("it names no protocol") == true, "\(error)")
        #expect(text.contains("alert number 120"), "\(text)")
    }

    @Test func p256IsTheOtherGroup() throws {
        let (text, _, error) = try session(
            files + ["-tls1_3", "-alpn", "tandem/1", "-groups", "P-256"],
            input: "end\n"
        )
        #expect(error == nil)
        #expect(text.contains("Server Temp Key: ECDH, prime256v1"), "\(text)")
        let (_, _, refused) = try session(
            files + ["-tls1_3", "-alpn", "tandem/1", "-groups", "P-384"],
            input: ""
        )
        #expect(refused?.code == .tlsHandshake)
    }
}

/// A listening socket on a free loopback port.
struct Listener: ~Copyable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, byteCount) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &byteCount) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(isBound)
    }

    deinit { close(descriptor) }

    func accepted() throws -> Int32 {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&waiting, 1, 20_000) == 1)
        let connection = accept(descriptor, nil, nil)
        try #require(connection >= 0)
        return connection
    }
}
