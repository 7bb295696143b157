import Glibc
package import TandemModel

/// A driver: answers the verbs of the contract for one HA system.
package protocol HADriverProgram {
    /// What is so now.
    ///
    /// - Throws: why nobody can say; the driver then ends with 3.
    func status() throws(TandemError) -> HAStatus
    /// Does what is asked; never called with `.status`.
    func perform(_ request: DriverRequest) -> DriverEnd
}

extension HADriverProgram {
    /// Handles the call that the process was started with, and ends it.
    package func run(arguments: [String]) -> Never {
        let end: DriverEnd
        do throws(TandemError) {
            let request = try DriverRequest(arguments: arguments)
            if request == .status {
                writeLine(try status().answerLines.joined(separator: "\n"), to: STDOUT_FILENO)
                end = .done
            } else {
                end = perform(request)
            }
        } catch {
            end = .unknown(error.message)
        }
        if !end.text.isEmpty { writeLine(end.text, to: STDERR_FILENO) }
        exit(end.exitCode)
    }

    private func writeLine(_ text: String, to descriptor: Int32) {
        let bytes = Array("\(text)\n".utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
