import Glibc
package import TandemModel
import TandemSpawn

/// What the agent passes on: `TANDEM_ROOT`, and its `ha.NAME` settings as `TANDEM_HA_NAME`.
///
/// Who calls a driver without the agent (an operator, a service's unit, keepalived) passes on nothing:
/// then it is read from the agent's own file, so that all speak of one server and one state folder.
package func driverSetting(_ name: String) -> String? {
    if let value = environmentValue(name) { return value }
    // The agent always says where the driver's folder is, and then all that there is to say.
    guard environmentValue("TANDEM_HA_STATE") == nil else { return nil }
    return agentSettings[name]
}

private func environmentValue(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}

/// The agent's file, or the one that `TANDEM_AGENT_CONFIG` names.
private let agentSettings: [String: String] = {
    let path = environmentValue("TANDEM_AGENT_CONFIG") ?? "/etc/tandem/agent.conf"
    do throws(TandemError) {
        guard try Files.kind(of: path) != nil else { return [:] }
        let bytes = try Files.read(path, byteCountMax: KeyValueFile.byteCountMax)
        guard let file = try? KeyValueFile(bytes) else {
            throw TandemError(.configurationInvalid, "\(path) can't be read", remedy: "Mend it.")
        }
        return driverVariables(file)
    } catch {
        // With another folder than the agent's, a hold or an inhibition would not be seen.
        let text = Array("\(error.message)\n".utf8)
        _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(DriverEnd.unknown("").exitCode)
    }
}()

/// The variables that the agent makes of its file.
package func driverVariables(_ file: KeyValueFile) -> [String: String] {
    var variables = ["TANDEM_HA_STATE": "/var/lib/tandem/ha"]
    for entry in file.entries {
        switch entry.key {
        case "root": variables["TANDEM_ROOT"] = entry.value
        case "server": variables["TANDEM_SERVER"] = entry.value
        case "service-control": variables["TANDEM_SERVICE_CONTROL"] = entry.value
        case "state-directory":
            let folder = entry.value.hasSuffix("/") ? String(entry.value.dropLast()) : entry.value
            variables["TANDEM_HA_STATE"] = "\(folder)/ha"
        case _ where entry.key.hasPrefix("ha."):
            let name = entry.key.dropFirst(3).uppercased().map { $0 == "-" ? "_" : $0 }
            variables["TANDEM_HA_\(String(name))"] = entry.value
        case _: continue
        }
    }
    return variables
}
