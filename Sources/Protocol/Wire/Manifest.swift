package import TandemModel

/// The form of `manifest.bin`.
package enum ManifestFormat {
    /// The first eight bytes of every manifest.
    package static let magic: [UInt8] = Array("TANDEMRM".utf8)
    /// History: 1 (2026-11-22): the first one.
    package static let version: UInt16 = 1
    /// Longest manifest in bytes; readers refuse a longer file unread.
    package static let byteCountMax = 4 * 1024 * 1024

    static let kinds = 64
    static let versions = 1024
    static let packages = 4096
    static let hooks = 256
    static let steps = 256
    static let notices = 64
    static let noticeByteCount = 4096
}

extension ReleaseManifest: WireCodable {
    /// Writes the one byte sequence that this manifest has.
    ///
    /// Lists whose order means nothing (kinds, versions, packages, carried files, hooks) are
    /// written in the order of their bytes whatever order they have here; an entry that stands
    /// twice is refused. Steps and notices keep their order.
    package func encode(into writer: inout ByteWriter) {
        let start = writer.count
        writer.raw(ManifestFormat.magic)
        writer.uint16(ManifestFormat.version)
        release.encode(into: &writer)
        format.encode(into: &writer)
        writer.names(kinds.map(\.text), "kinds", limit: ManifestFormat.kinds)
        writer.names(installsOver, "installs-over", limit: ManifestFormat.versions)
        writer.bool(installsOnBlank)
        writer.names(rollsBackTo, "rolls-back-to", limit: ManifestFormat.versions)
        writer.name(minimumAgent)
        writer.name(minimumController)
        writer.name(minimumCMP)
        let sortedPackages = writer.sorted(packages, "packages", by: \.file)
        writer.list(sortedPackages, limit: ManifestFormat.packages)
        let sortedCarried = writer.sorted(carriedFiles, "carried files", by: \.self)
        writer.list(sortedCarried, limit: ManifestFormat.packages) { $0.fileName($1) }
        writer.list(writer.sorted(hooks, "hooks", by: \.file), limit: ManifestFormat.hooks)
        writer.list(upgradeSteps, limit: ManifestFormat.steps)
        writer.list(backOutSteps, limit: ManifestFormat.steps)
        writer.maybe(configuration)
        writer.name(service)
        writer.name(buildID)
        writer.fileName(identifyHook)
        writer.maybeFileName(healthHook)
        writer.bool(replicatesData)
        writer.names(replicatesWith, "replicates-with", limit: ManifestFormat.versions)
        writer.maybeFileName(dataCarryHook)
        takeoverWhileMixed.encode(into: &writer)
        writer.list(notices, limit: ManifestFormat.notices) { writer, notice in
            writer.text(notice, limit: ManifestFormat.noticeByteCount)
        }
        writer.uint64(spaceNeeded)
        writer.uint64(dateSeconds)
        let count = writer.count - start
        if count > ManifestFormat.byteCountMax {
            writer.refuse(.tooLong(count: count, limit: ManifestFormat.byteCountMax, offset: start))
        }
    }

    /// Reads a manifest and refuses bytes that are not the ones ``encode(into:)`` would write.
    package init(from reader: inout ByteReader) throws(WireError) {
        let start = reader.offset
        try ManifestFormat.expect(from: &reader)
        self.init(
            release: try ReleaseID(from: &reader),
            format: try PackageFormat(from: &reader),
            kinds: try reader.list(limit: ManifestFormat.kinds),
            installsOver: try reader.names(limit: ManifestFormat.versions),
            installsOnBlank: try reader.bool(),
            rollsBackTo: try reader.names(limit: ManifestFormat.versions),
            minimumAgent: try reader.name(),
            minimumController: try reader.name(),
            minimumCMP: try reader.name(),
            packages: try reader.list(limit: ManifestFormat.packages),
            carriedFiles: try reader.list(limit: ManifestFormat.packages) {
                (reader: inout ByteReader) throws(WireError) in try reader.fileName()
            },
            hooks: try reader.list(limit: ManifestFormat.hooks),
            upgradeSteps: try reader.list(limit: ManifestFormat.steps),
            backOutSteps: try reader.list(limit: ManifestFormat.steps),
            configuration: try reader.maybe(),
            service: try reader.name(),
            buildID: try reader.name(),
            identifyHook: try reader.fileName(),
            healthHook: try reader.maybeFileName(),
            replicatesData: try reader.bool(),
            replicatesWith: try reader.names(limit: ManifestFormat.versions),
            dataCarryHook: try reader.maybeFileName(),
            takeoverWhileMixed: try TakeoverWhileMixed(from: &reader),
            notices: try reader.list(limit: ManifestFormat.notices) {
                (reader: inout ByteReader) throws(WireError) in
                try reader.text(limit: ManifestFormat.noticeByteCount)
            },
            spaceNeeded: try reader.uint64(),
            dateSeconds: try reader.uint64()
        )
        guard try reader.taken(since: start).elementsEqual(wireBytes()) else {
            throw .notCanonical("manifest")
        }
    }
}

extension ManifestFormat {
    fileprivate static func expect(from reader: inout ByteReader) throws(WireError) {
        guard try reader.raw(magic.count) == magic else {
            throw .unknownFormat("this file is not a release manifest")
        }
        let found = try reader.uint16()
        guard found == version else {
            throw .unknownFormat(
                "manifest format \(found) is not known here, only \(version): "
                    + "a newer program is needed"
            )
        }
    }
}

// MARK: - Lists whose order means nothing

extension ByteWriter {
    /// The elements in the order of their keys' bytes; a key that stands twice is refused.
    fileprivate mutating func sorted<Element>(
        _ elements: [Element],
        _ what: String,
        by key: (Element) -> String
    ) -> [Element] {
        let sorted = elements.sorted { key($0).utf8.lexicographicallyPrecedes(key($1).utf8) }
        for (one, next) in zip(sorted, sorted.dropFirst())
        where key(one).utf8.elementsEqual(key(next).utf8) {
            refuse(.notCanonical("\(what): \(key(one)) stands twice; the list"))
        }
        return sorted
    }

    fileprivate mutating func names(_ texts: [String], _ what: String, limit: Int) {
        list(sorted(texts, what, by: \.self), limit: limit) { writer, text in writer.name(text) }
    }
}

extension ByteReader {
    fileprivate mutating func names(limit: Int) throws(WireError) -> [String] {
        try list(limit: limit) { (reader: inout ByteReader) throws(WireError) in try reader.name() }
    }
}
