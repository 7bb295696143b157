import ControllerAPI
import TandemModel

/// A button as it stands for one cluster: what it would do, or why not.
struct ButtonState: Sendable, Hashable {
    var button: Button
    var server: ServerName?
    /// Why it is greyed; empty where it can be pressed.
    var whyNot: String
    var action: String
    var peopleNeeded: Int

    /// Buttons that always have their place, so that nobody has to look for them.
    static let main: [Button] = [
        .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
        .reapplyConfiguration, .tryAgain, .accept, .stop, .close,
    ]

    /// Every button for a cluster: all offers, and the main ones that are not offered with the reason.
    static func all(for cluster: ClusterStatus, person: KnownPerson) -> [ButtonState] {
        var all: [ButtonState] = []
        let others = cluster.buttons.map(\.button).filter { !main.contains($0) }
        for button in main + unique(others) {
            let offers = cluster.buttons.filter { $0.button == button }
            guard !offers.isEmpty else {
                all.append(
                    ButtonState(
                        button: button,
                        server: nil,
                        whyNot: "Not offered here: \(cluster.positionText)",
                        action: "",
                        peopleNeeded: 1
                    )
                )
                continue
            }
            all += offers.map { offer in
                ButtonState(
                    button: button,
                    server: offer.server,
                    whyNot: offer.isEnabled ? lack(button, person) : offer.whyNot,
                    action: offer.action,
                    peopleNeeded: offer.peopleNeeded
                )
            }
        }
        return all
    }

    /// What a button asks of the person.
    static func permission(of button: Button) -> Permission {
        switch button {
        case .stop: .stop
        case .removeCluster: .changeNetwork
        case .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
            .reapplyConfiguration, .tryAgain, .accept, .close, .closeAsObserved, .recovered,
            .replaceServer, .restoreService, .goOnSingle, .declareOutcome, .demote, .fence, .hold,
            .release:
            .operate
        }
    }

    /// Why this person may not press it at all; empty where the roles give it.
    static func lack(_ button: Button, _ person: KnownPerson) -> String {
        let permission = permission(of: button)
        guard !person.may(permission) else { return "" }
        let roles = permission.roles.map(\.rawValue).sorted().joined(separator: " or ")
        return "You may look, and not press this: it needs the role \(roles)."
    }

    private static func unique(_ buttons: [Button]) -> [Button] {
        var all: [Button] = []
        for button in buttons where !all.contains(button) { all.append(button) }
        return all
    }
}

/// The row of buttons for the clusters that are checked.
enum ButtonBar {
    static func values(for clusters: [ClusterStatus], person: KnownPerson) -> Values {
        var buttons = ButtonState.main
        let states = clusters.map { ($0, ButtonState.all(for: $0, person: person)) }
        for state in states.flatMap(\.1) where !buttons.contains(state.button) {
            buttons.append(state.button)
        }
        return [
            "count": clusters.count, "hasSelection": !clusters.isEmpty,
            "selection": clusters.map(\.name.text).sorted().joined(separator: ", "),
            "buttons": buttons.map { button in
                let why = whyNot(button, states)
                return [
                    "value": button.rawValue, "buttonLabel": button.label, "isGreyed": !why.isEmpty,
                    "why": why.isEmpty ? share(button, states) : why,
                    "hasWhy": !why.isEmpty || !share(button, states).isEmpty,
                ] as Values
            },
        ]
    }

    private typealias States = [(ClusterStatus, [ButtonState])]

    /// Why none of the clusters has the button; empty where one has.
    private static func whyNot(_ button: Button, _ states: States) -> String {
        guard !states.isEmpty else { return "Check a cluster first." }
        var reasons: [String] = []
        for (cluster, all) in states {
            let mine = all.filter { $0.button == button }
            guard !mine.contains(where: \.whyNot.isEmpty) else { return "" }
            let why = mine.first?.whyNot ?? "Not offered here: \(cluster.positionText)"
            reasons.append(states.count > 1 ? "\(cluster.name): \(why)" : why)
        }
        let rest = reasons.count > 5 ? " And \(reasons.count - 5) more clusters." : ""
        return reasons.prefix(5).joined(separator: " ") + rest
    }

    /// For how many of several clusters it is, where not for all.
    private static func share(_ button: Button, _ states: States) -> String {
        let count = states.count { $0.1.contains { $0.button == button && $0.whyNot.isEmpty } }
        return count == states.count ? "" : "For \(count) of the \(states.count) that are checked."
    }
}
