import ControllerAPI
import Foundation
import Synchronization
import TandemCrypto
import TandemModel
import TandemSpawn

/// Files that come in pieces, each with a record of whose it is, in a folder of its own.
///
/// Nothing is remembered but on the disk: where an upload stands is the length of its file, and when
/// its last byte came is the file's time. So another run of the controller goes on where one ended.
/// File names are made of our own ids, never of what a sender says.
final class UploadFolder: Sendable {
    /// What is known of an upload beside its bytes.
    private struct Record: Codable {
        var id: UploadID
        var name: String
        var byteCount: UInt64
        var person: PersonName
        var startedAt: WallTime
    }

    private let folder: URL
    private let limits: ImageLimits
    private let now: @Sendable () -> WallTime
    /// Uploads that a request is working at; also held while the folder's list changes.
    private let busy = Mutex<Set<UploadID>>([])

    init(
        _ folder: String,
        _ limits: ImageLimits,
        now: @escaping @Sendable () -> WallTime = wallNow
    ) throws {
        self.folder = URL(filePath: folder)
        self.limits = limits
        self.now = now
        try FileManager.default.createDirectory(
            at: self.folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try removeStrays()
        sweep()
    }

    // MARK: - What there is

    /// A person's uploads, the oldest first.
    func list(of person: PersonName) -> [UploadStatus] {
        sweep()
        return records().filter { $0.person == person }.compactMap { try? status(of: $0) }
            .sorted { $0.startedAt.milliseconds < $1.startedAt.milliseconds }
    }

    func status(_ id: UploadID, person: PersonName) throws -> UploadStatus {
        try status(of: try record(id, person))
    }

    /// Throws away what has not grown for too long.
    func sweep() {
        busy.withLock { busy in
            for record in records() where !busy.contains(record.id) {
                guard let status = try? status(of: record),
                    status.expiresAt.milliseconds > now().milliseconds
                else {
                    remove(record.id)
                    continue
                }
            }
        }
    }

    // MARK: - What comes

    /// Makes room for a file.
    func begin(_ request: UploadRequest, person: PersonName) throws -> UploadStatus {
        try check(request)
        sweep()
        return try busy.withLock { _ in
            let records = records()
            let own = records.count { $0.person == person }
            guard own < UploadLimit.count else {
                throw TandemError(
                    .uploadRefused,
                    "\(person) has \(own) unfinished uploads already",
                    remedy: "Finish or delete one of them on the page ISO Maintenance."
                )
            }
            let promised = try records.reduce(UInt64(0)) { sum, record in
                let status = try status(of: record)
                return sum + (status.byteCount - min(status.offset, status.byteCount))
            }
            try limits.leaveRoom(in: folder.path, for: promised + request.byteCount)
            var generator = SecureGenerator()
            let record = Record(
                id: .random(using: &generator),
                name: request.name,
                byteCount: request.byteCount,
                person: person,
                startedAt: now()
            )
            do {
                try Data().write(to: part(record.id))
                try JSONEncoder().encode(record).write(to: note(record.id), options: .atomic)
            } catch {
                remove(record.id)
                throw ImageLimits.noSpace(folder.path, "\(error)")
            }
            touch(record.id)
            return try status(of: record)
        }
    }

    /// Appends a piece that begins where the upload stands; what came of a cut one is kept.
    func append(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        to id: UploadID,
        at offset: UInt64,
        person: PersonName
    ) async throws -> UploadStatus {
        let record = try record(id, person)
        try take(id)
        defer { give(id) }
        let before = try status(of: record)
        guard offset == before.offset else {
            throw TandemError(
                .uploadRefused,
                "the piece begins at \(offset), and the upload stands at \(before.offset)",
                remedy: "Send the bytes from \(before.offset) on."
            )
        }
        let handle = try open(id)
        defer { try? handle.close() }
        do {
            try await write(pieces, from: offset, of: record, to: handle)
        } catch let error as TandemError {
            if error.code != .diskFull { try? handle.truncate(atOffset: offset) }
            throw error
        }
        do { try handle.synchronize() } catch { throw ImageLimits.noSpace(folder.path, "\(error)") }
        touch(id)
        return try status(of: record)
    }

    /// Hands the whole file over; one that proves to be no good is thrown away.
    func finish<Result>(
        _ id: UploadID,
        person: PersonName,
        _ accept: (URL) async throws -> Result
    ) async throws -> Result {
        let record = try record(id, person)
        try take(id)
        defer { give(id) }
        let status = try status(of: record)
        guard status.offset == record.byteCount else {
            throw TandemError(
                .uploadRefused,
                "the upload holds \(status.offset) of \(record.byteCount) bytes",
                remedy: "Send the bytes from \(status.offset) on, then finish it."
            )
        }
        do {
            let result = try await accept(part(id))
            remove(id)
            return result
        } catch let error as TandemError {
            let hopeless: [ErrorCode] = [
                .imageUntrusted, .imageDamaged, .manifestInvalid, .imageUnreadable,
                .signatureInvalid,
            ]
            if hopeless.contains(error.code) { remove(id) }
            throw error
        }
    }

    func drop(_ id: UploadID, person: PersonName) throws {
        _ = try record(id, person)
        try take(id)
        defer { give(id) }
        remove(id)
    }

    // MARK: - Pieces

    private func check(_ request: UploadRequest) throws {
        guard !request.name.isEmpty, request.name.utf8.count <= UploadLimit.nameByteCount,
            request.byteCount > 0
        else {
            throw TandemError(
                .usage,
                "an upload has a name of 1 to \(UploadLimit.nameByteCount) bytes, and is not empty",
                remedy: "Choose the image file that `tandem image build` made."
            )
        }
        try limits.refuseTooLarge(request.byteCount)
    }

    private func write(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        from offset: UInt64,
        of record: Record,
        to handle: FileHandle
    ) async throws {
        var end = offset
        for try await piece in pieces {
            end += UInt64(piece.count)
            guard end - offset <= UInt64(UploadLimit.pieceByteCount) else {
                throw TandemError(
                    .usage,
                    "a piece of an upload has at most \(UploadLimit.pieceByteCount >> 20) MiB",
                    remedy: "Send the file in smaller pieces."
                )
            }
            guard end <= record.byteCount else {
                throw TandemError(
                    .uploadRefused,
                    "the upload is of \(record.byteCount) bytes, and more came",
                    remedy: "The file has changed: delete the upload and begin anew."
                )
            }
            try limits.leaveRoom(in: folder.path, for: UInt64(piece.count))
            do {
                try handle.write(contentsOf: Data(piece))
            } catch {
                throw ImageLimits.noSpace(folder.path, "\(error)")
            }
        }
    }

    private func open(_ id: UploadID) throws -> FileHandle {
        do {
            let handle = try FileHandle(forWritingTo: part(id))
            try handle.seekToEnd()
            return handle
        } catch {
            throw ImageLimits.noSpace(folder.path, "\(error)")
        }
    }

    /// One request at a time works at an upload.
    private func take(_ id: UploadID) throws {
        guard busy.withLock({ $0.insert(id).inserted }) else {
            throw TandemError(
                .uploadRefused,
                "another request is sending this upload",
                remedy: "Wait until it ends, then ask where the upload stands."
            )
        }
    }

    private func give(_ id: UploadID) { busy.withLock { _ = $0.remove(id) } }
}

// MARK: - Files

extension UploadFolder {
    private func part(_ id: UploadID) -> URL { folder.appending(path: "\(id).part") }
    private func note(_ id: UploadID) -> URL { folder.appending(path: "\(id).json") }

    private func records() -> [Record] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.compactMap { name in
            let data = try? Data(contentsOf: folder.appending(path: name))
            return data.flatMap { try? JSONDecoder().decode(Record.self, from: $0) }
        }
    }

    private func record(_ id: UploadID, _ person: PersonName) throws -> Record {
        let data = try? Data(contentsOf: note(id))
        guard let record = data.flatMap({ try? JSONDecoder().decode(Record.self, from: $0) }),
            record.person == person
        else {
            throw TandemError(
                .unknownName,
                "\(person) has no upload \(id)",
                remedy: "Begin it anew: an upload without a new byte is thrown away after 24 h."
            )
        }
        return record
    }

    private func status(of record: Record) throws -> UploadStatus {
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: part(record.id).path)
        } catch {
            throw TandemError(
                .unknownName,
                "the file of upload \(record.id) is gone",
                remedy: "Begin it anew.",
                cause: "\(error)"
            )
        }
        let changed = attributes[.modificationDate] as? Date ?? .distantPast
        // Rounded: as seconds in a Double, most milliseconds lie a little below themselves.
        let last = UInt64(max(0, (changed.timeIntervalSince1970 * 1000).rounded()))
        return UploadStatus(
            id: record.id,
            name: record.name,
            byteCount: record.byteCount,
            offset: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
            startedAt: record.startedAt,
            expiresAt: WallTime(milliseconds: last + UploadLimit.idleMilliseconds)
        )
    }

    /// The time of the newest byte is the file's own.
    private func touch(_ id: UploadID) {
        let date = Date(timeIntervalSince1970: Double(now().milliseconds) / 1000)
        try? FileManager.default.setAttributes(
            [.modificationDate: date],
            ofItemAtPath: part(id).path
        )
    }

    private func remove(_ id: UploadID) {
        try? FileManager.default.removeItem(at: note(id))
        try? FileManager.default.removeItem(at: part(id))
    }

    /// What a run that ended in the middle of beginning or removing an upload left behind.
    private func removeStrays() throws {
        let known = Set(records().flatMap { ["\($0.id).part", "\($0.id).json"] })
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where !known.contains(name) {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }
}
