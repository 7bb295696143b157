import AgentHA

let arguments = Array(CommandLine.arguments.dropFirst())
PatroniDriver(
    patroni: PatroniService(
        address: driverSetting("TANDEM_HA_ADDRESS") ?? "127.0.0.1:8008",
        service: driverSetting("TANDEM_HA_SERVICE") ?? "patroni",
        control: driverSetting("TANDEM_SERVICE_CONTROL") ?? "/usr/bin/systemctl",
        data: driverSetting("TANDEM_HA_DATA") ?? ""
    ),
    tag: FailoverTag(
        path: driverSetting("TANDEM_HA_CONFIGURATION") ?? "/etc/patroni/config.yml"
    ),
    member: driverSetting("TANDEM_HA_MEMBER") ?? driverSetting("TANDEM_SERVER") ?? "",
    mateMember: driverSetting("TANDEM_HA_MATE_MEMBER") ?? "",
    deadline: .ofThisCall(usual: 8000)
).run(arguments: arguments)
