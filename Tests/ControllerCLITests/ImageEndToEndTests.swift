import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem

/// `tandem image key|build|sign|inspect|verify` on the demo's real packages.
struct ImageEndToEndTests {
    private static func release() throws -> Program {
        let program = Program(folder: try TemporaryFolder())
        let made = try program(
            [
                "--product", "scef-fe", "--version", "12.6.1", "--previous", "12.6.0", "--output",
                program.folder("release"),
            ],
            program: "\(Program.repository)/Deploy/demo/make-packages"
        )
        try #require(made.exit == 0, "\(made.error)")
        return program
    }

    @Test
    func imageIsBuiltSignedAndVerified() throws {
        let program = try Self.release()
        let folder = program.folder
        let built = try program("image", "build", "release/release.yaml", "-o", "x.iso")
        #expect(built.exit == 0, "\(built.error)")
        #expect(built.output.hasPrefix("Built scef-fe 12.6.1 into x.iso: "))
        #expect(built.output.contains("7 steps to upgrade, 7 to back out"))

        for name in ["one", "two"] { #expect(try program("image", "key", name).exit == 0) }
        #expect(folder.mode("one.key") == 0o600)
        #expect(try program("image", "key", "one").exit == 1)
        try folder.write("trust", try Self.trust(folder, ["one", "two"], threshold: 2))

        let unsigned = try program("image", "verify", "x.iso", "--trust", "trust")
        #expect(unsigned.exit == 1)
        #expect(unsigned.error.contains("holds 0 valid signatures for manifest.bin of 2 needed"))
        #expect(try program("image", "sign", "x.iso", "--key", "one.key").exit == 0)
        #expect(try program("image", "verify", "x.iso", "--trust", "trust").exit == 1)
        let signed = try program("image", "sign", "x.iso", "--key", "two.key")
        #expect(signed.output.hasSuffix("the image has 2 signatures.\n"))
        let sound = try program("image", "verify", "x.iso", "--trust", "trust")
        #expect(sound.exit == 0, "\(sound.error)")
        #expect(sound.output.hasPrefix("x.iso: scef-fe 12.6.1 is sound"))

        // A byte of a package, changed where it lies: the package is named.
        let package = try Files.read(
            folder("release/packages/scef-fe-server_12.6.1-1_all.deb"),
            byteCountMax: 1 << 20
        )
        var image = try Files.read(folder("x.iso"), byteCountMax: 1 << 22)
        let start = try #require(Data(image).range(of: Data(package))?.lowerBound)
        image[start + package.count / 2] ^= 1
        try Files.replace(folder("changed.iso"), with: image)
        let changed = try program("image", "verify", "changed.iso", "--trust", "trust")
        #expect(changed.exit == 1)
        #expect(changed.error.contains("packages/scef-fe-server_12.6.1-1_all.deb"))
    }

    private static func trust(
        _ folder: TemporaryFolder,
        _ names: [String],
        threshold: Int
    ) throws -> String {
        let keys = try names.map {
            String(decoding: try Files.read(folder("\($0).pub"), byteCountMax: 256), as: UTF8.self)
        }
        return "version 1\nthreshold \(threshold)\n" + keys.joined()
    }

    @Test
    func sameFilesGiveTheSameImage() throws {
        let program = try Self.release()
        for name in ["a.iso", "b.iso"] {
            let run = try program("image", "build", "release/release.yaml", "--output", name)
            #expect(run.exit == 0)
        }
        let images = try ["a.iso", "b.iso"].map {
            try Files.read(program.folder($0), byteCountMax: 1 << 22)
        }
        #expect(images[0] == images[1])
    }

    @Test
    func inspectionShowsTheManifest() throws {
        let program = try Self.release()
        #expect(try program("image", "build", "release/release.yaml", "-o", "x.iso").exit == 0)
        let json = try program("image", "inspect", "x.iso", "--json")
        struct Inspection: Decodable {
            var manifest: ReleaseManifest
            var signedBy: [Digest]
        }
        let inspection = try JSONDecoder().decode(Inspection.self, from: Data(json.output.utf8))
        #expect(inspection.manifest.release == Sample.next)
        #expect(inspection.manifest.packages.map(\.name) == ["scef-fe-common", "scef-fe-server"])
        #expect(inspection.signedBy.isEmpty)
        let text = try program("image", "inspect", "x.iso")
        #expect(text.output.contains("Installs over         12.6.0, a blank server\n"))
        for step in inspection.manifest.upgradeSteps {
            #expect(text.output.contains("  \(step.name) "))
        }
        for notice in inspection.manifest.notices {
            #expect(text.output.contains("  - \(notice)\n"))
        }
        #expect(text.output.contains("Signed by\n  nobody\n"))
    }

    @Test
    func patchCarriesWhatItSays() throws {
        let program = try Self.release()
        let path = program.folder("release/release.yaml")
        let text = String(decoding: try Files.read(path, byteCountMax: 1 << 20), as: UTF8.self)
        try Files.replace(
            path,
            with: Array((text + "carry: [scef-fe-server_12.6.1-1_all.deb]\n").utf8)
        )
        let built = try program("image", "build", "release/release.yaml", "-o", "x.iso")
        #expect(built.output.contains("2 packages of "))
        #expect(built.output.contains(", 1 of them in this patch\n"))
        let inspected = try program("image", "inspect", "x.iso")
        #expect(inspected.output.contains("not in this patch"))
    }

    @Test
    func mistakesInTheDescriptionLeaveNoImage() throws {
        let program = try Self.release()
        try program.folder.write("release/bad.yaml", "product: x\ncolour: red\n")
        let run = try program("image", "build", "release/bad.yaml", "-o", "x.iso")
        #expect(run.exit == 1)
        #expect(run.error.contains("release/bad.yaml is no release description:\n  line 1: `"))
        #expect(run.error.contains("\n  line 1: `version` is missing\n"))
        #expect(run.error.contains("\n  line 2: `colour` is no known key"))
        #expect(run.error.contains("[TDM-3001]"))
        #expect(try Files.kind(of: program.folder("x.iso")) == nil)
        #expect(try program("image", "build", "none.yaml", "-o", "x.iso").exit == 1)
        #expect(try program("image", "build", "release/release.yaml").exit == 2)
    }
}

/// What the program says of itself.
struct ProgramEndToEndTests {
    @Test(
        arguments: [
            ([], 0), (["--version"], 0), (["--help"], 0), (["help", "image", "build"], 0),
            (["bogus"], 2), (["image", "bogus"], 2), (["upgrade", "no-such-button", "c"], 2),
            (["upgrade", "start-upgrade"], 2), (["audit", "--limit", "-1"], 2),
            (["cluster", "list"], 2), (["cluster", "list", "--controller", "nowhere"], 2),
            (["cluster", "list", "--config", "none.conf"], 1),
        ] as [([String], Int32)]
    )
    func exitCodeIsTheDocumentedOne(_ arguments: [String], _ exit: Int32) throws {
        let run = try Program(folder: try TemporaryFolder())(arguments)
        #expect(run.exit == exit, "\(run.error)")
        #expect((exit == 0) == run.error.isEmpty)
    }

    @Test(arguments: [
        ("controller = a:1\ncontroller = b:1\n", "line 2"), ("colour = red\n", "line 1"),
        ("controller\n", "line 1"),
    ])
    func configurationFileIsReadStrictly(_ text: String, _ place: String) throws {
        let program = Program(folder: try TemporaryFolder())
        try program.folder.write(".config/tandem/cli.conf", text)
        let run = try program("cluster", "list")
        #expect(run.exit == 1)
        #expect(run.error.contains("cli.conf: \(place)"), "\(run.error)")
    }

    @Test
    func pagesAndCompletionsAreCurrent() throws {
        let run = try Program(folder: try TemporaryFolder())(
            ["--check", "--program", Program.path],
            program: "\(Program.repository)/Scripts/man"
        )
        #expect(run.exit == 0, "\(run.error)")
    }
}
