import TandemCrypto
import TandemModel
import Testing

@testable import ControllerOIDC

private func later(_ milliseconds: UInt64) -> WallTime {
    WallTime(milliseconds: Sample.now.milliseconds + milliseconds)
}

private func digest(_ text: String) -> Digest { sha256(Array(text.utf8)) }

struct PendingSignInTableTests {
    @Test
    func oneWayBackForEachState() throws {
        var pending = PendingSignIns()
        try pending.add(Sample.signIn(), state: "s")
        let taken = try pending.take(state: "s", browser: digest("cookie"), at: later(599_999))
        #expect(taken == Sample.signIn())
        let said = refusal { () throws(ProviderRefusal) in
            _ = try pending.take(state: "s", browser: digest("cookie"), at: later(599_999))
        }
        #expect(said.contains("too late, twice"))
    }

    @Test(
        arguments: [
            ("t", "cookie", 0, "without a sign-in that began here"),
            ("", "cookie", 0, "without a sign-in that began here"),
            ("s", "cookie", 600_000, "too late"),
            ("s", "other", 0, "another browser"),
            ("s", "", 0, "another browser"),
        ] as [(String, String, UInt64, String)]
    )
    func refuses(_ state: String, _ browser: String, _ wait: UInt64, _ why: String) throws {
        var pending = PendingSignIns()
        try pending.add(Sample.signIn(), state: "s")
        let said = refusal { () throws(ProviderRefusal) in
            _ = try pending.take(state: state, browser: digest(browser), at: later(wait))
        }
        #expect(said.contains(why), "\(said)")
        #expect(pending.count == (state == "s" ? 0 : 1))
    }

    @Test
    func aClockSetBackEndsThem() throws {
        var pending = PendingSignIns()
        try pending.add(Sample.signIn(), state: "s")
        let early = WallTime(milliseconds: Sample.now.milliseconds - 1)
        let said = refusal { () throws(ProviderRefusal) in
            _ = try pending.take(state: "s", browser: digest("cookie"), at: early)
        }
        #expect(said.contains("too late"))
    }

    @Test
    func oneAddressFillsOnlyItsPart() throws {
        var pending = PendingSignIns()
        for index in 0..<51 {
            try pending.add(
                Sample.signIn(from: "one", at: later(UInt64(index))),
                state: "one-\(index)"
            )
        }
        #expect(pending.count == PendingSignIns.countPerSourceMax)
        let said = refusal { () throws(ProviderRefusal) in
            _ = try pending.take(state: "one-0", browser: digest("cookie"), at: later(60))
        }
        #expect(said.contains("too late"))
        _ = try pending.take(state: "one-1", browser: digest("cookie"), at: later(60))
    }

    @Test
    func aFullTableRefusesUntilTimesAreOver() throws {
        var pending = PendingSignIns()
        for index in 0..<PendingSignIns.countMax {
            try pending.add(Sample.signIn(from: "\(index)"), state: "\(index)")
        }
        let error = #expect(throws: TandemError.self) {
            try pending.add(Sample.signIn(from: "last", at: later(599_999)), state: "last")
        }
        #expect(error?.code == .tooManyAttempts)
        try pending.add(Sample.signIn(from: "last", at: later(600_000)), state: "last")
        #expect(pending.count == 1)
    }
}

struct KeptDocumentsTableTests {
    @Test
    func keepsForAnHourAndRefreshesOnceAMinute() throws {
        var kept = KeptDocuments()
        #expect(kept.document(at: Sample.now) == nil)
        #expect(kept.keys(at: Sample.now) == nil)
        #expect(kept.mayRefreshKeys(at: Sample.now))
        let document = try ProviderDocument(JSONValue.bytes(Sample.document), for: Sample.settings)
        kept.keep(document, at: Sample.now)
        kept.keep(try KeySet(JSONValue.bytes(["keys": .array([])])), at: Sample.now)
        #expect(kept.document(at: later(3_599_999)) == document)
        #expect(kept.document(at: later(3_600_000)) == nil)
        #expect(kept.keys(at: later(3_599_999)) != nil)
        #expect(kept.keys(at: later(3_600_000)) == nil)
        #expect(!kept.mayRefreshKeys(at: later(59_999)))
        #expect(kept.mayRefreshKeys(at: later(60_000)))
        let early = WallTime(milliseconds: Sample.now.milliseconds - 1)
        #expect(kept.keys(at: early) == nil)
    }
}
