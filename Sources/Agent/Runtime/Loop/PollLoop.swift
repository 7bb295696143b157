import Glibc
import TandemModel
import TandemSpawn

/// What a source waits for now.
struct PollWait: Hashable, Sendable {
    var descriptor: Int32
    var wantsToRead = false
    var wantsToWrite = false
}

/// Something that the loop serves: a connection, or a child.
protocol LoopSource: AnyObject {
    /// The descriptors it waits for; asked before each turn.
    var waits: [PollWait] { get }
    /// When it wants a turn at the latest; `nil`: only when a descriptor is ready.
    var wakeAt: Tick? { get }
    /// Whether the loop can forget it.
    var isFinished: Bool { get }
    /// Goes on, without waiting for anything.
    func turn(at now: Tick)
}

/// The agent's one loop: everything that happens happens in a turn of it, one after the other.
///
/// Time is CLOCK_BOOTTIME. Each turn ends at the latest when a second has passed, so that clocks,
/// signals and ended children are noticed also where no descriptor tells.
final class PollLoop {
    /// The longest wait of one turn.
    static let turnMilliseconds: UInt64 = 1000

    private var sources: [any LoopSource] = []
    private var timers: [Timer] = []

    private struct Timer {
        var at: Tick
        var action: () -> Void
    }

    /// Serves a source until it is finished.
    func add(_ source: some LoopSource) { sources.append(source) }

    /// Runs an action once, in a turn at or after that moment.
    func at(_ moment: Tick, _ action: @escaping () -> Void) {
        timers.append(Timer(at: moment, action: action))
    }

    /// Waits for something to do and does it; `until` is when the caller wants to be asked again.
    func turn(until: Tick) {
        let now = MachineClock.bootTime()
        let waits = sources.map(\.waits)
        var wakeAt = min(until, now + Self.turnMilliseconds)
        for timer in timers { wakeAt = min(wakeAt, timer.at) }
        for source in sources { wakeAt = min(wakeAt, source.wakeAt ?? wakeAt) }
        var entries = waits.joined().map { wait in
            let reading = wait.wantsToRead ? Int16(POLLIN) : 0
            let writing = wait.wantsToWrite ? Int16(POLLOUT) : 0
            return pollfd(fd: wait.descriptor, events: reading | writing, revents: 0)
        }
        let milliseconds = wakeAt.since(now)
        let ready = poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds))
        serve(waits, ready > 0 ? entries : [])
        runTimers()
    }

    private func serve(_ waits: [[PollWait]], _ entries: [pollfd]) {
        let now = MachineClock.bootTime()
        var next = 0
        // Sources that are added in this turn are served from the next one on.
        for (source, waits) in zip(sources, waits) {
            let own = entries.isEmpty ? [] : entries[next..<(next + waits.count)]
            next += waits.count
            let isDue = source.wakeAt.map { $0 <= now } ?? false
            guard isDue || own.contains(where: { $0.revents != 0 }) else { continue }
            source.turn(at: now)
        }
        sources.removeAll(where: \.isFinished)
    }

    private func runTimers() {
        let now = MachineClock.bootTime()
        let due = timers.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        timers.removeAll { $0.at <= now }
        for timer in due { timer.action() }
    }
}
