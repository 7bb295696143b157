#if CrashPoints
    import Glibc

    /// A place in a program at which a test can make it die, as by `kill -9`.
    ///
    /// Built under the package trait `CrashPoints` only. TANDEM_CRASH_FOLDER names a folder; while it
    /// holds a file `plan`, each pass adds one byte to the file `KIND.SIDE` there, so that counts go on over
    /// restarts. A plan `KIND.SIDE NUMBER` ends the process at that pass, and is then `plan.done`.
    package enum CrashPoint: String {
        /// Records are appended to an agent's journal.
        case journalAppend = "journal-append"
        /// The controller's store commits a transaction.
        case storeCommit = "store-commit"
        /// Messages are handed to the connection.
        case send
        /// A child is started.
        case spawn
        /// A child was seen to have ended; nothing was done about it yet.
        case childExit = "child-exit"

        /// Counts a pass just before.
        package func before() { pass("before") }

        /// Counts a pass just after.
        package func after() { pass("after") }

        private func pass(_ side: String) {
            guard let folder = getenv("TANDEM_CRASH_FOLDER").map({ String(cString: $0) }) else {
                return
            }
            let path = "\(folder)/plan"
            guard let plan = try? Files.read(path, byteCountMax: 256) else { return }
            let name = "\(rawValue).\(side)"
            let number = Self.count(in: "\(folder)/\(name)")
            guard String(decoding: plan, as: UTF8.self) == "\(name) \(number)" else { return }
            // Once: the process that comes next lives. Of two that come here, one dies.
            guard rename(path, "\(path).done") == 0 else { return }
            kill(getpid(), SIGKILL)
            while true { pause() }
        }

        /// Adds a byte; the place behind it is the number of this pass, whoever else counts there.
        private static func count(in path: String) -> Int {
            let number = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard number >= 0 else { return 0 }
            let file = Descriptor(owning: number)
            var byte = UInt8(ascii: "x")
            guard write(file.number, &byte, 1) == 1 else { return 0 }
            return Int(lseek(file.number, 0, SEEK_CUR))
        }
    }
#endif
