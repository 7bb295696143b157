import ArgumentParser
import Foundation
import TandemCrypto
import TandemModel
import TandemSpawn

struct IssueAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "For the agent of a server.",
        discussion: """
            Writes SERVER.pem and SERVER.key into DIR/agents. Each agent has an id of its own, which \
            its certificate bears; a new machine in an old slot gets a new one.
            """
    )

    @Argument(help: "The server, as its cluster will name it.")
    var server: String

    @Option(name: .long, help: "The agent's id, to issue one once more (default: a new one).")
    var id: String?

    @OptionGroup var options: IssueOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let name = try plainName(server)
            let id = try agentID()
            let issued = try Issue(options: options, kind: "agent", name: name, agent: id)
                .write(.agent(id.description), by: .agents, below: "agents", file: name)
            try output.show(issued, as: IssueText.agent)
        }
    }

    private func agentID() throws -> AgentID {
        let text = id ?? UUID().uuidString
        guard let id = AgentID(text) else {
            throw TandemError(
                .usage,
                "'\(text)' is no UUID",
                remedy: "Leave --id out, or take the id from the folder's file "
                    + "`\(AuthorityFolder.recordFile)`."
            )
        }
        return id
    }
}

struct IssueController: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller",
        abstract: "For a controller: one certificate for the agents' port, one for the API.",
        discussion: """
            Writes NAME-agents.pem, NAME-api.pem and their keys into DIR/controllers. Give --host \
            for every DNS name and address under which agents or people reach it.
            """
    )

    @Argument(help: "The controller's name: `name` of controller.conf.")
    var name: String

    @Option(name: .long, help: "A DNS name or an address; may be given several times.")
    var host: [String]

    @OptionGroup var options: IssueOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let name = try plainName(name)
            let agents = Issue(options: options, kind: "controller-agents", name: name)
            let api = Issue(options: options, kind: "controller-api", name: name)
            // Both are looked at before one is written, so that none stays alone.
            try agents.refuseExisting(
                below: "controllers",
                files: ["\(name)-agents", "\(name)-api"]
            )
            let issued = [
                try agents.write(
                    .controller(name, names: host),
                    by: .agents,
                    below: "controllers",
                    file: "\(name)-agents"
                ),
                try api.write(
                    .server(names: host),
                    by: .operators,
                    below: "controllers",
                    file: "\(name)-api"
                ),
            ]
            try output.show(issued) { IssueText.controller(name, $0[0], $0[1], host: host[0]) }
        }
    }

    func validate() throws {
        guard !host.isEmpty else { throw ValidationError("Give at least one --host.") }
    }
}

struct IssuePerson: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "For a person who operates the network.",
        discussion: "Writes NAME.pem and NAME.key into DIR/people. Two people need two of them."
    )

    @Argument(help: "The person's name, as logs and audit will show it.")
    var name: String

    @OptionGroup var options: IssueOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let name = try plainName(name)
            let issued = try Issue(options: options, kind: "person", name: name)
                .write(.operator(name), by: .operators, below: "people", file: name)
            try output.show(issued, as: IssueText.person)
        }
    }
}

/// A name that can stand in a certificate and be a file's.
private func plainName(_ text: String) throws -> String {
    guard ServerName(text).isValid else {
        throw TandemError(
            .nameRefused,
            "'\(text)' can't be a name",
            remedy: "Use 1 to 63 letters, digits, `.`, `_` or `-`, beginning with a letter or "
                + "digit."
        )
    }
    return text
}

/// One certificate on its way from an authority into files.
struct Issue {
    let options: IssueOptions
    let kind: String
    let name: String
    var agent: AgentID?

    /// Issues, writes both files and adds a line to the folder's record.
    func write(
        _ role: CertificateRole,
        by authority: AuthorityFolder.Authority,
        below subfolder: String,
        file: String
    ) throws(TandemError) -> IssuedFiles {
        let folder = options.folder
        let (certificate, notAfter) = try folder.issue(
            role,
            by: authority,
            validityDays: options.days
        )
        let target = target(subfolder)
        try Files.createDirectory(target, mode: 0o700)
        let issued = IssuedFiles(
            kind: kind,
            name: name,
            agent: agent,
            certificate: "\(target)/\(file).pem",
            key: "\(target)/\(file).key",
            authority: folder.file(authority.certificateFile),
            publicKey: certificate.publicKeyFingerprint,
            notAfter: notAfter
        )
        try NewFiles([
            .init(issued.key, certificate.privateKeyPEM, isSecret: true),
            .init(issued.certificate, certificate.certificatePEM, isSecret: false),
        ]).write()
        try folder.record(issued)
        return issued
    }

    func refuseExisting(below subfolder: String, files: [String]) throws(TandemError) {
        for file in files {
            for ending in ["pem", "key"] {
                try NewFiles.refuseExisting("\(target(subfolder))/\(file).\(ending)")
            }
        }
    }

    private func target(_ subfolder: String) -> String {
        options.output ?? options.folder.file(subfolder)
    }
}
