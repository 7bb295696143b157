import ControllerAPI
import ControllerPeople
@testable import ControllerRuntime
import ControllerStore
@testable import ControllerWeb
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import TandemCrypto
import TandemModel

/// All routes over a store of people, one for each role, without a network below: whoever passes
/// the gate gets an error of the domain.
struct AccessRig: Sendable {
    /// What a request is answered with, as far as access matters.
    struct Answer: Sendable, CustomStringConvertible {
        var status: Int
        var location: String?
        /// Of the problem's body; `nil` where there is none.
        var code: String?
        /// The session's new secret; `nil` where it stays.
        var cookie: String?

        /// Whether the gate let the request pass; what came of it then is the route's own affair.
        var isPassed: Bool { status != 401 && status != 403 && !leadsToSignIn }
        var leadsToSignIn: Bool { status == 303 && location?.hasPrefix("/sign-in?to=") == true }
        var description: String { "\(status) \(code ?? location ?? "")" }
    }

    /// How a request proves who sends it.
    enum Proof: Sendable {
        case nothing
        case session(String)
        case token(String)
        case certificate(PeerIdentity)
    }

    /// What a request says of where it comes from.
    enum Manner: Sendable {
        case fromOwnPage
        case fromOtherSite
        case withoutFormToken
    }

    let store = InMemoryStore()
    let inventory: RouteInventory
    var entries: [RouteInventory.Entry] { inventory.entries }
    private let responder: RouterResponder<BasicRequestContext>

    init() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-access-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let trust = folder.appending(path: "trust")
        let key = try Data(Ed25519.PrivateKey.generate().publicKey.rawBytes).base64EncodedString()
        try Data("version 1\nthreshold 1\nkey \(key)\n".utf8).write(to: trust)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let assembly = try await ControllerAssembly(
            name: "c1",
            stateFolder: folder.path,
            trustFile: trust.path,
            store: InMemoryStore(),
            heartbeatMilliseconds: 1000,
            logger: logger
        )
        // Its loop does not run: what would wait for it is refused instead.
        assembly.loop.queue.close()
        let desk = PeopleDesk(store: store, cost: .cheap)
        let routes = Routes(service: assembly.controller, identities: desk, people: desk)
        responder = try routes.router().buildResponder()
        inventory = routes.inventory
        for role in Role.allCases { try await add(PersonName(role.rawValue), role) }
        try await add(PersonName("locked"), .operator)
    }

    private func add(_ name: PersonName, _ role: Role) async throws {
        _ = try await store.changePeople { book in
            try book.add(
                name,
                roles: [role],
                passwordHash: nil,
                by: .local,
                request: RequestID(high: 0, low: 0),
                at: wallNow()
            )
        }
    }

    // MARK: - Proofs

    /// A session of a person, begun so long ago.
    func session(of name: String, age: UInt64 = 0) async throws -> String {
        let secret = newSecret()
        let begun = WallTime(milliseconds: wallNow().milliseconds - age)
        _ = try await store.changePeople { book in
            book.open(
                PeopleDesk.digest(secret),
                for: PersonName(name),
                proved: "in a test",
                from: SessionOrigin(source: "test", agent: ""),
                at: begun
            )
        }
        return secret
    }

    /// A token of a person in all its roles.
    func token(of name: String) async throws -> String {
        let secret = newSecret()
        _ = try await store.changePeople { book in
            try book.addToken(
                PeopleDesk.digest(secret),
                id: newSecret(byteCount: 4),
                of: PersonName(name),
                label: "test",
                scope: try book.account(PersonName(name)).roles,
                days: 1,
                at: wallNow()
            )
        }
        return secret
    }

    func forgetTokens() async throws { try await store.changePeople { $0.tokens = [:] } }

    func lock(_ name: String) async throws {
        try await store.changePeople {
            try $0.lock(PersonName(name), reason: "test", by: .local, at: wallNow())
        }
    }

    // MARK: - Requests

    /// Sends what a route takes, with names that nothing has.
    func send(
        _ entry: RouteInventory.Entry,
        as proof: Proof,
        _ manner: Manner = .fromOwnPage
    ) async throws -> Answer {
        let isForm =
            switch entry.policy {
            case .page, .open: true
            case .allowed: false
            }
        let path = Self.path(entry.path)
        return try await send(
            entry.method,
            path,
            isForm ? "" : "{}",
            isForm: isForm,
            as: proof,
            manner
        )
    }

    /// Sends a form, to which the page's token is added, or JSON.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ content: String,
        isForm: Bool,
        as proof: Proof,
        _ manner: Manner = .fromOwnPage
    ) async throws -> Answer {
        var head = HTTPRequest(
            method: method,
            scheme: "https",
            authority: "tandem.test",
            path: path
        )
        if manner == .fromOtherSite { head.headerFields[.origin] = "https://elsewhere.test" }
        var body = content
        var identity: PeerIdentity?
        switch proof {
        case .nothing: break
        case .token(let secret): head.headerFields[.authorization] = "Bearer \(secret)"
        case .certificate(let own): identity = own
        case .session(let secret):
            head.headerFields[.cookie] = "\(Gate.cookie)=\(secret)"
            if manner != .withoutFormToken {
                let token = PeopleDesk.formToken(secret)
                if isForm { body += (body.isEmpty ? "" : "&") + "form-token=\(token)" }
                if let header = Self.formTokenHeader { head.headerFields[header] = token }
            }
        }
        if method != .get {
            head.headerFields[.contentType] = isForm ? FormBody.contentType : "application/json"
        }
        return try await respond(Request(head: head, body: Self.body(body)), identity)
    }

    private static let formTokenHeader: HTTPField.Name? = HTTPField.Name("x-tandem-form-token")

    private static func body(_ text: String) -> RequestBody {
        RequestBody(buffer: ByteBuffer(string: text))
    }

    /// The path with something well formed for each parameter.
    static func path(_ pattern: String) -> String {
        let parts = pattern.split(separator: "/").map { part in
            switch part {
            case "{image}": String(repeating: "0", count: 64)
            case "{request}": "00000000-0000-0000-0000-000000000001"
            case _: part.hasPrefix("{") ? "nothing" : String(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    private func respond(_ request: Request, _ identity: PeerIdentity?) async throws -> Answer {
        let context = BasicRequestContext(
            source: ApplicationRequestContextSource(
                channel: EmbeddedChannel(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        let response = try await Caller.$identity.withValue(identity) {
            try await responder.respond(to: request, context: context)
        }
        var answer = Answer(
            status: response.status.code,
            location: response.headers[.location],
            code: nil,
            cookie: response.headers[.setCookie].flatMap { field in
                field.firstMatch(of: /__Host-tandem=([^;]+)/).map { String($0.1) }
            }
        )
        guard response.status.code >= 400 else { return answer }
        let sink = BodySink()
        try await response.body.write(sink)
        if response.headers[.contentType] == "application/problem+json" {
            answer.code = try JSONDecoder().decode(Problem.self, from: sink.data).code
        } else {
            // A page says it in words.
            let text = String(decoding: sink.data, as: UTF8.self)
            answer.code = text.firstMatch(of: /TDM-[0-9]{4}/).map { String($0.output) }
        }
        return answer
    }
}

/// Takes an answer's body.
private final class BodySink: ResponseBodyWriter {
    private(set) var data = Data()

    func write(_ buffer: ByteBuffer) async throws {
        data.append(contentsOf: buffer.readableBytesView)
    }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
