import AgentHA

LocalDriver(root: driverSetting("TANDEM_ROOT").map { $0 == "/" ? "" : $0 } ?? "")
    .run(arguments: Array(CommandLine.arguments.dropFirst()))
