import ArgumentParser
import ControllerAPI
import ControllerPeople
import ControllerStore
import ControllerStoreSQLite
import Foundation
import Glibc
import TandemCrypto
import TandemModel

/// Accounts, kept on the controller's own machine: the way in for the first administrator.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Keep accounts from the controller's own machine; for root.",
        discussion: """
            Works while the controller runs and before its first start: what it changes counts at \
            once. Everything else goes by the page People.
            """,
        subcommands: [
            AddPerson.self, ListPeople.self, LockPerson.self, UnlockPerson.self, SetRoles.self,
            SetPassword.self, ResetSecondFactor.self, OneTimeSignIn.self,
        ]
    )
}

/// What all of them need.
struct PeopleOptions: ParsableArguments {
    @Option(name: .long, help: "The controller's configuration file.")
    var config = "/etc/tandem/controller.conf"

    /// Does something with the store and prints what it says.
    func withStore(_ work: (SQLiteStore) async throws -> String) async throws {
        try await reportingErrors {
            let wiring = Wiring(try ControllerConfiguration(file: config))
            let folder = try wiring.stateFolder()
            let file = wiring.configuration.storeFile
            let isNew = !FileManager.default.fileExists(atPath: file)
            let store = try SQLiteStore(path: file)
            if isNew { try giveToOwner(of: folder.path, file) }
            let text = try await work(store)
            if !text.isEmpty { print(text) }
        }
    }

    /// A file made by root would be closed to the controller's user.
    private func giveToOwner(of folder: String, _ file: String) throws {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat(folder, &status) == 0 else { return }
        for path in [file, "\(file)-wal", "\(file)-shm"]
        where FileManager.default.fileExists(atPath: path) {
            guard chown(path, status.st_uid, status.st_gid) == 0 else {
                throw TandemError(
                    .fileUnavailable,
                    "\(path) can't be given to the owner of \(folder)",
                    remedy: "Do it by hand with chown, before the controller starts.",
                    cause: String(cString: strerror(errno))
                )
            }
        }
    }
}

/// Where a password comes from: never from the command line, which other users can read.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Read the password from the first line of a file; - is standard input."
    )
    var passwordFile: String?

    @Flag(name: .long, help: "Make a password and print it.")
    var generatePassword = false

    /// The password, and whether it was made here; `nil` where none is wanted.
    func password(of name: PersonName) throws -> (text: String, isMade: Bool)? {
        if generatePassword { return (newPassword(), true) }
        guard let passwordFile else { return nil }
        let text: String
        if passwordFile == "-" {
            text = readLine() ?? ""
        } else {
            guard let data = FileManager.default.contents(atPath: passwordFile) else {
                throw TandemError(
                    .fileUnavailable,
                    "the password file \(passwordFile) can't be read",
                    remedy: "Check the path and its permissions."
                )
            }
            let whole = String(decoding: data, as: UTF8.self)
            text = whole.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        }
        if let objection = PasswordPolicy.objection(to: text, of: name) { throw objection }
        return (text, false)
    }
}

extension Role: ExpressibleByArgument {}

struct AddPerson: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add an account.",
        discussion:
            "Without a password the person comes with a client certificate, or by a one-time sign-in."
    )

    @Argument(help: "The person's name; that in the certificate, where there is one.")
    var name: String

    @Option(
        name: .long,
        help: "viewer, operator, approver, administrator or auditor; may be given several times."
    )
    var role: [Role]

    @OptionGroup var passwords: PasswordOptions
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let person = PersonName(name)
            let password = try passwords.password(of: person)
            let hash = try password.map { try PasswordHash(of: $0.text).description }
            let roles = Set(role)
            _ = try await store.changePeople { book in
                try book.add(
                    person,
                    roles: roles,
                    passwordHash: hash,
                    by: .local,
                    request: localRequest,
                    at: timeNow()
                )
            }
            let made = password.flatMap { $0.isMade ? "\npassword: \($0.text)" : nil } ?? ""
            return "added \(name)\(made)"
        }
    }
}

struct ListPeople: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List all accounts."
    )

    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let book = try await store.people()
            return book.accounts.values.sorted { $0.name < $1.name }.map { account in
                let roles = account.roles.sorted().map(\.rawValue).joined(separator: ",")
                let state = account.isLocked ? "locked" : "active"
                return "\(account.name) \(roles) \(state)"
            }.joined(separator: "\n")
        }
    }
}

struct LockPerson: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Shut a person out, at once."
    )

    @Argument(help: "The person's name.") var name: String
    @Option(name: .long, help: "Why; for the audit.") var reason = ""
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let (person, reason) = (PersonName(name), reason)
            try await store.changePeople {
                try $0.lock(person, reason: reason, by: .local, at: timeNow())
            }
            return "locked \(name)"
        }
    }
}

struct UnlockPerson: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Let a person in again."
    )

    @Argument(help: "The person's name.") var name: String
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let person = PersonName(name)
            try await store.changePeople { try $0.unlock(person, by: .local, at: timeNow()) }
            return "unlocked \(name)"
        }
    }
}

struct SetRoles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-roles",
        abstract: "Give an account these roles and no others; its sessions end."
    )

    @Argument(help: "The person's name.") var name: String
    @Option(
        name: .long,
        help: "viewer, operator, approver, administrator or auditor; may be given several times."
    )
    var role: [Role]
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let (person, roles) = (PersonName(name), Set(role))
            _ = try await store.changePeople { book in
                try book.setRoles(person, roles, by: .local, request: localRequest, at: timeNow())
            }
            return "\(name) is now: \(roles.sorted().map(\.rawValue).joined(separator: ", "))"
        }
    }
}

struct SetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-password",
        abstract: "Give an account a new password; its sessions end."
    )

    @Argument(help: "The person's name.") var name: String
    @OptionGroup var passwords: PasswordOptions
    @OptionGroup var people: PeopleOptions

    func validate() throws {
        guard passwords.generatePassword == (passwords.passwordFile == nil) else {
            throw ValidationError("Give either --password-file or --generate-password.")
        }
    }

    func run() async throws {
        try await people.withStore { store in
            let person = PersonName(name)
            guard let password = try passwords.password(of: person) else { return "" }
            let hash = try PasswordHash(of: password.text).description
            try await store.changePeople {
                try $0.setPassword(person, hash: hash, by: .local, at: timeNow())
            }
            return password.isMade ? "password: \(password.text)" : "set the password of \(name)"
        }
    }
}

struct ResetSecondFactor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-second-factor",
        abstract: "Take the second factor away, for who lost it."
    )

    @Argument(help: "The person's name.") var name: String
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let person = PersonName(name)
            try await store.changePeople {
                try $0.resetSecondFactor(person, by: .local, at: timeNow())
            }
            return "\(name) signs in by password alone"
        }
    }
}

struct OneTimeSignIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "one-time-sign-in",
        abstract: "Print a path that signs a person in, once, within ten minutes.",
        discussion:
            "Put it behind the controller's address: https://HOST:PORT/sign-in/once?code=..."
    )

    @Argument(help: "The person's name.") var name: String
    @OptionGroup var people: PeopleOptions

    func run() async throws {
        try await people.withStore { store in
            let (person, code) = (PersonName(name), newSecret())
            try await store.changePeople { book in
                try book.add(
                    code: sha256(Array(code.utf8)),
                    for: person,
                    by: .local,
                    at: timeNow()
                )
            }
            return "/sign-in/once?code=\(code)"
        }
    }
}

/// Never used: the local command waits for no second administrator.
private let localRequest = RequestID(high: 0, low: 0)

private func timeNow() -> WallTime {
    WallTime(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
}
