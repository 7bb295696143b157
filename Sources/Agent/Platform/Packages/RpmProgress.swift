/// How far one rpm call is, by what `-v --percent` prints.
///
/// Each package that is put in or taken out is a line with its label, then lines `%% 12.5` up to
/// `%% 100`. Before them come some for the whole, without a label.
struct RpmProgress {
    private let expectedCount: Int
    private var begunCount = 0
    private var current = 0
    private var isPreparing = true
    private var newestLine = ""
    /// The package rpm is at.
    private(set) var text = ""

    /// `expectedCount` packages are put in or taken out.
    init(expectedCount: Int) { self.expectedCount = expectedCount }

    /// Whether rpm has begun to change something.
    var hasBegun: Bool { begunCount > 0 }

    /// From 0 to 99: whether it is done, only a look says.
    var percent: UInt8 {
        guard expectedCount > 0, begunCount > 0 else { return 0 }
        return UInt8(min(99, ((begunCount - 1) * 100 + current) / expectedCount))
    }

    /// Takes one line of output.
    mutating func take(_ line: some StringProtocol) {
        guard let found = Self.number(of: line) else {
            newestLine = String(line)
            if newestLine == Self.preparing { isPreparing = true }
            return
        }
        // The first number after a label begins a package; the phases before have labels as well.
        if found == 0, !newestLine.isEmpty {
            isPreparing = newestLine == Self.preparing || newestLine == Self.verifying
            if !isPreparing {
                begunCount += 1
                text = newestLine
            }
            newestLine = ""
        }
        if !isPreparing { current = found }
    }

    private static let verifying = "Verifying packages..."
    private static let preparing = "Preparing packages..."

    /// The whole percents of a line that ends in `%% 12.500000`; a script's words without a line end
    /// may stand before it.
    static func number(of line: some StringProtocol) -> Int? {
        guard let sign = line.lastPosition(of: "%% ") else { return nil }
        let rest = line.utf8[sign...].dropFirst(3)
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let isNumber = rest.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".")
        }
        guard isNumber, let number = Int(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        return min(number, 100)
    }
}
