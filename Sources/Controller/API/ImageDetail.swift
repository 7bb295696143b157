package import TandemModel

/// An image with all that its release says about itself.
package struct ImageDetail: Codable, Sendable, Hashable {
    package var info: ImageInfo
    package var manifest: ReleaseManifest

    /// A detail.
    package init(info: ImageInfo, manifest: ReleaseManifest) {
        self.info = info
        self.manifest = manifest
    }
}

/// An image that the controller was given and does not offer: it did not verify any more.
package struct LeftOutImage: Codable, Sendable, Hashable {
    package var image: Digest
    package var release: ReleaseID
    /// Why, in one sentence.
    package var why: String

    /// An image.
    package init(image: Digest, release: ReleaseID, why: String) {
        self.image = image
        self.release = release
        self.why = why
    }
}

/// When the certificate of the controller or of an agent ends.
package struct CertificateExpiry: Codable, Sendable, Hashable {
    /// The agent's server; `nil` for a certificate of the controller itself.
    package var server: ServerName?
    /// Such as `agents' port of c1`, `agent of cmp-1`.
    package var owner: String
    package var expiresAt: WallTime

    /// An expiry.
    package init(server: ServerName?, owner: String, expiresAt: WallTime) {
        self.server = server
        self.owner = owner
        self.expiresAt = expiresAt
    }
}

/// An image on its way to a server.
package struct ImagePush: Codable, Sendable, Hashable {
    package var server: ServerName
    package var image: Digest
    /// The server has asked for the bytes up to here.
    package var offset: UInt64
    package var byteCount: UInt64
    /// When it last asked.
    package var askedAt: WallTime

    /// A push.
    package init(
        server: ServerName,
        image: Digest,
        offset: UInt64,
        byteCount: UInt64,
        askedAt: WallTime
    ) {
        self.server = server
        self.image = image
        self.offset = offset
        self.byteCount = byteCount
        self.askedAt = askedAt
    }
}

/// What pages show beside the state of the network.
package protocol RecordService: Sendable {
    func image(_ digest: Digest) async throws -> ImageDetail
    func leftOutImages() async throws -> [LeftOutImage]
    /// What servers have asked for since the controller started, whole or not.
    func pushes() async throws -> [ImagePush]
    /// Of the controller, and of every agent that has connected since it started.
    /// Those alone that end by `limit`, where one is given: all are thousands, those are few.
    func certificates(endingBy limit: WallTime?) async throws -> [CertificateExpiry]
}
