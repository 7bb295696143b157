import Glibc
import TandemCrypto
import TandemModel
import Testing

struct SHA256Tests {
    /// FIPS 180-2, appendix B.
    static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test(arguments: vectors) func knownAnswers(text: String, digest: String) {
        #expect(sha256(Array(text.utf8)).description == digest)
    }

    @Test func everySplitGivesTheSame() {
        let bytes = patternBytes(200)
        let whole = sha256(bytes)
        for split in 0...bytes.count {
            var hasher = SHA256Hasher()
            hasher.update(Array(bytes[..<split]))
            hasher.update(bytes[split...])
            #expect(hasher.finish() == whole)
        }
    }

    @Test func bytesThatLieScattered() {
        var hasher = SHA256Hasher()
        hasher.update("abc".utf8.lazy.map { $0 })
        #expect(hasher.finish() == sha256(Array("abc".utf8)))
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 300_000])
    func descriptor(byteCount: Int) throws {
        let bytes = patternBytes(byteCount)
        var path = Array("/tmp/tandem-sha256-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        unlink(path)
        defer { close(descriptor) }
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        // The position stands at the end: it must not matter, and must not move.
        #expect(try sha256(descriptor: descriptor) == sha256(bytes))
        #expect(lseek(descriptor, 0, SEEK_CUR) == off_t(byteCount))
    }

    @Test func unreadableDescriptor() {
        #expect(throws: TandemError.self) { try sha256(descriptor: -1) }
    }
}

struct SecureRandomTests {
    @Test func asManyAsAsked() {
        for count in [0, 1, 16, 1000] { #expect(secureRandom(count).count == count) }
        #expect(secureRandom(32) != secureRandom(32))
    }

    @Test func generator() {
        var generator = SecureGenerator()
        let ids = (0..<100).map { _ in Nonce.random(using: &generator) }
        #expect(Set(ids).count == 100)
    }
}
