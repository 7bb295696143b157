import Glibc
package import TandemModel
import TandemSpawn

/// An image on its way in: bytes are appended in order, and a restart goes on where the disk is sure.
package final class PartialImage {
    /// The image as it was offered.
    package let offer: ImageOffer
    /// How many of its bytes are here: where to go on.
    package private(set) var byteCount: UInt64

    private let store: BlobStore
    private let file: Descriptor
    private var durableByteCount: UInt64

    /// After so many bytes the disk is made sure and the place noted.
    private static let syncByteCount: UInt64 = 8 * 1024 * 1024

    /// Begins an image, or goes on with one begun before.
    ///
    /// Throws `diskFull` unless there is room for what is still to come and for the files that will
    /// be taken out of it.
    package init(_ offer: ImageOffer, in store: BlobStore) throws(TandemError) {
        let path = store.partialPath(offer.image)
        let file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        let size = UInt64(max(0, try file.attributes(path: path).st_size))
        let noted = Self.notedByteCount(at: store.resumePath(offer.image))
        let durable = min(size, noted, offer.byteCount)
        guard ftruncate(file.number, off_t(durable)) == 0,
            lseek(file.number, off_t(durable), SEEK_SET) >= 0
        else { throw systemFailure(errno, doing: "prepare", path: path) }
        let needed = 2 * offer.byteCount - durable
        let free = try Files.freeByteCount(at: store.imageFolder)
        guard free >= needed else {
            if durable == 0 { try Files.removeFile(path) }
            throw diskFull("\(offer.release) can't be staged", needed: needed, free: free)
        }
        self.offer = offer
        self.store = store
        self.file = file
        byteCount = durable
        durableByteCount = durable
    }

    /// Whether all bytes are here.
    package var isComplete: Bool { byteCount == offer.byteCount }

    /// Adds bytes; they must follow right on those that are here, and not go beyond the image.
    package func append(_ bytes: [UInt8], at offset: UInt64) throws(TandemError) {
        guard offset == byteCount, UInt64(bytes.count) <= offer.byteCount - byteCount else {
            throw TandemError(
                .protocolViolation,
                "a piece of \(offer.release) came for byte \(offset), but byte \(byteCount) of "
                    + "\(offer.byteCount) is next",
                remedy: "Stage the image again."
            )
        }
        let path = store.partialPath(offer.image)
        let outcome = bytes.withUnsafeBytes { raw in
            Result { () throws(TandemError) in
                try file.writeAll(raw, path: path, neededByteCount: offer.byteCount)
            }
        }
        try outcome.get()
        byteCount += UInt64(bytes.count)
        if byteCount - durableByteCount >= Self.syncByteCount { try noteProgress() }
    }

    /// Makes what is here survive a crash; done by itself every 8 MiB.
    package func noteProgress() throws(TandemError) {
        let resume = store.resumePath(offer.image)
        do throws(TandemError) {
            try file.sync(
                path: store.partialPath(offer.image),
                neededByteCount: offer.byteCount
            )
        } catch {
            // After a failed sync nobody knows what the disk holds.
            try Files.removeFile(resume)
            throw error
        }
        try Files.replace(resume, with: Array("\(byteCount)\n".utf8))
        durableByteCount = byteCount
    }

    /// Verifies the complete image and keeps its packages, hooks and manifest; then, or when it is
    /// refused, the image itself is removed.
    package func accept(trust: TrustFile) throws(TandemError) -> VerifiedImage {
        guard isComplete else {
            throw TandemError(
                .imageDamaged,
                "of \(offer.release) only \(byteCount) of \(offer.byteCount) bytes are here",
                remedy: "Stage the image again: it goes on where it stopped."
            )
        }
        let path = store.partialPath(offer.image)
        do throws(TandemError) {
            let image = try store.accept(imageAt: path, trust: trust, offer: offer)
            try discard()
            return image
        } catch {
            // A full disk is no fault of the image: what is here can be used once there is room.
            if error.code != .diskFull { try? discard() } else { try? noteProgress() }
            throw error
        }
    }

    /// Removes what is here.
    package func discard() throws(TandemError) {
        try Files.removeFile(store.resumePath(offer.image))
        try Files.removeFile(store.partialPath(offer.image))
    }

    private static func notedByteCount(at path: String) -> UInt64 {
        guard let bytes = try? Files.read(path, byteCountMax: 64) else { return 0 }
        return UInt64(String(decoding: bytes.dropLast(), as: UTF8.self)) ?? 0
    }
}

extension BlobStore {
    func partialPath(_ image: Digest) -> String { "\(imageFolder)/\(image).part" }
    func resumePath(_ image: Digest) -> String { "\(imageFolder)/\(image).resume" }

    /// Where a whole image is kept, by whoever keeps them to hand them on; none need be there.
    package func imagePath(_ image: Digest) -> String { "\(imageFolder)/\(image).iso" }

    /// The whole images kept here, in order.
    package func images() throws(TandemError) -> [Digest] {
        try Files.list(imageFolder).compactMap { name in
            name.hasSuffix(".iso") ? Digest(name.dropLast(4)) : nil
        }
    }

    /// Removes partial images other than the one still wanted.
    package func removePartialImages(except wanted: Digest?) throws(TandemError) {
        for name in try Files.list(imageFolder) {
            guard let dot = name.firstIndex(of: "."), let digest = Digest(name[..<dot]),
                !name.hasSuffix(".iso"), digest != wanted
            else { continue }
            try Files.removeFile("\(imageFolder)/\(name)")
        }
    }
}
