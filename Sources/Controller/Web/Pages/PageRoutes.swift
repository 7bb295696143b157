import ControllerAPI
import Foundation
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    /// Pages for people in a browser, and the files they need.
    func addPages(to router: Router<BasicRequestContext>) throws {
        let renderer = try PageRenderer.shared.get()
        addAssets(to: router)
        addManagerPages(renderer, to: router)
        addClusterPages(renderer, to: router)
        addPressPages(renderer, to: router)
        addChargePages(renderer, to: router)
        addAlarmPages(renderer, to: router)
        addSignInPages(renderer, to: router)
        addAccountPages(renderer, to: router)
        addPeoplePages(renderer, to: router)
    }

    private func addAssets(to router: Router<BasicRequestContext>) {
        for (name, file) in EmbeddedFiles.assets.sorted(by: { $0.key < $1.key }) {
            add(.get, RouterPath("/assets/\(name)"), policy: .open, to: router) { _, _ in
                Response(
                    status: .ok,
                    headers: [.contentType: file.type, .cacheControl: "no-cache"],
                    body: .init(byteBuffer: ByteBuffer(bytes: file.bytes))
                )
            }
        }
    }

    private func addAlarmPages(_ renderer: PageRenderer, to router: Router<BasicRequestContext>) {
        let service = service
        add(.get, "/alarms", policy: .page(.see), to: router) { _, _ in
            let alarms = try await service.alarms(includesHistory: false).items
            let frame = PageFrame(
                title: "Alarms",
                section: .alarms,
                person: try Caller.current()
            )
            return try renderer.page(
                "alarms",
                frame,
                ["alarms": alarms.map { ["number": "\($0.number)", "text": $0.text] }]
            )
        }
    }
}

/// Handles a request for a page: who must sign in is sent there and comes back.
func pageAnswers(
    to request: Request,
    _ work: () async throws -> Response
) async throws -> Response {
    do {
        return try await work()
    } catch let error as TandemError where error.code == .signInNeeded && request.method == .get {
        let back = request.uri.string.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return Response(
            status: .seeOther,
            headers: [.location: "/sign-in?to=\(back ?? "%2F")", .cacheControl: "no-store"]
        )
    } catch let error as TandemError {
        return try PageRenderer.shared.get().refusal(error)
    }
}
