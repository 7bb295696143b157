import TandemCrypto
import TandemModel
import Testing

struct Ed25519Tests {
    /// The key of RFC 8032, 7.1, test 2.
    static let knownPEM = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
        -----END PRIVATE KEY-----
        """

    let key: Ed25519.PrivateKey
    let bytes = Array("version 1, twelve packages".utf8)

    init() throws { key = try .generate() }

    @Test func signsAndVerifies() throws {
        let signature = try key.sign(bytes, label: "tandem-manifest-1")
        #expect(signature.count == 64)
        let isValid = key.publicKey.verify(
            signature: signature,
            over: bytes,
            label: "tandem-manifest-1"
        )
        #expect(isValid)
    }

    @Test func everyFlippedBitIsRejected() throws {
        let signature = try key.sign(bytes, label: "tandem-manifest-1")
        for index in signature.indices {
            for bit in 0..<8 {
                var flipped = signature
                flipped[index] ^= 1 << bit
                #expect(
                    !key.publicKey.verify(
                        signature: flipped,
                        over: bytes,
                        label: "tandem-manifest-1"
                    )
                )
            }
        }
    }

    @Test func everyOtherLengthIsRejected() throws {
        let signature = try key.sign(bytes, label: "l")
        for count in 0..<64 {
            let part = Array(signature[..<count])
            #expect(!key.publicKey.verify(signature: part, over: bytes, label: "l"))
        }
        #expect(!key.publicKey.verify(signature: signature + [0], over: bytes, label: "l"))
    }

    @Test func everyChangedByteOfTheMessageIsRejected() throws {
        let signature = try key.sign(bytes, label: "l")
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(!key.publicKey.verify(signature: signature, over: changed, label: "l"))
        }
    }

    @Test func labelIsPartOfWhatIsSigned() throws {
        let signature = try key.sign(bytes, label: "tandem-manifest-1")
        #expect(
            !key.publicKey.verify(signature: signature, over: bytes, label: "tandem-manifest-2")
        )
        // Nor can bytes be moved between the label and the message.
        let whole = Array("b".utf8) + bytes
        let moved = try key.sign(whole, label: "a")
        #expect(!key.publicKey.verify(signature: moved, over: bytes, label: "ab"))
    }

    @Test func otherKeyIsRejected() throws {
        let signature = try key.sign(bytes, label: "l")
        let other = try Ed25519.PrivateKey.generate().publicKey
        #expect(!other.verify(signature: signature, over: bytes, label: "l"))
    }

    @Test func pemRoundTrip() throws {
        let pem = try key.pem()
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let again = try Ed25519.PrivateKey(pem: pem)
        #expect(again.publicKey == key.publicKey)
        #expect(try again.sign(bytes, label: "l") == key.sign(bytes, label: "l"))
        #expect(Ed25519.PublicKey(rawBytes: key.publicKey.rawBytes) == key.publicKey)
    }

    @Test func knownKey() throws {
        let known = try Ed25519.PrivateKey(pem: Array(Self.knownPEM.utf8))
        let expected = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        #expect(known.publicKey.rawBytes == Digest(expected)?.bytes)
    }

    @Test func unusableKeys() throws {
        let p256 = try P256.PrivateKey.generate().pem()
        for pem in [[], Array("nonsense".utf8), p256] {
            #expect(throws: TandemError.self) { try Ed25519.PrivateKey(pem: pem) }
        }
        for count in [0, 31, 33] {
            #expect(Ed25519.PublicKey(rawBytes: .init(repeating: 1, count: count)) == nil)
        }
    }
}

struct P256Tests {
    let key: P256.PrivateKey
    let bytes = Array("active, in service, generation 7".utf8)

    init() throws { key = try .generate() }

    @Test func signsAndVerifies() throws {
        let signature = try key.sign(bytes, label: "tandem-voucher-1")
        let publicKey = try #require(P256.PublicKey(spki: key.publicKey.spki))
        #expect(publicKey == key.publicKey)
        #expect(publicKey.verify(signature: signature, over: bytes, label: "tandem-voucher-1"))
        #expect(!publicKey.verify(signature: signature, over: bytes, label: "tandem-demoted-1"))
        #expect(
            !publicKey.verify(signature: signature, over: bytes + [0], label: "tandem-voucher-1")
        )
    }

    @Test func everyFlippedBitIsRejected() throws {
        let signature = try key.sign(bytes, label: "l")
        #expect(signature.count <= 72)
        for index in signature.indices {
            for bit in 0..<8 {
                var flipped = signature
                flipped[index] ^= 1 << bit
                #expect(!key.publicKey.verify(signature: flipped, over: bytes, label: "l"))
            }
        }
    }

    @Test func pemRoundTrip() throws {
        let again = try P256.PrivateKey(pem: try key.pem())
        #expect(again.publicKey == key.publicKey)
        let signature = try again.sign(bytes, label: "l")
        #expect(key.publicKey.verify(signature: signature, over: bytes, label: "l"))
    }

    @Test func everyTruncatedPublicKeyIsRefused() {
        let spki = key.publicKey.spki
        for count in 0..<spki.count { #expect(P256.PublicKey(spki: Array(spki[..<count])) == nil) }
        #expect(P256.PublicKey(spki: spki + [0]) == nil)
    }

    @Test func unusableKeys() throws {
        let ed25519 = try Ed25519.PrivateKey.generate().pem()
        #expect(throws: TandemError.self) { try P256.PrivateKey(pem: ed25519) }
        #expect(throws: TandemError.self) { try P256.PrivateKey(pem: []) }
    }
}
