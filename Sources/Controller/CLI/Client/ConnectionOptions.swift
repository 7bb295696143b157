import ArgumentParser
import Foundation
import TandemCrypto
import TandemModel

/// Where the controller is, and who asks: options, or a file of `key = value` lines.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            File with controller, certificate, key and authority (default: $TANDEM_CONFIG or \
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
        let tls = TLSConfiguration(
            certificateChain: .file(try setting(certificate, "certificate")),
            privateKey: .file(try setting(key, "key")),
            authorities: .file(try setting(authority, "authority")),
            applicationProtocols: [TLSConfiguration.httpProtocol]
        )
        return APIClient(host: host, port: Int(port), tls: try TLSContext(.client, tls))
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
            let keys = ["controller", "certificate", "key", "authority"]
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
