import TandemModel
import TandemSpawn
import Testing

struct MachineClockTests {
    @Test func `clocks run forward and boot time covers all of it`() {
        let first = MachineClock.monotonic()
        let second = MachineClock.monotonic()
        #expect(second >= first)
        #expect(MachineClock.bootTime().milliseconds + 1 >= first.milliseconds)
        #expect(MachineClock.wallTime().milliseconds > 1_600_000_000_000)
    }

    @Test func `the boot id stays`() throws {
        #expect(try MachineClock.bootID() == MachineClock.bootID())
    }
}
