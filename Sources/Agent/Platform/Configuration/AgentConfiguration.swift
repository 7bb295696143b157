package import TandemModel
import TandemSpawn

/// What one agent must know before it can speak to anybody: its own configuration file.
package struct AgentConfiguration: Hashable, Sendable {
    /// Where a controller listens.
    package struct Controller: Hashable, Sendable, CustomStringConvertible {
        /// A DNS name or an address without brackets.
        package var host: String
        package var port: UInt16

        /// A host and a port.
        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// `HOST:PORT`.
        package var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// Which HA driver is called, and with what.
    package struct Driver: Hashable, Sendable {
        /// A file name inside `directory`.
        package var name: String
        package var directory: String
        /// Names and values, in the file's order; the driver finds them as `TANDEM_HA_NAME`.
        package var options: [Option]

        /// One option.
        package struct Option: Hashable, Sendable {
            package var name: String
            package var value: String
        }

        /// The executable.
        package var path: String { "\(directory)/\(name)" }
    }

    /// How packages are installed.
    package enum PackageBackend: String, Hashable, Sendable, CaseIterable {
        case dpkg
        case rpm
    }

    /// The slot it fills.
    package var server: ServerName
    package var agent: AgentID
    /// At least one, in the order in which they are tried.
    package var controllers: [Controller]
    package var certificate: String
    package var key: String
    /// The authority that signed the controllers' certificates.
    package var authority: String
    /// Keys that may sign releases.
    package var trust: String
    /// Journal, images, blobs and records; lies outside what a back-out may restore.
    package var stateDirectory: String
    /// Where the product lives: `/`, or a private root.
    package var root: String
    /// `nil`: the one whose database the root holds.
    package var packageBackend: PackageBackend?
    /// Whether rpm looks at the packages' own signatures too.
    package var packageSignatures: RpmBackend.Signatures
    package var driver: Driver
    /// The executable that starts and stops services; `nil`: `systemctl`.
    package var serviceControl: String?
    /// Where snapshots of the root are kept; `nil`: none are taken.
    package var snapshots: String?
    /// The executable that tells the boot loader which snapshot to boot; `nil`: none can be booted.
    package var bootSelect: String?
    /// Where the product's data lie, which a snapshot must not restore.
    package var dataDirectories: [String]
    package var checksDirectory: String
    /// The file that holds the id of this boot; another id after each restart of the server.
    package var bootIDFile: String
    package var clocks: FailoverClocks
    /// The lines at and above this level are logged.
    package var logLevel: LogLevel
    /// Milliseconds between two looks at the HA driver while nothing happens.
    package var observeMilliseconds: UInt64
    /// Milliseconds between two runs of the product's own health check while nothing happens.
    package var healthMilliseconds: UInt64

    /// Reads and checks a file.
    ///
    /// - Throws: ``ErrorCode/configurationInvalid`` naming file and line.
    package static func load(_ path: String) throws(TandemError) -> AgentConfiguration {
        let bytes = try Files.read(path, byteCountMax: KeyValueFile.byteCountMax)
        do {
            return try AgentConfiguration(KeyValueFile(bytes))
        } catch {
            throw TandemError(
                .configurationInvalid,
                "\(path), \(error)",
                remedy: "Correct the file; /usr/share/doc/tandem/agent.conf explains each line."
            )
        }
    }
}
