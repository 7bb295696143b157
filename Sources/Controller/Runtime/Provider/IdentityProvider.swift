package import ControllerAPI
package import ControllerOIDC
package import Logging
import NIOCore
import NIOHTTP1
package import TandemCrypto
import TandemHTTPChannel
package import TandemModel

/// Signs people in with the site's identity provider: keeps what is under way and asks the provider.
package actor IdentityProvider: ProviderService {
    /// How long one question may take, in seconds.
    private static let deadlineSeconds: Int64 = 5
    /// Longest answer that is read, in bytes.
    private static let answerByteCountMax = 256 * 1024
    /// Most people who are looked after at once: each costs up to four questions.
    private static let workCountMax = 8
    /// Random bytes of a state, a nonce, a verifier and a cookie.
    private static let secretByteCount = 32

    package nonisolated let name: String
    private let settings: ProviderSettings
    private let tls: TLSContext
    private let now: @Sendable () -> WallTime
    private let logger: Logger
    private var pending = PendingSignIns()
    private var kept = KeptDocuments()
    private var workCount = 0

    /// The provider of these settings, whose certificates `tls` trusts.
    ///
    /// - Throws: `configurationInvalid` for an issuer that is no https address.
    package init(
        settings: ProviderSettings,
        tls: TLSContext,
        logger: Logger,
        now: @escaping @Sendable () -> WallTime
    ) throws(TandemError) {
        guard let address = SecureAddress(settings.discovery) else {
            throw TandemError(
                .configurationInvalid,
                "the issuer '\(settings.issuer)' is no https address",
                remedy: "Set `oidc-issuer` to what the provider calls itself."
            )
        }
        name = address.host
        self.settings = settings
        self.tls = tls
        self.logger = logger
        self.now = now
    }

    /// Notes the sign-in and says where the browser goes.
    package func begin(
        to path: String,
        isFresh: Bool,
        browser: String?,
        source: String
    ) async throws -> ProviderStart {
        try await telling {
            let document = try await self.document()
            // A second page of the same browser must not void the first one's way back.
            let browser = browser.flatMap { Self.isSecret($0) ? $0 : nil } ?? Self.secret()
            let state = Self.secret()
            let signIn = PendingSignIn(
                nonce: Self.secret(),
                verifier: Self.secret(),
                browser: sha256(Array(browser.utf8)),
                path: path,
                isFresh: isFresh,
                source: source,
                startedAt: self.now()
            )
            try self.pending.add(signIn, state: state)
            let address = ProviderQuestions.authorization(
                document,
                self.settings,
                signIn,
                state: state
            )
            return ProviderStart(address: address, browser: browser)
        }
    }

    /// Redeems the code and judges the token.
    package func finish(_ answer: ProviderAnswer, browser: String?) async throws -> ProviderEnd {
        try await telling {
            let signIn = try self.pending.take(
                state: answer.state ?? "",
                browser: sha256(Array((browser ?? "").utf8)),
                at: self.now()
            )
            let document = try await self.document()
            let code = try ProviderQuestions.code(
                answer.code,
                error: answer.error,
                issuer: answer.issuer,
                document: document,
                settings: self.settings
            )
            let token = try await self.redeem(code, signIn, document)
            let person = try token.person(
                for: self.settings,
                nonce: signIn.nonce,
                freshSince: signIn.isFresh ? signIn.startedAt : nil,
                at: self.now()
            )
            return ProviderEnd(
                name: person.name,
                roles: person.roles,
                provedAt: person.provedAt,
                path: signIn.path
            )
        }
    }

    private func redeem(
        _ code: String,
        _ signIn: PendingSignIn,
        _ document: ProviderDocument
    ) async throws -> IDToken {
        let question = ProviderQuestions.redemption(document, settings, signIn, code: code)
        var headers: HTTPHeaders = [
            "content-type": "application/x-www-form-urlencoded", "accept": "application/json",
        ]
        if let authorization = question.authorization {
            headers.add(name: "authorization", value: authorization)
        }
        let answer = try await ask(.POST, document.token, headers, Array(question.body.utf8))
        let text = try ProviderQuestions.token(status: answer.status, body: answer.body)
        let envelope = try IDToken.Envelope(text)
        if let token = try IDToken(envelope, keys: try await keys(of: document)) { return token }
        // Providers change their keys: an unknown one may be new.
        if kept.mayRefreshKeys(at: now()),
            let token = try IDToken(envelope, keys: try await fetchKeys(of: document))
        {
            return token
        }
        throw ProviderRefusal.unknownKey
    }

    // MARK: - Questions

    private func document() async throws -> ProviderDocument {
        if let document = kept.document(at: now()) { return document }
        guard let address = SecureAddress(settings.discovery) else {
            throw ProviderRefusal.unreadable("discovery document")
        }
        let document = try ProviderDocument(
            try await get(address, "discovery document"),
            for: settings
        )
        kept.keep(document, at: now())
        return document
    }

    private func keys(of document: ProviderDocument) async throws -> KeySet {
        if let keys = kept.keys(at: now()) { return keys }
        return try await fetchKeys(of: document)
    }

    private func fetchKeys(of document: ProviderDocument) async throws -> KeySet {
        let keys = try KeySet(try await get(document.keys, "set of keys"))
        kept.keep(keys, at: now())
        return keys
    }

    private func get(_ address: SecureAddress, _ what: String) async throws -> [UInt8] {
        let answer = try await ask(.GET, address, ["accept": "application/json"], [])
        guard answer.status == 200 else { throw ProviderRefusal.unreadable(what) }
        return answer.body
    }

    private func ask(
        _ method: HTTPMethod,
        _ address: SecureAddress,
        _ headers: HTTPHeaders,
        _ body: [UInt8]
    ) async throws -> ResponseCollector.Response {
        try await HTTPSEndpoint(host: address.host, port: address.port, tls: tls).exchange(
            method,
            address.target,
            headers: headers,
            body: body,
            byteCountMax: Self.answerByteCountMax,
            deadline: .seconds(Self.deadlineSeconds)
        )
    }

    // MARK: - Errors

    /// Does a part of a sign-in; what goes wrong is told to the person, and with its cause to the log.
    private func telling<Value>(_ work: () async throws -> Value) async throws -> Value {
        guard workCount < Self.workCountMax else {
            throw TandemError(
                .tooManyAttempts,
                "too many people sign in with the identity provider at once",
                remedy: "Try again in a few seconds."
            )
        }
        workCount += 1
        defer { workCount -= 1 }
        do {
            return try await work()
        } catch let refusal as ProviderRefusal {
            let error = refusal.error(issuer: settings.issuer)
            if refusal.isNews {
                logger.warning("sign-in refused", metadata: ["error": "\(error)"])
            }
            throw error
        } catch let error as TandemError where error.code == .tooManyAttempts {
            throw error
        } catch {
            let error = TandemError(
                .providerRefused,
                "the identity provider \(settings.issuer) can't be reached",
                remedy:
                    "Sign in with a local account; look into the controller's log for the cause.",
                cause: (error as? TandemError)?.description ?? "\(error)"
            )
            logger.warning("sign-in impossible", metadata: ["error": "\(error)"])
            throw error
        }
    }

    private static func secret() -> String { newSecret(byteCount: secretByteCount) }

    private static func isSecret(_ text: String) -> Bool {
        bytes(ofHexadecimal: text)?.count == secretByteCount
    }
}
