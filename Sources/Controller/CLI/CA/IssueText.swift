import TandemModel
import TandemSpawn

/// What goes where, after a certificate was issued.
enum IssueText {
    /// Where the samples of `Deploy/config` keep such files on a server.
    private static let place = "/etc/tandem"

    static func agent(_ issued: IssuedFiles) -> String {
        let id = issued.agent?.description ?? ""
        return """
            Issued agent \(issued.name), id \(id)
            \(files([issued]))
            On \(issued.name) these and \(issued.authority) go to \(place); lines of agent.conf:
              server = \(issued.name)
              agent-id = \(id)
              certificate = \(there(issued.certificate))
              key = \(there(issued.key))
              authority = \(there(issued.authority))
            It is let in once its cluster has it:
              tandem cluster add CLUSTER --kind KIND --site SITE \
            --server \(issued.name)=\(issued.certificate) ...

            """
    }

    static func controller(
        _ name: String,
        _ agents: IssuedFiles,
        _ api: IssuedFiles,
        host: String
    ) -> String {
        """
        Issued controller \(name)
        \(files([agents, api]))
        These and both authorities' certificates go to \(place) there; lines of controller.conf:
          name = \(name)
          agent-certificate = \(there(agents.certificate))
          agent-key = \(there(agents.key))
          agent-authority = \(there(agents.authority))
          api-certificate = \(there(api.certificate))
          api-key = \(there(api.key))
          api-authority = \(there(api.authority))
        Agents dial \(host):PORT of agent-address, people \(host):PORT of api-address.

        """
    }

    static func person(_ issued: IssuedFiles) -> String {
        """
        Issued person \(issued.name)
        \(files([issued]))
        These and \(issued.authority) go to ~/.config/tandem of \(issued.name); lines of cli.conf there:
          controller = HOST:PORT
          certificate = \(Files.lastComponent(of: issued.certificate))
          key = \(Files.lastComponent(of: issued.key))
          authority = \(Files.lastComponent(of: issued.authority))

        """
    }

    private static func files(_ issued: [IssuedFiles]) -> String {
        issued.map { one in
            """
              \(one.certificate)  until \(one.notAfter.dayText)
              \(one.key)  secret
            """
        }.joined(separator: "\n")
    }

    private static func there(_ path: String) -> String {
        "\(place)/\(Files.lastComponent(of: path))"
    }
}
