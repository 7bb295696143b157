import TandemCrypto
import Testing

/// The signed tokens of RFC 7515 (appendices A.2 and A.3) and RFC 8037 (A.4), with their keys.
private enum Vector: CaseIterable {
    case rsa
    case curve
    case edwards

    var key: TokenKey? {
        switch self {
        case .rsa: TokenKey(modulus: bytes(Self.modulus), exponent: [1, 0, 1])
        case .curve: TokenKey(x: bytes(Self.x), y: bytes(Self.y))
        case .edwards:
            TokenKey(ed25519: bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
        }
    }

    var signed: [UInt8] {
        let claims =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ"
        return switch self {
        case .rsa: Array("eyJhbGciOiJSUzI1NiJ9.\(claims)".utf8)
        case .curve: Array("eyJhbGciOiJFUzI1NiJ9.\(claims)".utf8)
        case .edwards:
            Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        }
    }

    var signature: [UInt8] {
        switch self {
        case .rsa:
            bytes(
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5Y"
                    + "Kt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75v"
                    + "RK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOk"
                    + "HWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWk"
                    + "WywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
            )
        case .curve:
            bytes(
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6"
                    + "NU1Q"
            )
        case .edwards:
            bytes(
                "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM"
                    + "0KAg"
            )
        }
    }

    static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B"
        + "m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXnd"
        + "S5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5Ih"
        + "lJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
}

private func bytes(_ text: String) -> [UInt8] { Base64URL.bytes(text) ?? [] }

struct TokenKeyTests {
    @Test(arguments: Vector.allCases)
    private func checksTheVectors(_ vector: Vector) throws {
        let key = try #require(vector.key)
        #expect(key.verify(signature: vector.signature, over: vector.signed))
    }

    @Test(arguments: Vector.allCases)
    private func refusesWhatIsChanged(_ vector: Vector) throws {
        let key = try #require(vector.key)
        for index in stride(from: 0, to: vector.signed.count, by: 7) {
            var signed = vector.signed
            signed[index] ^= 1
            #expect(!key.verify(signature: vector.signature, over: signed))
        }
        for index in stride(from: 0, to: vector.signature.count, by: 5) {
            var signature = vector.signature
            signature[index] ^= 0x10
            #expect(!key.verify(signature: signature, over: vector.signed))
        }
    }

    @Test(arguments: Vector.allCases)
    private func refusesSignaturesOfAnotherLength(_ vector: Vector) throws {
        let key = try #require(vector.key)
        let signature = vector.signature
        let wrong: [[UInt8]] = [
            [], [0], Array(signature.dropLast()), signature + [0], [0] + signature,
            Array(signature[..<(signature.count / 2)]), [0] + signature.dropLast(),
        ]
        for signature in wrong {
            #expect(!key.verify(signature: signature, over: vector.signed))
        }
        #expect(!key.verify(signature: [UInt8](repeating: 0, count: 64), over: vector.signed))
    }

    @Test
    func refusesTheDERFormOfASignature() throws {
        let key = try #require(Vector.curve.key)
        let raw = Vector.curve.signature
        let der: [UInt8] =
            [0x30, 0x45, 0x02, 0x20] + raw[..<32] + [0x02, 0x21, 0x00] + raw[32...]
        #expect(!key.verify(signature: der, over: Vector.curve.signed))
    }

    @Test(arguments: Vector.allCases)
    private func refusesTheOthersKeys(_ vector: Vector) throws {
        for other in Vector.allCases where other != vector {
            let key = try #require(other.key)
            #expect(!key.verify(signature: vector.signature, over: vector.signed))
        }
    }

    @Test
    func refusesWeakAndMalformedKeysOfRSA() {
        let modulus = bytes(Vector.modulus)
        #expect(TokenKey(modulus: modulus, exponent: [1, 0, 1]) != nil)
        #expect(TokenKey(modulus: [0] + modulus, exponent: [0, 1, 0, 1]) != nil)
        for exponent in [[], [0], [1], [2], [1, 0, 0], [1, 0, 0, 0, 1]] as [[UInt8]] {
            #expect(TokenKey(modulus: modulus, exponent: exponent) == nil, "\(exponent)")
        }
        let short = bytes(smallModulus)
        #expect(short.count == 255)
        for modulus in [[], [0], [7], short, [UInt8](repeating: 0xFF, count: 1025)] as [[UInt8]] {
            #expect(TokenKey(modulus: modulus, exponent: [1, 0, 1]) == nil)
        }
    }

    @Test
    func refusesPointsBesideTheCurve() {
        let (x, y) = (bytes(Vector.x), bytes(Vector.y))
        #expect(TokenKey(x: x, y: y) != nil)
        #expect(TokenKey(x: y, y: x) == nil)
        #expect(TokenKey(x: [0] + x, y: y) == nil)
        #expect(TokenKey(x: Array(x.dropLast()), y: y) == nil)
        #expect(TokenKey(x: [], y: []) == nil)
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(TokenKey(x: zero, y: zero) == nil)
        #expect(TokenKey(ed25519: [1, 2, 3]) == nil)
    }

    @Test(arguments: ["none", "HS256", "HS512", "RS384", "PS256", "ES384", "rs256", ""])
    func knowsNoOtherAlgorithm(_ name: String) {
        #expect(TokenAlgorithm(rawValue: name) == nil)
    }

    /// 2040 bits: one byte too few.
    private let smallModulus = """
        qMZfm8RXWmZZ5fBfmB-9grjwdozs8P7gruGapkFWa2uDmu3ObrpXGRqP9mdg2YFBARluyf8wM_JgohU_\
        ADeXjC8c6Ca8yQJKaQvw1bVcpyk6a3C8h7DrizdbGEEemDzdHWtYp6LjFLyBni1dkr4yMaqlrbWe8-1R\
        f_tWFxXC9m_FpX1qGAnDCil3Ta2ERr72HS4gGOezr6z_6pYUBH7N-Tuqt-pgpXNISZGgQZbmFAv2QDTi\
        7bZmQi2Ut9y4YY42Ofb2D7RtN5prB8nQsDORFNooVOQODMDqwgdnezMf3QFct1fKS-h8GGJvLyuJZwtD\
        zlJHUOqjF18oxCK0BD33
        """
}

struct Base64URLTests {
    @Test(
        arguments: [
            ("", []), ("Zg", [0x66]), ("Zm8", [0x66, 0x6F]), ("Zm9v", [0x66, 0x6F, 0x6F]),
            ("Zm9vYg", Array("foob".utf8)), ("Zm9vYmE", Array("fooba".utf8)),
            ("-_-_", [0xFB, 0xFF, 0xBF]),
        ] as [(String, [UInt8])]
    )
    func writesAndReads(_ text: String, _ bytes: [UInt8]) {
        #expect(Base64URL.text(bytes) == text)
        #expect(Base64URL.bytes(text) == bytes)
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg==", "Zh", "Zm9", "+/+/", "Zm 9v", "Zm9v\n", "ä", "Zm8="])
    func refusesWhatItWouldNotWrite(_ text: String) {
        #expect(Base64URL.bytes(text) == nil)
    }

    @Test
    func everyByteComesBack() {
        for count in 0...64 {
            let bytes = secureRandom(count)
            #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
        }
    }
}
