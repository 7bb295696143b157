import TandemModel
import TandemSimulation
import Testing

@testable import TandemModelCheck

/// The exhaustive search: that it goes through what it says, the same each time, and that it sees.
struct SearchTests {
    /// Without faults: every button path in both directions ends, and each way back ends as it began.
    @Test
    func withoutFaults() async {
        let result = await Search.run(Bounds(faultCount: 0))
        #expect(result.violations.isEmpty, "\(result.violations.map(\.text))")
        #expect(result.isComplete && result.exitCode == 0)
        #expect(Set(["idle", "oo", "on", "no", "nn"]).isSubset(of: result.restCounts.keys))
        #expect(result.rollbackCount > 10)
        #expect(result.depth >= 5)
    }

    /// A planted bug is found, and the shortest way to it is told in an operator's words.
    @Test
    func aPlantedBugIsFound() async throws {
        var bounds = Bounds(faultCount: 0)
        bounds.hasRunawayMate = true
        let result = await Search.run(bounds)
        let found = try #require(result.violations.first)
        #expect(found.what == "safety 4: two are active")
        #expect(
            found.trail.lines == [
                "the cluster runs the old release on both servers",
                "press Start Upgrade at idle",
                "press Continue Upgrade (fe-2) at on",
            ]
        )
        #expect(result.exitCode == 1)
        #expect(result.text(bounds).contains("VIOLATION: safety 4"))
    }

    @Test
    func theSameCountsTwice() async {
        let bounds = Bounds(faultCount: 1, scope: .crashes, runLimit: 1)
        let first = await Search.run(bounds)
        let second = await Search.run(bounds)
        #expect(first.text(bounds) == second.text(bounds))
        #expect(first.strikeCount > 50)
        #expect(!first.isComplete && first.exitCode == 3)
    }

    /// A server that dies for good: people are asked what to do about it.
    @Test
    func aDeadServer() async {
        let bounds = Bounds(faultCount: 1, buttonLimit: 1, scope: .servers, runLimit: 60)
        let result = await Search.run(bounds)
        #expect(result.violations.isEmpty, "\(result.violations.map(\.text))")
        #expect(Set(["standby-silent", "active-silent"]).isSubset(of: result.restCounts.keys))
    }

    /// Beyond its time a search says how far it came, and claims nothing.
    @Test
    func aSearchOutOfTimeIsIncomplete() async {
        let bounds = Bounds(faultCount: 0, secondLimit: 0)
        let result = await Search.run(bounds)
        #expect(!result.isComplete && result.exitCode == 3)
        #expect(result.text(bounds).contains("INCOMPLETE: departures left: "))
    }

    @Test
    func argumentsAreRead() {
        let bounds = Bounds(arguments: ["--faults", "2", "--no-referee", "--scope", "crashes"])
        #expect(bounds?.faultCount == 2 && bounds?.hasReferee == false)
        #expect(bounds?.scope == .crashes && bounds?.isClose == false)
        let close = Bounds(arguments: ["--close", "--seconds", "9", "--scope", "brief"])
        #expect(close?.isClose == true && close?.secondLimit == 9 && close?.scope == .brief)
        for bad in [["--faults"], ["--faults", "-1"], ["--scope", "some"], ["--x"]] {
            #expect(Bounds(arguments: bad) == nil)
        }
    }
}
