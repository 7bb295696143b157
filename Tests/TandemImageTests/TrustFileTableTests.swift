import TandemCrypto
import TandemImage
import TandemModel
import Testing

struct TrustFileTableTests {
    private let one = Base64.encode([UInt8](repeating: 1, count: 32))
    private let two = Base64.encode([UInt8](repeating: 2, count: 32))

    @Test func `a trust file is read, comments and blanks aside`() throws {
        let text = "# ours\nversion 7\n\n  threshold 2 # both\nkey \(one)\nkey \(two)   # second\n"
        let trust = try TrustFile(parsing: text, path: "trust")
        #expect(trust.version == 7)
        #expect(trust.threshold == 2)
        #expect(trust.keys.map(\.rawBytes) == [1, 2].map { [UInt8](repeating: $0, count: 32) })
        #expect(try TrustFile(parsing: trust.text, path: "trust") == trust)
    }

    @Test(arguments: [
        ("version 1\nthreshold 1\n", "trust asks for 1 signatures but holds 0 keys"),
        ("version 1\nthreshold 2\nkey ONE\n", "asks for 2 signatures but holds 1 keys"),
        ("threshold 1\nkey ONE\n", "trust has no version line"),
        ("version 1\nkey ONE\n", "trust has no threshold line"),
        ("version 1\nversion 1\nthreshold 1\nkey ONE\n", "line 2: version stands twice"),
        ("version 1\nthreshold 1\nthreshold 1\nkey ONE\n", "line 3: threshold stands twice"),
        ("version 0\nthreshold 1\nkey ONE\n", "line 1: the version is a number from 1"),
        ("version 1\nthreshold 0\nkey ONE\n", "line 2: the threshold is a number"),
        ("version 1\nthreshold -1\nkey ONE\n", "line 2: the threshold is a number"),
        ("version 1\nthreshold 1\nkey ONE\nkey ONE\n", "line 4: this key stands twice"),
        ("version 1\nthreshold 1\nkey AAAA\n", "line 3: the key is not 32 bytes"),
        ("version 1\nthreshold 1\nkey *\n", "line 3: the key is not 32 bytes"),
        ("version 1\nthreshold 1\nkey\n", "line 3: a word and one value"),
        ("version 1\nthreshold 1\nkey ONE extra\n", "line 3: a word and one value"),
        ("version 1\nkeys ONE\n", "line 2: 'keys' is none of version, threshold, key"),
        ("", "trust has no version line"),
    ])
    func `a trust file that is not one is refused with its line`(
        text: String,
        message: String
    ) {
        let error = failure {
            _ = try TrustFile(parsing: text.replacing("ONE", with: one), path: "trust")
        }
        #expect(error?.code == .configurationInvalid)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "accepted")")
        #expect(error?.message.contains("trust") == true)
    }

    @Test func `base64 has one form`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            let text = Base64.encode(bytes)
            #expect(Base64.decode(text) == bytes)
            #expect(text.utf8.count == (count + 2) / 3 * 4)
            if !text.isEmpty { #expect(Base64.decode(text.dropLast()) == nil) }
        }
        #expect(Base64.encode(Array("Tandem".utf8)) == "VGFuZGVt")
        for text in ["VGF", "VGFu=", "VG=u", "====", "VGFuZB==", "VGFuZGV=", "VG Fu", "VGF-"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }
}
