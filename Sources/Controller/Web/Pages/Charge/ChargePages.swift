import ControllerAPI
import Foundation
import Hummingbird
import TandemModel

extension Routes {
    /// The emergency stop, and who has charge of a cluster's operation and when it may be moved.
    func addChargePages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let stop = EmergencyStopPage(service: service, renderer: renderer)
        add(.get, "/emergency-stop", policy: .page(.see), to: router) { _, _ in
            try await stop.show()
        }
        add(.post, "/emergency-stop", policy: .page(.stop), to: router) { request, _ in
            let form = try await FormBody(of: request)
            let isOn = form["set"] != "off"
            return try await stop.set(isOn, reason: form["reason"] ?? "")
        }
        let charge = ChargePage(service: service, renderer: renderer)
        let path: RouterPath = "/clusters/:cluster/charge"
        add(.get, path, policy: .page(.see), to: router) { _, context in
            try await charge.show(try name("cluster", as: ClusterName.self, in: context), [:])
        }
        add(.post, path, policy: .page(.takeCharge), to: router) { request, context in
            let cluster = try name("cluster", as: ClusterName.self, in: context)
            return try await charge.act(cluster, try await FormBody(of: request))
        }
    }
}

/// The page that stops everything, and lets it go on.
struct EmergencyStopPage: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    func show(reason: String = "", problem: TandemError? = nil) async throws -> Response {
        let person = try Caller.current()
        let network = try await service.network(after: 0, waitSeconds: 0)
        return try renderer.page(
            "emergency-stop",
            PageFrame(title: "Emergency Stop", section: .upgradeManager, person: person),
            Self.values(network, reason: reason, person: person, problem: problem).merging([
                "proof": Shown.proof(
                    person,
                    for: network.emergencyStop == nil ? .stop : .operate,
                    provider: renderer.provider
                )
            ]) { mine, _ in mine },
            status: problem.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    func set(_ isOn: Bool, reason: String) async throws -> Response {
        do {
            // Stopping is the safe direction: more people may do it than may go on.
            if !isOn { try Caller.demand(.operate) }
            _ = try await service.emergencyStop(
                on: isOn,
                reason: reason,
                person: try Caller.person()
            )
            return Response(status: .seeOther, headers: [.location: "/"])
        } catch let error as TandemError {
            return try await show(reason: reason, problem: error)
        }
    }

    static func values(
        _ network: NetworkSnapshot,
        reason: String,
        person: KnownPerson,
        problem: TandemError?
    ) -> Values {
        let isOn = network.emergencyStop != nil
        let permission: Permission = isOn ? .operate : .stop
        let roles = permission.roles.map(\.rawValue).sorted().joined(separator: " or ")
        return [
            "stop": stop(network.emergencyStop), "isOn": isOn, "reason": reason,
            "mayAct": person.may(permission), "roles": roles,
            "running": network.clusters.filter { $0.action != nil }.map {
                ["clusterName": $0.name.text, "action": $0.action?.text ?? ""] as Values
            },
            "isRunning": network.clusters.contains { $0.action != nil },
            "problem": Shown.problem(problem),
        ]
    }

    /// The stop, while it is on; else `false`.
    static func stop(_ stop: EmergencyStop?) -> Any {
        guard let stop else { return false }
        return [
            "setBy": stop.person.text, "setAt": Shown.time(stop.since), "setFor": stop.reason,
        ] as Values
    }
}

/// The page of a cluster's owner and window.
struct ChargePage: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    func show(_ cluster: ClusterName, _ typed: [String: String], problem: TandemError? = nil)
        async throws -> Response
    {
        let person = try Caller.current()
        let status = try await service.cluster(cluster, after: 0, waitSeconds: 0).status
        var values = Self.values(status, typed, person)
        values["problem"] = Shown.problem(problem)
        return try renderer.page(
            "charge",
            PageFrame(
                title: "Owner and window of \(cluster)",
                section: .upgradeManager,
                person: person
            ),
            values,
            status: problem.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    func act(_ cluster: ClusterName, _ form: FormBody) async throws -> Response {
        let reason = form["reason"] ?? ""
        do {
            let person = try Caller.person()
            switch form["do"] {
            case "take-over":
                _ = try await service.takeOver(
                    ReasonRequest(reason: reason),
                    cluster: cluster,
                    person: person
                )
            case "clear-window":
                _ = try await service.clearWindow(
                    ReasonRequest(reason: reason),
                    cluster: cluster,
                    person: person
                )
            case _:
                guard let window = try MaintenanceWindow(form) else {
                    throw TandemError(
                        .usage,
                        "the window has no start or no end",
                        remedy: "Give both, in UTC."
                    )
                }
                _ = try await service.setWindow(
                    WindowRequest(
                        startsAt: window.startsAt,
                        endsAt: window.endsAt,
                        reason: reason
                    ),
                    cluster: cluster,
                    person: person
                )
            }
            return Response(status: .seeOther, headers: [.location: "/clusters/\(cluster)"])
        } catch let error as TandemError where error.code != .unknownName {
            let typed = [
                "reason": reason, "starts": form["window-starts"] ?? "",
                "ends": form["window-ends"] ?? "",
            ]
            return try await show(cluster, typed, problem: error)
        }
    }

    static func values(
        _ cluster: ClusterStatus,
        _ typed: [String: String],
        _ person: KnownPerson
    ) -> Values {
        [
            "clusterName": cluster.name.text, "mayAct": person.may(.takeCharge),
            "hasOperation": cluster.position != .idle && cluster.operation != nil,
            "owner": cluster.operation?.ownerText ?? "",
            "window": ClusterView.window(cluster.window), "hasWindow": cluster.window != nil,
            "reason": typed["reason"] ?? "", "starts": typed["starts"] ?? "",
            "ends": typed["ends"] ?? "",
        ]
    }
}

extension MaintenanceWindow {
    /// The window that a form's two fields say; `nil` where both are empty.
    init?(_ form: FormBody) throws {
        guard form["window-starts"] != nil || form["window-ends"] != nil else { return nil }
        self.init(
            startsAt: try Self.time(form["window-starts"]),
            endsAt: try Self.time(form["window-ends"])
        )
    }

    /// A time in UTC, such as `2026-11-26T22:00`; with a blank or seconds as well.
    static func time(_ text: String?) throws -> WallTime {
        let words = (text ?? "").replacing(" ", with: "T").split(separator: ":")
        let whole =
            words.count == 2 ? words.joined(separator: ":") + ":00" : words.joined(separator: ":")
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
            .year().month().day().time(includingFractionalSeconds: false)
        guard let date = try? style.parse(whole), date.timeIntervalSince1970 >= 0 else {
            throw TandemError(
                .usage,
                "'\((text ?? "").prefix(40))' is no time",
                remedy: "Write it in UTC, such as 2026-11-26 22:00."
            )
        }
        return WallTime(milliseconds: UInt64(date.timeIntervalSince1970) * 1000)
    }
}
