import Glibc
import TandemImage
import TandemModel
import TandemSpawn
import Testing

struct DraftRulesTableTests {
    /// One rule: how a sound draft is broken, and what the refusal must say.
    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout ReleaseDraft) -> Void

        init(_ finding: String, _ change: @escaping @Sendable (inout ReleaseDraft) -> Void) {
            testDescription = finding
            self.change = change
        }
    }

    private static let install = Workshop.step("Install", .installPackages)
    private static let verify = Workshop.step("Verify", .verify)

    static let rules: [Rule] = [
        Rule("product: 'a/b' is no plain name") { $0.manifest.release.product = "a/b" },
        Rule("version: 'v2' is no version") { $0.manifest.release.version = "v2" },
        Rule("version: '2/0' is no version") { $0.manifest.release.version = "2/0" },
        Rule("version: '' is no version") { $0.manifest.release.version = "" },
        Rule("kinds: at least one kind") { $0.manifest.kinds = [] },
        Rule("kinds: 'a b' is no plain name") { $0.manifest.kinds = [ClusterKind("a b")] },
        Rule("installs-over: 2.0 is the release itself") { $0.manifest.installsOver = ["2.0"] },
        Rule("rolls-back-to: 2.0 is the release itself") { $0.manifest.rollsBackTo = ["2.0"] },
        Rule("rolls-back-to: a version stands twice") { $0.manifest.rollsBackTo = ["1", "1"] },
        Rule("minimum-cmp: 'new' is no version") { $0.manifest.minimumCMP = "new" },
        Rule("date: it must lie between 1980 and 2100") { $0.manifest.dateSeconds = 0 },
        Rule("service: a name is needed") { $0.manifest.service = "" },
        Rule("build-id: a text is needed") { $0.manifest.buildID = "" },
        Rule("carry: other.deb is none of the packages") { $0.carriedFiles = ["other.deb"] },
        Rule("carry: an image carries at least one package") { $0.carriedFiles = [] },
        Rule("carry: app_2.0_all.deb stands twice") {
            $0.carriedFiles = ["app_2.0_all.deb", "app_2.0_all.deb"]
        },
        Rule("identify-hook: no entry of hooks is named 'who'") {
            $0.manifest.identifyHook = "who"
        },
        Rule("health-hook: no entry of hooks is named 'who'") { $0.manifest.healthHook = "who" },
        Rule("data-carry-hook: no entry of hooks is named 'who'") {
            $0.manifest.dataCarryHook = "who"
        },
        Rule("apply-hook: no entry of hooks is named 'who'") {
            $0.manifest.configuration?.applyHook = "who"
        },
        Rule("configuration: path 'etc/x' is not a plain absolute path") {
            $0.manifest.configuration?.path = "etc/x"
        },
        Rule("configuration: path '/etc/../x' is not a plain absolute path") {
            $0.manifest.configuration?.path = "/etc/../x"
        },
        Rule("configuration: path '/' is not a plain absolute path") {
            $0.manifest.configuration?.path = "/"
        },
        Rule("upgrade-steps: a snapshot after install-packages leads nowhere") {
            $0.manifest.upgradeSteps = [install, Workshop.step("Keep", .snapshot), verify]
        },
        Rule("back-out-steps: a snapshot has nothing to keep on a way back") {
            $0.manifest.backOutSteps = [Workshop.step("Keep", .snapshot), install, verify]
        },
        Rule("configuration: schema is needed") { $0.manifest.configuration?.schema = "" },
        Rule("upgrade-steps: exactly one step installs packages") { $0.manifest.upgradeSteps = [] },
        Rule("back-out-steps: exactly one step installs packages") {
            var second = install
            second.name = "Again"
            $0.manifest.backOutSteps = [install, second]
        },
        Rule("upgrade-steps: the list ends without verify") {
            $0.manifest.upgradeSteps = [install, Workshop.step("Start", .startService)]
        },
        Rule("upgrade-steps: two steps are named 'Install'") {
            $0.manifest.upgradeSteps = [install, Workshop.step("Install", .verify)]
        },
        Rule("step 'Install': expected-seconds is at least 1") {
            $0.manifest.upgradeSteps[1].name = "Install"
            $0.manifest.upgradeSteps[1].expectedSeconds = 0
        },
        Rule("step 'Install packages': limit-seconds is at least expected-seconds") {
            $0.manifest.backOutSteps[1].limitSeconds = 1
        },
        Rule("step 'Install packages': this action takes no arguments") {
            $0.manifest.backOutSteps[1].arguments = ["x"]
        },
        Rule("step 'Run': no entry of hooks is named 'who'") {
            let step = Workshop.step("Run", .hook, arguments: ["who"])
            $0.manifest.upgradeSteps.insert(step, at: 0)
        },
        Rule("step 'Run': the hook's file name is its first argument") {
            $0.manifest.upgradeSteps.insert(Workshop.step("Run", .hook), at: 0)
        },
        Rule("step 'Carry': the hook's file name is its first argument") {
            $0.manifest.upgradeSteps.insert(Workshop.step("Carry", .dataCarry), at: 0)
        },
        Rule("step 'Write the configuration': the release has no configuration") {
            $0.manifest.configuration = nil
        },
        Rule("hooks: apply neither answers --observe nor is repeatable") {
            $0.hooks[1].isRepeatable = false
        },
    ]

    @Test func `a sound draft is built`() throws {
        let workshop = try Workshop()
        let path = workshop.folder("a.iso")
        var draft = try workshop.draft(packagePaths: [workshop.deb("app", "2.0")])
        draft.hooks[1].isRepeatable = false
        draft.hooks[1].observes = true
        draft.manifest.dataCarryHook = "apply"
        draft.manifest.upgradeSteps.insert(Workshop.step("Carry", .dataCarry), at: 0)
        let manifest = try ImageBuilder.build(draft, to: path)
        #expect(manifest.upgradeSteps[0].arguments == ["apply"])
        #expect(manifest.hooks.map(\.isRepeatable) == [false, true])
    }

    @Test(arguments: rules)
    func `a draft that breaks a rule is refused with it`(rule: Rule) throws {
        let workshop = try Workshop()
        let path = workshop.folder("a.iso")
        var draft = try workshop.draft(packagePaths: [workshop.deb("app", "2.0")])
        rule.change(&draft)
        let error = failure { try ImageBuilder.build(draft, to: path) }
        #expect(error?.code == .manifestInvalid)
        let message = error?.message ?? "accepted"
        #expect(message.contains(rule.testDescription), "\(message)")
        #expect(try Files.kind(of: path) == nil)
        #expect(try Files.list(workshop.folder.path) == ["debs", "hooks", "store"])
    }

    @Test func `all findings come at once`() throws {
        let workshop = try Workshop()
        var draft = try workshop.draft(packagePaths: [workshop.deb("app", "2.0")])
        draft.manifest.service = ""
        draft.manifest.kinds = []
        let error = failure { try ImageBuilder.build(draft, to: workshop.folder("a.iso")) }
        #expect(error?.message.contains("service:") == true)
        #expect(error?.message.contains("kinds:") == true)
    }

    @Test func `a conffile can't be the configuration`() throws {
        let workshop = try Workshop()
        let deb = try workshop.deb("app", "2.0", conffile: "/etc/scef-fe/cluster.conf")
        let draft = try workshop.draft(packagePaths: [deb])
        let error = failure { try ImageBuilder.build(draft, to: workshop.folder("a.iso")) }
        #expect(error?.code == .manifestInvalid)
        let finding = "path /etc/scef-fe/cluster.conf is a conffile of package app"
        #expect(error?.message.contains(finding) == true)
        let other = try workshop.deb("app", "2.1", conffile: "/etc/scef-fe/other.conf")
        try ImageBuilder.build(
            workshop.draft(packagePaths: [other]),
            to: workshop.folder("a.iso")
        )
    }

    @Test func `files must be what they are given for`() throws {
        let workshop = try Workshop()
        let folder = workshop.folder
        let app = try workshop.deb("app", "2.0")
        try Files.replace(folder("debs/fake.deb"), with: Array("no package".utf8))
        try Files.replace(folder("debs/app.rpm"), with: [1])
        try Files.replace(folder("debs/sp ace.deb"), with: [1])
        symlink(app, folder("debs/link.deb"))
        try Files.createDirectory(folder("other"))
        try Files.replace(folder("other/app_2.0_all.deb"), with: try read(app))
        try Files.replace(folder("debs/renamed.deb"), with: try read(app))
        let cases: [([String], String)] = [
            ([folder("debs/fake.deb")], "is not a Debian package"),
            ([folder("debs/app.rpm")], "app.rpm is no .deb file"),
            ([folder("debs/sp ace.deb")], "'sp ace.deb' is no plain file name"),
            ([folder("debs/link.deb")], "link.deb is not a regular file"),
            ([folder("debs/none.deb")], "none.deb is not a regular file"),
            ([app, folder("other/app_2.0_all.deb")], "two files are named app_2.0_all.deb"),
            ([app, folder("debs/renamed.deb")], "two packages are named app"),
            ([], "packages: at least one is needed"),
        ]
        for (paths, finding) in cases {
            let error = failure {
                try ImageBuilder.build(
                    workshop.draft(packagePaths: paths),
                    to: folder("a.iso")
                )
            }
            #expect(error?.code == .manifestInvalid)
            #expect(error?.message.contains(finding) == true, "\(error?.message ?? "accepted")")
        }
        var draft = try workshop.draft(packagePaths: [app])
        chmod(draft.hooks[0].path, 0o644)
        let error = failure { try ImageBuilder.build(draft, to: folder("a.iso")) }
        #expect(error?.message.contains("is not a regular executable file") == true)
        draft.manifest.format = .rpm
        #expect(
            failure { try ImageBuilder.build(draft, to: folder("a.iso")) }?.code
                == .manifestInvalid
        )
    }
}
