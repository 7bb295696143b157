import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// One button for several clusters: one confirmation for each, side by side.
    func addSeveralPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/press-several", policy: .page(.see), to: router) { request, _ in
            let parameters = request.uri.queryParameters
            let listed = parameters["clusters"].map { names(String($0)) } ?? []
            let clusters = parameters.getAll("cluster").map { ClusterName(String($0)) } + listed
            let page = SeveralPage(service: service, renderer: renderer)
            let button = try SeveralPage.button(parameters["button"].map(String.init))
            guard let first = clusters.first else {
                return Response(status: .seeOther, headers: [.location: "/"])
            }
            guard Set(clusters).count > 1 else {
                guard first.isValid else { throw SeveralPage.badName(first) }
                let path = PressView.path(first, button, server: nil)
                return Response(status: .seeOther, headers: [.location: path])
            }
            return try await page.show(button, clusters, entries: [:], reason: "")
        }
        add(.post, "/press-several", policy: .page(.stop), to: router) { request, _ in
            let form = try await FormBody(of: request)
            let button = try SeveralPage.button(form["button"])
            let page = SeveralPage(service: service, renderer: renderer)
            return try await page.press(button, names(form["clusters"] ?? ""), form)
        }
    }
}

/// The confirmation page of one button of several clusters.
struct SeveralPage: Sendable {
    static let clusterCountMax = 100

    /// What became of one press.
    struct Outcome: Sendable {
        var cluster: ClusterName
        var text: String
    }

    let service: any ControllerService
    let renderer: PageRenderer

    static func button(_ text: String?) throws -> Button {
        guard let button = text.flatMap({ Button(rawValue: $0) }), button != .removeCluster else {
            throw TandemError(
                .unknownName,
                "there is no button '\((text ?? "").prefix(80))' for several clusters",
                remedy: "Press one of the buttons of the Upgrade Manager."
            )
        }
        return button
    }

    static func badName(_ name: ClusterName) -> TandemError {
        TandemError(
            .unknownName,
            "there is no cluster '\(name.text.prefix(80))'",
            remedy: "Look at the Upgrade Manager for the clusters."
        )
    }

    /// Presses for every cluster that was confirmed; shows what became of each, and the rest anew.
    func press(_ button: Button, _ clusters: [ClusterName], _ form: FormBody) async throws
        -> Response
    {
        do {
            try Caller.demand(ButtonState.permission(of: button))
        } catch let error as TandemError {
            var typed: [ClusterName: (PressEntry, TandemError?)] = [:]
            for name in clusters { typed[name] = (PressEntry(form, prefix: "\(name)."), nil) }
            return try await show(
                button,
                clusters,
                entries: typed,
                reason: form["reason"] ?? "",
                refusal: error
            )
        }
        var outcomes: [Outcome] = []
        var entries: [ClusterName: (PressEntry, TandemError?)] = [:]
        for view in try await views(button, clusters) {
            let name = view.cluster.name
            let entry = PressEntry(form, prefix: "\(name).")
            guard form["\(name).confirm"] != nil else {
                entries[name] = (entry, nil)
                continue
            }
            do {
                let answer = try await PressPage(service: service, renderer: renderer)
                    .send(view, entry)
                outcomes.append(Outcome(cluster: name, text: Self.text(of: answer)))
            } catch let error as TandemError {
                outcomes.append(
                    Outcome(cluster: name, text: "Refused: \(error.message) \(error.remedy)")
                )
                entries[name] = (entry, error)
            }
        }
        let left = clusters.filter { entries[$0] != nil }
        return try await show(
            button,
            left,
            entries: entries,
            reason: form["reason"] ?? "",
            outcomes: outcomes
        )
    }

    private static func text(of answer: PressResponse) -> String {
        if answer.approval != nil { return "Waits for a second person." }
        return answer.action == nil ? "Done." : "Begun."
    }

    /// The page as it is now.
    func show(
        _ button: Button,
        _ clusters: [ClusterName],
        entries: [ClusterName: (PressEntry, TandemError?)],
        reason: String,
        outcomes: [Outcome] = [],
        refusal: TandemError? = nil
    ) async throws -> Response {
        let person = try Caller.current()
        let views: [PressView]
        do { views = try await self.views(button, clusters) } catch { throw refusal ?? error }
        let possible = views.filter { $0.offer != nil && $0.lack.isEmpty }
        let refused = views.filter { $0.offer == nil || !$0.lack.isEmpty }
        return try renderer.page(
            "press-several",
            PageFrame(
                title: "\(button.label) for several clusters",
                section: .upgradeManager,
                person: person
            ),
            [
                "problem": Shown.problem(refusal),
                "proof": Shown.proof(
                    person,
                    for: ButtonState.permission(of: button),
                    provider: renderer.provider
                ),
                "button": button.rawValue, "buttonLabel": button.label, "reason": reason,
                "names": clusters.map(\.text).joined(separator: ","),
                "needsReason": possible.contains { $0.offer?.demands?.needsReason ?? true },
                "hasOffered": !possible.isEmpty, "hasRefused": !refused.isEmpty,
                "hasResults": !outcomes.isEmpty,
                "results": outcomes.map {
                    ["resultCluster": $0.cluster.text, "result": $0.text] as Values
                },
                "offered": possible.map { view in
                    let name = view.cluster.name
                    let (entry, problem) = entries[name] ?? (PressEntry(), nil)
                    return view.values(entry, problem: problem, prefix: "\(name).")
                },
                "refused": refused.map { view in
                    [
                        "clusterName": view.cluster.name.text,
                        "whyNot": view.mustChoose
                            ? "More than one server could be meant." : view.whyNot,
                        "mustChoose": view.mustChoose,
                        "single": PressView.path(view.cluster.name, button, server: nil),
                    ] as Values
                },
            ],
            status: refusal.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    private func views(_ button: Button, _ clusters: [ClusterName]) async throws -> [PressView] {
        guard clusters.count <= Self.clusterCountMax else {
            throw TandemError(
                .usage,
                "\(clusters.count) clusters are too many at once",
                remedy: "Check at most \(Self.clusterCountMax)."
            )
        }
        let images = button == .startUpgrade ? try await service.images() : []
        let person = try Caller.current()
        var views: [PressView] = []
        for name in Set(clusters).sorted() {
            guard name.isValid else { throw Self.badName(name) }
            let status = try await service.cluster(name, after: 0, waitSeconds: 0).status
            views.append(
                PressView(status, button, server: nil, images: images, person: person)
            )
        }
        return views
    }
}

/// Names with commas between them.
private func names(_ text: String) -> [ClusterName] {
    text.split(separator: ",").map { ClusterName(String($0)) }
}
