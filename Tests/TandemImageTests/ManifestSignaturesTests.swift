import TandemCrypto
import TandemImage
import TandemModel
import Testing

struct ManifestSignaturesTests {
    private let manifest = Array("the manifest".utf8)

    private func keys(_ count: Int) throws -> [Ed25519.PrivateKey] {
        var keys: [Ed25519.PrivateKey] = []
        for _ in 0..<count { keys.append(try Ed25519.PrivateKey.generate()) }
        return keys
    }

    private func trust(_ keys: [Ed25519.PrivateKey], _ threshold: Int) throws -> TrustFile {
        try #require(
            TrustFile(version: 1, threshold: threshold, keys: keys.map(\.publicKey))
        )
    }

    @Test func `bytes read back, in one order, whoever signs first`() throws {
        let keys = try keys(3)
        var forward = ManifestSignatures()
        var backward = ManifestSignatures()
        for key in keys { try forward.sign(manifest: manifest, with: key) }
        for key in keys.reversed() { try backward.sign(manifest: manifest, with: key) }
        #expect(forward.bytes == backward.bytes)
        #expect(forward.bytes.count == 1 + 3 * 96)
        #expect(ManifestSignatures(bytes: forward.bytes) == forward)
        #expect(ManifestSignatures(bytes: [0]) == ManifestSignatures())
    }

    @Test func `every cut, longer or miscounted file is refused`() throws {
        var signatures = ManifestSignatures()
        for key in try keys(2) { try signatures.sign(manifest: manifest, with: key) }
        let bytes = signatures.bytes
        for count in 0..<bytes.count {
            #expect(ManifestSignatures(bytes: Array(bytes[..<count])) == nil)
        }
        #expect(ManifestSignatures(bytes: bytes + [0]) == nil)
        #expect(ManifestSignatures(bytes: [3] + bytes.dropFirst()) == nil)
        #expect(
            ManifestSignatures(bytes: [100] + [UInt8](repeating: 0, count: 9600)) == nil
        )
    }

    @Test func `signing again replaces one's own and keeps the others`() throws {
        let keys = try keys(2)
        var signatures = ManifestSignatures()
        for key in keys + keys { try signatures.sign(manifest: manifest, with: key) }
        #expect(signatures.entries.count == 2)
        let other = Array("another manifest".utf8)
        try signatures.sign(manifest: other, with: keys[0])
        let valid = try signatures.verify(
            manifest: other,
            trust: trust(keys, 1),
            image: "x.iso"
        )
        #expect(valid == [keys[0].publicKey])
    }

    @Test func `the threshold counts distinct trusted keys`() throws {
        let keys = try keys(3)
        var signatures = ManifestSignatures()
        try signatures.sign(manifest: manifest, with: keys[0])
        let once = signatures.bytes
        let twice = try #require(
            ManifestSignatures(bytes: [2] + once.dropFirst() + once.dropFirst())
        )
        let error = failure {
            _ = try twice.verify(manifest: manifest, trust: trust(keys, 2), image: "x.iso")
        }
        #expect(error?.code == .imageUntrusted)
        #expect(error?.message.contains("holds 1 valid signatures") == true)
        #expect(error?.message.contains("of 2 needed") == true)
        #expect(error?.message.contains("signed twice and counts once") == true)
        for key in keys {
            #expect(error?.remedy.contains(key.publicKey.fingerprint.short) == true)
        }
        try signatures.sign(manifest: manifest, with: keys[2])
        let valid = try signatures.verify(
            manifest: manifest,
            trust: trust(keys, 2),
            image: "x.iso"
        )
        #expect(Set(valid) == [keys[0].publicKey, keys[2].publicKey])
    }

    @Test func `foreign and false signatures are named`() throws {
        let keys = try keys(2)
        var signatures = ManifestSignatures()
        for key in keys { try signatures.sign(manifest: manifest, with: key) }
        let error = failure {
            _ = try signatures.verify(
                manifest: manifest + [0],
                trust: trust([keys[0]], 1),
                image: "x.iso"
            )
        }
        #expect(error?.code == .imageUntrusted)
        let message = error?.message ?? ""
        #expect(message.contains("manifest.sig holds 0 valid signatures for manifest.bin"))
        let own = keys[0].publicKey.fingerprint.short
        let foreign = keys[1].publicKey.fingerprint.short
        #expect(message.contains("signature of key \(own) does not match"))
        #expect(message.contains("key \(foreign) is not trusted here"))
    }

    @Test func `a signature under another label does not count`() throws {
        let keys = try keys(1)
        let signature = try keys[0].sign(manifest, label: "tandem-manifest-2")
        let bytes = [1] + keys[0].publicKey.fingerprint.bytes + signature
        let signatures = try #require(ManifestSignatures(bytes: bytes))
        let error = failure {
            _ = try signatures.verify(manifest: manifest, trust: trust(keys, 1), image: "x")
        }
        #expect(error?.code == .imageUntrusted)
    }
}
