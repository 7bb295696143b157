import ControllerAPI
import Foundation
import Hummingbird
import Mustache
import TandemModel

/// Makes pages of the templates that lie in `Templates/`; each fills the parts of `layout`.
struct PageRenderer: Sendable {
    private let library: MustacheLibrary
    /// How the sign-in page calls the identity provider; `nil` where there is none.
    var provider: String?

    /// The one renderer of the process; its templates never change.
    static let shared = Result { try PageRenderer() }

    /// - Throws: the template's error; all are parsed at start, so none is found broken later.
    init() throws {
        var library = MustacheLibrary()
        for (name, bytes) in EmbeddedFiles.templates {
            try library.register(
                MustacheTemplate(string: String(decoding: bytes, as: UTF8.self)),
                named: name
            )
        }
        self.library = library
    }

    /// A whole page: `content` is what the template names, beside what the layout shows.
    func page(
        _ template: String,
        _ frame: PageFrame,
        _ content: [String: Any],
        status: HTTPResponse.Status = .ok
    ) throws -> Response {
        try html(template, content.merging(frame.values) { mine, _ in mine }, status)
    }

    /// A page that says why there is no other, with a link to where the person was.
    func refusal(_ error: TandemError, back: String) throws -> Response {
        try page(
            "refused",
            PageFrame(title: "Not possible", section: nil, person: Caller.known),
            [
                "message": error.message, "code": error.code.id, "remedy": error.remedy,
                "back": back == "/" ? false : back as Any,
            ],
            status: .init(code: Problem(error).status)
        )
    }

    /// A piece of a page, for a script that puts it in place.
    func fragment(_ template: String, _ content: [String: Any]) throws -> Response {
        try html(template, content, .ok)
    }

    /// The text that a template makes of these values.
    func text(_ template: String, _ content: [String: Any]) throws -> String {
        guard let text = library.render(content, withTemplate: template) else {
            throw TandemError(
                .storeUnavailable,
                "the page '\(template)' can't be shown",
                remedy: "Report this to Tandem's developers; use the command line meanwhile."
            )
        }
        return text
    }

    private func html(
        _ template: String,
        _ content: [String: Any],
        _ status: HTTPResponse.Status
    ) throws -> Response {
        let text = try text(template, content)
        return Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}

/// What every page shows around its content.
struct PageFrame: Sendable {
    /// A section of the navigation.
    enum Section: String, CaseIterable {
        case upgradeManager = "Upgrade Manager"
        case isoMaintenance = "ISO Maintenance"
        case upgradeLog = "Upgrade Log"
        case alarms = "Alarms"
        case audit = "Audit"
        case people = "People"

        var path: String {
            switch self {
            case .upgradeManager: "/"
            case .isoMaintenance: "/iso-maintenance"
            case .upgradeLog: "/upgrade-log"
            case .alarms: "/alarms"
            case .audit: "/audit"
            case .people: "/people"
            }
        }

        /// What it stands under in the navigation.
        var group: String {
            switch self {
            case .upgradeManager, .isoMaintenance, .upgradeLog: "Upgrade"
            case .alarms, .audit: "Watch"
            case _: "Administration"
            }
        }

        var permission: Permission {
            switch self {
            case .upgradeManager, .isoMaintenance, .upgradeLog, .alarms: .see
            case .audit: .audit
            case .people: .managePeople
            }
        }
    }

    var title: String
    /// The section it belongs to; `nil` outside the navigation.
    var section: Section?
    /// Who looks; `nil` on the sign-in page.
    var person: KnownPerson?

    var values: [String: Any] {
        let sections = Section.allCases.filter { person?.may($0.permission) ?? false }
        var values: [String: Any] = [
            "title": title, "page": section?.path ?? "",
            "groups": Self.groups(of: sections, current: section),
        ]
        if let person { values["person"] = person.name.text }
        if case .session(let token) = person?.means { values["formToken"] = token }
        return values
    }

    private static func groups(of sections: [Section], current: Section?) -> [[String: Any]] {
        var names: [String] = []
        for section in sections where !names.contains(section.group) { names.append(section.group) }
        return names.map { name in
            let inside = sections.filter { $0.group == name }
            return [
                "name": name, "id": name.lowercased(),
                "sections": inside.map {
                    ["name": $0.rawValue, "path": $0.path, "current": $0 == current]
                        as [String: Any]
                },
            ]
        }
    }
}
