import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import Testing

/// Images that a signer never made: sound manifest, tampered layout.
struct HostileImageTests {
    private let workshop: Workshop
    private let root: String
    private let deb = "packages/app_2.0_all.deb"

    init() throws {
        workshop = try Workshop()
        root = try workshop.unpacked(
            workshop.image("a.iso", packagePaths: [workshop.deb("app", "2.0")])
        )
    }

    private func refusal(of path: String) -> TandemError? {
        failure { _ = try verifyImage(at: path, trust: workshop.trust) }
    }

    @Test func `the tampered folder is sound before it is tampered with`() throws {
        #expect(try refusal(of: workshop.raw("b.iso", of: root)) == nil)
    }

    @Test func `a symbolic link in the place of a package is refused`() throws {
        let content = try read("\(root)/\(deb)")
        try Files.removeFile("\(root)/\(deb)")
        try Files.replace("\(root)/\(deb).real", with: content)
        symlink("app_2.0_all.deb.real", "\(root)/\(deb)")
        try expectRefused(naming: deb)
        try Files.removeFile("\(root)/\(deb).real")
        try expectRefused(naming: "\(deb) of")
    }

    @Test func `a linked folder is refused`() throws {
        try Files.createDirectory("\(root)/elsewhere")
        try Files.rename("\(root)/\(deb)", to: "\(root)/elsewhere/app_2.0_all.deb")
        try Files.removeTree("\(root)/packages")
        symlink("elsewhere", "\(root)/packages")
        try expectRefused(naming: "elsewhere")
    }

    @Test func `files that share their bytes are refused`() throws {
        link("\(root)/hooks/identify", "\(root)/hooks/zz")
        try expectRefused(naming: "hooks/zz")
    }

    @Test func `a file that the manifest does not name is refused`() throws {
        try Files.replace("\(root)/extra", with: [1])
        try expectRefused(naming: "extra, which its manifest does not name")
    }

    @Test func `a folder that does not belong is refused`() throws {
        try Files.createDirectory("\(root)/more")
        try expectRefused(naming: "more, which its manifest does not name")
    }

    @Test func `a missing file is named`() throws {
        try Files.removeFile("\(root)/hooks/apply")
        try expectRefused(naming: "hooks/apply is missing")
    }

    @Test func `a longer file is cut off where the manifest says`() throws {
        let content = try read("\(root)/\(deb)")
        let more = [UInt8](repeating: 0, count: 30_000_000)
        try Files.replace("\(root)/\(deb)", with: content + more)
        try expectRefused(naming: "\(deb) of", "longer than the \(content.count) bytes")
    }

    @Test func `a shorter file is named`() throws {
        let content = try read("\(root)/\(deb)")
        try Files.replace("\(root)/\(deb)", with: Array(content.dropLast()))
        try expectRefused(naming: "\(deb) of", "instead of \(content.count)")
    }

    @Test func `a manifest or signature file without end is refused`() throws {
        let manifest = try read("\(root)/manifest.bin")
        try Files.replace(
            "\(root)/manifest.bin",
            with: [UInt8](repeating: 0, count: 2_000_000)
        )
        try expectRefused(naming: "manifest.bin", "longer than 1048576 bytes")
        try Files.replace("\(root)/manifest.bin", with: manifest)
        try Files.replace("\(root)/manifest.sig", with: [UInt8](repeating: 0, count: 9000))
        try expectRefused(naming: "manifest.sig", "longer than 8192 bytes")
    }

    /// The directory of the image is changed in place: xorriso would not write such names.
    @Test(arguments: [
        ("packages/AAAAAAAA", "../../xx", "packages/../../xx"),
        ("AAAAAAAA", "hooks/zz", "hooks/zz"),
        ("AAAAAAAA", "/etc/abc", "/etc/abc"),
        ("hooks/AAAAAAAA", "identify", "hooks/identify 2 times"),
    ])
    func `names that lead elsewhere or stand twice are refused`(
        file: String,
        name: String,
        message: String
    ) throws {
        try Files.replace("\(root)/\(file)", with: Array("evil".utf8))
        let path = try workshop.raw("b.iso", of: root)
        var bytes = try read(path)
        // The Rock Ridge name: NM, length 13, version 1, no flags.
        let mark = Array("NM".utf8) + [13, 1, 0] + Array("AAAAAAAA".utf8)
        let start = try #require(place(of: mark, in: bytes))
        bytes.replaceSubrange(start + 5..<start + 13, with: Array(name.utf8))
        try Files.replace(path, with: bytes)
        let error = refusal(of: path)
        #expect(error?.code == .imageDamaged)
        let text = error?.message ?? "accepted"
        #expect(text.contains(message) || text.contains("does not name"), "\(text)")
    }

    private func expectRefused(naming texts: String...) throws {
        let error = try refusal(of: workshop.raw("b.iso", of: root))
        #expect(error?.code == .imageDamaged)
        let message = error?.message ?? "accepted"
        for text in texts { #expect(message.contains(text), "\(message)") }
    }
}
