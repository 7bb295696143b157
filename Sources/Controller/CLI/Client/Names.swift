import Foundation
import TandemModel

/// A cluster's name out of an argument; what can't be one is not asked about.
func clusterName(_ text: String) throws -> ClusterName { try checked(text, "cluster") }

/// A server's name out of an argument.
func serverName(_ text: String) throws -> ServerName { try checked(text, "server") }

private func checked<Tag>(_ text: String, _ what: String) throws -> Name<Tag> {
    let name = Name<Tag>(text)
    guard name.isValid else {
        throw TandemError(
            .unknownName,
            "there is no \(what) '\(text)'",
            remedy: "`tandem cluster list` shows clusters and servers."
        )
    }
    return name
}

/// A path that means the same in every folder: tools we start run in one of their own.
func absolutePath(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
