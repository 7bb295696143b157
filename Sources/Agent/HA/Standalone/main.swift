import AgentHA

let root = driverSetting("TANDEM_ROOT") ?? "/"
StandaloneDriver(
    service: driverSetting("TANDEM_HA_SERVICE") ?? "",
    control: driverSetting("TANDEM_SERVICE_CONTROL") ?? "/usr/bin/systemctl",
    folder: driverSetting("TANDEM_HA_FOLDER") ?? driverSetting("TANDEM_HA_STATE")
        ?? (root == "/" ? "" : root) + "/var/lib/tandem/ha",
    root: root,
    deadline: .ofThisCall(usual: 15_000)
).run(arguments: Array(CommandLine.arguments.dropFirst()))
