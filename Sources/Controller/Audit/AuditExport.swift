import Foundation
package import TandemModel

/// One line of an exported audit: a signed head, or an entry.
///
/// A head comes before the entry it stands for, so that a reader can hold the entries against heads as
/// they pass.
package enum AuditLine: Sendable, Hashable {
    case head(AuditHead)
    case entry(ChainedEntry)

    /// JSON with a newline at its end.
    package var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            switch self {
            case .head(let head): return try Array(encoder.encode(HeadForm(head: head))) + [10]
            case .entry(let entry):
                let form = EntryForm(
                    row: entry.row,
                    entry: String(decoding: entry.entry, as: UTF8.self),
                    hash: entry.hash
                )
                return try Array(encoder.encode(form)) + [10]
            }
        }
    }

    /// Reads a line, with or without its newline.
    ///
    /// - Throws: `auditBroken` for anything that is neither.
    package init(_ bytes: some Sequence<UInt8>, line: Int) throws(TandemError) {
        let data = Data(bytes)
        let decoder = JSONDecoder()
        if let form = try? decoder.decode(EntryForm.self, from: data) {
            self = .entry(
                ChainedEntry(row: form.row, entry: Array(form.entry.utf8), hash: form.hash)
            )
        } else if let form = try? decoder.decode(HeadForm.self, from: data) {
            self = .head(form.head)
        } else {
            throw TandemError(
                .auditBroken,
                "line \(line) is neither an entry nor a signed head of an audit",
                remedy: "Export it again with `tandem audit export`; compare the two files."
            )
        }
    }
}

private struct HeadForm: Codable {
    var head: AuditHead
}

private struct EntryForm: Codable {
    var row: UInt64
    /// The bytes that were hashed, as text: their own quotes are escaped.
    var entry: String
    var hash: Digest
}
