import AgentHA
import Glibc
import TandemModel
import TandemSpawn

/// No HA system: the one server of its cluster is active while its service runs.
///
/// `ha.service` (TANDEM_HA_SERVICE) names the service; `TANDEM_SERVICE_CONTROL` is the program that
/// knows whether it runs, and starts and stops it. `fence` lays a mark that keeps it down until
/// `promote` or `take-back`.
struct StandaloneDriver: HADriverProgram {
    let service: String
    let control: String
    /// Where the mark of a fenced server lies.
    let folder: String
    let root: String
    let deadline: CallDeadline

    private var fencePath: String { "\(folder)/standalone-fenced" }

    func status() throws(TandemError) -> HAStatus {
        let isFenced = try Files.kind(of: fencePath) != nil
        let isRunning = try isRunning()
        return HAStatus(
            // A fenced service that the server's next boot started serves, whatever the mark says.
            role: isRunning ? .active : isFenced ? .outOfService : .standby,
            isInService: isRunning,
            peerRole: .unseen,
            replication: ReplicationState(isCaughtUp: true),
            exclusion: .referee,
            switchover: .twoStep,
            token: "standalone",
            isHeld: false
        )
    }

    func perform(_ request: DriverRequest) -> DriverEnd {
        do throws(TandemError) {
            switch request {
            case .status, .inhibitReplication, .allowReplication: return .done
            case .hold, .unhold: return .done
            case .demote: return .refused("a single server has nobody to give its role to")
            case .promote, .takeBack:
                if try Files.kind(of: fencePath) != nil { try Files.removeFile(fencePath) }
                return try call("start")
            case .fence: return try fence()
            }
        } catch {
            return .failed(error.message)
        }
    }

    /// Stops the service whatever the disk takes; without the mark its fence is not remembered.
    private func fence() throws(TandemError) -> DriverEnd {
        var unmarked: TandemError?
        do throws(TandemError) {
            try Files.createDirectory(folder)
            try Files.replace(fencePath, with: [])
        } catch {
            unmarked = error
        }
        let end = try call("stop")
        guard end == .done, let unmarked else { return end }
        return .failed("\(service) was stopped, but nobody will remember: \(unmarked.message)")
    }

    private func isRunning() throws(TandemError) -> Bool {
        let result = try run("is-active")
        guard !result.isTimedOut else {
            throw TandemError(
                .driverFailed,
                "\(control) does not say in time whether \(service) runs",
                remedy: "Look at the service system of this server."
            )
        }
        return result.ending.isSuccess
    }

    private func call(_ verb: String) throws(TandemError) -> DriverEnd {
        let result = try run(verb)
        if result.isTimedOut { return .unknown("\(verb) \(service) did not end in time") }
        return result.ending.isSuccess ? .done : .failed("\(verb) \(service): \(result.ending)")
    }

    private func run(_ verb: String) throws(TandemError) -> ChildResult {
        try runChild(
            ChildCommand(
                control,
                [verb, service],
                environment: ChildCommand.plainEnvironment + ["TANDEM_ROOT=\(root)"]
            ),
            timeoutMilliseconds: max(1, deadline.left),
            outputByteCountMax: 64 * 1024
        )
    }
}
