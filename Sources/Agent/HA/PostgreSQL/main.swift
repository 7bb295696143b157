import AgentHA
import Glibc
import TandemModel

/// Ends the process as a verb of the contract would.
func end(_ action: () throws(TandemError) -> DriverEnd) -> Never {
    let end: DriverEnd
    do throws(TandemError) {
        end = try action()
    } catch {
        end = .failed(error.message)
    }
    if !end.text.isEmpty {
        let text = Array("\(end.text)\n".utf8)
        _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    exit(end.exitCode)
}

let arguments = Array(CommandLine.arguments.dropFirst())
let settings: Settings
do throws(TandemError) {
    settings = try Settings(path: driverSetting("TANDEM_HA_SETTINGS") ?? Settings.usualPath)
} catch {
    end { () throws(TandemError) in .unknown(error.message) }
}
let driver = PostgreSQLDriver(
    settings: settings,
    control: driverSetting("TANDEM_SERVICE_CONTROL") ?? "/usr/bin/systemctl",
    folder: driverSetting("TANDEM_HA_STATE") ?? "/var/lib/tandem/ha",
    deadline: .ofThisCall(usual: 8000)
)
// What operators and the service's unit call beside the verbs of the contract.
switch arguments {
case ["before-start"]: end(driver.beforeStart)
case ["rejoin"]: end(driver.rejoin)
case ["reduce-synchronous"]: end(driver.reduceSynchronous)
case ["restore-synchronous"]: end(driver.restoreSynchronous)
case _: driver.run(arguments: arguments)
}
