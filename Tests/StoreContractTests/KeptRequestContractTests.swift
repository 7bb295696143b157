import ControllerStore
import TandemModel
import Testing

@Suite struct KeptRequestContractTests {
    private func request(_ key: String, _ person: String = "ada", at milliseconds: UInt64 = 1000)
        -> KeptRequest
    {
        KeptRequest(
            person: PersonName(person),
            key: key,
            digest: Digest(String(repeating: "ab", count: 32)) ?? .none,
            begunAt: WallTime(milliseconds: milliseconds)
        )
    }

    @Test(arguments: StoreRig.all)
    func aKeyBeginsOnceForEachPerson(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        let limits = KeptRequestLimits()
        #expect(try await store.begin(request("k"), limits: limits) == nil)
        #expect(try await store.begin(request("k", "bob"), limits: limits) == nil)
        #expect(try await again().begin(request("k"), limits: limits) == request("k"))
        let answer = KeptAnswer(status: 202, contentType: "application/json", body: [1, 0, 255])
        try await store.keep(answer, of: request("k"))
        let known = try await again().begin(request("k", at: 2000), limits: limits)
        #expect(known?.answer == answer && known?.begunAt.milliseconds == 1000)
        try await store.forget(request("k"))
        #expect(try await again().begin(request("k"), limits: limits) == nil)
        #expect(try await store.begin(request("k", "bob"), limits: limits) != nil)
    }

    @Test(arguments: StoreRig.all)
    func theOldestGo(_ rig: StoreRig) async throws {
        let (store, _) = try rig.make()
        var limits = KeptRequestLimits()
        (limits.personCount, limits.totalCount, limits.milliseconds) = (3, 5, 10_000)
        for number in 1...4 {
            #expect(try await store.begin(request("a\(number)"), limits: limits) == nil)
        }
        #expect(try await store.begin(request("a2"), limits: limits) != nil)
        #expect(try await store.begin(request("a1"), limits: limits) == nil, "a1 had to go")
        for number in 1...3 {
            let one = request("b\(number)", "bob")
            #expect(try await store.begin(one, limits: limits) == nil)
        }
        // Ada's a3 was the oldest of six.
        #expect(try await store.begin(request("a4"), limits: limits) != nil)
        #expect(try await store.begin(request("a1", at: 11_000), limits: limits) == nil, "expired")
    }
}
