/// A program to be run: everything is fixed here, nothing is looked up and no shell is involved.
package struct ChildCommand: Sendable {
    /// Where standard output or standard error of the child goes.
    package enum Output: Sendable {
        /// Into a pipe that the parent reads.
        case pipe
        /// Into `/dev/null`.
        case discarded
        /// Into an open file, such as a log.
        case descriptor(Descriptor)
    }

    /// An open descriptor that the child inherits under a number of its own.
    package struct Passed: Sendable {
        /// The number in the child: 3 or above.
        package var number: Int32
        package var descriptor: Descriptor

        /// A descriptor and its number in the child.
        package init(_ descriptor: Descriptor, as number: Int32) {
            self.number = number
            self.descriptor = descriptor
        }
    }

    /// What a child gets as its environment unless it is said otherwise.
    package static let plainEnvironment = [
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL=C.UTF-8",
    ]

    /// Absolute path of the program.
    package var program: String
    /// What follows the program's own name.
    package var arguments: [String]
    /// `NAME=value` lines.
    package var environment: [String]
    /// Absolute path of the folder it starts in.
    package var directory: String
    package var standardOutput: Output
    package var standardError: Output
    package var passed: [Passed]
    /// The number under which the child finds the writing end of a status pipe; `nil`: none.
    package var statusNumber: Int32?
    /// Whether it leads a session of its own, so that all it starts can be found and ended.
    package var leadsSession: Bool

    /// A program with pipes for its output, in a session of its own.
    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String] = ChildCommand.plainEnvironment,
        directory: String = "/",
        standardOutput: Output = .pipe,
        standardError: Output = .pipe,
        passed: [Passed] = [],
        statusNumber: Int32? = nil,
        leadsSession: Bool = true
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.passed = passed
        self.statusNumber = statusNumber
        self.leadsSession = leadsSession
    }
}
