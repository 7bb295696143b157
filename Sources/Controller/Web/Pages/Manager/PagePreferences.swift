import Foundation
import Hummingbird
import HummingbirdCore
import TandemModel

/// Where a page's choices are kept for each person; the people service keeps them.
struct PagePreferences: Sendable {
    /// What is kept of this page for a person: JSON, as it was given.
    var load: @Sendable (PersonName, _ page: String) async throws -> String?
    var save: @Sendable (_ text: String, PersonName, _ page: String) async throws -> Void

    private static let manager = "upgrade-manager"

    private struct View: Codable { var query: String }

    /// The Upgrade Manager as the person likes it; `nil` where nothing is kept.
    func managerQuery(of person: PersonName) async throws -> ManagerQuery? {
        guard let text = try await load(person, Self.manager),
            let view = try? JSONDecoder().decode(View.self, from: Data(text.utf8))
        else { return nil }
        let parameters = URI("/?\(view.query)").queryParameters
        return ManagerQuery(parameters.map { (key: $0.key, value: $0.value) })
    }

    /// Keeps a filter and columns, not what is checked or unfolded at the moment.
    func keep(_ query: ManagerQuery, of person: PersonName) async throws {
        let view = View(query: query.text(without: ["open", "closed", "cluster"]))
        let data = try JSONEncoder().encode(view)
        try await save(String(decoding: data, as: UTF8.self), person, Self.manager)
    }
}
