import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

struct DpkgDatabaseTests {
    private static let text = """
        Package: a
        Status: install ok installed
        Description: one
         .
         Package: no-field
        Architecture: all
        Version: 1:2.0-3

        Package: b
        Status: install reinstreq half-installed
        Architecture: amd64
        Version: 2

        Package: c
        Status: deinstall ok config-files
        Architecture: all
        Version: 3
        Conffiles:
         /etc/c \(String(repeating: "0", count: 6000))

        Package: d
        Status: unknown ok not-installed

        """

    private let folder: TemporaryFolder
    private let database: DpkgDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = DpkgDatabase(root: folder.path)
        try database.create()
    }

    private func describe(_ names: Set<String>? = nil) throws -> [String] {
        try database.packages(named: names).map {
            "\($0.name) \($0.version) \($0.architecture) \($0.state) \($0.isHalf)"
        }
    }

    @Test
    func statesAreRead() throws {
        try folder.write("var/lib/dpkg/status", Self.text)
        #expect(
            try describe() == [
                "a 1:2.0-3 all installed false", "b 2 amd64 halfInstalled true",
                "c 3 all configFiles false",
            ]
        )
        #expect(try describe(["c", "d", "z"]) == ["c 3 all configFiles false"])
    }

    @Test
    func updatesOverrideTheStatus() throws {
        try folder.write("var/lib/dpkg/status", Self.text)
        func update(_ number: String, _ status: String, version: String) throws {
            try folder.write(
                "var/lib/dpkg/updates/\(number)",
                "Package: a\nStatus: \(status)\nArchitecture: all\nVersion: \(version)\n"
            )
        }
        try update("0001", "install ok unpacked", version: "5")
        try update("0000", "install reinstreq half-installed", version: "4")
        try update("tmp.i", "install ok installed", version: "9")
        #expect(try describe(["a"]) == ["a 5 all unpacked true"])
        try folder.write(
            "var/lib/dpkg/updates/0002",
            "Package: a\nStatus: purge ok not-installed\n"
        )
        #expect(try describe(["a"]) == [])
    }

    @Test
    func piecesOfEachSizeGiveTheSame() {
        let bytes = Array(Self.text.utf8)
        for size in [1, 2, 3, 7, 64, 1000, bytes.count] {
            var reader = DpkgStanzaReader(names: nil)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                piece.withUnsafeBytes { reader.take($0) }
            }
            reader.finish()
            #expect(reader.packages.count == 4, "pieces of \(size) bytes")
            #expect(reader.packages.values.filter(\.isInstalled).map(\.version) == ["1:2.0-3"])
        }
    }

    @Test
    func stampChangesWithStatusAndUpdates() throws {
        let first = database.stamp()
        #expect(database.stamp() == first)
        try folder.write("var/lib/dpkg/status", Self.text)
        let second = database.stamp()
        #expect(second != first)
        try folder.write("var/lib/dpkg/updates/0000", "")
        #expect(database.stamp() != second)
    }

    @Test
    func missingDatabaseIsAnError() throws {
        try Files.removeFile(folder("var/lib/dpkg/status"))
        #expect(throws: TandemError.self) { try database.packages(named: nil) }
    }
}
