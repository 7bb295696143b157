import TandemImage
import Testing

struct ImageMemberTableTests {
    @Test(arguments: ["../x", "a/b", "/x", "a*", "a b", "-x", "", ".", "..", "a\\b", "a\nb", "[a]"])
    func `only plain names become paths`(name: String) {
        #expect(!ImageMember.isFileName(name))
    }

    @Test func `plain names are the ones that packages have`() {
        for name in ["app_1.0-1_amd64.deb", "lib+x_1%3a2.0~rc1_all.deb", "_x", "0"] {
            #expect(ImageMember.isFileName(name))
        }
        #expect(!ImageMember.isFileName(String(repeating: "a", count: 201)))
    }
}
