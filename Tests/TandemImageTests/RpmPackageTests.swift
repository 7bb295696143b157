import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import TandemImage

/// Headers of real `.rpm` files, whole and damaged.
struct RpmPackageTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func said(of path: String, _ format: String) throws -> String {
        try workshop.run(
            "/usr/bin/rpm",
            ["--dbpath", workshop.folder("db"), "-qp", "--qf", format, path]
        ).outputText
    }

    @Test(arguments: [nil, "0", "3"])
    func readsWhatRpmReads(_ epoch: String?) throws {
        let path = try workshop.rpm("app", "2.0~rc1", epoch: epoch, conffile: "/etc/app.conf")
        let package = try RpmPackage(path: path)
        let version = "%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}"
        #expect(package.name == "app")
        #expect(try package.version == said(of: path, version))
        #expect(package.version == epoch.map { "\($0):2.0~rc1-1" } ?? "2.0~rc1-1")
        #expect(try package.architecture == said(of: path, "%{ARCH}"))
        #expect(package.conffiles == ["/etc/app.conf"])
    }

    @Test
    func sourcePackageIsRefused() throws {
        let path = try workshop.rpm("app", "2.0", isSource: true)
        let error = failure { _ = try RpmPackage(path: path) }
        #expect(error?.message.contains("it is a source package") == true)
    }

    @Test
    func cutAtEachByteOfTheHeadersIsRefused() throws {
        let bytes = try read(workshop.rpm("app", "2.0"))
        // The payload is not looked at: its digest is the manifest's affair.
        let headersEnd = try #require(payloadStart(bytes))
        let path = workshop.folder("cut.rpm")
        for count in stride(from: 0, to: headersEnd, by: 13) {
            try Files.replace(path, with: Array(bytes[..<count]))
            #expect(
                failure { _ = try RpmPackage(path: path) }?.code == .manifestInvalid,
                "\(count)"
            )
        }
        try Files.replace(path, with: Array(bytes[..<headersEnd]))
        #expect(try RpmPackage(path: path).name == "app")
    }

    /// Where the payload's compression begins: gzip, zstd or xz.
    private func payloadStart(_ bytes: [UInt8]) -> Int? {
        let marks: [[UInt8]] = [
            [0x1f, 0x8b, 8], [0x28, 0xb5, 0x2f, 0xfd], [0xfd, 0x37, 0x7a, 0x58],
        ]
        return bytes.indices.dropFirst(96).first { index in
            marks.contains { bytes[index...].starts(with: $0) }
        }
    }

    @Test
    func flippedBytesNeverTrap() throws {
        let bytes = try read(workshop.rpm("app", "2.0", conffile: "/etc/app.conf"))
        let path = workshop.folder("flipped.rpm")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<3 {
                let place = Int.random(in: 96..<min(bytes.count, 3000), using: &generator)
                damaged[place] = UInt8.random(in: 0...255, using: &generator)
            }
            try Files.replace(path, with: damaged)
            _ = try? RpmPackage(path: path)
        }
    }

    @Test
    func countsThatAskForTooMuchAreRefused() throws {
        // Magic, four unused bytes, counts of entries and bytes.
        let start: [UInt8] = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0]
        let large = start + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        #expect(try RpmHeader.byteCount(start: large) == 0xffff_ffff * 16 + 0xffff_ffff)
        #expect(throws: RpmHeader.Problem.self) { try RpmHeader(start: large, body: []) }
        func header(_ entries: [[UInt8]], _ data: [UInt8]) throws(RpmHeader.Problem) -> RpmHeader {
            let counts: [UInt8] = [0, 0, 0, UInt8(entries.count), 0, 0, 0, UInt8(data.count)]
            return try RpmHeader(start: start + counts, body: entries.flatMap(\.self) + data)
        }
        func entry(_ tag: UInt16, _ kind: UInt8, offset: UInt8, count: UInt8) -> [UInt8] {
            [
                0, 0, UInt8(tag >> 8), UInt8(tag & 0xff), 0, 0, 0, kind, 0, 0, 0, offset, 0, 0, 0,
                count,
            ]
        }
        let sound = try header([entry(1000, 6, offset: 1, count: 1)], [9, 97, 98, 0])
        #expect(try sound.text(.name) == "ab")
        #expect(throws: RpmHeader.Problem.self) { try sound.text(.version) }
        let bad: [([UInt8], [UInt8])] = [
            (entry(1000, 6, offset: 9, count: 1), [97, 0]),
            (entry(1000, 6, offset: 0, count: 1), [97, 98]),
            (entry(1000, 4, offset: 0, count: 1), [97, 0]),
            (entry(1000, 8, offset: 0, count: 200), [97, 0, 98, 0]),
            (entry(1000, 6, offset: 0, count: 1), [0xff, 0]),
        ]
        for (entry, data) in bad {
            let header = try header([entry], data)
            #expect(throws: RpmHeader.Problem.self, "\(entry)") { try header.texts(.name) }
        }
        let numbers = try header([entry(1003, 4, offset: 0, count: 2)], [0, 0, 0, 1, 0, 0])
        #expect(throws: RpmHeader.Problem.self) { try numbers.numbers(.epoch) }
        let twice = entry(1000, 6, offset: 0, count: 1)
        #expect(throws: RpmHeader.Problem.self) { try header([twice, twice], [97, 0]) }
    }

    @Test
    func imageOfRpmsIsBuilt() throws {
        let app = try workshop.rpm("app", "2.0", epoch: "1")
        var draft = try workshop.draft(packagePaths: [app])
        draft.manifest.format = .rpm
        let manifest = try ImageBuilder.build(draft, to: workshop.folder("a.iso"))
        #expect(manifest.format == .rpm)
        #expect(manifest.packages.map(\.version) == ["1:2.0-1"])
        #expect(manifest.packages.map(\.architecture) == ["noarch"])
        let other = try workshop.rpm("app", "2.1", conffile: "/etc/scef-fe/cluster.conf")
        draft.packagePaths = [other]
        let kept = failure { try ImageBuilder.build(draft, to: workshop.folder("b.iso")) }
        #expect(kept?.message.contains("is a conffile of package app") == true)
        draft.packagePaths = [try workshop.deb("app", "2.0")]
        let wrong = failure { try ImageBuilder.build(draft, to: workshop.folder("b.iso")) }
        #expect(wrong?.message.contains("app_2.0_all.deb is no .rpm file") == true)
        let fake = workshop.folder("debs/fake.rpm")
        try Files.replace(fake, with: Array("no package".utf8))
        draft.packagePaths = [fake]
        let error = failure { try ImageBuilder.build(draft, to: workshop.folder("b.iso")) }
        #expect(error?.message.contains("is not an RPM package") == true)
    }
}
