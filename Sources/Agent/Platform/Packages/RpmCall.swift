import TandemModel
import TandemSpawn

/// How one call of rpm went.
struct RpmCall {
    var end: WatchedChild.End
    var complaints: RpmComplaints
    /// Whether rpm had begun to put packages in.
    var hasBegun: Bool

    /// Whether it came to its end; else only looking says how far it came.
    var isByItself: Bool {
        guard case .exited = end.ending else { return false }
        return !end.isTimedOut
    }

    /// Whether rpm says it worked, and means it.
    var isClean: Bool { isByItself && end.ending.isSuccess && !complaints.hasFailures }
}

extension RpmBackend {
    /// Why a call counts as failed; `nil` when it does not.
    func failure(of call: RpmCall, installing: Bool) -> TandemFailure? {
        let doing = installing ? "rpm -U" : "rpm -e"
        if call.end.isTimedOut {
            return TandemFailure(
                code: ErrorCode.limitExceeded.id,
                message: "\(doing) did not end within the step's limit and was ended",
                remedy: "See what the package's scripts wait for, then try again.",
                diagnostic: call.end.tail
            )
        }
        if case .signalled = call.end.ending {
            return TandemFailure(
                code: ErrorCode.stateIndeterminate.id,
                message: "\(doing) was cut short: \(call.end.ending)",
                remedy: "See what ended it on this server, then Try Again or go back.",
                diagnostic: call.end.tail
            )
        }
        guard !call.isClean else { return nil }
        if call.complaints.isDiskFull, !call.end.ending.isSuccess {
            return TandemFailure(
                code: ErrorCode.diskFull.id,
                message: "\(doing) found no space below \(root)",
                remedy: "Free space on the file systems of \(root), then try again.",
                diagnostic: call.end.tail
            )
        }
        return TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "\(doing) failed: \(reason(call))",
            remedy: "Read the package's own words below; then Try Again or go back.",
            diagnostic: call.end.tail
        )
    }

    private func reason(_ call: RpmCall) -> String {
        let complaints = call.complaints
        if let scriptlet = complaints.scriptlets.first {
            let more = complaints.scriptlets.count - 1
            let exit = call.end.ending.isSuccess ? " (rpm itself exits with 0)" : ""
            return scriptlet.text + (more > 0 ? ", and \(more) more" : "") + exit
        }
        if let label = complaints.failedLabels.min() { return "\(label) could not be changed" }
        return complaints.otherError ?? "\(call.end.ending)"
    }
}
