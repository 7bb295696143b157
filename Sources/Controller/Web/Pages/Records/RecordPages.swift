import ControllerAPI
import Foundation
import Hummingbird
import TandemModel

/// What the pages of images, logs, alarms and servers have in common.
struct RecordPages: Sendable {
    let service: any ControllerService
    let renderer: PageRenderer

    /// A whole page with the notes above it; `problem` is what the form before it ran into.
    func page(
        _ template: String,
        title: String,
        section: PageFrame.Section?,
        problem: TandemError? = nil,
        now: WallTime,
        _ content: Values
    ) async throws -> Response {
        var content = content
        let notes = Notes.values(
            problem: problem,
            certificates: try await service.certificates(endingBy: Notes.limit(at: now)),
            now: now
        )
        content.merge(notes) { mine, _ in mine }
        let frame = PageFrame(title: title, section: section, person: try Caller.current())
        return try renderer.page(
            template,
            frame,
            content,
            status: problem.map { .init(code: Problem($0).status) } ?? .ok
        )
    }

    /// Does what a form asks, then goes back to a page; or shows the page with what went wrong.
    func answer(
        _ request: Request,
        backTo path: String,
        page: (TandemError) async throws -> Response,
        _ work: (FormBody) async throws -> Void
    ) async throws -> Response {
        // Outside: a form that does not come from the page is refused, not answered with the page.
        let form = try await FormBody(of: request)
        do {
            try await work(form)
        } catch let error as TandemError where error.code != .signInNeeded {
            return try await page(error)
        }
        return Response(
            status: .seeOther,
            headers: [.location: path, .cacheControl: "no-store"]
        )
    }

    /// A file that a browser keeps.
    func file(named name: String, type: String, _ body: ResponseBody) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                .contentDisposition: "attachment; filename=\"\(name)\"",
            ],
            body: body
        )
    }
}

/// A term of a request's query.
func queryTerm(_ request: Request) -> (String) -> String? {
    { request.uri.queryParameters[Substring($0)].map(String.init) }
}

/// This machine's clock, for what a page words as time left.
func presentTime() -> WallTime {
    WallTime(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
}
