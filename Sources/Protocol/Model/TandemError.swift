/// A failure an operator may see: what happened, and what to do about it.
package struct TandemError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; stable for ever.
    package var code: ErrorCode
    /// What happened, naming the things involved; never a secret.
    package var message: String
    /// The next thing the operator should do; never empty.
    package var remedy: String
    /// The lower-level failure in its own words, for logs; empty when there is none.
    package var cause: String

    /// Creates an error.
    package init(_ code: ErrorCode, _ message: String, remedy: String, cause: String = "") {
        precondition(!remedy.isEmpty, "\(code.id) has no remedy")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    /// `CODE: message (cause). Remedy.` on one line.
    package var description: String {
        let because = cause.isEmpty ? "" : " (\(cause))"
        return "\(code.id): \(message)\(because). \(remedy)"
    }
}

extension TandemError: Hashable {}
