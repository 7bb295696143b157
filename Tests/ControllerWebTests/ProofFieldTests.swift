import ControllerAPI
import Foundation
import TandemModel
import Testing

@testable import ControllerWeb

/// What a page asks for, so that its person proves anew who that is.
struct ProofFieldTests {
    private func field(
        _ kind: OwedProof.Kind?,
        for permission: Permission = .operate,
        provider: String? = nil
    ) throws -> String {
        var person = Sample.ada
        person.owes = kind.map { OwedProof($0, minutes: 15) }
        let proof = Shown.proof(person, for: permission, provider: provider)
        return try PageRenderer.shared.get().text("proof", ["proof": proof])
    }

    @Test func asksForWhatThePersonHas() throws {
        #expect(try field(.password).contains("type=\"password\" id=\"proof\" name=\"proof\""))
        #expect(try field(.code).contains("autocomplete=\"one-time-code\""))
        #expect(try field(.signIn).contains("one-time sign-in"))
        #expect(try field(.password).contains("more than 15 minutes ago"))
        let anew = try field(.signIn, provider: "id.example")
        #expect(anew.contains("href=\"/sign-in/provider?fresh=yes\"") && !anew.contains("<input"))
        #expect(!anew.contains("one-time"))
    }

    @Test(arguments: Permission.allCases)
    func asksOnlyWhereServiceIsMoved(_ permission: Permission) throws {
        let asks = try field(.password, for: permission).contains("<input")
        #expect(asks == [.operate, .approve].contains(permission))
        #expect(
            try field(nil, for: permission).trimmingCharacters(in: .whitespacesAndNewlines) == ""
        )
    }

    /// A part that is not registered would be left out without a word.
    @Test func everyPartOfATemplateIsThere() {
        for (name, bytes) in EmbeddedFiles.templates {
            let text = String(decoding: bytes, as: UTF8.self)
            for part in text.matches(of: /\{\{> ?([a-z-]+)\}\}/) {
                #expect(EmbeddedFiles.templates[String(part.1)] != nil, "\(name): \(part.1)")
            }
        }
    }
}
