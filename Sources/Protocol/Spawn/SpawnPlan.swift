import Glibc
import TandemModel

/// The descriptors of one `posix_spawn` call, from their opening until the child has them.
struct SpawnPlan {
    private let command: ChildCommand
    private(set) var standardOutput: Descriptor?
    private(set) var standardError: Descriptor?
    private(set) var status: Descriptor?
    /// Child's number and the parent's descriptor, all of the latter above every number of the child.
    private var inherited: [(number: Int32, descriptor: Descriptor)] = []
    private let numberMax: Int32

    /// Checks the command and opens its pipes.
    init(_ command: ChildCommand) throws(TandemError) {
        try Self.check(command)
        self.command = command
        let numbers = command.passed.map(\.number) + [command.statusNumber ?? 2]
        numberMax = max(2, numbers.max() ?? 2)
        standardOutput = try plan(command.standardOutput, as: STDOUT_FILENO)
        standardError = try plan(command.standardError, as: STDERR_FILENO)
        for passed in command.passed {
            try inherit(passed.descriptor, as: passed.number)
        }
        if let number = command.statusNumber {
            status = try plan(.pipe, as: number)
        }
    }

    /// Room for every package of the largest release; the machine's own limit may be lower.
    private static let numberRange: ClosedRange<Int32> = 3...8191

    private static func check(_ command: ChildCommand) throws(TandemError) {
        let texts = [command.program, command.directory] + command.arguments + command.environment
        let numbers = command.passed.map(\.number) + (command.statusNumber.map { [$0] } ?? [])
        let isSound =
            command.program.hasPrefix("/") && command.directory.hasPrefix("/")
            && !texts.contains { $0.utf8.contains(0) }
            && numbers.allSatisfy { numberRange.contains($0) }
            && Set(numbers).count == numbers.count
        guard isSound else {
            throw TandemError(
                .usage,
                "\(command.program) can't be run: a path is not absolute, a text holds a zero byte, "
                    + "or a descriptor number is taken twice or not within 3...8191",
                remedy: "Report this as a defect of the program that asked for it."
            )
        }
    }

    private mutating func plan(
        _ output: ChildCommand.Output,
        as number: Int32
    ) throws(TandemError) -> Descriptor? {
        switch output {
        case .discarded:
            try inherit(Descriptor.open("/dev/null", flags: O_WRONLY), as: number)
            return nil
        case .descriptor(let descriptor):
            try inherit(descriptor, as: number)
            return nil
        case .pipe:
            let (reading, writing) = try Descriptor.pipe()
            try reading.stopBlocking()
            try inherit(writing, as: number)
            return reading
        }
    }

    /// Moved above all of the child's numbers, so that no `dup2` hits a source still to be read.
    private mutating func inherit(_ descriptor: Descriptor, as number: Int32) throws(TandemError) {
        inherited.append((number, try descriptor.duplicate(from: numberMax + 1)))
    }

    /// Starts the program; the parent's copies of the child's ends are closed on return.
    mutating func spawn() throws(TandemError) -> Int32 {
        defer { inherited = [] }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { throw failure(ENOMEM) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard posix_spawnattr_init(&attributes) == 0 else { throw failure(ENOMEM) }
        defer { posix_spawnattr_destroy(&attributes) }
        try fill(&actions)
        try fill(&attributes)
        var processID: pid_t = 0
        let arguments = CStrings([command.program] + command.arguments)
        let environment = CStrings(command.environment)
        for attempt in 1... {
            let number = posix_spawn(
                &processID,
                command.program,
                &actions,
                &attributes,
                arguments.pointers,
                environment.pointers
            )
            if number == 0 { break }
            guard number == ETXTBSY, attempt < Self.busyAttemptCount else { throw failure(number) }
            _ = poll(nil, 0, Self.busyMilliseconds)
        }
        return processID
    }

    /// A program that somebody has open for writing (an editor, or another child between its fork and
    /// its exec) can't be started just then: it is tried again for a tenth of a second in all.
    private static let busyAttemptCount = 25
    private static let busyMilliseconds: Int32 = 4

    private func fill(_ actions: inout posix_spawn_file_actions_t) throws(TandemError) {
        var number = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (target, source) in inherited where number == 0 {
            number = posix_spawn_file_actions_adddup2(&actions, source.number, target)
        }
        if number == 0 {
            // A second line only: whatever this program opens is closed on exec anyway.
            number = GNUFunctions.addCloseFrom?(&actions, numberMax + 1) ?? 0
        }
        if number == 0 {
            number = GNUFunctions.addChangeDirectory?(&actions, command.directory) ?? ENOSYS
        }
        guard number == 0 else { throw failure(number) }
    }

    private func fill(_ attributes: inout posix_spawnattr_t) throws(TandemError) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if command.leadsSession { flags |= GNUFunctions.setSessionFlag }
        var number = posix_spawnattr_setsigmask(&attributes, &none)
        if number == 0 { number = posix_spawnattr_setsigdefault(&attributes, &all) }
        if number == 0 { number = posix_spawnattr_setflags(&attributes, Int16(flags)) }
        guard number == 0 else { throw failure(number) }
    }

    private func failure(_ number: Int32) -> TandemError {
        switch number {
        case ENOENT, EACCES, ENOEXEC, ENOTDIR, ELOOP, EISDIR, EPERM:
            TandemError(
                .programMissing,
                "\(command.program) can't be started",
                remedy: "Check that it is there, that it is a program of this machine's "
                    + "architecture and that \(command.directory) exists.",
                cause: "errno \(number): \(String(cString: strerror(number)))"
            )
        case _:
            systemFailure(number, doing: "start", path: command.program)
        }
    }
}

/// A null-terminated array of C strings for the length of a call.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    deinit { pointers.forEach { free($0) } }
}
