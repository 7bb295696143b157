import ServiceLifecycle

/// Throws away uploads that have lain still for too long although nobody asks for any: at night a disk
/// has to be freed without a person.
package struct UploadSweeper: Service {
    let uploads: UploadFolder
    var clock: any Clock<Duration> = ContinuousClock()
    /// How often is looked; so much longer than its day an upload may lie.
    var pause = Duration.seconds(600)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // Only the end of the service ends the sleep early.
            while (try? await clock.sleep(for: pause)) != nil { uploads.sweep() }
        }
    }
}
