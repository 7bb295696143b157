import ControllerAPI
import ControllerOIDC
import Foundation
import TandemModel

/// The part of `controller.conf` about the identity provider: lines that begin with `oidc-`.
struct ProviderConfiguration: Sendable {
    var issuer: String
    var clientID: String
    var clientSecretFile: String?
    /// Whose certificates the provider's must be signed by.
    var authority: String
    var redirect: String
    var personClaim: String
    var rolesClaim: String?
    /// By the provider's groups.
    var roles: [String: Set<Role>]

    static let keys: Set<String> = [
        "oidc-issuer", "oidc-client-id", "oidc-client-secret-file", "oidc-authority",
        "oidc-redirect", "oidc-person-claim", "oidc-roles-claim",
    ]
    /// Followed by a role; the value is a group of the provider's.
    static let rolePrefix = "oidc-role."
    static let returnPath = "/sign-in/provider/return"
    private static let secretByteCountMax = 1024

    /// Reads the lines; `nil` where there are none.
    init?(_ lines: KeyValueFile) throws(KeyValueFile.Problem) {
        let own = lines.entries.first {
            Self.keys.contains($0.key) || $0.key.hasPrefix(Self.rolePrefix)
        }
        guard let own else { return nil }
        func text(_ key: String) throws(KeyValueFile.Problem) -> String {
            if let value = try lines.value(key), !value.isEmpty { return value }
            throw KeyValueFile.Problem(
                line: own.line,
                "with `\(own.key)` there must be a value of `\(key)`"
            )
        }
        issuer = try text("oidc-issuer")
        clientID = try text("oidc-client-id")
        authority = try text("oidc-authority")
        redirect = try text("oidc-redirect")
        clientSecretFile = try lines.value("oidc-client-secret-file")
        personClaim = try lines.value("oidc-person-claim") ?? "preferred_username"
        rolesClaim = try lines.value("oidc-roles-claim")
        roles = try Self.roles(lines)
        guard SecureAddress(issuer) != nil, !issuer.contains("?") else {
            throw lines.problem("oidc-issuer", "is an https address without a query")
        }
        guard let address = SecureAddress(redirect), address.target == Self.returnPath else {
            throw lines.problem("oidc-redirect", "is https://HOST\(Self.returnPath)")
        }
        guard (rolesClaim == nil) == roles.isEmpty else {
            throw KeyValueFile.Problem(
                line: own.line,
                "`oidc-roles-claim` and `\(Self.rolePrefix)ROLE` go together"
            )
        }
    }

    /// The settings with the secret, which is the first line of its file.
    func settings() throws(TandemError) -> ProviderSettings {
        ProviderSettings(
            issuer: issuer,
            clientID: clientID,
            clientSecret: try clientSecretFile.map { path throws(TandemError) in
                try Self.secret(path)
            },
            redirect: redirect,
            personClaim: personClaim,
            rolesClaim: rolesClaim,
            roles: roles
        )
    }

    private static func roles(
        _ lines: KeyValueFile
    ) throws(KeyValueFile.Problem) -> [String: Set<Role>] {
        var roles: [String: Set<Role>] = [:]
        for entry in lines.entries where entry.key.hasPrefix(rolePrefix) {
            guard let role = Role(rawValue: String(entry.key.dropFirst(rolePrefix.count))),
                !entry.value.isEmpty
            else {
                let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw KeyValueFile.Problem(
                    line: entry.line,
                    "`\(rolePrefix)ROLE = GROUP`, where ROLE is one of \(known)"
                )
            }
            roles[entry.value, default: []].insert(role)
        }
        return roles
    }

    private static func secret(_ path: String) throws(TandemError) -> String {
        let text = FileManager.default.contents(atPath: path).flatMap {
            String(data: $0, encoding: .utf8)
        }
        let secret = text?.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard (1...secretByteCountMax).contains(secret.utf8.count) else {
            throw TandemError(
                .fileUnavailable,
                "\(path) holds no secret of 1 to \(secretByteCountMax) bytes",
                remedy: "Write the secret that the identity provider gave into its first line; the "
                    + "controller's user must be able to read it."
            )
        }
        return secret
    }
}
