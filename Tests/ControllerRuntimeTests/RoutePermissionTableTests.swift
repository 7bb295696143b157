import ControllerAPI
@testable import ControllerWeb
import HTTPTypes
import Testing

/// Which permission guards which route, written down a second time: a change of one is seen here.
@Suite struct RoutePermissionTableTests {
    private static let expected: Set<String> = [
        "GET /account: keepOwnAccount, page",
        "POST /account/password: keepOwnAccount, page",
        "POST /account/second-factor: keepOwnAccount, page",
        "POST /account/second-factor/confirm: keepOwnAccount, page",
        "POST /account/second-factor/remove: keepOwnAccount, page",
        "POST /account/sessions/end: keepOwnAccount, page",
        "POST /account/tokens: keepOwnAccount, page",
        "POST /account/tokens/revoke: keepOwnAccount, page",
        "GET /alarms: see, page",
        "GET /api/v1/alarms: see",
        "DELETE /api/v1/approvals/{request}: stop",
        "POST /api/v1/approvals/{request}: approve",
        "GET /api/v1/audit: audit",
        "POST /api/v1/clusters: changeNetwork",
        "DELETE /api/v1/clusters/{cluster}: changeNetwork",
        "GET /api/v1/clusters/{cluster}: see",
        "GET /api/v1/clusters/{cluster}/configurations: see",
        "POST /api/v1/clusters/{cluster}/configurations: editConfiguration",
        "POST /api/v1/clusters/{cluster}/press: stop",
        "GET /api/v1/images: see",
        "POST /api/v1/images: handleImages",
        "DELETE /api/v1/images/{image}: handleImages",
        "POST /api/v1/images/{image}/stage: handleImages",
        "GET /api/v1/log: see",
        "GET /api/v1/me: keepOwnAccount",
        "GET /api/v1/network: see",
        "GET /api/v1/people: managePeople",
        "POST /api/v1/people: managePeople",
        "POST /api/v1/people/{person}/lock: managePeople",
        "POST /api/v1/people/{person}/password: managePeople",
        "PUT /api/v1/people/{person}/roles: managePeople",
        "DELETE /api/v1/people/{person}/second-factor: managePeople",
        "DELETE /api/v1/people/{person}/sessions: managePeople",
        "DELETE /api/v1/people/{person}/tokens/{token}: managePeople",
        "POST /api/v1/people/{person}/unlock: managePeople",
        "GET /api/v1/preferences/{page}: keepOwnAccount",
        "PUT /api/v1/preferences/{page}: keepOwnAccount",
        "DELETE /api/v1/role-requests/{request}: managePeople",
        "POST /api/v1/role-requests/{request}: managePeople",
        "POST /api/v1/servers/{server}/agent: enrol",
        "GET /api/v1/servers/{server}/logs: see",
        "POST /api/v1/servers/{server}/logs: handleImages",
        "GET /api/v1/tokens: keepOwnAccount",
        "POST /api/v1/tokens: keepOwnAccount",
        "DELETE /api/v1/tokens/{token}: keepOwnAccount",
        "GET /assets/tandem.css: open",
        "GET /assets/tandem.js: open",
        "GET /healthz: open",
        "GET /people: managePeople, page",
        "POST /people/add: managePeople, page",
        "POST /people/{person}/end-sessions: managePeople, page",
        "POST /people/{person}/give-password: managePeople, page",
        "POST /people/{person}/lock: managePeople, page",
        "POST /people/{person}/reset-second-factor: managePeople, page",
        "POST /people/{person}/roles: managePeople, page",
        "POST /people/{person}/unlock: managePeople, page",
        "POST /role-requests/{request}/approve: managePeople, page",
        "POST /role-requests/{request}/withdraw: managePeople, page",
        "GET /sign-in: open",
        "POST /sign-in: open",
        "POST /sign-in/code: open",
        "GET /sign-in/once: open",
        "GET /sign-in/provider: open",
        "GET /sign-in/provider/return: open",
        "POST /sign-out: keepOwnAccount, page",
    ]

    @Test func everyRouteHasThePermissionOfTheTable() async throws {
        let found = Set(try await AccessRig().entries.map(Self.line))
        #expect(found.subtracting(Self.expected).sorted() == [], "not in the table")
        #expect(Self.expected.subtracting(found).sorted() == [], "in the table only")
    }

    private static func line(_ entry: RouteInventory.Entry) -> String {
        let policy =
            switch entry.policy {
            case .allowed(let permission): permission.rawValue
            case .page(let permission): "\(permission.rawValue), page"
            case .open: "open"
            }
        return "\(entry.method.rawValue) \(entry.path): \(policy)"
    }
}
