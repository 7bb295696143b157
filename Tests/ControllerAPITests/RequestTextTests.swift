import ControllerAPI
import Testing

/// What a request says in its head and in a form is read in one way only.
struct RequestTextTests {
    @Test(
        arguments: [
            ("", [:]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a=1&&b=", ["a": "1", "b": ""]),
            ("a", ["a": ""]), ("a=b=c", ["a": "b=c"]), ("a=+%2B%c3%A9", ["a": " +\u{e9}"]),
        ] as [(String, [String: String])]
    )
    func formsAreRead(_ body: String, _ fields: [String: String]) {
        #expect(FormFields(body)?.values == fields)
    }

    @Test(arguments: ["a=1&a=2", "a=%", "a=%4", "a=%zz", "%=", "a=%ff", "a=1&%61=2", "a=%C3%"])
    func malformedFormsAreNot(_ body: String) {
        #expect(FormFields(body) == nil)
    }

    @Test(
        arguments: [
            ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER a.b-c", "a.b-c"),
            ("Bearer", nil),
            ("Bearer ", nil), ("Bearer  abc", nil), ("Bearer a b", nil), ("Basic abc", nil),
            ("Bearer a\u{e9}", nil), ("", nil), (" Bearer abc", nil),
        ] as [(String, String?)]
    )
    func bearerTokens(_ authorization: String, _ token: String?) {
        #expect(Credentials.bearerToken(of: authorization) == token)
    }

    @Test(
        arguments: [
            (["s=1"], ["1"]), (["a=0; s=1;b=2"], ["1"]), (["a=0", "s=1"], ["1"]),
            (["s=1; s=2"], ["1", "2"]), (["s=1", "s=1"], ["1", "1"]), (["xs=1; sx=2; S=3"], []),
            (["s = 1"], []), (["s"], []), (["s="], [""]), (["s=a b"], [""]), ([], []),
            (["a=s=1"], []),
        ] as [([String], [String])]
    )
    func cookies(_ headers: [String], _ values: [String]) {
        #expect(Credentials.cookies("s", in: headers) == values)
    }

    @Test(arguments: ["+1", "01", "-1", " 1", "1 ", "1.0", "0x1", "", "18446744073709551616"])
    func numbersHaveOneForm(_ text: String) {
        #expect(UInt64(plain: text) == nil)
    }
}
