import ControllerAPI
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TandemCrypto
import TandemModel
import TandemTLSChannel

@testable import tandem

/// An API that answers what a test says, over our own TLS with certificates of `tandem ca`.
final class StubController: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var body: [UInt8]

        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body))
        }
    }

    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]

        /// The connection ends instead.
        static let none = Answer(status: 0, body: [])

        static func value(_ value: some Encodable, status: Int = 200) -> Answer {
            let body = (try? JSONEncoder().encode(value)) ?? Data()
            return Answer(status: status, body: Array(body))
        }

        static func problem(_ error: TandemError) -> Answer {
            let problem = Problem(error)
            return value(problem, status: problem.status)
        }
    }

    typealias Script = @Sendable (Request) -> Answer

    let certificates: CertificateFolder
    private let channel: any Channel
    private let log: Log

    /// Keeps the requests that came.
    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// The requests that came, oldest first.
    var requests: [Request] { log.requests.withLock { $0 } }

    init(_ script: @escaping Script) throws {
        let made = try CertificateFolder()
        let log = Log()
        certificates = made
        self.log = log
        let tls = try made.context(
            .server,
            "controllers/c1-api",
            .operators,
            protocolName: TLSConfiguration.httpProtocol
        )
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(try TLSChannelHandler(context: tls))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(
                        Handler { request in
                            log.requests.withLock { $0.append(request) }
                            return script(request)
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        let port = channel.localAddress?.port ?? 0
        try made.folder.write(
            ".config/tandem/cli.conf",
            """
            controller = 127.0.0.1:\(port)
            certificate = ../../ca/people/anna.pem
            key = ../../ca/people/anna.key
            authority = ../../ca/operators-ca.pem

            """
        )
    }

    deinit { channel.close(promise: nil) }

    /// Runs `tandem` as anna.
    func callAsFunction(_ arguments: String..., input: String = "") throws -> Program.Run {
        try certificates.program(arguments, input: input)
    }

    /// Asks as anna, without a program of its own.
    func client() throws -> APIClient {
        APIClient(
            host: "127.0.0.1",
            port: channel.localAddress?.port ?? 0,
            tls: try certificates.context(
                .client,
                "people/anna",
                .operators,
                protocolName: TLSConfiguration.httpProtocol
            )
        )
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let script: Script
        private var request = Request(method: "", path: "", body: [])

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(method: head.method.rawValue, path: head.uri, body: [])
            case .body(let bytes):
                request.body += bytes.readableBytesView
            case .end:
                let answer = script(request)
                guard answer.status > 0 else { return context.close(promise: nil) }
                var head = HTTPResponseHead(
                    version: .http1_1,
                    status: .init(statusCode: answer.status)
                )
                head.headers.add(name: "content-length", value: "\(answer.body.count)")
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                let body = context.channel.allocator.buffer(bytes: answer.body)
                context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
