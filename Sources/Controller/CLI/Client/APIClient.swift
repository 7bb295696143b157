import ControllerAPI
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TandemCrypto
import TandemHTTPChannel
import TandemModel

/// Asks the controller's API: one connection per request, our own TLS handler below HTTP/1.1.
struct APIClient: Sendable {
    /// What is done with a path.
    enum Method: Sendable {
        case get
        case post
        case put
        case delete

        fileprivate var http: HTTPMethod {
            switch self {
            case .get: .GET
            case .post: .POST
            case .put: .PUT
            case .delete: .DELETE
            }
        }
    }

    let host: String
    let port: Int
    let tls: TLSContext
    /// Instead of a certificate.
    var token: String?

    /// No answer of the API is longer.
    var answerByteCountMax = 64 * 1024 * 1024
    /// How long a lost answer is asked for anew.
    var lostLimit = Duration.seconds(30)

    /// Asks for a value.
    func get<Answer: Decodable>(
        _ path: String,
        _ type: Answer.Type = Answer.self,
        waitSeconds: Int = 0
    ) async throws -> Answer {
        try decode(
            try await exchange(.get, path, .none, deadlineSeconds: Int64(waitSeconds) + 30)
        )
    }

    /// Asks for bytes that are no JSON document.
    func bytes(_ path: String) async throws -> [UInt8] {
        let response = try await exchange(.get, path, .none, deadlineSeconds: 600)
        guard response.status == 200 else { throw refusal(response) }
        return response.body
    }

    /// Sends a value (or nothing) and reads the answer.
    ///
    /// It carries a key, so that after a lost connection it is sent again and still happens once.
    func send<Answer: Decodable>(
        _ method: Method,
        _ path: String,
        _ body: (any Encodable)? = nil,
        _ type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let bytes = try body.map { try JSONEncoder().encode($0) } ?? Data()
        var request = RepeatedRequest()
        request.lostLimit = lostLimit
        return try await request.answer { key in
            try decode(
                try await exchange(
                    method,
                    path,
                    .json(Array(bytes)),
                    key: key,
                    deadlineSeconds: 60
                )
            )
        }
    }

    /// Asks for something that is answered by its being done.
    func order(_ method: Method, _ path: String, _ body: (any Encodable)? = nil) async throws {
        let bytes = try body.map { try JSONEncoder().encode($0) } ?? Data()
        try refuseProblem(
            try await exchange(method, path, .json(Array(bytes)), deadlineSeconds: 60)
        )
    }

    /// Sends a file in pieces; `progress` is told the bytes sent so far and all of them.
    func upload<Answer: Decodable>(
        _ path: String,
        file: String,
        _ type: Answer.Type = Answer.self,
        progress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws -> Answer {
        try decode(
            try await exchange(
                .post,
                path,
                .file(file, progress: progress),
                deadlineSeconds: 24 * 3600
            )
        )
    }

    private func refuseProblem(_ response: ResponseCollector.Response) throws {
        guard (200..<300).contains(response.status) else { throw refusal(response) }
    }

    private func decode<Answer: Decodable>(_ response: ResponseCollector.Response) throws -> Answer
    {
        try refuseProblem(response)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch {
            throw TandemError(
                .protocolViolation,
                "the controller's answer can't be read",
                remedy: "Use a `tandem` of the controller's version.",
                cause: "\(error)"
            )
        }
    }
}

extension APIClient {
    /// The error that an answer stands for.
    private func refusal(_ response: ResponseCollector.Response) -> any Error {
        if let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body)) {
            return ControllerRefusal(error: problem.error)
        }
        return TandemError(
            .protocolViolation,
            "the controller answered with HTTP status \(response.status)",
            remedy: "Check that \(host):\(port) is a Tandem controller's API."
        )
    }
}

/// An error that the controller answered with.
///
/// Kept apart from our own: when *it* says that somebody can't be reached, it was reached itself.
struct ControllerRefusal: Error {
    var error: TandemError
}

// MARK: - One exchange

extension APIClient {
    /// What a request carries.
    enum Body: Sendable {
        case none
        case json([UInt8])
        case file(String, progress: @Sendable (Int64, Int64) -> Void)
    }

    private func exchange(
        _ method: Method,
        _ path: String,
        _ body: Body,
        key: String? = nil,
        deadlineSeconds: Int64
    ) async throws -> ResponseCollector.Response {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: ResponseCollector.Response.self)
        let channel = try await connect(promise)
        let deadline = loop.scheduleTask(in: .seconds(deadlineSeconds)) {
            promise.fail(unreachable("no answer within \(deadlineSeconds) s"))
            channel.close(promise: nil)
        }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        do {
            try await write(method, path, body, key, to: channel)
        } catch {
            // A server that refuses says why and closes while we still write: its word counts more.
            return try await answer(promise, or: error, key)
        }
        return try await answer(promise, or: nil, key)
    }

    private func answer(
        _ promise: EventLoopPromise<ResponseCollector.Response>,
        or failure: (any Error)?,
        _ key: String?
    ) async throws -> ResponseCollector.Response {
        do {
            return try await promise.futureResult.get()
        } catch let error as TandemError where error.code != .unreachable {
            // From here it is our own TLS that speaks: nobody was reached whom we believe.
            guard error.code == .identityRefused else { throw error }
            throw TandemError(
                .tlsHandshake,
                error.message,
                remedy: error.remedy,
                cause: error.cause
            )
        } catch {
            // The deadline has words of its own.
            let why = (error as? TandemError)?.cause ?? "\(failure ?? error)"
            guard key != nil else { throw unreachable(why) }
            throw AnswerLost(error: unanswered(why))
        }
    }

    private func connect(_ promise: EventLoopPromise<ResponseCollector.Response>) async throws
        -> any Channel
    {
        do {
            return try await HTTPSEndpoint(host: host, port: port, tls: tls)
                .connect(promise, byteCountMax: answerByteCountMax).get()
        } catch {
            promise.fail(error)
            throw unreachable("\(error)")
        }
    }

    private func write(
        _ method: Method,
        _ path: String,
        _ body: Body,
        _ key: String?,
        to channel: any Channel
    ) async throws {
        var head = HTTPRequestHead(version: .http1_1, method: method.http, uri: path)
        head.headers.add(name: "host", value: "\(host):\(port)")
        head.headers.add(name: "connection", value: "close")
        if let token { head.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let key { head.headers.add(name: "idempotency-key", value: key) }
        switch body {
        case .none:
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
        case .json(let bytes):
            head.headers.add(name: "content-type", value: "application/json")
            head.headers.add(name: "content-length", value: "\(bytes.count)")
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.write(
                HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: bytes))),
                promise: nil
            )
        case .file(let file, let progress):
            try await write(file: file, after: &head, to: channel, progress)
        }
        try await channel.writeAndFlush(HTTPClientRequestPart.end(nil)).get()
    }

    private func write(
        file: String,
        after head: inout HTTPRequestHead,
        to channel: any Channel,
        _ progress: @Sendable (Int64, Int64) -> Void
    ) async throws {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw TandemError(
                .fileUnavailable,
                "\(file) can't be read",
                remedy: "Check the path."
            )
        }
        defer { try? handle.close() }
        let total = Int64(try handle.seekToEnd())
        try handle.seek(toOffset: 0)
        head.headers.add(name: "content-type", value: "application/octet-stream")
        head.headers.add(name: "content-length", value: "\(total)")
        try await channel.writeAndFlush(HTTPClientRequestPart.head(head)).get()
        var sent: Int64 = 0
        while let piece = try handle.read(upToCount: 256 * 1024), !piece.isEmpty {
            // Waiting for each piece bounds what lies in memory.
            try await channel.writeAndFlush(
                HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: piece)))
            ).get()
            sent += Int64(piece.count)
            progress(sent, total)
        }
    }

    /// It may have been carried out: with its key it can be sent again.
    private func unanswered(_ why: String) -> TandemError {
        TandemError(
            .unreachable,
            "the controller at \(host):\(port) gave no answer; what was asked for may have been done",
            remedy: "Look at `tandem cluster show` and `tandem log` before you ask for it again.",
            cause: why
        )
    }

    private func unreachable(_ why: String) -> TandemError {
        TandemError(
            .unreachable,
            "the controller at \(host):\(port) can't be reached",
            remedy: "Check the address, that tandem-controller runs, and your certificate.",
            cause: why
        )
    }
}
