import CLibFuzzer
import Glibc
import TandemFuzz

/// `tandem-fuzz TARGET [libFuzzer's flags] FOLDER...`; without a target it lists them.
@main enum FuzzProgram {
    /// Set once, before libFuzzer is started.
    nonisolated(unsafe) private static var target = FuzzTarget.frames

    static func main() {
        guard CommandLine.arguments.count > 1,
            let target = FuzzTarget(rawValue: CommandLine.arguments[1])
        else {
            for target in FuzzTarget.allCases { print(target.rawValue) }
            exit(CommandLine.arguments.count > 1 ? 64 : 0)
        }
        self.target = target
        limitProcessorTime()
        // The target's name is ours; libFuzzer gets the rest.
        var count = CommandLine.argc - 1
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            CommandLine.unsafeArgv + 1
        arguments?.pointee = CommandLine.unsafeArgv.pointee
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
                FuzzProgram.check(UnsafeRawBufferPointer(start: bytes, count: count))
                return 0
            }
        )
    }

    /// Ends the run after so many seconds of its own work, however busy the machine is.
    private static func limitProcessorTime() {
        guard let text = getenv("TANDEM_FUZZ_SECONDS"), let seconds = Int(String(cString: text))
        else { return }
        // libFuzzer's signal for an end in good order.
        signal(SIGPROF) { _ in raise(SIGUSR1) }
        var timer = itimerval()
        timer.it_value.tv_sec = seconds
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    }

    private static func check(_ input: UnsafeRawBufferPointer) {
        do throws(FuzzFinding) {
            try target.check(Array(input))
        } catch {
            // libFuzzer saves the input of whatever aborts.
            let text = Array("\nFOUND in \(target.rawValue): \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            abort()
        }
    }
}
