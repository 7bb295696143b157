import Foundation
import Testing

/// The local command for accounts, as root of the controller's machine uses it.
@Suite struct PeopleCommandTests {
    @Test func theFirstAdministratorIsMadeBeforeTheFirstStart() async throws {
        let rig = try ServerRig()
        let made = try await rig.people("add", "olivia", "--role", "administrator")
        #expect(made.exit == 0, "\(made.error)")
        let again = try await rig.people("add", "Olivia", "--role", "viewer")
        #expect(again.exit == 1)
        #expect(again.error.contains("TDM-7005"))
        let list = try await rig.people("list")
        #expect(list.output == "olivia administrator active\n")
    }

    @Test func passwordsComeFromAFileAndMustBeGood() async throws {
        let rig = try ServerRig()
        try rig.write("short", Array("too short\n".utf8))
        try rig.write("good", Array("four words nobody guesses\nnot this\n".utf8))
        let short = try await rig.people(
            "add",
            "bob",
            "--role",
            "viewer",
            "--password-file",
            rig.path("short")
        )
        #expect(short.exit == 1)
        #expect(short.error.contains("fewer than 15 characters"))
        let none = try await rig.people(
            "add",
            "bob",
            "--role",
            "viewer",
            "--password-file",
            rig.path("none")
        )
        #expect(none.error.contains("TDM-1002"))
        #expect(try await rig.people("list").output.isEmpty, "nothing is half done")
        let good = try await rig.people(
            "add",
            "bob",
            "--role",
            "viewer",
            "--password-file",
            rig.path("good")
        )
        #expect(good.output == "added bob\n", "\(good.error)")
        let made = try await rig.people("set-password", "bob", "--generate-password")
        #expect(made.output.contains(/^password: [a-z2-9]{4}(-[a-z2-9]{4}){4}\n$/))
        let neither = try await rig.people("set-password", "bob")
        #expect(neither.exit == 2)
    }

    @Test func accountsAreChangedAndShown() async throws {
        let rig = try ServerRig()
        _ = try await rig.people("add", "sam", "--role", "viewer")
        _ = try await rig.people("set-roles", "sam", "--role", "operator", "--role", "approver")
        _ = try await rig.people("lock", "sam", "--reason", "left")
        #expect(try await rig.people("list").output == "sam approver,operator locked\n")
        let once = try await rig.people("one-time-sign-in", "sam")
        #expect(once.exit == 1, "a locked person gets none")
        _ = try await rig.people("unlock", "sam")
        let path = try await rig.people("one-time-sign-in", "sam").output
        #expect(path.contains(/^\/sign-in\/once\?code=[0-9a-f]{64}\n$/))
        #expect(try await rig.people("reset-second-factor", "sam").exit == 0)
        let nobody = try await rig.people("unlock", "nobody")
        #expect(nobody.error.contains("TDM-5001"))
    }

    @Test func aRoleThatIsNoneIsWrongUsage() async throws {
        let rig = try ServerRig()
        #expect(try await rig.people("add", "sam", "--role", "boss").exit == 2)
        #expect(try await rig.people("add", "sam").exit == 2)
    }
}
