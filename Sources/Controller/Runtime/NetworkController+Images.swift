package import ControllerAPI
import ControllerCore
import ControllerStore
package import TandemModel

/// Images: what the library holds, and what comes into it.
extension NetworkController {
    package func images() async throws -> [ImageInfo] {
        uploads.sweep()
        let holders = holders()
        return library.images().map { info($0, holders: holders) }
    }

    package func image(_ digest: Digest) async throws -> ImageDetail {
        guard
            let entry = library.images().first(where: { $0.row.offer.image == digest })
        else { throw TandemError.unknownImage(digest) }
        return ImageDetail(info: info(entry, holders: holders()), manifest: entry.manifest)
    }

    package func leftOutImages() async throws -> [LeftOutImage] { library.leftOutImages() }

    package func pushes() async throws -> [ImagePush] {
        let counts = library.images().map { ($0.row.offer.image, $0.row.offer.byteCount) }
        return sent.all(byteCounts: Dictionary(counts) { first, _ in first })
    }

    package func certificates(
        endingBy limit: WallTime?
    ) async throws -> [CertificateExpiry] {
        expiries.all(
            of: published.contents.machines.values.flatMap { machine in
                machine.state.definition.servers.map(\.name)
            },
            endingBy: limit
        )
    }

    package func addImage(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        person: PersonName
    ) async throws -> ImageInfo {
        try await makeKnown(try await library.add(pieces, person: person), person)
    }

    /// The servers that hold each image, verified.
    private func holders() -> [Digest: [ServerName]] {
        var holders: [Digest: [ServerName]] = [:]
        for machine in published.contents.machines.values {
            for server in machine.state.definition.servers.map(\.name) {
                for image in machine.images(of: server) where image.isVerified {
                    holders[image.image, default: []].append(server)
                }
            }
        }
        return holders
    }

    private func info(_ entry: ImageLibrary.Entry, holders: [Digest: [ServerName]]) -> ImageInfo {
        ImageInfo(
            image: entry.row.offer.image,
            manifest: entry.row.offer.manifest,
            release: entry.row.offer.release,
            byteCount: entry.row.offer.byteCount,
            kinds: entry.manifest.kinds,
            minimumCMP: entry.manifest.minimumCMP,
            notices: entry.manifest.notices,
            isPatch: entry.manifest.isPatch,
            addedAt: entry.row.addedAt,
            heldBy: (holders[entry.row.offer.image] ?? []).sorted(),
            addedBy: entry.row.addedBy,
            verifiedAt: entry.verifiedAt
        )
    }

    /// The library has the file; the store and everybody else learn of it here.
    private func makeKnown(_ image: ImageLibrary.Entry, _ person: PersonName) async throws
        -> ImageInfo
    {
        do {
            _ = try await queue.ask { .addImage(image.catalogueImage, person: person, $0) }
        } catch {
            library.discard(image.row.offer.image)
            throw error
        }
        library.keep(image)
        return info(image, holders: holders())
    }
}

/// Images that come in pieces.
extension NetworkController {
    package func uploads(person: PersonName) async throws -> [UploadStatus] {
        uploads.list(of: person)
    }

    package func beginUpload(_ request: UploadRequest, person: PersonName) async throws
        -> UploadStatus
    {
        try uploads.begin(request, person: person)
    }

    package func upload(_ id: UploadID, person: PersonName) async throws -> UploadStatus {
        try uploads.status(id, person: person)
    }

    package func continueUpload(
        _ id: UploadID,
        at offset: UInt64,
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        person: PersonName
    ) async throws -> UploadStatus {
        try await uploads.append(pieces, to: id, at: offset, person: person)
    }

    package func finishUpload(_ id: UploadID, person: PersonName) async throws -> ImageInfo {
        let entry = try await uploads.finish(id, person: person) { file in
            try await library.take(file, person: person)
        }
        return try await makeKnown(entry, person)
    }

    package func dropUpload(_ id: UploadID, person: PersonName) async throws {
        try uploads.drop(id, person: person)
    }
}
