/// How far one dpkg call is, by the lines of its status descriptor.
struct DpkgProgress {
    /// Lines that a package makes when it is new, and when another version is there.
    private static let newLineCount = 4
    private static let upgradeLineCount = 6
    private static let removalLineCount = 4

    private let expectedCount: Int
    private var count = 0
    /// What dpkg is doing, such as `configure scef-fe`.
    private(set) var text = ""

    init(newCount: Int, upgradeCount: Int, removalCount: Int = 0) {
        expectedCount =
            newCount * Self.newLineCount + upgradeCount * Self.upgradeLineCount
            + removalCount * Self.removalLineCount
    }

    /// From 0 to 99: whether it is done, dpkg's exit says.
    var percent: UInt8 {
        guard expectedCount > 0 else { return 0 }
        return UInt8(min(99, count * 100 / expectedCount))
    }

    /// Takes one line.
    mutating func take(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3 else { return }
        switch words[0] {
        case "status:":
            // `status: PACKAGE: STATE`; errors and prompts have other third words.
            if InstalledPackage.State(rawValue: String(words[2])) != nil { count += 1 }
        case "processing:":
            text = words[1].filter { $0 != ":" } + " " + words[2]
        case _: break
        }
    }
}
