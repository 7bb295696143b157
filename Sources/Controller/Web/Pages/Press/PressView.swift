import ControllerAPI
import TandemModel

/// What a person has typed into a confirmation page: kept when the page comes again.
struct PressEntry: Sendable, Hashable {
    var server: ServerName?
    var release: String?
    var statement: String?
    var reason = ""
    /// The token and the lines of what was shown.
    var seen: String?
    var lines: [String] = []
    var acceptsLoss = false
    /// The fields of acknowledged notices.
    var notices: Set<String> = []

    /// The window's two times, as typed; empty where none is to be set.
    var windowStarts = ""
    var windowEnds = ""

    /// Nothing yet.
    init(server: ServerName? = nil) { self.server = server }

    /// What a form says; the fields of one cluster of several begin with its `prefix`.
    init(_ form: FormBody, prefix: String = "") {
        server = form[prefix + "server"].map { ServerName($0) }
        release = form[prefix + "release"]
        statement = form[prefix + "statement"]
        reason = form["reason"] ?? ""
        seen = form[prefix + "seen"]
        lines = (form[prefix + "lines"] ?? "").split(whereSeparator: \.isNewline).map(String.init)
        acceptsLoss = form[prefix + "loss"] != nil
        windowStarts = form["window-starts"] ?? ""
        windowEnds = form["window-ends"] ?? ""
        notices = Set(
            (0..<PressView.noticeCountMax).map { "notice-\($0)" }
                .filter { form[prefix + $0] != nil }
        )
    }
}

extension PressEntry {
    /// The window that is set with a Start.
    func window() throws -> MaintenanceWindow? {
        guard !windowStarts.isEmpty || !windowEnds.isEmpty else { return nil }
        return MaintenanceWindow(
            startsAt: try MaintenanceWindow.time(windowStarts),
            endsAt: try MaintenanceWindow.time(windowEnds)
        )
    }
}

/// A press that a page offers to confirm.
struct PressView: Sendable {
    /// More notices of all releases together are not asked for.
    static let noticeCountMax = 100

    /// A release that a Start could go to.
    struct Choice: Sendable, Hashable {
        var release: ReleaseID
        /// Each with the field that acknowledges it.
        var notices: [(field: String, text: String)]

        static func == (one: Choice, other: Choice) -> Bool { one.release == other.release }
        func hash(into hasher: inout Hasher) { hasher.combine(release) }
    }

    let cluster: ClusterStatus
    let button: Button
    /// The offers that could be meant; more than one where a server is to be chosen.
    let offers: [ButtonOffer]
    let choices: [Choice]
    /// Why this person can't press it; empty where nothing is in the way.
    let lack: String

    /// A button of a cluster, for a person and perhaps a server.
    init(
        _ cluster: ClusterStatus,
        _ button: Button,
        server: ServerName?,
        images: [ImageInfo],
        person: KnownPerson
    ) {
        self.cluster = cluster
        self.button = button
        offers =
            button == .removeCluster
            ? [Self.removal(of: cluster)]
            : cluster.buttons.filter {
                $0.button == button && (server == nil || $0.server == nil || $0.server == server)
            }
        choices = button == .startUpgrade ? Self.choices(cluster, images) : []
        lack = ButtonState.lack(button, person)
    }

    /// No part of an upgrade, so no offer tells of it.
    private static func removal(of cluster: ClusterStatus) -> ButtonOffer {
        ButtonOffer(
            button: .removeCluster,
            server: nil,
            isEnabled: true,
            whyNot: "",
            action: "Remove cluster \(cluster.name)",
            warnings: [
                "Tandem forgets \(cluster.name): its servers are supervised no longer, and their "
                    + "alarms end. The servers themselves stay as they are."
            ],
            peopleNeeded: 2,
            demands: PressDemands(needsReason: true)
        )
    }

    private static func choices(_ cluster: ClusterStatus, _ images: [ImageInfo]) -> [Choice] {
        let running = Set(cluster.servers.map(\.runningRelease))
        let fitting = images.filter { image in
            image.kinds.contains(cluster.kind) && running != [image.release.description]
        }.sorted { versionPrecedes($1.release.version, $0.release.version) }
        var count = 0
        return fitting.map { image in
            let notices = image.notices.prefix(noticeCountMax - count).map { text in
                defer { count += 1 }
                return (field: "notice-\(count)", text: text)
            }
            return Choice(release: image.release, notices: notices)
        }
    }

    /// The one offer that is meant; `nil` where none is, or a server is to be chosen first.
    var offer: ButtonOffer? {
        let enabled = offers.filter(\.isEnabled)
        return enabled.count == 1 ? enabled.first : nil
    }

    /// Whether several servers could be meant.
    var mustChoose: Bool { lack.isEmpty && offers.count(where: \.isEnabled) > 1 }

    /// Why it can't be pressed; empty where it can, or a server is to be chosen first.
    var whyNot: String {
        if !lack.isEmpty { return lack }
        if offer != nil || mustChoose { return "" }
        return offers.first?.whyNot ?? "It is not offered here: \(cluster.positionText)"
    }

    /// What stands in the request, of what was typed.
    ///
    /// - Throws: what is missing, so that the page can come again and say it.
    func request(_ entry: PressEntry) throws -> PressRequest {
        guard let offer else {
            throw TandemError(
                .buttonRefused,
                mustChoose
                    ? "\(button.label) needs the name of a server"
                    : "\(button.label) is not possible for \(cluster.name): \(whyNot)",
                remedy: "Look at \(cluster.name) again."
            )
        }
        let choice =
            choices.first { $0.release.description == entry.release }
            ?? (choices.count == 1 ? choices.first : nil)
        let unread = choice?.notices.filter { !entry.notices.contains($0.field) } ?? []
        if let notice = unread.first {
            throw TandemError(
                .buttonRefused,
                "\(unread.count) of the notices are not acknowledged, such as: \(notice.text)",
                remedy: "Read each of them, and check its box."
            )
        }
        return PressRequest(
            button: button,
            server: entry.server ?? offer.server,
            release: choice?.release,
            statement: entry.statement,
            reason: entry.reason,
            seen: entry.seen ?? "",
            acknowledgedNotices: choice?.notices.map(\.text),
            window: try entry.window(),
            acceptsDataLoss: entry.acceptsLoss
        )
    }
}

// MARK: - Values

extension PressView {
    /// What the templates show; `prefix` sets the fields of one cluster of several apart.
    func values(_ entry: PressEntry, problem: TandemError? = nil, prefix: String = "") -> Values {
        let isOffered = offer != nil && lack.isEmpty
        let demands = offer?.demands
        return [
            "clusterName": cluster.name.text, "button": button.rawValue,
            "buttonLabel": button.label, "prefix": prefix,
            "isOffered": isOffered, "isRefused": !whyNot.isEmpty, "whyNot": whyNot,
            "mustChoose": mustChoose, "targets": mustChoose ? targets : [Values](),
            "action": offer?.action ?? "", "confirmLabel": button.label,
            "warnings": (offer?.warnings ?? []).map { ["warning": $0] },
            "needsTwo": (offer?.peopleNeeded ?? 1) > 1,
            "needsReason": demands?.needsReason ?? button.isForward,
            "positionText": cluster.positionText, "seen": cluster.seen,
            "seenLines": cluster.seenLines.map { ["line": $0] },
            "lines": cluster.seenLines.joined(separator: "\n"),
            "server": (entry.server ?? offer?.server)?.text as Any? ?? false,
            "loss": demands?.loss as Any? ?? false,
            "hasReleases": !choices.isEmpty, "releases": choices.map { values($0, entry) },
            "hasStatements": !(demands?.statements.isEmpty ?? true),
            "statements": (demands?.statements ?? []).map {
                [
                    "statement": $0, "meaning": meaning(of: $0),
                    "isChosen": $0 == entry.statement,
                ] as Values
            },
            "reason": entry.reason, "hasReason": !entry.reason.isEmpty,
            "isStart": button == .startUpgrade,
            "starts": entry.windowStarts, "ends": entry.windowEnds,
            "problem": problem.map { values($0, entry) } as Any? ?? false,
        ]
    }

    private var targets: [Values] {
        offers.map { offer in
            let server = offer.server?.text ?? cluster.name.text
            return [
                "target": server, "targetAction": offer.action,
                "targetWhy": offer.isEnabled ? false : offer.whyNot as Any,
                "href": Self.path(cluster.name, button, server: offer.server),
            ]
        }
    }

    /// Where a button of a cluster is confirmed.
    static func path(_ cluster: ClusterName, _ button: Button, server: ServerName?) -> String {
        "/clusters/\(cluster)/press/\(button.rawValue)"
            + (server.map { "?server=\($0)" } ?? "")
    }

    private func values(_ choice: Choice, _ entry: PressEntry) -> Values {
        [
            "release": choice.release.description,
            "isChosen": choices.count == 1 || choice.release.description == entry.release,
            "notices": choice.notices.map {
                [
                    "noticeField": $0.field, "notice": $0.text,
                    "isNoted": entry.notices.contains($0.field),
                ] as Values
            },
        ]
    }

    /// A refusal; where things have changed, with what exactly.
    private func values(_ problem: TandemError, _ entry: PressEntry) -> Values {
        let isOther = problem.code == .seenChanged
        let was = isOther ? entry.lines.filter { !cluster.seenLines.contains($0) } : []
        let now =
            isOther && !entry.lines.isEmpty
            ? cluster.seenLines.filter { !entry.lines.contains($0) } : []
        let isKnown = !was.isEmpty || !now.isEmpty
        return [
            "message": isKnown ? "What was seen is no longer so." : problem.message,
            "code": problem.code.id, "remedy": problem.remedy, "hasDifference": isKnown,
            "was": was.map { ["line": $0] }, "now": now.map { ["line": $0] },
        ]
    }

    private func meaning(of statement: String) -> String {
        switch (button, statement) {
        case (.declareOutcome, "done"): "the open command reached its goal"
        case (.declareOutcome, "failed"): "the open command did not reach its goal"
        case (.restoreService, "dead"): "the mate does not serve, and I know it"
        case _: "as it is"
        }
    }
}
