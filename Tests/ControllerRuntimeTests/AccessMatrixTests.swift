import ControllerAPI
@testable import ControllerWeb
import Foundation
import Hummingbird
import TandemCrypto
import TandemModel
import Testing

/// Every route x every role x every way to come: made from the inventory of routes, so that a new
/// route is covered by being there.
@Suite(.timeLimit(.minutes(2))) struct AccessMatrixTests {
    private func permission(_ entry: RouteInventory.Entry) -> Permission? {
        switch entry.policy {
        case .allowed(let permission), .page(let permission): permission
        case .open: nil
        }
    }

    private func guarded(_ rig: AccessRig) -> [(RouteInventory.Entry, Permission)] {
        rig.entries.compactMap { entry in permission(entry).map { (entry, $0) } }
    }

    private func changes(_ entry: RouteInventory.Entry) -> Bool {
        ![.get, .head, .options].contains(entry.method)
    }

    private func named(_ entry: RouteInventory.Entry) -> Comment {
        "\(entry.method.rawValue) \(entry.path)"
    }

    /// What someone gets whom nothing proves (any more): a browser the page to sign in, a program 401.
    private func expectSignIn(
        _ answer: AccessRig.Answer,
        _ entry: RouteInventory.Entry,
        isProgram: Bool = false
    ) {
        if case .page = entry.policy, entry.method == .get || !isProgram {
            #expect(answer.leadsToSignIn, "\(named(entry)): \(answer)")
        } else {
            #expect(answer.status == 401, "\(named(entry)): \(answer)")
            #expect(answer.code == ErrorCode.signInNeeded.id, "\(named(entry)): \(answer)")
        }
    }

    @Test func thereAreRoutesOfEachKind() async throws {
        let rig = try await AccessRig()
        #expect(rig.entries.count > 40)
        #expect(Set(guarded(rig).map(\.1)).count > 8)
        let pairs = rig.entries.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(pairs).count == pairs.count, "a route is there twice")
    }

    @Test func nobodyGetsNothing() async throws {
        let rig = try await AccessRig()
        for (entry, _) in guarded(rig) {
            expectSignIn(try await rig.send(entry, as: .nothing), entry)
            expectSignIn(try await rig.send(entry, as: .session("made up")), entry)
            let program = try await rig.send(entry, as: .token("made up"))
            expectSignIn(program, entry, isProgram: true)
        }
    }

    @Test func openRoutesAskNobodyToSignIn() async throws {
        let rig = try await AccessRig()
        for entry in rig.entries where permission(entry) == nil {
            // The second half of a sign-in asks for the first one.
            guard entry.path != "/sign-in/code" else { continue }
            let answer = try await rig.send(entry, as: .nothing)
            #expect(answer.code != ErrorCode.signInNeeded.id, "\(named(entry)): \(answer)")
        }
    }

    @Test(arguments: Role.allCases)
    func aRoleGetsWhatTheTableSays(_ role: Role) async throws {
        let rig = try await AccessRig()
        for (entry, permission) in guarded(rig) {
            // One each: a route may end the session it comes with.
            let secret = try await rig.session(of: role.rawValue)
            let answer = try await rig.send(entry, as: .session(secret))
            if permission.roles.contains(role) {
                #expect(answer.isPassed, "\(named(entry)): \(answer)")
            } else {
                #expect(answer.status == 403, "\(named(entry)): \(answer)")
                #expect(answer.code == ErrorCode.forbidden.id, "\(named(entry)): \(answer)")
            }
        }
    }

    @Test(arguments: Role.allCases)
    func certificatesAndTokensGetTheSame(_ role: Role) async throws {
        let rig = try await AccessRig()
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 1)
        let issued = try people.issue(.operator(role.rawValue), validityDays: 1)
        let certificate = try PeerIdentity(certificate: issued.source)
        for (entry, permission) in guarded(rig) {
            let has = permission.roles.contains(role)
            let one = try await rig.send(entry, as: .certificate(certificate))
            #expect(one.isPassed == has, "\(named(entry)): \(one)")
            guard !isForTheOwnerOnly(entry) else { continue }
            let token = try await rig.token(of: role.rawValue)
            let other = try await rig.send(entry, as: .token(token))
            #expect(other.isPassed == has, "\(named(entry)): \(other)")
            try await rig.forgetTokens()
        }
    }

    @Test func anEndedSessionIsNone() async throws {
        let rig = try await AccessRig()
        let (idle, old) = (UInt64(15 * 60_000), UInt64(8 * 3_600_000))
        for (entry, permission) in guarded(rig) {
            let role = try #require(permission.roles.first)
            for age in [idle, old] {
                let secret = try await rig.session(of: role.rawValue, age: age)
                expectSignIn(try await rig.send(entry, as: .session(secret)), entry)
            }
        }
    }

    @Test func aLockedPersonIsOutAtOnce() async throws {
        let rig = try await AccessRig()
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 1)
        let issued = try people.issue(.operator("locked"), validityDays: 1)
        let certificate = try PeerIdentity(certificate: issued.source)
        let secret = try await rig.session(of: "locked")
        let token = try await rig.token(of: "locked")
        let network = try #require(rig.entries.first { $0.path == APIPath.network })
        #expect(try await rig.send(network, as: .session(secret)).isPassed)
        #expect(try await rig.send(network, as: .token(token)).isPassed)
        #expect(try await rig.send(network, as: .certificate(certificate)).isPassed)
        try await rig.lock("locked")
        for (entry, _) in guarded(rig) {
            expectSignIn(try await rig.send(entry, as: .session(secret)), entry)
            let program = try await rig.send(entry, as: .token(token))
            expectSignIn(program, entry, isProgram: true)
            let answer = try await rig.send(entry, as: .certificate(certificate))
            #expect(answer.status == 403, "\(named(entry)): \(answer)")
        }
    }

    @Test func aStrangersCertificateIsForbidden() async throws {
        let rig = try await AccessRig()
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 1)
        let issued = try people.issue(.operator("stranger"), validityDays: 1)
        let certificate = try PeerIdentity(certificate: issued.source)
        for (entry, _) in guarded(rig) {
            let answer = try await rig.send(entry, as: .certificate(certificate))
            #expect(answer.status == 403, "\(named(entry)): \(answer)")
            #expect(answer.code == ErrorCode.forbidden.id, "\(named(entry)): \(answer)")
        }
    }

    @Test func anotherSiteChangesNothing() async throws {
        let rig = try await AccessRig()
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 1)
        for (entry, permission) in guarded(rig) where changes(entry) {
            let role = try #require(permission.roles.first)
            let secret = try await rig.session(of: role.rawValue)
            let issued = try people.issue(.operator(role.rawValue), validityDays: 1)
            let certificate = try PeerIdentity(certificate: issued.source)
            for proof in [AccessRig.Proof.session(secret), .certificate(certificate)] {
                let answer = try await rig.send(entry, as: proof, .fromOtherSite)
                #expect(answer.status == 403, "\(named(entry)): \(answer)")
                #expect(answer.code == ErrorCode.crossSiteRefused.id, "\(named(entry)): \(answer)")
            }
        }
        for entry in rig.entries where permission(entry) == nil && changes(entry) {
            let answer = try await rig.send(entry, as: .nothing, .fromOtherSite)
            #expect(answer.code == ErrorCode.crossSiteRefused.id, "\(named(entry)): \(answer)")
        }
    }

    @Test func aSessionWithoutThePagesTokenChangesNothing() async throws {
        let rig = try await AccessRig()
        for (entry, permission) in guarded(rig) where changes(entry) {
            let role = try #require(permission.roles.first)
            let secret = try await rig.session(of: role.rawValue)
            let answer = try await rig.send(entry, as: .session(secret), .withoutFormToken)
            #expect(answer.status == 403, "\(named(entry)): \(answer)")
            #expect(answer.code == ErrorCode.crossSiteRefused.id, "\(named(entry)): \(answer)")
        }
    }

    @Test func theAPITakesNoForms() async throws {
        let rig = try await AccessRig()
        for (entry, permission) in guarded(rig) where changes(entry) {
            guard case .allowed = entry.policy else { continue }
            let role = try #require(permission.roles.first)
            let answer = try await rig.send(
                entry.method,
                AccessRig.path(entry.path),
                "",
                isForm: true,
                as: .session(try await rig.session(of: role.rawValue)),
                .withoutFormToken
            )
            #expect(answer.code == ErrorCode.crossSiteRefused.id, "\(named(entry)): \(answer)")
        }
    }

    /// What no token may do for its owner.
    private func isForTheOwnerOnly(_ entry: RouteInventory.Entry) -> Bool {
        changes(entry)
            && (entry.path.hasPrefix("/account") || entry.path.hasPrefix("/api/v1/tokens"))
    }

    @Test func aTokenChangesNothingOfItsOwnersAccount() async throws {
        let rig = try await AccessRig()
        let token = try await rig.token(of: "viewer")
        let own = rig.entries.filter(isForTheOwnerOnly)
        #expect(own.count > 7)
        for entry in own {
            let answer = try await rig.send(entry, as: .token(token))
            #expect(answer.status == 403, "\(named(entry)): \(answer)")
            #expect(answer.code == ErrorCode.forbidden.id, "\(named(entry)): \(answer)")
        }
    }
}
