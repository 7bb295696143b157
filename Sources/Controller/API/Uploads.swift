package import TandemModel

/// Tag of ``UploadID``.
package enum UploadTag: Sendable {}

/// One file that is being sent in pieces.
package typealias UploadID = Identifier<UploadTag>

/// A file that somebody is going to send in pieces.
package struct UploadRequest: Codable, Sendable, Hashable {
    /// What the sender calls it: shown, and never made a path of.
    package var name: String
    package var byteCount: UInt64

    /// A file.
    package init(name: String, byteCount: UInt64) {
        self.name = name
        self.byteCount = byteCount
    }
}

/// How far an upload has come.
package struct UploadStatus: Codable, Sendable, Hashable {
    package var id: UploadID
    package var name: String
    package var byteCount: UInt64
    /// So many bytes are here: the next piece begins there.
    package var offset: UInt64
    package var startedAt: WallTime
    /// It is thrown away unless a byte comes before.
    package var expiresAt: WallTime

    /// A status.
    package init(
        id: UploadID,
        name: String,
        byteCount: UInt64,
        offset: UInt64,
        startedAt: WallTime,
        expiresAt: WallTime
    ) {
        self.id = id
        self.name = name
        self.byteCount = byteCount
        self.offset = offset
        self.startedAt = startedAt
        self.expiresAt = expiresAt
    }
}

/// Takes release images in pieces, across lost connections and restarts of the controller.
///
/// An upload is its sender's alone: for everybody else there is none of that id.
package protocol UploadService: Sendable {
    func uploads(person: PersonName) async throws -> [UploadStatus]
    func beginUpload(_ request: UploadRequest, person: PersonName) async throws -> UploadStatus
    func upload(_ id: UploadID, person: PersonName) async throws -> UploadStatus
    /// Appends a piece of at most ``UploadLimit/pieceByteCount`` bytes.
    ///
    /// - Throws: `uploadRefused` where `offset` is not the upload's, naming the right one.
    func continueUpload(
        _ id: UploadID,
        at offset: UInt64,
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        person: PersonName
    ) async throws -> UploadStatus
    /// Verifies what has come, as `addImage` does, and makes it an image.
    func finishUpload(_ id: UploadID, person: PersonName) async throws -> ImageInfo
    func dropUpload(_ id: UploadID, person: PersonName) async throws
}

/// What one person's uploads may take.
package enum UploadLimit {
    /// Bytes of one piece.
    package static let pieceByteCount = 8 << 20
    /// Unfinished uploads of one person.
    package static let count = 4
    /// Without a byte for so long, an upload is thrown away.
    package static let idleMilliseconds: UInt64 = 24 * 3_600_000
    /// Bytes of a file's name.
    package static let nameByteCount = 255
}
