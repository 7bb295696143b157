import TandemImage
import TandemModel
import TandemSpawn
import Testing

struct PartialImageTests {
    private let workshop: Workshop
    private let store: BlobStore
    private let bytes: [UInt8]
    private let image: VerifiedImage

    init() throws {
        workshop = try Workshop()
        store = try workshop.store()
        let payload = [UInt8](repeating: 3, count: 10_000_000)
        let path = try workshop.image(
            "a.iso",
            packagePaths: [workshop.deb("app", "2.0", payload: payload)]
        )
        bytes = try read(path)
        image = try verifyImage(at: path, trust: workshop.trust)
    }

    private func images() throws -> [String] { try Files.list("\(store.directory)/images") }

    private func append(_ partial: PartialImage, upTo end: Int) throws {
        while partial.byteCount < UInt64(end) {
            let start = Int(partial.byteCount)
            let piece = Array(bytes[start..<min(start + 1_000_000, end)])
            try partial.append(piece, at: partial.byteCount)
        }
    }

    @Test func `pieces in order make the image, and then only its files stay`() throws {
        let partial = try PartialImage(image.offer, in: store)
        #expect(partial.byteCount == 0 && !partial.isComplete)
        #expect(failure { _ = try partial.accept(trust: workshop.trust) }?.code == .imageDamaged)
        try append(partial, upTo: bytes.count)
        #expect(partial.isComplete)
        #expect(try partial.accept(trust: workshop.trust) == image)
        #expect(try images().isEmpty)
        try store.check(image.manifest)
    }

    @Test func `a restart goes on where the disk was made sure`() throws {
        do {
            let partial = try PartialImage(image.offer, in: store)
            try append(partial, upTo: 9_700_000)
        }
        // As after a crash: more is in the file than was noted, and it may be torn.
        let partial = try PartialImage(image.offer, in: workshop.store())
        #expect(partial.byteCount == 9_000_000)
        try append(partial, upTo: 10_000_000)
        try partial.noteProgress()
        let again = try PartialImage(image.offer, in: store)
        #expect(again.byteCount == 10_000_000)
        try append(again, upTo: bytes.count)
        #expect(try again.accept(trust: workshop.trust) == image)
    }

    @Test func `a piece out of order or beyond the end is refused`() throws {
        let partial = try PartialImage(image.offer, in: store)
        try partial.append([1, 2, 3], at: 0)
        for offset in [UInt64(0), 2, 4] {
            let error = failure { try partial.append([1], at: offset) }
            #expect(error?.code == .protocolViolation)
            #expect(error?.message.contains("byte 3 of") == true)
        }
        let many = [UInt8](repeating: 0, count: bytes.count)
        #expect(failure { try partial.append(many, at: 3) }?.code == .protocolViolation)
        #expect(partial.byteCount == 3)
    }

    @Test func `a damaged image is thrown away and begins anew`() throws {
        let partial = try PartialImage(image.offer, in: store)
        var damaged = bytes
        damaged[damaged.count / 2] ^= 1
        try partial.append(damaged, at: 0)
        let error = failure { _ = try partial.accept(trust: workshop.trust) }
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.contains("packages/app_2.0_all.deb") == true)
        #expect(try images().isEmpty)
        #expect(try PartialImage(image.offer, in: store).byteCount == 0)
    }

    @Test func `partial images that nobody wants are removed`() throws {
        let partial = try PartialImage(image.offer, in: store)
        try append(partial, upTo: 1_000_000)
        try partial.noteProgress()
        try store.removePartialImages(except: image.imageDigest)
        #expect(try images().count == 2)
        try Files.replace(store.imagePath(image.imageDigest), with: bytes)
        #expect(try store.images() == [image.imageDigest])
        try store.removePartialImages(except: nil)
        #expect(try images() == ["\(image.imageDigest).iso"])
    }
}
