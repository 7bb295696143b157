@testable import TandemCrypto
import Testing

@Suite struct TOTPTests {
    /// RFC 6238, appendix B, the rows of SHA1; six of the eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"),
            (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(UInt64, String)]
    )
    func codesAreThoseOfTheStandard(_ seconds: UInt64, _ code: String) {
        let key = Array("12345678901234567890".utf8)
        #expect(TOTP.code(key: key, step: seconds / TOTP.stepSeconds) == code)
    }

    /// RFC 2202, test cases 1 and 2.
    @Test func theMACIsThatOfTheStandard() {
        let one = TOTP.hmacSHA1(key: [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8))
        #expect(hexadecimal(one) == "b617318655057264e28bc0b6fb378c8ef146be00")
        let two = TOTP.hmacSHA1(
            key: Array("Jefe".utf8),
            Array("what do ya want for nothing?".utf8)
        )
        #expect(hexadecimal(two) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    /// RFC 4648, section 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
    func keysAreWrittenInBase32(_ key: String, _ text: String) {
        #expect(TOTP.text(ofKey: Array(key.utf8)) == text)
    }

    @Test func keysAreNew() {
        #expect(TOTP.newKey().count == 20)
        #expect(TOTP.newKey() != TOTP.newKey())
    }
}
