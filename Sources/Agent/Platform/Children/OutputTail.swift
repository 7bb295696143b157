/// The last bytes of an output without end.
package struct OutputTail: Sendable {
    private let byteCountMax: Int
    private var bytes: [UInt8] = []
    /// Whether something was dropped from its beginning.
    private(set) var isCut = false

    /// An empty tail that keeps so many bytes.
    package init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    /// Adds bytes at the end.
    package mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more.suffix(byteCountMax))
        if more.count > byteCountMax { isCut = true }
        // Dropping from the front moves what is kept, so it is done in larger pieces.
        if bytes.count > byteCountMax * 2 { cut() }
    }

    private mutating func cut() {
        guard bytes.count > byteCountMax else { return }
        bytes.removeFirst(bytes.count - byteCountMax)
        isCut = true
    }

    /// The text, without the broken first line of a cut tail and without blanks at its ends.
    package var text: String {
        var copy = self
        copy.cut()
        var kept = copy.bytes[...]
        if copy.isCut, let newline = kept.firstIndex(of: UInt8(ascii: "\n")),
            newline + 1 < kept.endIndex
        {
            kept = kept[(newline + 1)...]
        }
        // Control characters of a package's script must not reach a terminal or a page.
        let visible = kept.filter { $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\n") }
        let text = String(decoding: visible, as: UTF8.self)
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}
