/// A product at a version, such as `scef-fe 12.6.1`.
package struct ReleaseID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The product, such as `scef-fe`.
    package var product: String
    /// The version, such as `12.6.1`.
    package var version: String

    /// A product at a version.
    package init(product: String, version: String) {
        self.product = product
        self.version = version
    }

    /// Reads `PRODUCT VERSION` or `PRODUCT-VERSION` (the version begins at the last dash before a digit).
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        if words.count == 2 {
            self.init(product: String(words[0]), version: String(words[1]))
            return
        }
        guard words.count == 1, let dash = Self.versionDash(in: text) else { return nil }
        let version = text[text.index(after: dash)...]
        guard dash != text.startIndex, !version.isEmpty else { return nil }
        self.init(product: String(text[..<dash]), version: String(version))
    }

    private static func versionDash<Text: StringProtocol>(in text: Text) -> Text.Index? {
        text.indices.last { index in
            guard text[index] == "-" else { return false }
            let next = text.index(after: index)
            return next < text.endIndex && text[next].isNumber
        }
    }

    /// `PRODUCT VERSION`.
    package var description: String { "\(product) \(version)" }
}

/// The order of versions: dotted parts, numbers by value, anything else by text.
package func versionPrecedes(_ left: String, _ right: String) -> Bool {
    let leftParts = left.split(separator: ".", omittingEmptySubsequences: false)
    let rightParts = right.split(separator: ".", omittingEmptySubsequences: false)
    for (one, other) in zip(leftParts, rightParts) where one != other {
        guard let first = UInt64(one), let second = UInt64(other) else {
            return one < other
        }
        if first != second { return first < second }
    }
    return leftParts.count < rightParts.count
}

/// What a server's package database, files and product say it runs.
package enum SoftwareState: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The package set of a staged, verified manifest is installed and the product answers its build id.
    case known(ReleaseID)
    /// None of the product's packages is installed.
    case blank
    /// Some package is unpacked, half-configured or half-installed; the text names it.
    case halfInstalled(String)
    /// Anything else, such as no staged image describes what is installed; the text says which.
    case unknown(String)

    /// The release, where it is known.
    package var release: ReleaseID? {
        switch self {
        case .known(let release): release
        case .blank, .halfInstalled, .unknown: nil
        }
    }

    /// One line for people.
    package var description: String {
        switch self {
        case .known(let release): release.description
        case .blank: "blank"
        case .halfInstalled(let what): "half-installed (\(what))"
        case .unknown(let why): "unknown (\(why))"
        }
    }
}
