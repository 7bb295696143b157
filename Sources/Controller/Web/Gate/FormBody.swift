import ControllerAPI
import Foundation
import Hummingbird
import TandemModel

/// The fields of a posted form, of which each is named once.
struct FormBody: Sendable {
    static let contentType = "application/x-www-form-urlencoded"
    /// The hidden field that bears the session's form token.
    static let tokenField = "form-token"
    private static let byteCountMax = 256 * 1024

    private let fields: [String: String]

    /// Reads a form and checks its token.
    ///
    /// - Throws: `usage` for no form or too long a one, `crossSiteRefused` for a wrong token.
    init(of request: Request) async throws {
        guard request.headers[.contentType]?.hasPrefix(Self.contentType) == true else {
            throw Self.unreadable("the request bears no form")
        }
        let body: String
        do {
            body = String(buffer: try await request.body.collect(upTo: Self.byteCountMax))
        } catch {
            throw Self.unreadable("the form is larger than \(Self.byteCountMax) bytes or cut short")
        }
        var fields: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]),
                let value = Self.decoded(parts.count > 1 ? parts[1] : ""),
                fields.updateValue(value, forKey: name) == nil
            else { throw Self.unreadable("the form is malformed") }
        }
        self.fields = fields
        guard case .session(let token) = Caller.known?.means else { return }
        guard fields[Self.tokenField] == token else {
            throw OriginCheck.refused("the form bears no token of the page")
        }
    }

    /// A field, without surrounding blanks; `nil` where it is missing or empty.
    subscript(_ name: String) -> String? {
        let value = fields[name]?.trimmingCharacters(in: .whitespaces) ?? ""
        return value.isEmpty ? nil : value
    }

    /// A field as it was typed: blanks are part of a password.
    func unchanged(_ name: String) -> String { fields[name] ?? "" }

    /// A field that must be there.
    func required(_ name: String) throws -> String {
        guard let value = self[name] else { throw Self.unreadable("the field '\(name)' is empty") }
        return value
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    private static func unreadable(_ why: String) -> TandemError {
        TandemError(.usage, why, remedy: "Fill in the form and send it again.")
    }
}
