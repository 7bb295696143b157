package import TandemModel

/// One file of a release image.
///
/// Names that come out of a manifest become paths only through here, and only plain ones do: they
/// can neither leave their folder nor mean anything to the reading program, which takes patterns.
package enum ImageMember: Hashable, Sendable {
    case manifest
    case signatures
    case package(String)
    case hook(String)

    /// The path in the image.
    package var path: String {
        switch self {
        case .manifest: "manifest.bin"
        case .signatures: "manifest.sig"
        case .package(let file): "packages/\(file)"
        case .hook(let file): "hooks/\(file)"
        }
    }

    /// Whether a file of a release may bear the name: 1 to 200 letters, digits and `.+~_%:=@,-`,
    /// beginning with a letter, a digit or `_`.
    package static func isFileName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 200 else { return false }
        return (isWord(first) || first == UInt8(ascii: "_"))
            && name.utf8.allSatisfy { isWord($0) || marks.contains($0) }
    }

    private static let marks = Array(".+~_%:=@,-".utf8)

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case _: false
        }
    }
}

/// A file that an image holds beside manifest and signatures, and what it must be.
package struct ImageContent: Hashable, Sendable {
    package var member: ImageMember
    package var sha256: Digest
    package var byteCount: UInt64
}

extension ReleaseManifest {
    /// The packages and hooks that the image itself carries: of a patch not all packages.
    package var carriedContents: [ImageContent] {
        let carried = Set(carriedFiles)
        return packages.filter { carried.contains($0.file) }.map(\.content) + hooks.map(\.content)
    }

    /// All packages and hooks of the release.
    package var allContents: [ImageContent] { packages.map(\.content) + hooks.map(\.content) }
}

extension PackageEntry {
    /// The package as a file of the image.
    package var content: ImageContent {
        ImageContent(member: .package(file), sha256: sha256, byteCount: byteCount)
    }
}

extension HookEntry {
    /// The hook as a file of the image.
    package var content: ImageContent {
        ImageContent(member: .hook(file), sha256: sha256, byteCount: byteCount)
    }
}
