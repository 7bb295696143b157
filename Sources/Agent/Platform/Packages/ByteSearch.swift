/// Where a text stands in a text.
///
/// Compared by bytes: the standard library's own search would link the regular expressions, a
/// megabyte.
extension StringProtocol {
    /// Where a text begins to stand for the last time; `nil` when it does nowhere.
    func lastPosition(of wanted: StaticString) -> String.Index? {
        let said = Array(utf8)
        let length = wanted.utf8CodeUnitCount
        guard length > 0, said.count >= length else { return nil }
        let offset = wanted.withUTF8Buffer { wanted in
            (0...(said.count - length)).last { said[$0..<($0 + length)].elementsEqual(wanted) }
        }
        return offset.map { utf8.index(startIndex, offsetBy: $0) }
    }

    /// Whether a text stands somewhere in it.
    func holds(_ wanted: StaticString) -> Bool { lastPosition(of: wanted) != nil }
}
