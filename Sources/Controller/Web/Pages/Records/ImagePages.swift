import ControllerAPI
import Hummingbird
import TandemModel

extension Routes {
    /// Images, servers, alarms, upgrade log and audit as pages.
    func addRecordPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let pages = RecordPages(service: service, renderer: renderer)
        addImagePages(pages, to: router)
        addImageForms(pages, to: router)
        addLogPages(pages, to: router)
        addLogFiles(pages, to: router)
        addAlarmPages(pages, to: router)
        addServerPages(pages, to: router)
    }

    private func addImagePages(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/iso-maintenance", policy: .page(.see), to: router) { request, _ in
            try await pages.isoMaintenance(before: try number("before", in: request))
        }
        add(.get, "/images/:image", policy: .page(.see), to: router) { _, context in
            let detail = try await service.image(try digest("image", in: context))
            return try await pages.page(
                "image",
                title: "Image \(detail.info.release)",
                section: .isoMaintenance,
                now: presentTime(),
                ImageDetailView(detail: detail).values
            )
        }
    }

    private func addImageForms(_ pages: RecordPages, to router: Router<BasicRequestContext>) {
        let (service, back) = (service, "/iso-maintenance")
        add(.post, "/images/:image/push", policy: .page(.handleImages), to: router) {
            request,
            context in
            let image = try digest("image", in: context)
            return try await pages.answer(request, backTo: back, page: pages.isoMaintenance) {
                let stage = StageRequest(
                    cluster: ClusterName(try $0.required("cluster")),
                    server: $0["server"].map { ServerName($0) }
                )
                _ = try await service.stage(image, stage, person: try Caller.person())
            }
        }
        add(.post, "/images/:image/delete", policy: .page(.handleImages), to: router) {
            request,
            context in
            let image = try digest("image", in: context)
            return try await pages.answer(request, backTo: back, page: pages.isoMaintenance) {
                let server = $0["server"].map { ServerName($0) }
                _ = try await service.drop(image, server: server, person: try Caller.person())
            }
        }
        add(.post, "/uploads/:upload/delete", policy: .page(.handleImages), to: router) {
            request,
            context in
            try await pages.answer(request, backTo: back, page: pages.isoMaintenance) { _ in
                try await service.dropUpload(
                    try uploadID(context),
                    person: try Caller.person()
                )
            }
        }
    }
}

extension RecordPages {
    /// The list of images, with what went wrong where a form led here.
    func isoMaintenance(_ problem: TandemError) async throws -> Response {
        try await isoMaintenance(before: nil, problem: problem)
    }

    func isoMaintenance(
        before: UInt64?,
        problem: TandemError? = nil
    ) async throws -> Response {
        let person = try Caller.current()
        let network = try await service.network(after: 0, waitSeconds: 0)
        let view = ImageListView(
            images: try await service.images(
                Stretch(before: before, limit: ImageListView.pageCount)
            ),
            leftOut: try await service.leftOutImages(),
            uploads: person.may(.handleImages)
                ? try await service.uploads(person: person.name) : [],
            pushes: try await service.pushes(),
            network: network,
            person: person
        )
        return try await page(
            "iso-maintenance",
            title: "ISO Maintenance",
            section: .isoMaintenance,
            problem: problem,
            now: network.time,
            view.values
        )
    }
}
