package import TandemCrypto
package import TandemModel
import TandemSpawn
import TandemWire

/// An image of which every byte that matters was checked against trusted signatures.
package struct VerifiedImage: Hashable, Sendable {
    package var manifest: ReleaseManifest
    /// SHA-256 of `manifest.bin`.
    package var manifestDigest: Digest
    /// SHA-256 of the whole image.
    package var imageDigest: Digest
    /// Bytes of the whole image.
    package var byteCount: UInt64
    /// The trusted keys that signed.
    package var signers: [Ed25519.PublicKey]

    /// The image as a controller offers it.
    package var offer: ImageOffer {
        ImageOffer(
            image: imageDigest,
            byteCount: byteCount,
            manifest: manifestDigest,
            release: manifest.release
        )
    }
}

/// A manifest whose signatures were checked; the files it names were not yet.
struct SignedManifest {
    var manifest: ReleaseManifest
    var bytes: [UInt8]
    var signatures: ManifestSignatures
    var signers: [Ed25519.PublicKey]

    var digest: Digest { sha256(bytes) }
}

/// Checks a whole image: signatures first, then every file, then, against the offer, the rest.
///
/// A changed byte in the manifest, the signatures, a package or a hook names that file; anywhere
/// else it is `image layout` and shows only against an offer. Reads the image twice, writes nothing.
package func verifyImage(
    at path: String,
    trust: TrustFile,
    offer: ImageOffer? = nil
) throws(TandemError) -> VerifiedImage {
    let reader = try ImageReader(path: path)
    let signed = try reader.signedManifest(trust: trust, offer: offer)
    for content in signed.manifest.carriedContents { try reader.check(content) }
    return try reader.finishVerification(signed, offer: offer)
}

extension ImageReader {
    /// Reads manifest and signatures; believes the manifest only once enough trusted keys signed it.
    func signedManifest(
        trust: TrustFile,
        offer: ImageOffer?
    ) throws(TandemError) -> SignedManifest {
        let listing = try listing()
        let (bytes, signatures) = try manifestFiles(listing)
        if let offer, sha256(bytes) != offer.manifest {
            throw damaged(.manifest, "its content was changed: it is not the manifest offered")
        }
        let signers = try signatures.verify(manifest: bytes, trust: trust, image: path)
        let manifest = try decode(bytes)
        if let offer, manifest.release != offer.release {
            throw damaged(
                .manifest,
                "it is of \(manifest.release), but \(offer.release) was offered"
            )
        }
        try listing.check(
            holdsExactly: [.manifest, .signatures] + manifest.carriedContents.map(\.member),
            image: path
        )
        return SignedManifest(
            manifest: manifest,
            bytes: bytes,
            signatures: signatures,
            signers: signers
        )
    }

    func manifestFiles(
        _ listing: ImageListing
    ) throws(TandemError) -> (bytes: [UInt8], signatures: ManifestSignatures) {
        try listing.check(holds: .manifest, image: path)
        try listing.check(holds: .signatures, image: path)
        let bytes = try read(.manifest, byteCountMax: Self.manifestByteCountMax)
        let raw = try read(.signatures, byteCountMax: ManifestSignatures.byteCountMax)
        guard let signatures = ManifestSignatures(bytes: raw) else {
            throw damaged(.signatures, "it is not a list of signatures")
        }
        return (bytes, signatures)
    }

    func decode(_ bytes: [UInt8]) throws(TandemError) -> ReleaseManifest {
        let manifest = try decodeManifest(bytes, path: "manifest.bin of \(path)")
        for content in manifest.allContents {
            let file = Files.lastComponent(of: content.member.path)
            guard ImageMember.isFileName(file) else {
                throw damaged(.manifest, "it names a file '\(file)', which is no plain name")
            }
        }
        return manifest
    }

    /// The last look: everything that no file covers, by the digest of the whole.
    func finishVerification(
        _ signed: SignedManifest,
        offer: ImageOffer?
    ) throws(TandemError) -> VerifiedImage {
        let imageDigest = try digest()
        if let offer, imageDigest != offer.image || byteCount != offer.byteCount {
            throw TandemError(
                .imageDamaged,
                "image layout: every file of \(path) is sound, but the image as a whole is not "
                    + "the one offered (SHA-256 \(imageDigest.short), offered \(offer.image.short))",
                remedy: "Get the image again from where this copy came from."
            )
        }
        return VerifiedImage(
            manifest: signed.manifest,
            manifestDigest: signed.digest,
            imageDigest: imageDigest,
            byteCount: byteCount,
            signers: signed.signers
        )
    }
}

/// Reads a manifest's bytes; `path` names them in the error.
package func decodeManifest(
    _ bytes: [UInt8],
    path: String
) throws(TandemError) -> ReleaseManifest {
    do {
        return try ReleaseManifest(wireBytes: bytes)
    } catch {
        throw TandemError(
            .imageDamaged,
            "\(path) is not a manifest that this program can read",
            remedy: "Use a program at least as new as the one that built the image, or get the "
                + "image again.",
            cause: "\(error)"
        )
    }
}
