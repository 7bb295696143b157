import ArgumentParser
import TandemCrypto
import TandemModel
import TandemSpawn

/// `tandem ca renew ...`.
struct RenewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Give certificates that end soon, or have ended, a new end.",
        discussion: """
            Key, names and id stay, so nothing is to be enrolled anew and no .key file moves: each \
            file is replaced by itself with a later end, and goes to where its program has it. The \
            authorities' own certificates (agents-ca.pem, operators-ca.pem) are renewed the same \
            way; what they signed stays good. Where a key may be known to others, don't renew: \
            issue a new one and use `tandem server replace`.
            """
    )

    @Argument(help: "Certificates that `tandem ca` made.", completion: .file(extensions: ["pem"]))
    var certificates: [String]

    @Option(name: .long, help: "The folder of `tandem ca init`.", completion: .directory)
    var dir: String

    @Option(
        name: .long,
        help: "Days from now for which they count (default: 1095; 3650 for an authority)."
    )
    var days: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !certificates.isEmpty else { throw ValidationError("Name at least one certificate.") }
        if let days { try validateDays(days) }
    }

    func run() async throws {
        try await reporting {
            let folder = AuthorityFolder(path: dir)
            // All are made before one is written: a wrong name among them changes nothing.
            let made = try certificates.map { try folder.renew($0, validityDays: days) }
            for one in made {
                try Files.replace(one.file.certificate, with: one.pem, mode: 0o644)
                try folder.record(one.file)
            }
            try output.show(made.map(\.file), as: Self.text)
        }
    }

    private static func text(_ renewed: [RenewedFile]) -> String {
        let lines = renewed.map {
            "  \($0.certificate)  until \($0.notAfter.dayText) (was \($0.endedAt.dayText))  \($0.owner)"
        }
        var places: [RenewedFile.Place] = []
        for one in renewed where !places.contains(one.place) { places.append(one.place) }
        return """
            Renewed; the keys are the same:
            \(lines.joined(separator: "\n"))
            Put each in the place of the old one, then:
            \(places.map { "  \($0.then)" }.joined(separator: "\n"))

            """
    }
}

/// A certificate that has a later end now.
struct RenewedFile: Encodable, Hashable {
    /// Where such a certificate is used.
    enum Place: String, Encodable {
        case agent, controller, api, person, authority

        init(uri: String?) {
            self =
                switch uri {
                case let uri? where uri.hasPrefix(CertificateRole.agentURIPrefix): .agent
                case let uri? where uri.hasPrefix(CertificateRole.controllerURIPrefix): .controller
                case .some: .person
                case nil: .api
                }
        }

        /// What makes it count there.
        var then: String {
            switch self {
            case .agent:
                "an agent's: `systemctl restart tandem-agent` on its server; a step that runs goes on"
            case .controller, .api:
                "a controller's: `systemctl restart tandem-controller`; agents dial in again"
            case .person: "a person's: nothing; the next `tandem` command uses it"
            case .authority:
                "an authority's: to every machine that has it, then start agents and controllers "
                    + "again one by one; old and new count side by side"
            }
        }
    }

    var certificate: String
    /// Subject and URI.
    var owner: String
    /// SHA-256 of the public key, the same as before.
    var publicKey: Digest
    /// The end that it had.
    var endedAt: WallTime
    var notAfter: WallTime
    var place: Place
}
