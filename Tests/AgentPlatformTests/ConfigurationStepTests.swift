import AgentCore
import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

struct ConfigurationStepTests {
    private let test: TestServer
    private static let schema = ConfigurationSchema(
        schema: "shop-1",
        path: "/etc/shop/cluster.conf",
        applyHook: "apply"
    )
    private static let applyHook = """
        ! grep -q bad "$TANDEM_ROOT/etc/shop/cluster.conf" || { echo "no such key"; exit 1; }
        cp "$TANDEM_ROOT/etc/shop/cluster.conf" "$TANDEM_ROOT/applied"
        """

    init() throws { test = try TestServer() }

    private func version(_ text: String, schema: String = "shop-1") -> ConfigurationVersion {
        let document = Array(text.utf8)
        return ConfigurationVersion(
            number: 3,
            schema: schema,
            digest: sha256(document),
            document: document
        )
    }

    private func stage() throws -> StoredManifest {
        try test.stage(
            "1",
            packages: [],
            hooks: ["apply": Self.applyHook],
            configuration: Self.schema
        )
    }

    @Test
    func configureWritesTheFile() throws {
        let one = try stage()
        let run = test.run(.configure, to: one, configuration: version("a = 1\n"))
        #expect(test.observe(run) == .unchanged)
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run) == .reached)
        #expect(try test.folder.text("root/etc/shop/cluster.conf") == "a = 1\n")
        #expect(try !test.folder.exists("root/applied"))
    }

    @Test
    func configureWithoutAVersionLeavesTheFileAlone() throws {
        let one = try stage()
        let run = test.run(.configure, to: one)
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run) == .reached)
        #expect(try !test.folder.exists("root/etc/shop/cluster.conf"))
    }

    @Test
    func modeOfTheFileIsKept() throws {
        let one = try stage()
        let path = try test.folder.write("root/etc/shop/cluster.conf", "old", mode: 0o640)
        _ = test.execute(test.run(.configure, to: one, configuration: version("new")))
        var attributes = stat()
        #expect(lstat(path, &attributes) == 0)
        #expect(attributes.st_mode & 0o777 == 0o640)
    }

    @Test
    func wrongSchemaOrDigestIsRefused() throws {
        let one = try stage()
        let foreign = test.run(
            .configure,
            to: one,
            configuration: version("a", schema: "shop-2")
        )
        #expect(test.execute(foreign).failure?.code == ErrorCode.configurationFailed.id)
        var changed = version("a")
        changed.document = Array("b".utf8)
        let failure = test.execute(test.run(.configure, to: one, configuration: changed)).failure
        #expect(failure?.code == ErrorCode.configurationFailed.id)
        #expect(try !test.folder.exists("root/etc/shop/cluster.conf"))
    }

    @Test
    func applyRunsTheHookAndPutsARefusedFileBack() throws {
        _ = try stage()
        try test.server.apply(version("a = 1\n"), Self.schema)
        #expect(try test.folder.text("root/applied") == "a = 1\n")
        let error = #expect(throws: TandemError.self) {
            try test.server.apply(version("bad = 1\n"), Self.schema)
        }
        #expect(error?.code == .configurationFailed)
        #expect(error?.cause == "no such key")
        #expect(try test.folder.text("root/etc/shop/cluster.conf") == "a = 1\n")
    }

    @Test
    func firstFileIsRemovedWhenRefused() throws {
        _ = try stage()
        #expect(throws: TandemError.self) {
            try test.server.apply(version("bad = 1\n"), Self.schema)
        }
        #expect(try !test.folder.exists("root/etc/shop/cluster.conf"))
    }

    @Test
    func pathMayNotLeaveTheRoot() throws {
        let schema = ConfigurationSchema(
            schema: "shop-1",
            path: "/etc/../../x",
            applyHook: nil
        )
        #expect(throws: TandemError.self) {
            try ClusterConfigurationFile(schema, on: test.server)
        }
    }
}
