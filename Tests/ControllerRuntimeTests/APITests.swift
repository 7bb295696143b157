import ControllerAPI
import ControllerRuntime
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TandemCrypto
import TandemModel
import TandemTLSChannel
import Testing

@Suite(.timeLimit(.minutes(1))) struct APITests {
    /// One request over real TLS; the raw status and body.
    private func ask(
        _ method: HTTPMethod,
        _ path: String,
        body: String = "",
        as person: IssuedCertificate?,
        authority: CertificateAuthority,
        _ controller: RunningController
    ) async throws -> (status: Int, body: Data) {
        let tls = try TLSContext(
            .client,
            TLSConfiguration(
                certificateChain: person?.source,
                privateKey: person?.keySource,
                authorities: authority.source,
                applicationProtocols: [TLSConfiguration.httpProtocol]
            )
        )
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: (Int, Data).self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(
                        try TLSChannelHandler(context: tls, expecting: .host("127.0.0.1"))
                    )
                    try operations.addHTTPClientHandlers()
                    try operations.addHandler(OneResponse(promise))
                }
            }
            .connect(host: "127.0.0.1", port: controller.apiPort).get()
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers.add(name: "host", value: "127.0.0.1")
        head.headers.add(name: "content-length", value: "\(body.utf8.count)")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(
            HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))),
            promise: nil
        )
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        defer { channel.close(promise: nil) }
        return try await promise.futureResult.get()
    }

    private func problem(_ data: Data) throws -> Problem {
        try JSONDecoder().decode(Problem.self, from: data)
    }

    @Test func aPersonReadsTheNetwork() async throws {
        try await RunningController.with { controller in
            let people = controller.identities.people
            let ada = try people.issue(.operator("ada"), validityDays: 1)
            let answer = try await ask(
                .GET,
                APIPath.network,
                as: ada,
                authority: people,
                controller
            )
            #expect(answer.status == 200)
            let network = try JSONDecoder().decode(NetworkSnapshot.self, from: answer.body)
            #expect(network.controller == "c1")
            #expect(network.clusters.isEmpty)
        }
    }

    @Test func anAgentsCertificateOpensNoOperatorRoute() async throws {
        try await RunningController.with { controller in
            let (agent, _) = try controller.identities.agent("cmp-1")
            await #expect(throws: (any Error).self) {
                try await ask(
                    .GET,
                    APIPath.network,
                    as: agent,
                    authority: controller.identities.people,
                    controller
                )
            }
        }
    }

    @Test func nobodyIsAskedToSignIn() async throws {
        try await RunningController.with { controller in
            let answer = try await ask(
                .GET,
                APIPath.network,
                as: nil,
                authority: controller.identities.people,
                controller
            )
            #expect(answer.status == 401)
            #expect(try problem(answer.body).code == ErrorCode.signInNeeded.id)
        }
    }

    @Test func aCertificateThatNamesNoPersonIsForbidden() async throws {
        try await RunningController.with { controller in
            let people = controller.identities.people
            let odd = try people.issue(.controller("c1", names: []), validityDays: 1)
            let answer = try await ask(
                .GET,
                APIPath.network,
                as: odd,
                authority: people,
                controller
            )
            #expect(answer.status == 403)
            #expect(try problem(answer.body).code == ErrorCode.identityRefused.id)
        }
    }

    @Test(arguments: [
        ("GET", "/api/v1/clusters/nowhere", "", 404), ("GET", "/api/v1/clusters/%3Cb%3E", "", 400),
        ("POST", "/api/v1/clusters", "{}", 400), ("POST", "/api/v1/clusters", "nonsense", 400),
        ("GET", "/api/v1/network?after=x", "", 400), ("GET", "/api/v2/network", "", 404),
        ("POST", "/api/v1/images", "this is no image", 400),
        ("DELETE", "/api/v1/images/zz", "", 400), ("POST", "/api/v1/approvals/77", "", 404),
        ("GET", "/api/v1/servers/nobody/logs", "", 404),
    ])
    func whatCanNotBeIsAProblemWithARemedy(
        _ method: String,
        _ path: String,
        _ body: String,
        _ status: Int
    ) async throws {
        try await RunningController.with { controller in
            let people = controller.identities.people
            let ada = try people.issue(.operator("ada"), validityDays: 1)
            let answer = try await ask(
                HTTPMethod(rawValue: method),
                path,
                body: body,
                as: ada,
                authority: people,
                controller
            )
            #expect(answer.status == status)
            #expect(try !problem(answer.body).remedy.isEmpty)
        }
    }

    @Test(arguments: [
        (UInt64(10), UInt64(0), 413, ErrorCode.imageTooLarge),
        (UInt64(1) << 30, UInt64(1) << 60, 507, .diskFull),
    ])
    func anImageNeitherGrowsWithoutEndNorFillsTheDisk(
        _ largest: UInt64,
        _ kept: UInt64,
        _ status: Int,
        _ code: ErrorCode
    ) async throws {
        var limits = ImageLimits()
        (limits.byteCountMax, limits.freeByteCountMin) = (largest, kept)
        try await RunningController.with(imageLimits: limits) { controller in
            let people = controller.identities.people
            let answer = try await ask(
                .POST,
                APIPath.images,
                body: "eleven bytes",
                as: try people.issue(.operator("ada"), validityDays: 1),
                authority: people,
                controller
            )
            #expect(answer.status == status)
            let problem = try problem(answer.body)
            #expect(problem.code == code.id && !problem.remedy.isEmpty)
        }
    }
}

private final class OneResponse: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<(Int, Data)>
    private var status = 0
    private var body = Data()

    init(_ promise: EventLoopPromise<(Int, Data)>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end: promise.succeed((status, body))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}
