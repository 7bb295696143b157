import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import Testing

struct ImageVerificationTests {
    /// An image with every kind of file, and the places of their bytes in it.
    private struct Sample {
        let workshop: Workshop
        let path: String
        let bytes: [UInt8]
        let image: VerifiedImage
        var places: [String: Range<Int>] = [:]

        init() throws {
            workshop = try Workshop()
            path = try workshop.image("a.iso")
            bytes = try read(path)
            image = try verifyImage(at: path, trust: workshop.trust)
            let root = try workshop.unpacked(path)
            let names =
                ["manifest.bin", "manifest.sig"]
                + (try ["packages", "hooks"].flatMap { folder in
                    try Files.list("\(root)/\(folder)").map { "\(folder)/\($0)" }
                })
            for name in names {
                let content = try read("\(root)/\(name)")
                let start = try #require(place(of: content, in: bytes), "\(name)")
                places[name] = start..<start + content.count
            }
        }

        func refusal(
            flipping index: Int,
            offered: Bool
        ) throws -> TandemError? {
            var changed = bytes
            changed[index] ^= 0x10
            try Files.replace(workshop.folder("changed.iso"), with: changed)
            return failure {
                _ = try verifyImage(
                    at: workshop.folder("changed.iso"),
                    trust: workshop.trust,
                    offer: offered ? image.offer : nil
                )
            }
        }
    }

    @Test func `a changed byte in any file names that file`() throws {
        let sample = try Sample()
        #expect(sample.places.count == 6)
        for (name, range) in sample.places.sorted(by: { $0.key < $1.key }) {
            for index in [range.lowerBound, (range.lowerBound + range.upperBound) / 2] {
                for offered in [false, true] {
                    let error = try sample.refusal(flipping: index, offered: offered)
                    #expect(error?.message.contains(name) == true, "\(name) \(offered)")
                    #expect(error?.code == .imageDamaged || error?.code == .imageUntrusted)
                }
            }
        }
    }

    @Test func `a changed byte in the offered manifest is damage, not distrust`() throws {
        let sample = try Sample()
        let range = try #require(sample.places["manifest.bin"])
        let error = try sample.refusal(flipping: range.lowerBound + 20, offered: true)
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.hasPrefix("manifest.bin of ") == true)
    }

    @Test func `a changed byte anywhere is noticed against the offer`() throws {
        let sample = try Sample()
        var generator = SeededGenerator(state: 7)
        var layouts = 0
        for _ in 0..<60 {
            let index = Int.random(in: sample.bytes.indices, using: &generator)
            let error = try sample.refusal(flipping: index, offered: true)
            #expect(error != nil, "byte \(index)")
            if error?.message.hasPrefix("image layout: ") == true { layouts += 1 }
        }
        #expect(layouts > 30)
    }

    @Test func `a cut image is refused at every length`() throws {
        let sample = try Sample()
        for part in 0..<8 {
            let count = sample.bytes.count * part / 8
            let path = sample.workshop.folder("cut.iso")
            try Files.replace(path, with: Array(sample.bytes[..<count]))
            let error = failure {
                _ = try verifyImage(
                    at: path,
                    trust: sample.workshop.trust,
                    offer: sample.image.offer
                )
            }
            #expect(error != nil, "\(count) bytes")
        }
    }

    @Test func `a foreign key is no trust`() throws {
        let workshop = try Workshop()
        let path = try workshop.image("a.iso")
        let stranger = try Ed25519.PrivateKey.generate()
        let error = failure {
            _ = try verifyImage(at: path, trust: workshop.trust(in: [stranger]))
        }
        #expect(error?.code == .imageUntrusted)
        #expect(error?.message.contains("0 valid signatures for manifest.bin of 1 needed") == true)
        let own = workshop.key.publicKey.fingerprint.short
        #expect(error?.message.contains("key \(own) is not trusted here") == true)
        #expect(error?.remedy.contains(stranger.publicKey.fingerprint.short) == true)
    }

    @Test func `an offer of another release is refused`() throws {
        let workshop = try Workshop()
        let path = try workshop.image("a.iso")
        var offer = try verifyImage(at: path, trust: workshop.trust).offer
        offer.release.version = "3.0"
        let error = failure {
            _ = try verifyImage(at: path, trust: workshop.trust, offer: offer)
        }
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.contains("scef-fe 3.0 was offered") == true)
    }

    @Test func `what is no image is refused`() throws {
        let workshop = try Workshop()
        let text = workshop.folder("text")
        try Files.replace(text, with: Array("hello".utf8))
        for path in [text, workshop.folder.path, workshop.folder("none")] {
            let error = failure { _ = try verifyImage(at: path, trust: workshop.trust) }
            #expect(error != nil)
            #expect(error?.message.contains(path) == true)
        }
    }
}
