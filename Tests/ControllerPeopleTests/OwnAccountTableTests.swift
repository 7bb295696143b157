import ControllerAPI
import ControllerPeople
import TandemModel
import Testing

@Suite struct OwnAccountTableTests {
    private let ada = PersonName("ada")

    // MARK: - Tokens

    private func token(
        _ rig: inout BookRig,
        scope: Set<Role> = [.operator],
        days: Int = 10,
        label: String = "backup"
    ) throws -> APIToken {
        let digest = rig.newDigest()
        return try rig.book.addToken(
            digest,
            id: digest.short,
            of: ada,
            label: label,
            scope: scope,
            days: days,
            at: rig.now
        )
    }

    @Test func aTokenGivesWhatItsScopeAndItsOwnerHaveInCommonNow() throws {
        var rig = try BookRig(["ann": [.administrator], "ada": [.operator, .auditor]])
        let made = try token(&rig, scope: [.operator, .auditor])
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [.operator, .auditor])
        _ = try rig.setRoles("ada", [.auditor, .viewer], by: "ann")
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [.auditor])
        _ = try rig.setRoles("ada", [.viewer], by: "ann")
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [])
        #expect(made.roles(of: nil, at: rig.now) == [])
    }

    @Test func aTokenOfALockedPersonGivesNothing() throws {
        var rig = try BookRig(["ada": [.operator]])
        let made = try token(&rig)
        try rig.book.lock(ada, reason: "", by: .local, at: rig.now)
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [])
    }

    @Test func aTokenEnds() throws {
        var rig = try BookRig(["ada": [.operator]])
        let made = try token(&rig, days: 1)
        rig.pass(seconds: 86_399)
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [.operator])
        rig.pass(seconds: 1)
        #expect(made.roles(of: rig.book.accounts[ada], at: rig.now) == [])
    }

    @Test(
        arguments: [
            ([], 10, "x"), ([.auditor], 10, "x"), ([.operator, .administrator], 10, "x"),
            ([.operator], 0, "x"), ([.operator], -1, "x"), ([.operator], 366, "x"),
            ([.operator], 10, ""), ([.operator], 10, String(repeating: "x", count: 81)),
        ] as [(Set<Role>, Int, String)]
    )
    func someTokensAreRefused(_ scope: Set<Role>, _ days: Int, _ label: String) throws {
        var rig = try BookRig(["ada": [.operator]])
        #expect(throws: TandemError.self) {
            try token(&rig, scope: scope, days: days, label: label)
        }
        #expect(rig.book.tokens.isEmpty)
    }

    @Test func thereAreTwentyAtMostAndEndedOnesMakePlace() throws {
        var rig = try BookRig(["ada": [.operator]])
        for _ in 0..<20 { _ = try token(&rig, days: 1) }
        #expect(throws: TandemError.self) { try token(&rig) }
        rig.pass(seconds: 86_400)
        _ = try token(&rig)
        #expect(rig.book.tokens.count == 1)
    }

    @Test func onlyTheOwnersTokenIsRevoked() throws {
        var rig = try BookRig(["ada": [.operator], "bob": [.operator]])
        let made = try token(&rig)
        #expect(throws: TandemError.self) {
            try rig.book.revokeToken(
                made.id,
                of: PersonName("bob"),
                by: .person(PersonName("bob")),
                at: rig.now
            )
        }
        try rig.book.revokeToken(made.id, of: ada, by: .person(ada), at: rig.now)
        #expect(rig.book.tokens.isEmpty)
    }

    // MARK: - Second factor

    /// Codes that say their step; the key plays no part.
    private func code(_ key: [UInt8], _ step: UInt64) -> String { "\(step)" }

    @Test(
        arguments: [
            (100, 99, 99 as UInt64?), (100, 100, 100), (100, 101, 101), (100, 98, nil),
            (100, 102, nil),
            (0, 0, nil), (0, 1, 1),
        ] as [(UInt64, UInt64, UInt64?)]
    )
    func aCodeCountsOneStepEarlyOrLate(_ now: UInt64, _ said: UInt64, _ step: UInt64?) {
        #expect(SecondFactor.step(of: "\(said)", now: now, after: 0) { "\($0)" } == step)
    }

    @Test func aCodeCountsOnceAndNoneBeforeIt() {
        func step(_ said: UInt64, after last: UInt64) -> UInt64? {
            SecondFactor.step(of: "\(said)", now: 100, after: last) { "\($0)" }
        }
        #expect(step(100, after: 99) == 100)
        #expect(step(100, after: 100) == nil)
        #expect(step(99, after: 100) == nil)
        #expect(step(101, after: 100) == 101)
    }

    private func withFactor() throws -> BookRig {
        var rig = try BookRig(["ada": [.operator]])
        try rig.book.offerSecondFactor([1], to: ada)
        let isOn = try rig.book.confirmSecondFactor(
            ada,
            code: "50",
            step: 50,
            codeOf: code,
            at: rig.now
        )
        #expect(isOn)
        return rig
    }

    @Test func aFactorIsOnOnceItsFirstCodeWasRight() throws {
        var rig = try BookRig(["ada": [.operator]])
        #expect(throws: TandemError.self, "none was offered") {
            try rig.book.confirmSecondFactor(
                ada,
                code: "50",
                step: 50,
                codeOf: code,
                at: rig.now
            )
        }
        try rig.book.offerSecondFactor([1], to: ada)
        let isOn = try rig.book.confirmSecondFactor(
            ada,
            code: "7",
            step: 50,
            codeOf: code,
            at: rig.now
        )
        #expect(!isOn)
        #expect(try rig.book.account(ada).secondFactor == nil)
        rig = try withFactor()
        #expect(try rig.book.account(ada).secondFactor == SecondFactor(key: [1], lastStep: 50))
        #expect(throws: TandemError.self, "there is one already") {
            try rig.book.offerSecondFactor([2], to: ada)
        }
    }

    @Test func thePasswordAloneOpensHalfASession() throws {
        var rig = try withFactor()
        let (half, whole) = (rig.newDigest(), rig.newDigest())
        let account = try rig.book.account(ada)
        #expect(rig.book.open(half, for: account, from: rig.origin, at: rig.now) == .half)
        #expect(rig.book.sessions[half]?.isHalf == true)
        func complete(_ said: String, _ step: UInt64) -> Bool {
            rig.book.complete(
                half,
                as: whole,
                code: said,
                step: step,
                codeOf: code,
                from: rig.origin,
                at: rig.now
            )
        }
        #expect(!complete("50", 50), "that code was used to turn it on")
        #expect(!complete("1", 51))
        #expect(rig.book.sessions[whole] == nil)
        #expect(complete("51", 51))
        #expect(rig.book.sessions[half] == nil)
        #expect(rig.book.sessions[whole]?.isHalf == false)
        #expect(!complete("52", 52), "the half session is used up")
    }

    @Test func halfASessionEndsSoon() throws {
        var rig = try withFactor()
        let half = rig.newDigest()
        let account = try rig.book.account(ada)
        _ = rig.book.open(half, for: account, from: rig.origin, at: rig.now)
        rig.pass(seconds: 300)
        let whole = rig.newDigest()
        let isOpen = rig.book.complete(
            half,
            as: whole,
            code: "60",
            step: 60,
            codeOf: code,
            from: rig.origin,
            at: rig.now
        )
        #expect(!isOpen)
    }

    @Test func aNewHashOfTheSamePasswordEndsNothing() throws {
        var rig = try BookRig(["ada": [.operator]])
        let session = try rig.signIn("ada")
        let account = try rig.book.account(ada)
        rig.book.rehash(account, "stronger")
        #expect(try rig.book.account(ada).passwordHash == "stronger")
        #expect(rig.book.sessions[session] != nil)
        rig.book.rehash(account, "late")
        #expect(try rig.book.account(ada).passwordHash == "stronger")
    }
}

@Suite struct PasswordPolicyTableTests {
    @Test(arguments: [
        "correct horse battery", "k7fq-x2mn-p9rt-w4yz", "fünfzehn Zeichen!",
        "ada likes green apples",
    ])
    func goodOnesPass(_ password: String) {
        #expect(PasswordPolicy.objection(to: password, of: PersonName("ada")) == nil)
    }

    @Test(arguments: [
        "", "short", "fourteen chars", String(repeating: "a", count: 40), "abababababababab",
        "PasswordPassword", "passwordpassword123!", "correct horse battery staple",
        "qwertyuiopasdfgh", "123456789012345", "olivia.operator", "Olivia.Operator",
        "olivia.operatorolivia.operator", "olivia.operator1",
        String(repeating: "long enough ", count: 60),
    ])
    func badOnesAreTold(_ password: String) {
        let objection = PasswordPolicy.objection(to: password, of: PersonName("olivia.operator"))
        #expect(objection?.code == .accountRefused, "\(password)")
    }
}
