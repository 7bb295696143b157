import ControllerAPI
import ControllerCore
import ControllerStore
import Foundation
import NIOPosix
import Synchronization
import TandemImage
import TandemModel
import TandemSpawn

/// The release images that this controller holds, one file each, named by digest.
///
/// Files are read and verified on a pool of threads of their own, so that a slow disk stops
/// neither heartbeats nor commands.
final class ImageLibrary: Sendable {
    /// One held image.
    struct Entry: Sendable {
        var row: ImageRow
        var manifest: ReleaseManifest
        var verifiedAt: WallTime

        /// As the machines know it.
        var catalogueImage: CatalogueImage { CatalogueImage(offer: row.offer, manifest: manifest) }
    }

    private let folder: URL
    private let trustFile: String
    private let limits: ImageLimits
    private let entries = Mutex<[Digest: Entry]>([:])
    private let leftOut = Mutex<[Digest: LeftOutImage]>([:])
    private let threads = NIOThreadPool.singleton

    init(_ folder: String, _ trustFile: String, _ limits: ImageLimits) throws {
        self.folder = URL(filePath: folder)
        self.trustFile = trustFile
        self.limits = limits
        try FileManager.default.createDirectory(
            at: self.folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        // What an upload left behind when the program ended in the middle of it.
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix("upload-") {
            try FileManager.default.removeItem(at: self.folder.appending(path: name))
        }
    }

    /// Verifies the stored images again; one that is damaged or gone is left out and named.
    ///
    /// - Returns: what was left out and why.
    func load(_ rows: [ImageRow]) async throws -> [TandemError] {
        let trust = try TrustFile(path: trustFile)
        var problems: [TandemError] = []
        try sweep(keeping: rows)
        for row in rows {
            let path = path(of: row.offer.image)
            do {
                let image = try await threads.runIfActive {
                    try verifyImage(at: path, trust: trust, offer: row.offer)
                }
                keep(Entry(row: row, manifest: image.manifest, verifiedAt: wallNow()))
            } catch let error as TandemError {
                problems.append(error)
                let offer = row.offer
                let why = "\(error.message). \(error.remedy)"
                leftOut.withLock {
                    $0[offer.image] = LeftOutImage(
                        image: offer.image,
                        release: offer.release,
                        why: why
                    )
                }
            }
        }
        return problems
    }

    /// Removes images that the store does not know: the program ended before they became known.
    private func sweep(keeping rows: [ImageRow]) throws {
        let known = Set(rows.map { "\($0.offer.image).iso" })
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasSuffix(".iso") && !known.contains(name) {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    /// All held images, by release.
    func images() -> [Entry] {
        entries.withLock { Array($0.values) }.sorted { left, right in
            left.row.offer.release.product == right.row.offer.release.product
                ? versionPrecedes(left.row.offer.release.version, right.row.offer.release.version)
                : left.row.offer.release.product < right.row.offer.release.product
        }
    }

    /// Those of the store that did not verify as the controller started.
    func leftOutImages() -> [LeftOutImage] {
        leftOut.withLock { $0.values.sorted { $0.image < $1.image } }
    }

    /// Makes an image known after the store knows it.
    func keep(_ entry: Entry) {
        leftOut.withLock { _ = $0.removeValue(forKey: entry.row.offer.image) }
        entries.withLock { $0[entry.row.offer.image] = entry }
    }

    /// Takes an image in pieces, verifies it, and puts it in place; not yet known to anybody.
    func add(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        person: PersonName
    ) async throws -> Entry {
        let upload = folder.appending(path: "upload-\(UUID().uuidString).iso")
        defer { try? FileManager.default.removeItem(at: upload) }
        try await write(pieces, to: upload)
        return try await take(upload, person: person)
    }

    /// Verifies a file beside the library and puts it in place; not yet known to anybody.
    func take(_ file: URL, person: PersonName) async throws -> Entry {
        let trustFile = trustFile
        let image = try await threads.runIfActive {
            try verifyImage(at: file.path, trust: try TrustFile(path: trustFile))
        }
        try put(file, inPlaceAs: image.imageDigest)
        let row = ImageRow(offer: image.offer, addedAt: wallNow(), addedBy: person)
        return Entry(row: row, manifest: image.manifest, verifiedAt: row.addedAt)
    }

    /// Removes the file of an image that did not become known.
    func discard(_ digest: Digest) {
        guard entries.withLock({ $0[digest] == nil }) else { return }
        try? FileManager.default.removeItem(atPath: path(of: digest))
    }

    /// Forgets an image and removes its file.
    func remove(_ digest: Digest) throws {
        _ = entries.withLock { $0.removeValue(forKey: digest) }
        try? FileManager.default.removeItem(atPath: path(of: digest))
    }

    /// Reads a piece for an agent; `answer` is called on a thread of the pool.
    func read(
        _ digest: Digest,
        offset: UInt64,
        byteCount: Int,
        answer: @escaping @Sendable (Result<[UInt8], TandemError>) -> Void
    ) {
        guard entries.withLock({ $0[digest] != nil }) else {
            answer(.failure(.unknownImage(digest)))
            return
        }
        let path = path(of: digest)
        threads.submit { state in
            guard case .active = state else { return }
            answer(Self.piece(path, offset: offset, byteCount: byteCount))
        }
    }

    private static func piece(_ path: String, offset: UInt64, byteCount: Int)
        -> Result<[UInt8], TandemError>
    {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            try handle.seek(toOffset: offset)
            return .success(Array(try handle.read(upToCount: byteCount) ?? Data()))
        } catch {
            return .failure(
                TandemError(
                    .imageUnreadable,
                    "the image file \(path) can't be read",
                    remedy: "Check the controller's disk; add the image again.",
                    cause: "\(error)"
                )
            )
        }
    }

    private func write(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        to file: URL
    ) async throws {
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw ImageLimits.noSpace(folder.path, "the file can't be made")
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        var byteCount: UInt64 = 0
        for try await piece in pieces {
            byteCount += UInt64(piece.count)
            try limits.refuseTooLarge(byteCount)
            try limits.leaveRoom(in: folder.path, for: UInt64(piece.count))
            do {
                try handle.write(contentsOf: Data(piece))
            } catch {
                throw ImageLimits.noSpace(folder.path, "\(error)")
            }
        }
        do { try handle.synchronize() } catch { throw ImageLimits.noSpace(folder.path, "\(error)") }
    }

    private func put(_ upload: URL, inPlaceAs digest: Digest) throws {
        try Files.rename(upload.path, to: path(of: digest))
    }

    private func path(of digest: Digest) -> String {
        folder.appending(path: "\(digest).iso").path
    }
}
