import ArgumentParser
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn

struct ImageKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make a key pair that signs release images.",
        discussion: """
            Writes NAME.key (secret, mode 0600; never overwritten) and NAME.pub, the line that \
            goes into the trust files of agents and controllers. A trust file also has the lines \
            `version N` and `threshold N`: how many different keys must have signed.
            """
    )

    /// What `--json` prints.
    struct Made: Encodable {
        var key: String
        var publicKey: String
        var trustLine: String
        /// The name of the key in `manifest.sig` and in `tandem image inspect`.
        var fingerprint: Digest
    }

    @Argument(help: "The name of the files, without .key and .pub.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let key = try Ed25519.PrivateKey.generate()
            let line = TrustFile.line(for: key.publicKey)
            let made = Made(
                key: "\(name).key",
                publicKey: "\(name).pub",
                trustLine: String(line.dropLast()),
                fingerprint: key.publicKey.fingerprint
            )
            try NewFiles([
                .init(made.key, try key.pem(), isSecret: true),
                .init(made.publicKey, Array(line.utf8), isSecret: false),
            ]).write()
            try output.show(made, as: Self.text)
        }
    }

    private static func text(_ made: Made) -> String {
        """
        Made key \(made.fingerprint.short).
          \(made.key)  secret: signs images; keep it off the servers
          \(made.publicKey)  its line for trust files:

        \(made.trustLine)

        A trust file of one key that has to sign:
          version 1
          threshold 1
          \(made.trustLine)

        """
    }
}

struct BuildImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from a release description.",
        discussion: """
            The form of the description is explained in Docs/release-yaml.md. The same files give \
            the same image, byte for byte.
            """
    )

    @Argument(help: "The release description (YAML).", completion: .file(extensions: ["yaml"]))
    var description: String

    @Option(
        name: .shortAndLong,
        help: "The image to write.",
        completion: .file(extensions: ["iso"])
    )
    var output: String

    @OptionGroup var show: OutputOptions

    func run() async throws {
        try await reporting {
            let bytes = try Files.read(description, byteCountMax: ReleaseYAML.byteCountMax)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TandemError(
                    .manifestInvalid,
                    "\(description) is not UTF-8 text",
                    remedy: "Save it as UTF-8."
                )
            }
            let draft = try ReleaseYAML.draft(
                parsing: text,
                path: description,
                folder: absolutePath(Files.parent(of: description))
            )
            try ImageBuilder.build(draft, to: absolutePath(output))
            let inspection = try ImageInspection(imageAt: output)
            try show.show(inspection) { ImageText.summary($0, of: output) }
        }
    }
}

struct SignImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Add a signature to an image.",
        discussion: "Earlier signatures of other keys stay; one of the same key is replaced."
    )

    @Argument(help: "The image.", completion: .file(extensions: ["iso"]))
    var file: String

    @Option(
        name: .long,
        help: "A key made by `tandem image key` (NAME.key).",
        completion: .file(extensions: ["key"])
    )
    var key: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let key = try Ed25519.PrivateKey(pem: try PEMSource.file(key).load())
            try ImageBuilder.sign(imageAt: absolutePath(file), with: key)
            let inspection = try ImageInspection(imageAt: file)
            try output.show(inspection) { inspection in
                let count = inspection.signedBy.count
                return "Signed \(inspection.manifest.release) with key "
                    + "\(key.publicKey.fingerprint.short); the image has \(count) "
                    + (count == 1 ? "signature.\n" : "signatures.\n")
            }
        }
    }
}

struct InspectImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what an image says about itself, without checking it."
    )

    @Argument(help: "The image.", completion: .file(extensions: ["iso"]))
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            try output.show(try ImageInspection(imageAt: file), as: ImageText.details)
        }
    }
}

struct VerifyImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an image's signatures and every file in it.",
        discussion: "As controllers and agents do before they keep it; writes nothing."
    )

    /// What `--json` prints.
    struct Verified: Encodable {
        var release: ReleaseID
        var image: Digest
        var manifest: Digest
        var byteCount: UInt64
        /// Fingerprints of the trusted keys that signed.
        var signers: [Digest]
    }

    @Argument(help: "The image.", completion: .file(extensions: ["iso"]))
    var file: String

    @Option(
        name: .long,
        help: "The trust file: whose signatures count, and how many are needed.",
        completion: .file()
    )
    var trust: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let trust = try TrustFile(path: trust)
            let image = try verifyImage(at: file, trust: trust)
            let verified = Verified(
                release: image.manifest.release,
                image: image.imageDigest,
                manifest: image.manifestDigest,
                byteCount: image.byteCount,
                signers: image.signers.map(\.fingerprint)
            )
            try output.show(verified) { verified in
                let keys = verified.signers.map(\.short).joined(separator: ", ")
                return Terminal.clean(
                    "\(file): \(verified.release) is sound, every file is as it was signed\n"
                        + "Signed by \(keys) (\(trust.threshold) of the trust file's "
                        + "\(trust.keys.count) keys needed)\nSHA-256 \(verified.image)\n"
                )
            }
        }
    }
}
