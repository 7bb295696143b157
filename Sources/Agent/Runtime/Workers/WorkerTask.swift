package import AgentCore
package import AgentPlatform
package import TandemModel

/// What a child of the agent's own program does, because it may take long or must outlive the agent.
package enum WorkerTask: Hashable, Sendable {
    /// A step; a guard does it, which records its end.
    case step(StepRun, ServerFacts)
    /// Bringing the packages of a step's target into order.
    case repair(StepRun)
    case observeStep(StepRun)
    case checks(target: ReleaseManifest, source: ReleaseManifest?, ServerFacts)
    /// Every file of the release with that manifest.
    case verifyRelease(Digest)
    case finishStaging(ImageOffer)
    /// Forget releases, all but those of these manifests.
    case dropReleases(keep: [Digest])
    case applyConfiguration(ConfigurationVersion, ConfigurationSchema)
    case driver(DriverCall)
    /// Delete root snapshots, all but these.
    case dropSnapshots(keep: [String])
    /// Take back what was asked of the boot loader.
    case forgetBoot
    /// The addresses of a DNS name.
    case resolve(AgentConfiguration.Controller)

    /// What `ps` and the log show.
    var word: String {
        switch self {
        case .step(let run, _): "step-\(run.definition.action.rawValue)"
        case .repair: "repair"
        case .observeStep: "observe-step"
        case .checks: "checks"
        case .verifyRelease: "verify-release"
        case .finishStaging: "finish-staging"
        case .dropReleases: "drop-releases"
        case .applyConfiguration: "apply-configuration"
        case .driver(let call): "driver-\(call.word)"
        case .dropSnapshots: "drop-snapshots"
        case .forgetBoot: "forget-boot"
        case .resolve: "resolve"
        }
    }
}

/// What a worker answers.
package enum WorkerAnswer: Hashable, Sendable {
    case result(StepResult)
    case observation(StepObservation)
    case checks([CheckResult])
    /// `nil`: it worked.
    case failure(TandemFailure?)
    /// The digest of the manifest that was staged.
    case staged(Digest)
    case driver(DriverResult)
    case tookBack(TakeBackResult)
    /// Numeric addresses.
    case addresses([String])
}

extension DriverCall {
    /// The verb.
    var word: String {
        switch self {
        case .promote: "promote"
        case .demote: "demote"
        case .takeBack: "take-back"
        case .fence: "fence"
        case .hold: "hold"
        case .unhold: "unhold"
        case .inhibitReplication: "inhibit-replication"
        case .allowReplication: "allow-replication"
        }
    }
}
