package import TandemModel

/// An error as the API tells it: problem details (RFC 9457) with our code and remedy.
package struct Problem: Codable, Sendable, Hashable {
    /// `urn:tandem:error:TDM-nnnn`.
    package var type: String
    package var title: String
    /// The HTTP status.
    package var status: Int
    package var detail: String
    /// `TDM-nnnn`.
    package var code: String
    /// What to do next; never empty.
    package var remedy: String

    /// The API form of an error; `cause` stays in the controller's log.
    package init(_ error: TandemError) {
        type = "urn:tandem:error:\(error.code.id)"
        title = error.code.id
        status = Self.status(of: error.code)
        detail = error.message
        code = error.code.id
        remedy = error.remedy
    }

    /// The error again, as the command line prints it.
    package var error: TandemError {
        TandemError(
            ErrorCode(id: code),
            detail,
            remedy: remedy.isEmpty ? "See the controller's log." : remedy
        )
    }

    /// 404 for unknown names, 403 for the forbidden, 409 for what can't be now, 400 for bad input.
    private static func status(of code: ErrorCode) -> Int {
        let conflicts: [ErrorCode] = [
            .buttonRefused, .seenChanged, .approvalRefused, .imageNeeded, .releaseUnsuitable,
            .preconditionFailed, .agentBusy, .serverIsZombie, .wayBackMissing, .emergencyStopped,
            .uploadRefused, .requestRunning, .requestInDoubt,
        ]
        let inputs: [ErrorCode] = [
            .usage, .seenMissing, .nameRefused, .documentRefused, .manifestInvalid,
            .imageUntrusted, .imageDamaged, .imageUnreadable, .keyUnusable, .configurationInvalid,
            .accountRefused,
        ]
        if code == .unknownName || code == .imageUnknown { return 404 }
        if code == .signInNeeded || code == .signInRefused { return 401 }
        if [.forbidden, .identityRefused, .crossSiteRefused, .proofNeeded].contains(code) {
            return 403
        }
        if code == .tooManyAttempts { return 429 }
        if code == .requestAltered { return 422 }
        if code == .providerRefused { return 502 }
        if conflicts.contains(code) { return 409 }
        if inputs.contains(code) { return 400 }
        if code == .imageTooLarge { return 413 }
        if code == .diskFull { return 507 }
        return code == .storeUnavailable ? 503 : 500
    }
}
