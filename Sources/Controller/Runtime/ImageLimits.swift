import TandemModel
import TandemSpawn

/// How much of the controller's disk release images may take.
package struct ImageLimits: Sendable, Hashable {
    /// The largest image that is taken.
    package var byteCountMax: UInt64 = 16 << 30
    /// What an upload leaves free on the disk: the store lies there too, and without it nothing is commanded.
    package var freeByteCountMin: UInt64 = 512 << 20

    /// The limits of a controller.
    package init() {}

    /// Refuses what is larger than any image may be.
    func refuseTooLarge(_ byteCount: UInt64) throws(TandemError) {
        guard byteCount > byteCountMax else { return }
        throw TandemError(
            .imageTooLarge,
            "the image has more than \(byteCountMax >> 20) MiB",
            remedy: "Check that it is a release image; controller.conf has image-limit-mebibytes."
        )
    }

    /// A disk that images have filled would stop the controller: its store lies beside them.
    func leaveRoom(in folder: String, for byteCount: UInt64) throws(TandemError) {
        let free = try Files.freeByteCount(at: folder)
        guard free < freeByteCountMin + byteCount else { return }
        let (left, needed, kept) = (free >> 20, byteCount >> 20, freeByteCountMin >> 20)
        throw Self.noSpace(
            folder,
            "\(left) MiB are free, \(needed) MiB are needed, and \(kept) MiB are kept for the store"
        )
    }

    static func noSpace(_ folder: String, _ cause: String) -> TandemError {
        TandemError(
            .diskFull,
            "the image can't be written to \(folder)",
            remedy: "Free space on the controller's disk (`tandem image drop`), then add it again.",
            cause: cause
        )
    }
}
