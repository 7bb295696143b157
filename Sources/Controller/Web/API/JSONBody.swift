import ControllerAPI
import Foundation
import Hummingbird
import NIOCore
import TandemModel

/// A JSON answer.
func jsonResponse(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = ByteBuffer(bytes: try encoder.encode(value))
    return Response(
        status: status,
        headers: [
            .contentType: "application/json", .cacheControl: "no-store",
        ],
        body: .init(byteBuffer: body)
    )
}

/// The longest JSON body.
let jsonByteCountMax = 256 * 1024

/// Reads a JSON body.
func jsonBody<Body: Decodable>(_ type: Body.Type, of request: Request) async throws -> Body {
    let mediaType = request.headers[.contentType]?.split(separator: ";").first ?? ""
    guard mediaType.isEmpty || mediaType.lowercased() == "application/json" else {
        throw StatusProblem.wrongType(String(mediaType), needed: "application/json")
    }
    let bytes: ByteBuffer
    do {
        bytes = try await request.body.collect(upTo: jsonByteCountMax)
    } catch {
        throw StatusProblem.tooLarge(byteCount: jsonByteCountMax)
    }
    do {
        return try JSONDecoder().decode(type, from: Data(buffer: bytes))
    } catch {
        throw TandemError(
            .usage,
            "the request's body is not a \(type)",
            remedy: "Compare it with the API's description.",
            cause: "\(error)"
        )
    }
}

extension Data {
    fileprivate init(buffer: ByteBuffer) { self.init(buffer.readableBytesView) }
}
