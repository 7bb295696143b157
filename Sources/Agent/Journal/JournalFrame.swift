package import AgentCore
import TandemCrypto
import TandemModel
package import TandemWire

/// What the bytes of a journal say.
package struct JournalContent: Sendable {
    /// Oldest first; empty when the bytes are damaged.
    package var records: [JournalRecord]
    /// Why the bytes can't be trusted; `nil` when they can.
    package var damage: String?

    /// What was found.
    package init(records: [JournalRecord], damage: String? = nil) {
        self.records = records
        self.damage = damage
    }
}

/// One record as it lies in the journal's file; bytes only, whoever keeps them.
///
/// Big-endian: `length u32` of the body, `check u32` of that length at this place in the file,
/// `checksum u64` (the first eight bytes of the body's SHA-256), then the body: `version u8` and the
/// record. The check of the length tells a record that was cut off from one whose length was
/// changed, which would look the same and hide all that follows.
package enum JournalFrame {
    static let version: UInt8 = 1
    package static let headerByteCount = 16
    /// A configuration document and room to spare.
    static let bodyByteCountMax = 256 * 1024

    /// Appends a record that will begin at `offset` of the file.
    package static func append(
        _ record: JournalRecord,
        at offset: UInt64,
        to bytes: inout [UInt8]
    ) throws(WireError) {
        let body = [version] + (try record.wireBytes())
        guard body.count <= bodyByteCountMax else {
            throw .tooLong(count: body.count, limit: bodyByteCountMax, offset: 0)
        }
        var header = ByteWriter()
        let length = UInt32(body.count)
        header.uint32(length)
        header.uint32(check(of: length, at: offset))
        header.uint64(checksum(of: body[...]))
        bytes += try header.finish()
        bytes += body
    }

    /// All records of a journal's bytes, and where the last whole one ends: what lies behind was cut
    /// short by a crash and is to be cut off.
    package static func scan(_ bytes: [UInt8]) -> (content: JournalContent, end: Int) {
        var records: [JournalRecord] = []
        var offset = 0
        while offset < bytes.count {
            switch read(bytes, at: offset) {
            case .record(let record, let next):
                records.append(record)
                offset = next
            case .skipped(let next):
                offset = next
            case .torn:
                return (JournalContent(records: records), offset)
            case .damaged(let why):
                let damage = "\(why), at byte \(offset)"
                return (JournalContent(records: [], damage: damage), bytes.count)
            }
        }
        return (JournalContent(records: records), offset)
    }

    /// What stands at one place of the file.
    enum Reading {
        case record(JournalRecord, next: Int)
        /// Of a later version, and of no meaning to this one.
        case skipped(next: Int)
        /// The bytes end before the record does, or were never written.
        case torn
        /// Something is there that no agent wrote so.
        case damaged(String)
    }

    /// Reads the record at `offset`; `bytes` is the whole file.
    static func read(_ bytes: [UInt8], at offset: Int) -> Reading {
        let rest = bytes[offset...]
        guard rest.count >= headerByteCount, rest.contains(where: { $0 != 0 }) else { return .torn }
        var header = ByteReader(bytes, from: offset)
        guard let length = try? header.uint32(), let check = try? header.uint32(),
            let checksum = try? header.uint64()
        else { return .torn }
        guard check == Self.check(of: length, at: UInt64(offset)), length > 1,
            length <= bodyByteCountMax
        else { return .damaged("the length of a record was changed") }
        let end = offset + headerByteCount + Int(length)
        guard end <= bytes.count else { return .torn }
        let body = bytes[(offset + headerByteCount)..<end]
        guard Self.checksum(of: body) == checksum else {
            // Only the last record can have been cut short by a crash.
            return end == bytes.count ? .torn : .damaged("a record was changed")
        }
        return decode(Array(body), next: end)
    }

    private static func decode(_ body: [UInt8], next: Int) -> Reading {
        guard body[0] == version else { return .damaged("a record of version \(body[0])") }
        do {
            return .record(try JournalRecord(wireBytes: Array(body.dropFirst())), next: next)
        } catch {
            if JournalRecord.isOptional(body[1]) { return .skipped(next: next) }
            return .damaged("a record that this agent can't read: \(error)")
        }
    }

    private static func check(of length: UInt32, at offset: UInt64) -> UInt32 {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: offset.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: length.bigEndian) { bytes += $0 }
        return UInt32(truncatingIfNeeded: sha256(bytes).prefix64 >> 32)
    }

    private static func checksum(of body: ArraySlice<UInt8>) -> UInt64 {
        sha256(Array(body)).prefix64
    }
}
