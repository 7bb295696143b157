import ControllerAPI
import TandemModel

/// The Upgrade Manager's parts as values for its templates.
enum ManagerView {
    /// Up to so many clusters, all servers are shown at first.
    static let smallNetworkCount = 12

    /// The whole page.
    static func page(
        _ network: NetworkSnapshot,
        _ query: ManagerQuery,
        images: [ImageInfo],
        certificates: [CertificateExpiry] = [],
        person: KnownPerson
    ) -> Values {
        var query = query
        let isSmall = network.clusters.count <= smallNetworkCount
        query.toggle(in: network.clusters, isSmallNetwork: isSmall)
        let shown = network.clusters.filter(query.shows)
        var values = pieces(network, query, certificates: certificates, clusters: shown)
        values["columnHeads"] = columns(of: query).map { ["label": $0.label] }
        values["isos"] = currentImages(images).map {
            ["release": $0.release.description, "digest": String($0.image.description.prefix(16))]
        }
        values["hasISO"] = !images.isEmpty
        values["offers"] = ButtonBar.values(
            for: network.clusters.filter { query.checked.contains($0.name) },
            person: person
        )
        values["filter"] = filter(query, network.clusters)
        values["isNothingShown"] = shown.isEmpty
        values["isEmptyNetwork"] = network.clusters.isEmpty
        values["position"] = "\(network.epoch)-\(network.version)"
        values["pieces"] = "/upgrade-manager/pieces"
        return values
    }

    /// The parts that change while somebody looks: summary, board and the rows of these clusters.
    static func pieces(
        _ network: NetworkSnapshot,
        _ query: ManagerQuery,
        certificates: [CertificateExpiry],
        clusters: [ClusterStatus]
    ) -> Values {
        let isSmall = network.clusters.count <= smallNetworkCount
        return [
            "stop": EmergencyStopPage.stop(network.emergencyStop),
            "expiring": Notes.expiring(certificates, now: network.time),
            "summary": summary(network), "board": Board.values(network.clusters),
            "columnCount": columns(of: query).count + 2,
            "rows": clusters.map { cluster in
                ClusterRows.values(
                    cluster,
                    isOpen: query.isOpen(cluster, isSmallNetwork: isSmall),
                    isChecked: query.checked.contains(cluster.name),
                    columns: columns(of: query)
                )
            },
        ]
    }

    static func columns(of query: ManagerQuery) -> [ManagerQuery.Column] {
        ManagerQuery.Column.allCases.filter(query.columns.contains)
    }

    private static func summary(_ network: NetworkSnapshot) -> Values {
        let clusters = network.clusters
        let running = clusters.count { $0.action != nil }
        let waiting = clusters.count(where: \.waitsForPerson)
        let worst = network.alarms.max { $0.severity < $1.severity }
        return [
            "clusterCount": Shown.count(clusters.count, "cluster"),
            "serverCount": Shown.count(clusters.reduce(0) { $0 + $1.servers.count }, "server"),
            "runningCount": running, "waitingCount": waiting,
            "alarmCount": Shown.count(network.alarms.count, "active alarm"),
            "worst": worst.map {
                ["severity": $0.severity.rawValue, "what": "\($0.number) \($0.instance)"]
            } as Any? ?? false,
            "now": Shown.time(network.time),
        ]
    }

    /// The newest image of each product: what a Start would most likely mean.
    static func currentImages(_ images: [ImageInfo]) -> [ImageInfo] {
        var newest: [String: ImageInfo] = [:]
        for image in images {
            let known = newest[image.release.product]?.addedAt.milliseconds ?? 0
            if image.addedAt.milliseconds >= known { newest[image.release.product] = image }
        }
        return newest.keys.sorted().compactMap { newest[$0] }
    }

    private static func filter(_ query: ManagerQuery, _ clusters: [ClusterStatus]) -> Values {
        let kinds = Set(clusters.map(\.kind.description)).sorted()
        let sites = Set(clusters.map(\.site.text)).sorted()
        let ofFilter: Set<String> = ["q", "kind", "site", "waits", "alarms", "columns", "show"]
        return [
            "q": query.text, "isWaitsOnly": query.waitsOnly, "isAlarmsOnly": query.alarmsOnly,
            "isFiltering": query.isFiltering,
            "isAnyKind": query.kind.isEmpty, "isAnySite": query.site.isEmpty,
            "kinds": kinds.map { ["value": $0, "isChosen": $0 == query.kind] as Values },
            "sites": sites.map { ["value": $0, "isChosen": $0 == query.site] as Values },
            "choices": ManagerQuery.Column.allCases.map {
                ["value": $0.rawValue, "label": $0.label, "isChosen": query.columns.contains($0)]
                    as Values
            },
            "kept": fields(query.fields(without: ofFilter)),
            "rest": fields(query.fields(without: ["cluster"])),
            "view": query.text(without: ["open", "closed", "cluster"]),
            "all": "/?view=all&\(query.text(without: ["q", "kind", "site", "waits", "alarms"]))",
        ]
    }

    static func fields(_ fields: [(name: String, value: String)]) -> [Values] {
        fields.map { ["field": $0.name, "value": $0.value] }
    }
}

/// Who must do what next, in all clusters.
enum Board {
    /// As many as a person reads; the rest are counted, and the table's filter shows them.
    static let lineCountMax = 50

    static func values(_ clusters: [ClusterStatus]) -> Values {
        let waiting = clusters.filter(\.waitsForPerson)
        // Stop points and lost service first: servers that were never heard of can wait.
        let urgent = waiting.filter(\.needsLooking) + waiting.filter { !$0.needsLooking }
        let others = clusters.filter {
            !$0.waitsForPerson && ($0.action != nil || !($0.waits ?? []).isEmpty)
        }
        return [
            "waiting": urgent.prefix(lineCountMax).map(line),
            "moreWaiting": max(0, waiting.count - lineCountMax) as Int,
            "hasMoreWaiting": waiting.count > lineCountMax,
            "running": others.prefix(lineCountMax).map(line),
            "moreRunning": max(0, others.count - lineCountMax) as Int,
            "hasMoreRunning": others.count > lineCountMax,
            "isWaiting": !waiting.isEmpty, "isRunning": !others.isEmpty,
            "waitingCount": waiting.count,
            // A sound and the title tell of a stop that was not there before.
            "stops": waiting.map(\.name.text).joined(separator: " "),
        ]
    }

    private static func line(_ cluster: ClusterStatus) -> Values {
        let step = cluster.action?.step
        return [
            "name": cluster.name.text, "next": cluster.nextStep,
            "since": Shown.time(cluster.waitsSince),
            "action": cluster.action?.text ?? "",
            "waits": waits(cluster), "hasWaits": !(cluster.waits ?? []).isEmpty,
            "step": step.map(stepValues) as Any? ?? false,
            "approvals": cluster.approvals.map {
                ["id": $0.id.description, "button": $0.press.button.label] as Values
            },
        ]
    }

    /// All that waits in a cluster: who, for what, since when, and who can end it.
    static func waits(_ cluster: ClusterStatus) -> [Values] {
        (cluster.waits ?? []).map {
            [
                "waiter": $0.who, "waitsFor": $0.what, "waitSince": Shown.time($0.since),
                "endedBy": $0.unblockedBy,
            ]
        }
    }

    static func stepValues(_ step: StepProgress) -> Values {
        [
            "stepIndex": Int(step.index), "stepCount": Int(step.count), "stepName": step.name,
            "percent": Int(min(step.percent, 100)),
            "elapsed": Shown.duration(step.elapsedMilliseconds),
            "left": step.leftMilliseconds > 0
                ? Shown.duration(step.leftMilliseconds) as Any : false,
            "stepText": step.text.isEmpty ? false : step.text as Any,
        ]
    }
}
