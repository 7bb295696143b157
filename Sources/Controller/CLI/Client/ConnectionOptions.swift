import ArgumentParser
import Foundation
import TandemCrypto
import TandemModel

/// Where the controller is, and who asks: options, or a file of `key = value` lines.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            File with controller, authority, and certificate and key or token-file (default: $TANDEM_CONFIG or \
            ~/.config/tandem/cli.conf).
            """,
        completion: .file()
    )
    var config: String?

    @Option(name: .long, help: "HOST:PORT of the controller's API.")
    var controller: String?

    @Option(
        name: .long,
        help: "Your certificate (PEM), made by `tandem ca issue person NAME`.",
        completion: .file()
    )
    var certificate: String?

    @Option(name: .long, help: "The certificate's key (PEM).", completion: .file())
    var key: String?

    @Option(name: .long, help: "The operators' certificate authority (PEM).", completion: .file())
    var authority: String?

    @Option(
        name: .long,
        help: """
            File with an API token, made by `tandem token create`; used instead of a certificate.
            """,
        completion: .file()
    )
    var tokenFile: String?

    /// A client for the controller that these options name.
    func client() throws -> APIClient {
        let file = try fileLines()
        func setting(_ given: String?, _ key: String) throws -> String {
            if let given { return given }
            if let found = try file?.value(key) { return resolved(found, key) }
            throw TandemError(
                .usage,
                "no --\(key), and no such line in \(path)",
                remedy: "Give --\(key), or write `\(key) = ...` into that file."
            )
        }
        let address = try setting(controller, "controller")
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else {
            throw TandemError(
                .usage,
                "'\(address)' is not HOST:PORT",
                remedy: "Write the API's address such as cmp-1.example:8443."
            )
        }
        let host = address[..<colon].trimmingCharacters(in: ["[", "]"])
        let given = try tokenFile ?? file?.value("token-file").map { resolved($0, "token-file") }
        let token = try given.map(Self.token)
        let tls = TLSConfiguration(
            certificateChain: token == nil ? .file(try setting(certificate, "certificate")) : nil,
            privateKey: token == nil ? .file(try setting(key, "key")) : nil,
            authorities: .file(try setting(authority, "authority")),
            applicationProtocols: [TLSConfiguration.httpProtocol]
        )
        return APIClient(
            host: host,
            port: Int(port),
            tls: try TLSContext(.client, tls),
            token: token
        )
    }

    /// The first line of a file that nobody else should read.
    private static func token(in file: String) throws -> String {
        let text = FileManager.default.contents(atPath: file).map {
            String(decoding: $0, as: UTF8.self)
        }
        let line = text?.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard !line.isEmpty, line.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw TandemError(
                .fileUnavailable,
                "\(file) can't be read, or holds no token",
                remedy: "Write the token that `tandem token create` printed into it, on one line."
            )
        }
        return line
    }

    private var path: String {
        if let config { return config }
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["TANDEM_CONFIG"], !path.isEmpty { return path }
        return (environment["HOME"] ?? "") + "/.config/tandem/cli.conf"
    }

    private func fileLines() throws -> KeyValueFile? {
        guard let data = FileManager.default.contents(atPath: path) else {
            guard config == nil else {
                throw TandemError(
                    .fileUnavailable,
                    "\(path) can't be read",
                    remedy: "Check the path given with --config."
                )
            }
            return nil
        }
        do {
            let file = try KeyValueFile(Array(data))
            let keys = ["controller", "certificate", "key", "authority", "token-file"]
            try file.refuseUnknown(known: Set(keys))
            for key in keys { _ = try file.value(key) }
            return file
        } catch {
            throw TandemError(
                .configurationInvalid,
                "\(path): \(error)",
                remedy: "Mend that line."
            )
        }
    }

    /// Paths in the file count from the file's own folder.
    private func resolved(_ value: String, _ key: String) -> String {
        guard key != "controller", !value.hasPrefix("/") else { return value }
        return URL(filePath: path).deletingLastPathComponent().appending(path: value).path
    }
}
