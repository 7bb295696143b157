import AgentHA
import Glibc
import TandemModel

let arguments = Array(CommandLine.arguments.dropFirst())
let folder = driverSetting("TANDEM_HA_STATE") ?? "/var/lib/tandem/ha"

// keepalived calls its notify script with `INSTANCE NAME STATE PRIORITY`.
if arguments.first == "notify" {
    exit(noteTransition(Array(arguments.dropFirst()), in: folder))
}
KeepalivedDriver(
    server: ThisServer(
        interface: driverSetting("TANDEM_HA_INTERFACE") ?? "eth0",
        pidFile: driverSetting("TANDEM_HA_PID_FILE") ?? "/run/keepalived.pid",
        service: driverSetting("TANDEM_HA_SERVICE") ?? "",
        control: driverSetting("TANDEM_SERVICE_CONTROL") ?? "/usr/bin/systemctl",
        arping: driverSetting("TANDEM_HA_ARPING") ?? "/usr/bin/arping"
    ),
    serviceAddress: driverSetting("TANDEM_HA_SERVICE_ADDRESS") ?? "",
    mateAddress: driverSetting("TANDEM_HA_MATE_ADDRESS") ?? "",
    exclusion: driverSetting("TANDEM_HA_EXCLUSION") == "none" ? .none : .referee,
    folder: folder,
    limitMilliseconds: CallDeadline.ofThisCall(usual: 8000).left
).run(arguments: arguments)
