import TandemModel

/// What a release must say to be built: each finding names the key of `release.yaml` and the value.
struct DraftRules {
    private let manifest: ReleaseManifest
    private var findings: [String] = []

    /// Every rule that a complete manifest breaks; empty when it may be built.
    static func findings(in manifest: ReleaseManifest) -> [String] {
        var rules = DraftRules(manifest: manifest)
        rules.checkRelease()
        rules.checkPackages()
        rules.checkHooks()
        rules.checkSteps(manifest.upgradeSteps, "upgrade-steps")
        rules.checkSteps(manifest.backOutSteps, Self.backOutKey)
        rules.checkConfiguration()
        return rules.findings
    }

    private init(manifest: ReleaseManifest) { self.manifest = manifest }

    private mutating func require(_ isMet: Bool, _ finding: @autoclosure () -> String) {
        if !isMet { findings.append(finding()) }
    }

    // MARK: - The release

    /// A digit, then letters, digits and `.+~_-`, at most 63: it stands in names of files and rows.
    private static func isVersion(_ text: String) -> Bool {
        guard let first = text.utf8.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first else {
            return false
        }
        return text.utf8.count <= 63 && ImageMember.isFileName(text)
            && !text.utf8.contains { "%:=@,".utf8.contains($0) }
    }

    private mutating func checkRelease() {
        let release = manifest.release
        require(
            Name<NameTag.Cluster>(release.product).isValid,
            "product: '\(release.product)' is no plain name"
        )
        require(Self.isVersion(release.version), "version: '\(release.version)' is no version")
        require(!manifest.kinds.isEmpty, "kinds: at least one kind of cluster is needed")
        for kind in manifest.kinds {
            require(
                Name<NameTag.Cluster>(kind.text).isValid,
                "kinds: '\(kind.text)' is no plain name"
            )
        }
        let lists = [
            ("installs-over", manifest.installsOver), ("rolls-back-to", manifest.rollsBackTo),
            ("replicates-with", manifest.replicatesWith),
        ]
        for (key, versions) in lists {
            for version in versions {
                require(Self.isVersion(version), "\(key): '\(version)' is no version")
                require(
                    version != release.version || key == "replicates-with",
                    "\(key): \(version) is the release itself"
                )
            }
            require(Set(versions).count == versions.count, "\(key): a version stands twice")
        }
        let minima = [
            ("minimum-agent", manifest.minimumAgent),
            ("minimum-controller", manifest.minimumController),
            ("minimum-cmp", manifest.minimumCMP),
        ]
        for (key, version) in minima {
            require(
                version.isEmpty || Self.isVersion(version),
                "\(key): '\(version)' is no version"
            )
        }
        require(
            Self.dateSecondsRange.contains(manifest.dateSeconds),
            "date: it must lie between 1980 and 2100"
        )
        require(!manifest.service.isEmpty, "service: a name is needed")
        require(!manifest.buildID.isEmpty, "build-id: a text is needed")
    }

    /// 1980-01-01 to 2100-01-01: dates that ISO 9660 and every tool agree on.
    private static let dateSecondsRange: ClosedRange<UInt64> = 315_532_800...4_102_444_800

    // MARK: - Packages and hooks

    private mutating func checkPackages() {
        require(!manifest.packages.isEmpty, "packages: at least one is needed")
        for package in manifest.packages {
            require(
                ImageMember.isFileName(package.file),
                "packages: '\(package.file)' is no plain file name"
            )
        }
        for name in Self.twice(manifest.packages.map(\.name)) {
            findings.append("packages: two packages are named \(name)")
        }
        for file in Self.twice(manifest.packages.map(\.file)) {
            findings.append("packages: two files are named \(file)")
        }
        let files = Set(manifest.packages.map(\.file))
        for file in manifest.carriedFiles where !files.contains(file) {
            findings.append("carry: \(file) is none of the packages")
        }
        for file in Self.twice(manifest.carriedFiles) {
            findings.append("carry: \(file) stands twice")
        }
        require(!manifest.carriedFiles.isEmpty, "carry: an image carries at least one package")
    }

    private mutating func checkHooks() {
        let files = manifest.hooks.map(\.file)
        for hook in manifest.hooks {
            require(
                ImageMember.isFileName(hook.file),
                "hooks: '\(hook.file)' is no plain file name"
            )
            require(hook.byteCount > 0, "hooks: \(hook.file) is empty")
        }
        for file in Self.twice(files) { findings.append("hooks: two files are named \(file)") }
        let named = [
            ("identify-hook", manifest.identifyHook), ("health-hook", manifest.healthHook),
            ("data-carry-hook", manifest.dataCarryHook),
            ("configuration: apply-hook", manifest.configuration?.applyHook),
        ]
        for case (let key, let hook?) in named {
            require(files.contains(hook), "\(key): no entry of hooks is named '\(hook)'")
        }
    }

    private static func twice(_ texts: [String]) -> [String] {
        let sorted = texts.sorted()
        return zip(sorted, sorted.dropFirst()).filter { $0 == $1 }.map(\.0)
    }

    // MARK: - Steps

    private static let backOutKey = "back-out-steps"

    private mutating func checkSteps(_ steps: [StepDefinition], _ key: String) {
        for name in Self.twice(steps.map(\.name)) {
            findings.append("\(key): two steps are named '\(name)'")
        }
        for step in steps {
            let place = "\(key), step '\(step.name)'"
            require(!step.name.isEmpty, "\(key): a step has no name")
            require(step.expectedSeconds >= 1, "\(place): expected-seconds is at least 1")
            require(
                step.limitSeconds >= max(1, step.expectedSeconds),
                "\(place): limit-seconds is at least expected-seconds"
            )
            checkArguments(of: step, place)
        }
        let installs = steps.indices.filter { steps[$0].action == .installPackages }
        require(installs.count == 1, "\(key): exactly one step installs packages")
        if let snapshot = steps.indices.last(where: { steps[$0].action == .snapshot }) {
            let isBack = key == Self.backOutKey
            require(!isBack, "\(key): a snapshot has nothing to keep on a way back")
            require(
                isBack || installs.allSatisfy { snapshot < $0 },
                "\(key): a snapshot after install-packages leads nowhere"
            )
        }
        if let install = installs.last, install != steps.indices.last {
            require(
                steps.last?.action == .verify,
                "\(key): the list ends without verify, though steps follow install-packages"
            )
        }
    }

    private mutating func checkArguments(of step: StepDefinition, _ place: String) {
        switch step.action {
        case .hook, .dataCarry:
            guard let hook = step.arguments.first else {
                findings.append("\(place): the hook's file name is its first argument")
                return
            }
            require(
                manifest.hooks.contains { $0.file == hook },
                "\(place): no entry of hooks is named '\(hook)'"
            )
        case .configure:
            require(manifest.configuration != nil, "\(place): the release has no configuration")
        case .stopService, .startService:
            require(
                step.arguments.count == 1,
                "\(place): the service's name is its only argument"
            )
        case .check, .snapshot, .installPackages, .reboot, .verify:
            require(step.arguments.isEmpty, "\(place): this action takes no arguments")
        }
    }

    // MARK: - Configuration

    private mutating func checkConfiguration() {
        guard let configuration = manifest.configuration else { return }
        require(!configuration.schema.isEmpty, "configuration: schema is needed")
        let parts = configuration.path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain =
            parts.count >= 2 && parts[0].isEmpty
            && parts.dropFirst().allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        require(
            isPlain && !configuration.path.utf8.contains(0),
            "configuration: path '\(configuration.path)' is not a plain absolute path"
        )
    }
}
