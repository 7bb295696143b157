import ControllerAPI
import Foundation
import Hummingbird
import NIOCore
import TandemModel

/// The fields of a posted form, of which each is named once.
struct FormBody: Sendable {
    static let contentType = "application/x-www-form-urlencoded"
    /// The hidden field that bears the session's form token.
    static let tokenField = "form-token"
    /// The field of a password or code that proves anew who presses.
    static let proofField = "proof"
    private static let byteCountMax = 256 * 1024

    private let fields: FormFields

    /// Reads a form and checks its token.
    ///
    /// - Throws: `usage` for no form or too long a one, `crossSiteRefused` for a wrong token.
    init(of request: Request) async throws {
        guard Self.isBorne(by: request) else {
            throw Self.unreadable("the request bears no form")
        }
        let body = String(buffer: try await Self.bytes(of: request))
        guard let fields = FormFields(body) else { throw Self.unreadable("the form is malformed") }
        self.fields = fields
        guard case .session(let token) = Caller.known?.means else { return }
        guard fields.values[Self.tokenField] == token else {
            throw OriginCheck.refused("the form bears no token of the page")
        }
    }

    /// Whether a request says that its body is a form.
    static func isBorne(by request: Request) -> Bool {
        request.headers[.contentType]?.hasPrefix(contentType) == true
    }

    /// The request with its form in memory, to be read more than once.
    static func held(_ request: Request) async throws -> Request {
        var held = request
        held.body = .init(buffer: try await bytes(of: request))
        return held
    }

    private static func bytes(of request: Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: byteCountMax)
        } catch {
            throw unreadable("the form is larger than \(byteCountMax) bytes or cut short")
        }
    }

    /// A field, without surrounding blanks; `nil` where it is missing or empty.
    subscript(_ name: String) -> String? {
        let value = fields.values[name]?.trimmingCharacters(in: .whitespaces) ?? ""
        return value.isEmpty ? nil : value
    }

    /// A field as it was typed: blanks are part of a password.
    func unchanged(_ name: String) -> String { fields.values[name] ?? "" }

    /// A field that must be there.
    func required(_ name: String) throws -> String {
        guard let value = self[name] else { throw Self.unreadable("the field '\(name)' is empty") }
        return value
    }

    private static func unreadable(_ why: String) -> TandemError {
        TandemError(.usage, why, remedy: "Fill in the form and send it again.")
    }
}
