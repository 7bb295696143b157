import TandemModel

/// Manifests that show every field.
enum ManifestSamples {
    static let full = ReleaseManifest(
        release: ReleaseID(product: "scef-fe", version: "12.6.1"),
        format: .deb,
        kinds: [.scefFE, .scef],
        installsOver: ["12.5.0", "12.6.0"],
        installsOnBlank: true,
        rollsBackTo: ["12.6.0"],
        minimumAgent: "1.0.0",
        minimumController: "1.0.0",
        minimumCMP: "12.6.0",
        packages: [
            PackageEntry(
                file: "scef-fe_12.6.1_amd64.deb",
                name: "scef-fe",
                version: "12.6.1",
                architecture: "amd64",
                sha256: Samples.digest(0x11),
                byteCount: 1_204_224
            ),
            PackageEntry(
                file: "scef-common_12.6.1_all.deb",
                name: "scef-common",
                version: "12.6.1",
                architecture: "all",
                sha256: Samples.digest(0x22),
                byteCount: 70_000
            ),
        ],
        carriedFiles: ["scef-fe_12.6.1_amd64.deb"],
        hooks: [
            HookEntry(
                file: "health",
                sha256: Samples.digest(0x44),
                byteCount: 120,
                isRepeatable: true
            ),
            HookEntry(
                file: "apply",
                sha256: Samples.digest(0x33),
                byteCount: 99,
                isRepeatable: false
            ),
            HookEntry(
                file: "identify",
                sha256: Samples.digest(0x55),
                byteCount: 80,
                isRepeatable: true
            ),
        ],
        upgradeSteps: [
            StepDefinition(
                name: "stop the service",
                action: .stopService,
                arguments: ["scef-fe"],
                expectedSeconds: 5,
                limitSeconds: 60,
                isSafeAfter: false,
                onFailure: .stop
            ),
            StepDefinition(
                name: "install",
                action: .installPackages,
                arguments: [],
                expectedSeconds: 30,
                limitSeconds: 600,
                isSafeAfter: true,
                onFailure: .return
            ),
        ],
        backOutSteps: [
            StepDefinition(
                name: "install the previous packages",
                action: .installPackages,
                arguments: [],
                expectedSeconds: 30,
                limitSeconds: 600,
                isSafeAfter: true,
                onFailure: .stop
            )
        ],
        configuration: ConfigurationSchema(
            schema: "scef-fe-2",
            path: "/etc/scef-fe/cluster.conf",
            applyHook: "apply"
        ),
        service: "scef-fe",
        buildID: "scef-fe 12.6.1 build 7",
        identifyHook: "identify",
        healthHook: "health",
        replicatesData: true,
        replicatesWith: ["12.6.0"],
        dataCarryHook: nil,
        takeoverWhileMixed: .held,
        notices: ["Subscriptions made while versions are mixed are not synchronised."],
        spaceNeeded: 50_000_000,
        dateSeconds: 1_795_305_600
    )
}
