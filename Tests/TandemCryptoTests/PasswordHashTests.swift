import TandemCrypto
import TandemModel
import Testing

@Suite struct PasswordHashTests {
    @Test func theFullCostFitsIntoTheMemoryThatIsAllowed() throws {
        let hash = try PasswordHash(of: "correct horse battery staple")
        #expect(hash.description.hasPrefix("scrypt$131072$8$1$"))
        #expect(try hash.matches("correct horse battery staple"))
        #expect(try !hash.matches("correct horse battery stapler"))
    }

    @Test func theTextBringsTheSameBack() throws {
        let hash = try PasswordHash(of: "pässwörd of mine", .cheap)
        let read = try #require(PasswordHash(hash.description))
        #expect(read == hash)
        #expect(try read.matches("pässwörd of mine"))
        #expect(read.isMade(with: .cheap))
        #expect(!read.isMade(with: .current))
    }

    @Test func twoOfOnePasswordDiffer() throws {
        #expect(try PasswordHash(of: "same", .cheap) != PasswordHash(of: "same", .cheap))
    }

    /// RFC 7914, section 12: the third vector, cut to the 32 bytes that are kept here.
    @Test func itIsTheScryptOfTheStandard() throws {
        let text =
            "scrypt$16384$8$1$536f6469756d43686c6f72696465$"
            + "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        #expect(try #require(PasswordHash(text)).matches("pleaseletmein"))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$16$8$1$00", "scrypt$16$8$1$0$00", "scrypt$16$8$1$$",
        "bcrypt$16$8$1$00$" + String(repeating: "0", count: 64),
        "scrypt$1048576$8$1$00$" + String(repeating: "0", count: 64),
        "scrypt$16$8$1$0g$" + String(repeating: "0", count: 64),
        "scrypt$16$8$1$00$" + String(repeating: "0", count: 62),
    ])
    func anythingElseIsNoHash(_ text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test func comparingLooksAtLengthAndBytes() {
        #expect(areSame("abc", "abc"))
        #expect(!areSame("abc", "abd"))
        #expect(!areSame("abc", "ab"))
        #expect(areSame("", ""))
    }

    @Test func hexadecimalComesBack() {
        let every = Array(UInt8.min...UInt8.max)
        #expect(bytes(ofHexadecimal: hexadecimal(every)) == every)
        #expect(bytes(ofHexadecimal: "0") == nil)
        #expect(bytes(ofHexadecimal: "0x") == nil)
    }

    @Test func secretsAreLongAndNeverTheSame() {
        #expect(newSecret().count == 64)
        #expect(newSecret() != newSecret())
    }
}
