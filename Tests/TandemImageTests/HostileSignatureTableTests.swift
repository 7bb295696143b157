import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import Testing

/// Whole images whose content is sound and whose signatures are not enough.
struct HostileSignatureTableTests {
    /// What is done to the signatures of an image with one good one, and what the refusal says.
    struct Attack: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What `manifest.sig` holds then; `nil`: it is taken away.
        var change: @Sendable (_ signed: [UInt8]) -> [UInt8]?
        var threshold = 1
        var code: ErrorCode
        var text: String
    }

    static let attacks = [
        Attack(
            testDescription: "no signature file",
            change: { _ in nil },
            code: .imageDamaged,
            text: "manifest.sig is missing"
        ),
        Attack(
            testDescription: "no signature in the file",
            change: { _ in [0] },
            code: .imageUntrusted,
            text: "manifest.sig holds 0 valid signatures for manifest.bin of 1 needed"
        ),
        Attack(
            testDescription: "fewer signers than the threshold",
            change: { $0 },
            threshold: 2,
            code: .imageUntrusted,
            text: "manifest.sig holds 1 valid signatures for manifest.bin of 2 needed"
        ),
        Attack(
            testDescription: "one signer twice",
            change: { [2] + $0.dropFirst() + $0.dropFirst() },
            threshold: 2,
            code: .imageUntrusted,
            text: "signed twice and counts once"
        ),
        Attack(
            testDescription: "a false signature",
            change: { $0.dropLast() + [($0.last ?? 0) ^ 1] },
            code: .imageUntrusted,
            text: "does not match"
        ),
    ]

    @Test(arguments: attacks) func isRefused(_ attack: Attack) throws {
        let workshop = try Workshop()
        let root = try workshop.unpacked(
            workshop.image("a.iso", packagePaths: [workshop.deb("app", "2.0")])
        )
        let signed = try read("\(root)/manifest.sig")
        try Files.removeFile("\(root)/manifest.sig")
        if let bytes = attack.change(signed) {
            try Files.replace("\(root)/manifest.sig", with: bytes)
        }
        let image = try workshop.raw("b.iso", of: root)
        let other = try Ed25519.PrivateKey.generate()
        let trust = try workshop.trust(in: [workshop.key, other], threshold: attack.threshold)
        let error = failure { _ = try verifyImage(at: image, trust: trust) }
        #expect(error?.code == attack.code, "\(error)")
        #expect(error?.message.contains(attack.text) == true, "\(error)")
    }
}
