import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import Testing

struct ImageBuilderTests {
    @Test func `an image is built, signed and verified`() throws {
        let workshop = try Workshop()
        let path = try workshop.image("a.iso")
        let image = try verifyImage(at: path, trust: workshop.trust)
        let manifest = image.manifest
        #expect(manifest.release == ReleaseID(product: "scef-fe", version: "2.0"))
        #expect(manifest.packages.map(\.name) == ["app", "lib"])
        #expect(manifest.packages.map(\.version) == ["2.0", "1.4~rc1"])
        #expect(manifest.packages.map(\.architecture) == ["all", "all"])
        #expect(manifest.carriedFiles == manifest.packages.map(\.file))
        for package in manifest.packages {
            let content = try read(workshop.folder("debs/\(package.file)"))
            #expect(package.sha256 == sha256(content))
            #expect(package.byteCount == UInt64(content.count))
        }
        #expect(manifest.spaceNeeded == 2 * manifest.packages.reduce(0) { $0 + $1.byteCount })
        #expect(manifest.hooks.map(\.file) == ["apply", "identify"])
        #expect(manifest.upgradeSteps[0].arguments == ["scef-fe"])
        #expect(manifest.upgradeSteps[3].arguments == ["scef-fe"])
        #expect(image.signers == [workshop.key.publicKey])
        #expect(image.imageDigest == sha256(try read(path)))
        #expect(image.byteCount == UInt64(try read(path).count))
        let again = try verifyImage(at: path, trust: workshop.trust, offer: image.offer)
        #expect(again == image)
        let seen = try ImageBuilder.inspect(imageAt: path)
        #expect(seen.manifest == manifest)
        #expect(seen.signedBy == [workshop.key.publicKey.fingerprint])
        // Nothing is left beside it.
        let names = try Files.list(workshop.folder.path)
        #expect(names == ["a.iso", "debs", "hooks", "store"])
    }

    @Test func `the same files give the same bytes, whatever folder, umask and hour`() throws {
        let first = try Workshop()
        let app = try first.deb("app", "2.0")
        let lib = try first.deb("lib", "1.4~rc1")
        let one = try first.image("a.iso", packagePaths: [app, lib])

        let second = try Workshop()
        let copies = try [app, lib].map { path in
            let copy = second.folder("debs/\(Files.lastComponent(of: path))")
            try Files.replace(copy, with: try read(path), mode: 0o600)
            return copy
        }
        let two = second.folder("deeper-name.iso")
        var draft = try second.draft(packagePaths: copies.reversed())
        draft.hooks.reverse()
        for hook in draft.hooks { chmod(hook.path, 0o700) }
        try ImageBuilder.build(draft, to: two)
        try ImageBuilder.sign(imageAt: two, with: first.key)
        #expect(try read(one) == read(two))
    }

    @Test func `signatures add up in any order and replace one's own`() throws {
        let workshop = try Workshop()
        let other = try Ed25519.PrivateKey.generate()
        let app = try workshop.deb("app", "2.0")
        let path = try workshop.image("a.iso", packagePaths: [app], signers: [])
        let unsigned = failure { _ = try verifyImage(at: path, trust: workshop.trust) }
        #expect(unsigned?.code == .imageUntrusted)
        #expect(unsigned?.message.contains("0 valid signatures") == true)
        let trust = try workshop.trust(in: [workshop.key, other], threshold: 2)
        try ImageBuilder.sign(imageAt: path, with: workshop.key)
        #expect(failure { _ = try verifyImage(at: path, trust: trust) }?.code == .imageUntrusted)
        try ImageBuilder.sign(imageAt: path, with: workshop.key)
        #expect(failure { _ = try verifyImage(at: path, trust: trust) }?.code == .imageUntrusted)
        try ImageBuilder.sign(imageAt: path, with: other)
        #expect(try verifyImage(at: path, trust: trust).signers.count == 2)
        let reverse = try workshop.image(
            "b.iso",
            packagePaths: [app],
            signers: [other, workshop.key]
        )
        #expect(try read(path) == read(reverse))
    }

    @Test func `an image changed on the disk is not signed`() throws {
        let workshop = try Workshop()
        let payload = (0..<999).map { UInt8(truncatingIfNeeded: $0 &* $0) }
        let path = try workshop.image(
            "a.iso",
            packagePaths: [workshop.deb("app", "2.0", payload: payload)]
        )
        var bytes = try read(path)
        let start = try #require(place(of: payload, in: bytes))
        bytes[start + 100] ^= 1
        try Files.replace(path, with: bytes)
        let error = failure { try ImageBuilder.sign(imageAt: path, with: workshop.key) }
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.contains("packages/app_2.0_all.deb") == true)
        #expect(try read(path) == bytes)
    }

    @Test(arguments: [UInt64(315_532_800), 951_782_399, 951_782_400, 1_700_000_000, 4_102_444_800])
    func `dates reach the image unchanged`(seconds: UInt64) throws {
        let workshop = try Workshop()
        var draft = try workshop.draft(packagePaths: [workshop.deb("app", "2.0")])
        draft.manifest.dateSeconds = seconds
        try ImageBuilder.build(draft, to: workshop.folder("a.iso"))
        var command = ChildCommand(
            "/usr/bin/bsdtar",
            ["-cf", "-", "--format=mtree", "--options=!all,time", "@\(workshop.folder("a.iso"))"]
        )
        command.environment.append("TZ=UTC")
        let result = try runChild(command, timeoutMilliseconds: 20_000)
        let times = result.outputText.split(separator: "\n").filter { $0.contains("time=") }
        #expect(times.count >= 6)
        // ISO 9660 dates of Rock Ridge count years from 1900 in one byte: 2100 still fits.
        for time in times { #expect(time.contains("time=\(seconds).0")) }
    }

    @Test func `a patch carries what it changes and names the whole set`() throws {
        let workshop = try Workshop()
        let big = [UInt8](repeating: 7, count: 500_000)
        let lib = try workshop.deb("lib", "1.0", payload: big)
        let full = try workshop.image(
            "full.iso",
            packagePaths: [workshop.deb("app", "2.0"), lib]
        )
        let patch = try workshop.image(
            "patch.iso",
            version: "2.1",
            packagePaths: [workshop.deb("app", "2.1"), lib],
            carriedFiles: ["app_2.1_all.deb"]
        )
        let image = try verifyImage(at: patch, trust: workshop.trust)
        #expect(image.manifest.isPatch)
        #expect(image.manifest.packages.map(\.name) == ["app", "lib"])
        #expect(try read(full).count > 500_000 + read(patch).count - 100_000)
        try ImageBuilder.sign(imageAt: patch, with: try Ed25519.PrivateKey.generate())
        #expect(try verifyImage(at: patch, trust: workshop.trust).manifest == image.manifest)
    }
}
