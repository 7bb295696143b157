import AgentHA

let arguments = Array(CommandLine.arguments.dropFirst())
let isNamed = arguments.count == 3 && arguments[0] == "demote" && arguments[1] == "--to"
PatroniDriver(
    patroni: PatroniService(
        address: driverSetting("TANDEM_HA_ADDRESS") ?? "127.0.0.1:8008",
        service: driverSetting("TANDEM_HA_SERVICE") ?? "patroni",
        control: driverSetting("TANDEM_SERVICE_CONTROL") ?? "/usr/bin/systemctl",
        data: driverSetting("TANDEM_HA_DATA") ?? ""
    ),
    member: driverSetting("TANDEM_HA_MEMBER") ?? driverSetting("TANDEM_SERVER") ?? "",
    candidate: driverSetting("TANDEM_HA_MATE_MEMBER") ?? (isNamed ? arguments[2] : "")
).run(arguments: arguments)
