@testable import ControllerCore
import TandemModel
import Testing

/// The maintenance window shuts the way forward, and never the way back (`safety.md` 24).
struct WindowTests {
    private static let minute: UInt64 = 60_000

    private func window(_ world: World, from: Int, to: Int) -> MaintenanceWindow {
        func at(_ minutes: Int) -> WallTime {
            let now = Int(world.wall.milliseconds)
            return WallTime(milliseconds: UInt64(now + minutes * Int(Self.minute)))
        }
        return MaintenanceWindow(startsAt: at(from), endsAt: at(to))
    }

    private func set(_ window: MaintenanceWindow?, in world: inout World) -> TandemError? {
        let input = ClusterInput.setWindow(window, person: Fixtures.alice, reason: "night 7")
        guard case .refused(let error)? = world.feed(input).answer else { return nil }
        return error
    }

    /// How long each thing took, minutes.
    private func measure(_ times: [(String, ReleaseID, UInt64)], in world: inout World) {
        var book = DurationBook()
        for (what, release, minutes) in times {
            let key = DurationKey(release: release.description, kind: "scef-fe", what: what)
            book.note(DurationSample(key: key, milliseconds: minutes * Self.minute))
        }
        world.feed(.durations(book))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var from: Int
        var to: Int
        /// Minutes that an upgrade and a back-out were measured to take; 0: not measured.
        var upgrade: UInt64 = 0
        var backOut: UInt64 = 0
        /// What the refusal says; empty where Start is possible.
        var why = ""

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "inside", from: -1, to: 60),
        Row(name: "not yet", from: 5, to: 60, why: "opens at"),
        Row(name: "fits", from: -1, to: 60, upgrade: 20, backOut: 20),
        Row(name: "the step does not fit", from: -1, to: 10, upgrade: 20, why: "ends in"),
        Row(
            name: "its way back does not fit",
            from: -1,
            to: 30,
            upgrade: 20,
            backOut: 20,
            why: "its way back 20:00"
        ),
        Row(
            name: "a way back never measured counts as the way there",
            from: -1,
            to: 30,
            upgrade: 20,
            why: "its way back 20:00"
        ),
    ]

    @Test(arguments: rows)
    func start(_ row: Row) {
        var world = World()
        var times: [(String, ReleaseID, UInt64)] = []
        if row.upgrade > 0 { times.append(("action upgrade", Fixtures.newRelease, row.upgrade)) }
        if row.backOut > 0 { times.append(("action backout", Fixtures.oldRelease, row.backOut)) }
        measure(times, in: &world)
        #expect(set(window(world, from: row.from, to: row.to), in: &world) == nil)
        let offer = world.offer(.startUpgrade)
        #expect(offer?.isEnabled == row.why.isEmpty)
        #expect(row.why.isEmpty || offer?.whyNot.contains(row.why) == true)
        let error = world.refusal(world.makePress(.startUpgrade))
        #expect((error == nil) == row.why.isEmpty)
    }

    /// The same clock that shuts the way forward leaves the way back open.
    @Test(arguments: [RollbackTests.Stop.on, .no, .nn])
    func theWayBackIsNeverShut(_ stop: RollbackTests.Stop) {
        var world = RollbackTests.world(at: stop)
        #expect(set(window(world, from: -10, to: 1), in: &world) == nil)
        world.seconds(90)
        let forward = world.status.buttons.filter(\.button.isForward)
        #expect(!forward.isEmpty)
        for offer in forward {
            #expect(!offer.isEnabled)
            #expect(offer.button == .resumeUpgrade || offer.whyNot.contains("has ended at"))
        }
        #expect(world.isEnabled(.startRollback))
        #expect(world.status.window?.isOpen == false)
        #expect(world.status.window?.leftMilliseconds == 0)
        #expect(set(nil, in: &world) == nil)
        #expect(world.status.window == nil)
    }

    @Test
    func theClockSaysWhatIsLeft() {
        var world = World()
        measure([("action upgrade", Fixtures.newRelease, 20)], in: &world)
        #expect(set(window(world, from: -10, to: 60), in: &world) == nil)
        let shown = world.status.window
        #expect(shown?.isOpen == true)
        #expect(shown?.leftMilliseconds == 60 * Self.minute)
        #expect(shown?.thisStepMilliseconds == 20 * Self.minute)
        #expect(shown?.wayBackMilliseconds == 20 * Self.minute)
    }

    @Test
    func startSetsIt() {
        var world = World()
        var press = world.makePress(.startUpgrade)
        press.window = window(world, from: 5, to: 60)
        #expect(world.refusal(press)?.message.contains("opens at") == true)
        press.window = window(world, from: 60, to: 5)
        #expect(world.refusal(press) != nil)
        press.window = window(world, from: 0, to: 60)
        world.feed(.press(press))
        world.deliver()
        #expect(world.machine.state.window == press.window)
        #expect(world.audit.contains { $0.what.hasPrefix("window ") })
        world.restart()
        #expect(world.status.window != nil)
    }

    @Test
    func whatIsNoWindowIsRefused() {
        var world = World()
        #expect(set(window(world, from: 10, to: 5), in: &world) != nil)
        #expect(set(window(world, from: -10, to: -5), in: &world) != nil)
        #expect(set(window(world, from: 0, to: 8 * 24 * 60), in: &world) != nil)
        #expect(world.machine.state.window == nil)
    }
}
