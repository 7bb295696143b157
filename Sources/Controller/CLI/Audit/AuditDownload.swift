import ControllerAPI
import ControllerAudit
import Foundation
import TandemModel
import TandemSpawn

/// Fetches the audit piece by piece, however long it is: one piece lies in memory.
struct AuditDownload {
    let client: APIClient
    /// Rows that are asked for at once.
    var rowCount = Stretch.limits.upperBound

    /// Makes the file; none is left of an export that fails.
    func write(toNew path: String) async throws {
        try NewFiles.refuseExisting(path)
        _ = try Files.createNew(path, content: [], mode: 0o600)
        do {
            guard let handle = FileHandle(forWritingAtPath: path) else {
                throw unwritable(path, "it can't be opened")
            }
            defer { try? handle.close() }
            try await write(to: handle)
            do { try handle.synchronize() } catch { throw unwritable(path, "\(error)") }
            try Files.syncDirectory(Files.parent(of: path))
        } catch {
            try? Files.removeFile(path)
            throw error
        }
    }

    func write(to handle: FileHandle) async throws {
        var last: UInt64? = 0
        while let row = last {
            let piece = try await client.bytes(
                "\(APIPath.auditExport)?after=\(row)&limit=\(rowCount)"
            )
            last = try newest(of: piece, after: row)
            do {
                try handle.write(contentsOf: Data(piece))
            } catch {
                throw unwritable("the export", "\(error)")
            }
        }
    }

    /// The piece's newest row; `nil` where no more come.
    ///
    /// - Throws: `protocolViolation` for what does not go on behind `row`: it would be asked for for ever.
    private func newest(of piece: [UInt8], after row: UInt64) throws -> UInt64? {
        guard let line = piece.split(separator: UInt8(ascii: "\n")).last,
            case .entry(let entry) = try AuditLine(line, line: 1)
        else { return nil }
        guard entry.row > row else {
            throw TandemError(
                .protocolViolation,
                "the controller sent rows of the audit up to \(entry.row) again",
                remedy: "Use a `tandem` of the controller's version."
            )
        }
        return entry.row
    }

    private func unwritable(_ what: String, _ cause: String) -> TandemError {
        TandemError(
            .fileUnavailable,
            "\(what) can't be written",
            remedy: "Choose a place with room for it.",
            cause: cause
        )
    }
}
