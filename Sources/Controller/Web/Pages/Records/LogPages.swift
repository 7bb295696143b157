import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    func addLogPages(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/upgrade-log", policy: .page(.see), to: router) { request, _ in
            let filter = LineFilter(queryTerm(request))
            let network = try await service.network(after: 0, waitSeconds: 0)
            let found = try await MatchingLines<UpgradeLogEntry>.read(
                before: try number("before", in: request),
                admits: filter.admits
            ) { try await service.log(cluster: filter.clusterName, before: $0) }
            let view = UpgradeLogView(
                lines: found.items,
                next: found.next,
                filter: filter,
                clusters: network.clusters.map(\.name)
            )
            return try await pages.page(
                "upgrade-log",
                title: "Upgrade Log",
                section: .upgradeLog,
                now: network.time,
                view.values
            )
        }
        add(.get, "/audit", policy: .page(.audit), to: router) { request, _ in
            let filter = LineFilter(queryTerm(request))
            let found = try await MatchingLines<AuditEntry>.read(
                before: try number("before", in: request),
                admits: filter.admits
            ) { try await service.audit(before: $0) }
            return try await pages.page(
                "audit",
                title: "Audit",
                section: .audit,
                now: presentTime(),
                AuditView(lines: found.items, next: found.next, filter: filter).values
            )
        }
    }

    func addLogFiles(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/upgrade-log.csv", policy: .page(.see), to: router) { request, _ in
            let filter = LineFilter(queryTerm(request))
            let lines = ExportedList<UpgradeLogEntry>(
                head: CSV.line(LogExport.header),
                admits: filter.admits,
                page: { try await service.log(cluster: filter.clusterName, before: $0) },
                text: { line, _ in CSV.line(LogExport.cells(line)) }
            )
            return pages.file(
                named: "upgrade-log.csv",
                type: "text/csv; charset=utf-8",
                .init(asyncSequence: lines)
            )
        }
        add(.get, "/upgrade-log.json", policy: .page(.see), to: router) { request, _ in
            let filter = LineFilter(queryTerm(request))
            let lines = ExportedList<UpgradeLogEntry>(
                head: "[",
                tail: "\n]\n",
                admits: filter.admits,
                page: { try await service.log(cluster: filter.clusterName, before: $0) },
                text: { line, isFirst in
                    (isFirst ? "\n" : ",\n") + (try LogExport.json(line))
                }
            )
            return pages.file(
                named: "upgrade-log.json",
                type: "application/json",
                .init(asyncSequence: lines)
            )
        }
        add(.get, "/audit.jsonl", policy: .page(.audit), to: router) { request, _ in
            let filter = LineFilter(queryTerm(request))
            let lines = ExportedList<AuditEntry>(
                admits: filter.admits,
                page: { try await service.audit(before: $0) },
                text: { line, _ in try LogExport.json(line) + "\n" }
            )
            return pages.file(
                named: "audit.jsonl",
                type: "application/jsonl",
                .init(asyncSequence: lines)
            )
        }
    }
}
