import TandemModel

extension TandemFailure {
    init(
        _ code: ErrorCode,
        _ message: String,
        remedy: String,
        diagnostic: String = ""
    ) {
        self.init(
            code: code.id,
            message: clipped(message, byteCountMax: TextLimit.message),
            remedy: clipped(remedy, byteCountMax: TextLimit.message),
            diagnostic: clipped(diagnostic, byteCountMax: TextLimit.diagnostic)
        )
    }

    /// The same failure with what became of the server, for the operator's line.
    func adding(_ ending: String) -> TandemFailure {
        var copy = self
        let whole = message.isEmpty ? ending : "\(message); \(ending)"
        copy.message = clipped(whole, byteCountMax: TextLimit.message)
        return copy
    }

    /// The same failure under another code, keeping the tool's own words.
    func recoded(_ code: ErrorCode, _ message: String, remedy: String) -> TandemFailure {
        let words = diagnostic.isEmpty ? self.message : diagnostic
        return TandemFailure(code, message, remedy: remedy, diagnostic: words)
    }

    static func stopped(_ what: String) -> TandemFailure {
        TandemFailure(
            .stoppedByPerson,
            "ended because a person asked for it; \(what)",
            remedy: "go on or take the way back when ready"
        )
    }

    static func expired(_ command: Command) -> TandemFailure {
        TandemFailure(
            .commandExpired,
            "\(command.verb.word) could not start before its deadline; nothing was changed",
            remedy: "look at the server's state and press the button again"
        )
    }

    static func precondition(_ what: String) -> TandemFailure {
        TandemFailure(
            .preconditionFailed,
            "\(what); nothing was changed",
            remedy: "look at what the server reports now and decide again"
        )
    }

    static func voucher(_ what: String) -> TandemFailure {
        TandemFailure(
            .voucherRefused,
            "\(what); nothing was changed",
            remedy: "see that the mate is connected, active and in service, then try again"
        )
    }

    static func missingManifest(_ manifest: Digest) -> TandemFailure {
        TandemFailure(
            .imageUnknown,
            "no staged image has the manifest \(manifest.short)",
            remedy: "stage the image on this server and try again"
        )
    }
}

extension DriverResult {
    /// The driver's words where it did not say done.
    func failure(_ verb: String, server: ServerName) -> TandemFailure? {
        let words: String
        let how: String
        switch self {
        case .done: return nil
        case .refused(let text): (how, words) = ("refused", text)
        case .failed(let text): (how, words) = ("failed", text)
        case .unknown(let text): (how, words) = ("gave no usable answer to", text)
        }
        return TandemFailure(
            .driverFailed,
            "the HA driver of \(server) \(how) \(verb)",
            remedy: "read the driver's words below, see what the HA system says, then try again",
            diagnostic: words
        )
    }
}

extension DriverCall {
    /// The driver's verb.
    var word: String {
        switch self {
        case .promote: "promote"
        case .demote: "demote"
        case .takeBack: "take-back"
        case .fence: "fence"
        case .hold: "hold"
        case .unhold: "unhold"
        case .inhibitReplication: "inhibit-replication"
        case .allowReplication: "allow-replication"
        }
    }
}
