/// How long the texts are that cross the wire or lie in journals, in bytes of UTF-8.
///
/// Encoders clip free text to these limits. A core that *compares* such texts (a software state in
/// a precondition) clips them where they are made, so that both sides compare the same bytes.
package enum TextLimit {
    /// A name, version, code, driver token or replication position: never clipped, longer is refused.
    package static let name = 255
    /// One line for people: health, software state, zombie reason, check and alarm text.
    package static let line = 512
    /// The message or the remedy of a failure.
    package static let message = 1024
    /// The package's or tool's own words.
    package static let diagnostic = 4096
    /// A configuration document: never clipped, longer is refused.
    package static let document = 48 * 1024
}

/// The longest beginning of a text that takes at most `byteCountMax` bytes of UTF-8.
///
/// Never ends inside a Unicode scalar; may end inside a grapheme of several scalars. Clipping a
/// clipped text changes nothing. A text that is short enough comes back as it is.
package func clipped(_ text: String, byteCountMax: Int) -> String {
    let utf8 = text.utf8
    guard utf8.count > byteCountMax else { return text }
    var end = utf8.index(utf8.startIndex, offsetBy: max(0, byteCountMax))
    while end > utf8.startIndex, utf8[end] & 0b1100_0000 == 0b1000_0000 {
        end = utf8.index(before: end)
    }
    return String(text.unicodeScalars[..<end])
}
