import TandemModel

/// What a kind of cluster runs as a run begins, and the release it may be upgraded to.
struct Lineage: Hashable, Sendable {
    let kind: ClusterKind
    let old: ReleaseID
    let new: ReleaseID
    let oldManifest: Digest
    let newManifest: Digest
    /// The lowest `cmp` release that the new one works with; empty: any.
    let minimumCMP: String

    private init(
        _ kind: ClusterKind,
        _ product: String,
        from old: String = "12.5",
        to new: String = "12.6",
        _ oldByte: UInt8,
        _ newByte: UInt8,
        minimumCMP: String = ""
    ) {
        self.kind = kind
        self.old = ReleaseID(product: product, version: old)
        self.new = ReleaseID(product: product, version: new)
        oldManifest = digest(oldByte)
        newManifest = digest(newByte)
        self.minimumCMP = minimumCMP
    }

    /// What the runs of one cluster use.
    static let frontEnd = Lineage(.scefFE, "scef-fe", 0x50, 0x60)

    static let management = Lineage(.cmp, "cmp", 0x52, 0x62)
    static let boundFrontEnd = Lineage(.scefFE, "scef-fe", 0x50, 0x60, minimumCMP: "12.6")
    static let single = Lineage(.scef, "scef", 0x54, 0x64, minimumCMP: "12.6")
    static let database = Lineage(.database, "database", from: "3.1", to: "3.2", 0x56, 0x66)
}
