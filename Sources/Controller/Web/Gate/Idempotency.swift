import ControllerAPI
import HTTPTypes
import Hummingbird
import NIOCore
import TandemCrypto
import TandemModel

/// Lets a changing request of the API happen once, however often it is sent with the same key.
struct Idempotency: Sendable {
    static let keyField = "idempotency-key"
    static let replayedField = "idempotency-replayed"

    let ledger: any RequestLedger

    /// Handles a request of a known person, or gives again what it was answered before.
    func once(
        _ request: Request,
        _ work: (Request) async throws -> Response
    ) async throws -> Response {
        guard !Self.isReading(request.method), let name = HTTPField.Name(Self.keyField),
            let key = request.headers[name]
        else { return try await work(request) }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (33...126).contains($0) })
        else {
            throw TandemError(
                .usage,
                "the Idempotency-Key is not 1 to 255 visible ASCII characters",
                remedy: "Send a random one, such as a UUID, for each new request."
            )
        }
        let (whole, digest) = try await read(request)
        let keyed = KeyedRequest(person: try Caller.person(), key: key, digest: digest)
        switch try await begin(keyed) {
        case .answered(let answer): return Self.replayed(answer)
        case .new: break
        }
        return try await carryOut(whole, keyed, work)
    }

    static func isReading(_ method: HTTPRequest.Method) -> Bool {
        [.get, .head, .options].contains(method)
    }

    private func begin(_ keyed: KeyedRequest) async throws -> RequestBeginning {
        do {
            return try await ledger.begin(keyed)
        } catch let error as TandemError where error.code == .requestRunning {
            throw StatusProblem(status: .conflict, error: error, headers: [.retryAfter: "1"])
        }
    }

    private func carryOut(
        _ request: Request,
        _ keyed: KeyedRequest,
        _ work: (Request) async throws -> Response
    ) async throws -> Response {
        let response: Response
        do {
            response = try await work(request)
        } catch {
            // Below 500 the request was refused: it changed nothing and may be sent again.
            if problemResponse(error).status.code < 500 {
                await ledger.refused(keyed)
            } else {
                await ledger.failed(keyed)
            }
            throw error
        }
        guard response.status.kind == .successful else {
            await ledger.refused(keyed)
            return response
        }
        return await keep(response, keyed, isSecret: Self.holdsSecret(request))
    }

    private func keep(_ response: Response, _ keyed: KeyedRequest, isSecret: Bool) async
        -> Response
    {
        guard !isSecret, let body = try? await Self.bytes(of: response.body) else {
            await ledger.endSecretly(keyed, status: response.status.code)
            return response
        }
        await ledger.end(
            keyed,
            GivenAnswer(
                status: response.status.code,
                contentType: response.headers[.contentType] ?? "",
                body: body
            )
        )
        return response
    }

    /// Answers that show a secret once: tokens, codes and keys of people.
    private static func holdsSecret(_ request: Request) -> Bool {
        !APIPath.keptAnswers.contains { request.uri.path.hasPrefix($0) }
    }

    private static func replayed(_ answer: GivenAnswer) -> Response {
        var headers: HTTPFields = [.contentType: answer.contentType]
        if let name = HTTPField.Name(replayedField) { headers[name] = "true" }
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}

// MARK: - What makes two requests the same

extension Idempotency {
    /// The request with its body in memory, and the digest of all that it asks.
    ///
    /// A body that is no JSON may be gigabytes: it is known by its length and not held.
    private func read(_ request: Request) async throws -> (Request, Digest) {
        var hasher = SHA256Hasher()
        for part in [request.method.rawValue, request.uri.string] {
            hasher.update(Array(part.utf8))
            hasher.update([0])
        }
        let mediaType = request.headers[.contentType]?.lowercased() ?? ""
        guard mediaType.isEmpty || mediaType.hasPrefix("application/json") else {
            hasher.update(Array("\(mediaType) \(request.headers[.contentLength] ?? "")".utf8))
            return (request, hasher.finish())
        }
        var whole = request
        // An image may come without a type too.
        guard Int(request.headers[.contentLength] ?? "0") ?? 0 <= jsonByteCountMax else {
            hasher.update(Array((request.headers[.contentLength] ?? "").utf8))
            return (request, hasher.finish())
        }
        let body: ByteBuffer
        do {
            body = try await whole.body.collect(upTo: jsonByteCountMax)
        } catch {
            throw StatusProblem.tooLarge(byteCount: jsonByteCountMax)
        }
        hasher.update(Array(body.readableBytesView))
        whole.body = .init(buffer: body)
        return (whole, hasher.finish())
    }

    private static func bytes(of body: ResponseBody) async throws -> [UInt8] {
        let sink = ByteSink()
        try await body.write(Writer(sink: sink))
        return sink.bytes
    }

    private final class ByteSink {
        var bytes: [UInt8] = []
    }

    private struct Writer: ResponseBodyWriter {
        let sink: ByteSink

        mutating func write(_ buffer: ByteBuffer) async throws {
            sink.bytes += buffer.readableBytesView
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
