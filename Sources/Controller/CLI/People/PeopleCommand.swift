import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem people ...`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Accounts of the people who may use the controller.",
        subcommands: [ListPeople.self],
        defaultSubcommand: ListPeople.self
    )
}

struct ListPeople: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "All accounts; for administrators."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let list: PeopleList = try await connection.client().get(APIPath.people)
            try output.show(list, as: PeopleText.people)
        }
    }
}

/// `tandem token ...`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Tokens with which programs act in your name.",
        subcommands: [ListTokens.self, CreateToken.self, RevokeToken.self],
        defaultSubcommand: ListTokens.self
    )
}

struct ListTokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Your tokens, newest first."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let tokens: [TokenInfo] = try await connection.client().get(APIPath.tokens)
            try output.show(tokens) { tokens in
                tokens.isEmpty ? "No token.\n" : PeopleText.tokens(tokens)
            }
        }
    }
}

extension Role: ExpressibleByArgument {}

struct CreateToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it, once.",
        discussion: """
            Standard output holds the token alone, so that it can go into a file: \
            `(umask 077; tandem token create backup --role viewer > token)`. Programs use it with \
            --token-file, or in an Authorization header.
            """
    )

    @Argument(help: "What it is for.")
    var label: String

    @Option(name: .long, help: "One of your roles; may be given several times.")
    var role: [Role]

    @Option(name: .long, help: "Days for which it counts, at most 365.")
    var days = 90

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let made: NewToken = try await connection.client().send(
                .post,
                APIPath.tokens,
                TokenRequest(label: label, roles: role, days: days)
            )
            try output.show(made) { made in
                Terminal.writeError("Token \(made.token.id), until \(made.token.expiresAt.text):\n")
                return made.secret + "\n"
            }
        }
    }
}

struct RevokeToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End one of your tokens, at once."
    )

    @Argument(help: "The token's id, as `tandem token list` shows it.")
    var id: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions

    func run() async throws {
        try await reporting {
            guard id.utf8.allSatisfy({ hexValue($0) != nil }), !id.isEmpty else {
                throw TandemError(
                    .unknownName,
                    "there is no token '\(id)'",
                    remedy: "`tandem token list` shows your tokens."
                )
            }
            try await connection.client().order(.delete, "\(APIPath.tokens)/\(id)")
            Terminal.write("Revoked \(id)\n")
        }
    }
}

/// Accounts and tokens as tables.
enum PeopleText {
    static func people(_ list: PeopleList) -> String {
        var table = Table("Name", "Roles", "State", "Password", "Second factor", "Last sign-in")
        for account in list.people {
            table.add(
                account.name.text,
                text(account.roles),
                account.isLocked ? "locked" : "active",
                account.hasPassword ? "yes" : "no",
                account.hasSecondFactor ? "yes" : "no",
                account.lastSignInAt?.text ?? "never"
            )
        }
        guard !list.requests.isEmpty else { return table.text }
        var waiting = Table("Waits", "Person", "Roles", "Asked by", "At")
        for request in list.requests {
            waiting.add(
                request.id.description,
                request.person.text,
                text(request.roles),
                request.askedBy.text,
                request.askedAt.text
            )
        }
        return table.text + "\n" + waiting.text
    }

    static func tokens(_ tokens: [TokenInfo]) -> String {
        var table = Table("Token", "For", "Roles", "Until", "Last used")
        for token in tokens {
            table.add(
                token.id,
                token.label,
                text(token.roles),
                token.expiresAt.text,
                token.usedAt?.text ?? "never"
            )
        }
        return table.text
    }

    private static func text(_ roles: [Role]) -> String {
        roles.map(\.rawValue).joined(separator: ", ")
    }
}
