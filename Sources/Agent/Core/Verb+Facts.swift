import TandemModel

extension Verb {
    /// The manifest that the verb goes to, where it goes to one.
    var target: Digest? {
        switch self {
        case .check(let manifest, _), .install(let manifest, _), .backOut(let manifest, _): manifest
        case .stageImage(let offer): offer.manifest
        case .dropImage, .promote, .demote, .takeBack, .fence, .hold, .unhold, .inhibitReplication,
            .allowReplication, .applyConfiguration, .accept, .recover, .collectLogs, .report:
            nil
        }
    }

    /// Whether it replaces the server's release.
    var replacesRelease: Bool {
        switch self {
        case .install, .backOut: true
        case .stageImage, .dropImage, .check, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            false
        }
    }

    /// Whether a server that gave its mate a voucher must not do it while the voucher counts.
    var isRefusedWhileVouched: Bool {
        switch self {
        case .install, .backOut, .demote: true
        case .stageImage, .dropImage, .check, .promote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            false
        }
    }

    /// Whether it moves nothing but the role, a hold or the replication.
    ///
    /// Its looks wait for no answer of the product. A promotion is not one of them: who is to serve
    /// must be able to.
    var isOfRoleAlone: Bool {
        switch self {
        case .demote, .takeBack, .fence, .hold, .unhold, .inhibitReplication, .allowReplication:
            true
        case .stageImage, .dropImage, .check, .install, .backOut, .promote, .applyConfiguration,
            .accept, .recover, .collectLogs, .report:
            false
        }
    }

    /// Whether a zombie accepts it: what leads out, what keeps it away from traffic, what tells.
    var isForZombies: Bool {
        switch self {
        case .install, .backOut, .fence, .hold, .demote, .recover, .report, .stageImage, .check,
            .collectLogs:
            true
        case .dropImage, .promote, .takeBack, .unhold, .inhibitReplication, .allowReplication,
            .applyConfiguration, .accept:
            false
        }
    }

    /// Whether it may run on a server whose own demotion is not settled: the dead-man may take the
    /// role back at any moment, so nothing else may be under way then.
    var isForDemoted: Bool {
        switch self {
        case .takeBack, .fence, .hold, .unhold, .recover, .stageImage, .dropImage, .check,
            .collectLogs, .report:
            true
        case .promote(_, let authority):
            authority != .demotionProof
        case .install, .backOut, .demote, .inhibitReplication, .allowReplication,
            .applyConfiguration, .accept:
            false
        }
    }
}

extension SoftwareState {
    /// Whether both say the same; texts are for people and do not count.
    func isSame(as other: SoftwareState) -> Bool {
        switch (self, other) {
        case (.known(let one), .known(let two)): one == two
        case (.blank, .blank), (.halfInstalled, .halfInstalled), (.unknown, .unknown): true
        case (.known, _), (.blank, _), (.halfInstalled, _), (.unknown, _): false
        }
    }

    /// Whether a package is neither here nor gone.
    var isHalfInstalled: Bool {
        switch self {
        case .halfInstalled: true
        case .known, .blank, .unknown: false
        }
    }
}

extension Health {
    /// The words of a failing check.
    var failure: String? {
        switch self {
        case .failing(let words): words
        case .healthy, .warning, .unknown: nil
        }
    }

    /// Whether a check said that the product works.
    var isGood: Bool {
        switch self {
        case .healthy, .warning: true
        case .failing, .unknown: false
        }
    }
}
