/// One package of a release.
package struct PackageEntry: Hashable, Sendable, Codable {
    /// File name below `packages/` in the image; no path separators.
    package var file: String
    package var name: String
    package var version: String
    package var architecture: String
    package var sha256: Digest
    package var byteCount: UInt64

    /// A package.
    package init(
        file: String,
        name: String,
        version: String,
        architecture: String,
        sha256: Digest,
        byteCount: UInt64
    ) {
        self.file = file
        self.name = name
        self.version = version
        self.architecture = architecture
        self.sha256 = sha256
        self.byteCount = byteCount
    }
}

/// One executable of a release that steps may name.
package struct HookEntry: Hashable, Sendable, Codable {
    /// File name below `hooks/` in the image; no path separators.
    package var file: String
    package var sha256: Digest
    package var byteCount: UInt64
    /// Whether running it again after it was cut short is harmless.
    package var isRepeatable: Bool

    /// A hook.
    package init(file: String, sha256: Digest, byteCount: UInt64, isRepeatable: Bool) {
        self.file = file
        self.sha256 = sha256
        self.byteCount = byteCount
        self.isRepeatable = isRepeatable
    }
}

/// What a step does.
package enum StepAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// Run built-in checks and `checks.d`.
    case check
    case stopService = "stop-service"
    /// Take a root snapshot (btrfs only).
    case snapshot
    case installPackages = "install-packages"
    /// Write the cluster configuration that belongs to the release.
    case configure
    case hook
    case dataCarry = "data-carry"
    case reboot
    case startService = "start-service"
    /// Wait until build id and health checks say what they should.
    case verify
}

/// What happens when a step fails.
package enum FailurePolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// Stop there; the operator decides.
    case stop
    /// Return to the release before by itself.
    case `return`
}

/// One step of a release's list.
package struct StepDefinition: Hashable, Sendable, Codable {
    package var name: String
    package var action: StepAction
    /// For `hook` and `data-carry`: the hook's file name first; for services: the service's name.
    package var arguments: [String]
    package var expectedSeconds: UInt32
    package var limitSeconds: UInt32
    /// Whether the end of this step is a boundary at which *Stop* may end the action.
    package var isSafeAfter: Bool
    package var onFailure: FailurePolicy

    /// A step.
    package init(
        name: String,
        action: StepAction,
        arguments: [String],
        expectedSeconds: UInt32,
        limitSeconds: UInt32,
        isSafeAfter: Bool,
        onFailure: FailurePolicy
    ) {
        self.name = name
        self.action = action
        self.arguments = arguments
        self.expectedSeconds = expectedSeconds
        self.limitSeconds = limitSeconds
        self.isSafeAfter = isSafeAfter
        self.onFailure = onFailure
    }

    /// Whether the step ends the server's service while it runs.
    package var stopsService: Bool {
        switch action {
        case .stopService, .installPackages, .dataCarry, .reboot: true
        case .check, .snapshot, .configure, .hook, .startService, .verify: false
        }
    }
}

/// Where the cluster configuration of a release lies and how it is put to use.
package struct ConfigurationSchema: Hashable, Sendable, Codable {
    /// Names the form of the document, such as `scef-fe-2`.
    package var schema: String
    /// Absolute path below the server's root; never a conffile of a package.
    package var path: String
    /// Hook that makes the product read it; `nil` when the product notices by itself.
    package var applyHook: String?

    /// A schema.
    package init(schema: String, path: String, applyHook: String?) {
        self.schema = schema
        self.path = path
        self.applyHook = applyHook
    }
}

/// Whether a standby of the new release may take over while versions are mixed.
package enum TakeoverWhileMixed: String, Hashable, Sendable, Codable, CaseIterable {
    case allowed
    case held
}

/// Which form of package the release holds.
package enum PackageFormat: String, Hashable, Sendable, Codable, CaseIterable {
    case deb
    case rpm
}

/// All that a release says about itself; signed, with one possible byte sequence.
package struct ReleaseManifest: Hashable, Sendable, Codable {
    package var release: ReleaseID
    package var format: PackageFormat
    /// Kinds of cluster it serves.
    package var kinds: [ClusterKind]
    /// Versions it may be installed over.
    package var installsOver: [String]
    /// Whether it may be installed on a blank server.
    package var installsOnBlank: Bool
    /// Versions it may be rolled back to.
    package var rollsBackTo: [String]
    /// Empty where any will do.
    package var minimumAgent: String
    package var minimumController: String
    package var minimumCMP: String
    /// The full set, also in a patch.
    package var packages: [PackageEntry]
    /// Files of `packages` that this image carries; the full set unless it is a patch.
    package var carriedFiles: [String]
    package var hooks: [HookEntry]
    package var upgradeSteps: [StepDefinition]
    package var backOutSteps: [StepDefinition]
    package var configuration: ConfigurationSchema?
    /// The name by which services are stopped and started.
    package var service: String
    /// What the running product must answer as its build id.
    package var buildID: String
    /// Hook that prints the running build id on its first line.
    package var identifyHook: String
    /// Hook by the monitoring-plugins convention that says whether the product is healthy.
    package var healthHook: String?
    package var replicatesData: Bool
    /// Versions whose data replication with this one works.
    package var replicatesWith: [String]
    /// Hook that carries data over where replication can't; `nil` when there is none.
    package var dataCarryHook: String?
    package var takeoverWhileMixed: TakeoverWhileMixed
    /// Texts an operator acknowledges at Start.
    package var notices: [String]
    /// Bytes the installed release needs beside the old one.
    package var spaceNeeded: UInt64
    /// SOURCE_DATE_EPOCH of the image: seconds since 1970.
    package var dateSeconds: UInt64

    /// A manifest.
    package init(
        release: ReleaseID,
        format: PackageFormat,
        kinds: [ClusterKind],
        installsOver: [String],
        installsOnBlank: Bool,
        rollsBackTo: [String],
        minimumAgent: String,
        minimumController: String,
        minimumCMP: String,
        packages: [PackageEntry],
        carriedFiles: [String],
        hooks: [HookEntry],
        upgradeSteps: [StepDefinition],
        backOutSteps: [StepDefinition],
        configuration: ConfigurationSchema?,
        service: String,
        buildID: String,
        identifyHook: String,
        healthHook: String?,
        replicatesData: Bool,
        replicatesWith: [String],
        dataCarryHook: String?,
        takeoverWhileMixed: TakeoverWhileMixed,
        notices: [String],
        spaceNeeded: UInt64,
        dateSeconds: UInt64
    ) {
        self.release = release
        self.format = format
        self.kinds = kinds
        self.installsOver = installsOver
        self.installsOnBlank = installsOnBlank
        self.rollsBackTo = rollsBackTo
        self.minimumAgent = minimumAgent
        self.minimumController = minimumController
        self.minimumCMP = minimumCMP
        self.packages = packages
        self.carriedFiles = carriedFiles
        self.hooks = hooks
        self.upgradeSteps = upgradeSteps
        self.backOutSteps = backOutSteps
        self.configuration = configuration
        self.service = service
        self.buildID = buildID
        self.identifyHook = identifyHook
        self.healthHook = healthHook
        self.replicatesData = replicatesData
        self.replicatesWith = replicatesWith
        self.dataCarryHook = dataCarryHook
        self.takeoverWhileMixed = takeoverWhileMixed
        self.notices = notices
        self.spaceNeeded = spaceNeeded
        self.dateSeconds = dateSeconds
    }

    /// Whether an upgrade to it keeps the server's root as a snapshot.
    package var takesSnapshot: Bool { upgradeSteps.contains { $0.action == .snapshot } }

    /// Whether the image carries only a part of the release's files.
    package var isPatch: Bool { carriedFiles.count < packages.count }
}
