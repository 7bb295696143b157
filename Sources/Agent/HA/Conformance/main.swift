import Glibc
import TandemModel
import TandemSpawn

/// Examines the driver and returns the process's exit code.
func examine(_ arguments: [String]) -> Int32 {
    if arguments.contains("--help") || arguments.isEmpty {
        print(Options.usage)
        return arguments.isEmpty ? 2 : 0
    }
    do throws(TandemError) {
        let options = try Options(arguments)
        var driver = DriverUnderTest(
            path: options.driver,
            environment: try options.environment()
        )
        driver.limitMilliseconds = options.limitMilliseconds
        var examination = Examination(
            driver: driver,
            isSingle: options.isSingle,
            looksOnly: options.looksOnly,
            mate: options.mate,
            probe: options.serves
        )
        if options.keepalived.isEmpty {
            examination.pass(.noPreemption, "no --keepalived FILE was named")
        } else {
            let bytes = try Files.read(options.keepalived, byteCountMax: 1024 * 1024)
            let file = KeepalivedConfiguration(String(decoding: bytes, as: UTF8.self))
            examination.mark(.noPreemption, file.obstacle == nil, file.obstacle ?? "")
        }
        try examination.run()
        print(examination.findings.table)
        return examination.findings.isAnyBroken ? 1 : 0
    } catch {
        let cause = error.cause.isEmpty ? "" : " (\(error.cause))"
        let text = Array("tandem-ha-conformance: \(error.message)\(cause)\n\(error.remedy)\n".utf8)
        _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return 2
    }
}

exit(examine(Array(CommandLine.arguments.dropFirst())))
