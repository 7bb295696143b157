import TandemModel

/// Clusters in the words of the Upgrade Manager page.
enum ClusterText {
    /// The table of clusters with their servers below them.
    static func table(_ clusters: [ClusterStatus]) -> String {
        var table = Table(
            "Name",
            "Alarm Severity",
            "Up to Date",
            "Server Role",
            "Prev Release",
            "Running Release",
            "Upgrade Operation"
        )
        for cluster in clusters {
            table.addHeading(
                "\(cluster.name) (\(cluster.kind), \(cluster.site)): \(cluster.positionText)"
            )
            for server in cluster.servers {
                let age = server.isStale ? " (stale)" : ""
                table.add(
                    "  \(server.name)",
                    server.worstAlarm?.rawValue ?? "",
                    server.isUpToDate ? "Y" : "N",
                    server.role.rawValue + age,
                    server.previousRelease,
                    server.runningRelease,
                    server.operation
                )
            }
        }
        return table.text
    }

    /// The running action or the last one's end, and what failed; of an operation or of none.
    private static func lastAction(_ cluster: ClusterStatus) -> String {
        var text = ""
        let ended = cluster.endedActions?.last
        let result = ended?.result ?? cluster.operation?.lastResult ?? ""
        let running = cluster.runningAction
        if let running {
            text += "Running: \(ProgressLine.text(running))\n"
        } else if !result.isEmpty {
            text += "Last: \(result)\n"
        }
        if let failure = cluster.operation?.failure ?? (running == nil ? ended?.failure : nil) {
            text += self.failure(
                failure,
                isTold: running == nil && result.contains(failure.message)
            )
        }
        return text
    }

    /// Everything about one cluster.
    static func details(_ cluster: ClusterStatus) -> String {
        var text = table([cluster]) + "\n"
        if let operation = cluster.operation {
            text +=
                operation.direction == .up
                ? "Operation: upgrade \(operation.old) -> \(operation.new), begun "
                : "Operation: rollback \(operation.new) -> \(operation.old), begun "
            // Once it was taken over, only the log still knows who began it.
            text += operation.takenOverFrom == nil ? "by \(operation.owner) " : ""
            text += "at \(operation.startedAt.text)"
            text += operation.reason.isEmpty ? "\n" : " (\(operation.reason))\n"
            if operation.takenOverFrom != nil {
                text += "Owner: \(operation.ownerText)"
                text += operation.takeOverReason.map { " (\($0))\n" } ?? "\n"
            }
        }
        text += lastAction(cluster)
        if let window = cluster.window { text += "\(self.window(window))\n" }
        for server in cluster.servers {
            text += "\(server.name): \(server.isConnected ? "connected" : "not connected"), "
            text += "generation \(server.generation), health \(server.health), "
            text += server.isHeld ? "held, " : ""
            text += server.isCaughtUp ? "caught up\n" : "behind by \(server.lagBytes) bytes\n"
            if let wayBack = server.wayBack { text += "  way back: \(wayBack)\n" }
        }
        for pending in cluster.approvals {
            text += "Waits for a second person: tandem approve \(pending.id) "
            text += "(\(pending.press.button.label), asked by \(pending.press.person))\n"
        }
        text += "\nButtons:\n" + buttons(cluster)
        if !cluster.nextStep.isEmpty { text += "\nNext: \(cluster.nextStep)\n" }
        return Terminal.clean(text + "Seen: \(cluster.seen)\n")
    }

    /// The window clock.
    static func window(_ window: WindowStatus) -> String {
        var text = "Window: \(window.startsAt.text) to \(window.endsAt.text), "
        text += window.isOpen ? "\(minutesText(window.leftMilliseconds)) left" : "not open now"
        if let step = window.thisStepMilliseconds { text += ", this step \(minutesText(step))" }
        if let back = window.wayBackMilliseconds { text += ", way back \(minutesText(back))" }
        return text
    }

    private static func buttons(_ cluster: ClusterStatus) -> String {
        var table = Table("  Button", "", "Action, or why not")
        for offer in cluster.buttons {
            let people = offer.peopleNeeded > 1 ? " (two people)" : ""
            table.add(
                "  \(offer.button.rawValue)",
                offer.isEnabled ? "yes" : "no",
                offer.isEnabled ? offer.action + people : offer.whyNot
            )
        }
        return cluster.buttons.isEmpty ? "  none\n" : table.text
    }

    /// The literal prompt, and what was observed.
    static func prompt(_ offer: ButtonOffer, _ cluster: ClusterStatus) -> String {
        var text = "Are you sure that you want to perform this action?\n\(offer.action)\n\n"
        text += "Observed:\n"
        for line in cluster.seenLines { text += "  \(line)\n" }
        for warning in offer.warnings { text += "Note: \(warning)\n" }
        if let operation = cluster.operation, cluster.position != .idle {
            text += "Note: The operation is \(operation.ownerText).\n"
        }
        if let window = cluster.window { text += "\(self.window(window))\n" }
        if offer.peopleNeeded > 1 { text += "A second person has to approve.\n" }
        return Terminal.clean(text)
    }

    /// A failure with the tool's own words; what stands just above need not be told again.
    static func failure(_ failure: TandemFailure, isTold: Bool = false) -> String {
        var text =
            isTold
            ? "  -> \(failure.remedy) [\(failure.code)]\n"
            : "Failed: \(failure.message) [\(failure.code)]\n  -> \(failure.remedy)\n"
        for line in failure.diagnostic.split(separator: "\n") { text += "  | \(line)\n" }
        return Terminal.clean(text)
    }
}
