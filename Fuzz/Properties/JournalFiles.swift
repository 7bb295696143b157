import AgentCore
import AgentJournal
import AgentRuntime
import TandemModel
import TandemWire

/// The body of one record.
func checkJournalRecord(_ input: [UInt8]) throws(FuzzFinding) {
    try checkOpen(input, JournalRecord.self)
}

/// The bytes of a file; or, behind a first byte of 1, what the agent writes into one.
///
/// Then two bytes say where that file is cut, and the records follow, each behind its length.
///
/// A cut file has the records that were whole, and is never called damaged for it; a byte that was
/// changed never brings a record that was not written.
func checkJournalFile(_ input: [UInt8]) throws(FuzzFinding) {
    guard input.first == 1, input.count > 3 else {
        return try checkReadJournal(input)
    }
    var file: [UInt8] = []
    var written: [JournalRecord] = []
    var ends: [Int] = []
    var rest = input.dropFirst(3)
    while let length = rest.popFirst() {
        let body = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
        guard let record = try? JournalRecord(wireBytes: body) else { continue }
        do throws(WireError) {
            try JournalFrame.append(record, at: UInt64(file.count), to: &file)
        } catch {
            throw FuzzFinding("a record that was read can't be written: \(error)")
        }
        written.append(record)
        ends.append(file.count)
    }
    let all = JournalFrame.scan(file)
    try require(all.content.records == written, "\(all.content) of \(written)")
    guard !file.isEmpty else { return }
    let place = (Int(input[1]) << 8 | Int(input[2])) % file.count
    let whole = ends.count { $0 <= place }
    let cut = JournalFrame.scan(Array(file[..<place]))
    try require(cut.content.damage == nil, "cut at \(place): \(cut.content.damage ?? "")")
    try require(cut.content.records.elementsEqual(written[..<whole]), "cut at \(place)")
    file[place] ^= input[1] | 1
    let changed = JournalFrame.scan(file)
    try require(
        changed.content.damage != nil || changed.content.records.elementsEqual(written[..<whole]),
        "changed at \(place): \(changed.content)"
    )
}

private func checkReadJournal(_ input: [UInt8]) throws(FuzzFinding) {
    let (content, end) = JournalFrame.scan(input)
    guard content.damage == nil else { return }
    try require(end <= input.count, "the file ends at \(input.count), not \(end)")
    let again = JournalFrame.scan(Array(input[..<end]))
    try require(
        again.content.records == content.records && again.end == end,
        "the file is read in another way after its tail is cut"
    )
}

/// First byte: a task for a worker process, or its answer; then its bytes.
func checkWorkers(_ input: [UInt8]) throws(FuzzFinding) {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    if first & 1 == 0 {
        try checkOpen(bytes, WorkerTask.self)
    } else {
        try checkOpen(bytes, WorkerAnswer.self)
    }
}
