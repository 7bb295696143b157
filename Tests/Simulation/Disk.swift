import AgentCore
import AgentJournal

/// The disk under one agent's journal: bytes of the codec that ships, of which only a part is safe.
///
/// What was written and not synced outlives the death of the process, and not a cut of the power. Beside the
/// bytes stand the records that they should say, so that a reading can be held against the truth.
struct Disk {
    /// Why a write is refused; the agent must end (`safety.md` 18).
    enum Refusal: Error {
        /// No room: some bytes of the record may stand there all the same.
        case full
        /// An error of the device.
        case failing
        /// The record does not fit into a frame.
        case unwritable
    }

    /// Room that is given up once when the disk is full, as the agent's reserve file is.
    private static let reserveByteCount = 2_048
    /// Above this size the journal is rewritten; the agent that ships waits longer.
    private static let compactionByteCountMin = 12 * 1_024

    /// What a process reads now.
    private(set) var bytes: [UInt8] = []
    /// How many of the bytes a cut of the power leaves.
    private(set) var durableCount = 0
    /// The records that the bytes stand for, and how many of them are safe.
    private(set) var written: [JournalRecord] = []
    private(set) var durableRecordCount = 0
    /// Whether each write and sync ends with an error.
    var isFailing = false
    /// How many bytes there is room for; `nil`: more than enough.
    var room: Int?
    private var hasReserve = true
    private var compactByteCount = 0
    /// Whether a bit of a record that is not the last has turned.
    private(set) var isRotten = false

    /// An empty disk.
    init() {}

    /// A disk that holds what an earlier program wrote and synced.
    init(holding bytes: [UInt8]) {
        self.bytes = bytes
        written = JournalFrame.scan(bytes).content.records
        durableCount = bytes.count
        durableRecordCount = written.count
    }

    // MARK: - Writing

    /// Puts a record behind the others; it is not safe yet.
    mutating func write(_ record: JournalRecord) throws(Refusal) {
        guard !isFailing else { throw .failing }
        let frame = try frame(of: record)
        if let room, frame.count > room {
            guard hasReserve, frame.count <= room + Self.reserveByteCount else {
                bytes += frame.prefix(room)
                throw .full
            }
            hasReserve = false
            self.room = room + Self.reserveByteCount
        }
        if let room { self.room = room - frame.count }
        bytes += frame
        written.append(record)
    }

    /// Everything written is safe when it returns; when it throws nobody knows.
    mutating func sync() throws(Refusal) {
        guard !isFailing else { throw .failing }
        durableCount = bytes.count
        durableRecordCount = written.count
    }

    private func frame(of record: JournalRecord) throws(Refusal) -> [UInt8] {
        var frame: [UInt8] = []
        do {
            try JournalFrame.append(record, at: UInt64(bytes.count), to: &frame)
        } catch {
            throw .unwritable
        }
        return frame
    }

    var wantsCompaction: Bool {
        bytes.count > max(Self.compactionByteCountMin, compactByteCount * 4)
    }

    /// Writes the records beside, syncs and renames: there is the old journal or the new, whole.
    mutating func replace(with records: [JournalRecord]) throws(Refusal) {
        guard !isFailing, room == nil else { throw isFailing ? .failing : .full }
        var copy = Disk()
        for record in records { try copy.write(record) }
        try copy.sync()
        copy.compactByteCount = copy.bytes.count
        self = copy
    }

    // MARK: - Reading

    /// Reads all, cuts off what a crash left behind the last whole record, and makes the rest safe.
    mutating func open() throws(Refusal) -> JournalContent {
        let (content, end) = JournalFrame.scan(bytes)
        guard content.damage == nil else { return content }
        bytes = Array(bytes[..<end])
        written = Array(written.prefix(content.records.count))
        try sync()
        return content
    }

    /// Why a reading is not the truth; `nil` when it is (`safety.md` 18). Asked before ``open()``.
    func falsehood(of content: JournalContent) -> String? {
        if isRotten { return content.damage == nil ? "a changed record was believed" : nil }
        if let damage = content.damage { return "a whole journal counts as damaged: \(damage)" }
        if content.records.count < durableRecordCount { return "an acknowledged record is lost" }
        guard content.records == Array(written.prefix(content.records.count)) else {
            return "a record is read that was never written so"
        }
        return nil
    }

    // MARK: - Faults

    /// The process dies in the middle of writing a record: some of its bytes stand there.
    mutating func tear(_ record: JournalRecord, using generator: inout SeededGenerator) {
        guard let frame = try? frame(of: record) else { return }
        bytes += frame.prefix(Int.random(in: 0..<frame.count, using: &generator))
    }

    /// The power is cut: of what was not synced some bytes are there, or only their room.
    mutating func losePower(using generator: inout SeededGenerator) {
        let unsafeCount = bytes.count - durableCount
        guard unsafeCount > 0 else { return }
        let kept = Int.random(in: 0...unsafeCount, using: &generator)
        if Bool.random(using: &generator) {
            bytes = Array(bytes[..<(durableCount + kept)])
        } else {
            bytes = Array(bytes[..<durableCount]) + [UInt8](repeating: 0, count: kept)
        }
    }

    /// Turns one bit of a record that is not the last.
    ///
    /// - Returns: whether there was one.
    mutating func rot(using generator: inout SeededGenerator) -> Bool {
        guard !isRotten, written.count > 1, let last = written.last,
            let frame = try? frame(of: last), bytes.count > frame.count
        else { return false }
        let index = Int.random(in: 0..<(bytes.count - frame.count), using: &generator)
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        isRotten = true
        return true
    }

    /// The disk works again and has room; what is damaged stays so.
    mutating func mend() {
        isFailing = false
        room = nil
        hasReserve = true
    }
}
