package import TandemModel
import TandemSpawn

/// The folder of everything that an agent keeps: journal, images and the records of its guards.
package struct StateFolder: Hashable, Sendable {
    package let path: String

    /// A state folder; `create` makes it.
    package init(path: String) { self.path = path }

    package var journal: String { "\(path)/journal" }
    /// Held by the one agent that uses this folder.
    package var lock: String { "\(path)/lock" }
    /// Images, packages, hooks and manifests.
    package var store: String { "\(path)/store" }
    /// What guards write about their end, and who they are.
    package var guards: String { "\(path)/guards" }
    /// For HA drivers to keep what they must remember.
    package var driver: String { "\(path)/ha" }
    /// Held by whoever calls the HA driver to change something.
    package var driverLock: String { "\(path)/ha.lock" }
    /// dpkg's log of a private root.
    package var dpkgLog: String { "\(path)/dpkg.log" }
    /// What rpm was told and said.
    package var rpmLog: String { "\(path)/rpm.log" }
    /// What rpm was told to change and was not seen to end well.
    package var rpmLedger: String { "\(path)/rpm-open" }
    /// What `collect-logs` gathered last.
    package var logs: String { "\(path)/logs" }

    /// Makes what is missing, for root's eyes only.
    package func create() throws(TandemError) {
        for folder in [path, guards, driver] { try Files.createDirectory(folder) }
    }
}
