import ControllerAPI
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    func addAlarmPages(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        add(.get, "/alarms", policy: .page(.see), to: router) { request, _ in
            let isHistory = request.uri.queryParameters["history"] == "true"
            return try await pages.alarms(
                isHistory: isHistory,
                before: isHistory ? try number("before", in: request) : nil
            )
        }
        let service = service
        add(.post, "/alarms/acknowledge", policy: .page(.takeCharge), to: router) { request, _ in
            try await pages.answer(
                request,
                backTo: "/alarms",
                page: { try await pages.alarms(isHistory: false, problem: $0) },
                { form in
                    let request = AcknowledgeRequest(
                        number: AlarmNumber(UInt32(try form.required("number")) ?? 0),
                        instance: try form.required("instance"),
                        note: try form.required("note")
                    )
                    _ = try await service.acknowledge(request, person: try Caller.person())
                }
            )
        }
    }

    func addServerPages(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/servers/:server", policy: .page(.see), to: router) { _, context in
            try await pages.server(try name("server", as: ServerName.self, in: context))
        }
        add(.get, "/servers/:server/logs.txt", policy: .page(.see), to: router) { _, context in
            let server = try name("server", as: ServerName.self, in: context)
            let text = try await service.logs(server).text
            return pages.file(
                named: "\(server).log",
                type: "text/plain; charset=utf-8",
                .init(byteBuffer: ByteBuffer(string: text))
            )
        }
        add(
            .post,
            "/servers/:server/collect-logs",
            policy: .page(.handleImages),
            to: router
        ) { request, context in
            let server = try name("server", as: ServerName.self, in: context)
            return try await pages.answer(
                request,
                backTo: "/servers/\(Query.escaped(server.text))#logs",
                page: { try await pages.server(server, problem: $0) },
                { _ in _ = try await service.collectLogs(server, person: try Caller.person()) }
            )
        }
    }
}

extension RecordPages {
    /// Active alarms, or a stretch of the past ones.
    func alarms(
        isHistory: Bool,
        before: UInt64? = nil,
        problem: TandemError? = nil
    ) async throws -> Response {
        let stretch = try await service.alarms(
            includesHistory: isHistory,
            Stretch(before: before)
        )
        let now = presentTime()
        let view = AlarmListView(
            alarms: stretch.items.filter { ($0.clearedAt != nil) == isHistory },
            next: stretch.next,
            isHistory: isHistory,
            certificates: try await service.certificates(endingBy: Notes.limit(at: now)),
            now: now,
            person: try Caller.current()
        )
        return try await page(
            "alarms",
            title: "Alarms",
            section: .alarms,
            problem: problem,
            now: now,
            view.values
        )
    }

    /// One server, with its newest lines of the upgrade log.
    func server(_ name: ServerName, problem: TandemError? = nil) async throws -> Response {
        let logs = try await service.logs(name)
        let network = try await service.network(after: 0, waitSeconds: 0)
        guard
            let cluster = network.clusters.first(where: { cluster in
                cluster.servers.contains { $0.name == name }
            }), let server = cluster.servers.first(where: { $0.name == name })
        else {
            throw TandemError(
                .unknownName,
                "there is no server '\(name)'",
                remedy: "The Upgrade Manager shows the servers."
            )
        }
        let history = try await MatchingLines<UpgradeLogEntry>.read(
            before: nil,
            admits: { $0.server == name }
        ) { try await service.log(cluster: cluster.name, before: $0) }
        let view = ServerView(
            server: server,
            cluster: cluster,
            alarms: network.alarms.filter { $0.instance == name.text },
            history: Array(history.items.prefix(50)),
            logs: logs,
            images: try await service.images(),
            certificate: try await service.certificates(endingBy: nil)
                .first { $0.server == name },
            now: network.time,
            person: try Caller.current()
        )
        return try await page(
            "server",
            title: "Server \(name)",
            section: .upgradeManager,
            problem: problem,
            now: network.time,
            view.values
        )
    }
}
