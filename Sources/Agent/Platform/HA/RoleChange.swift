package import AgentCore
package import TandemModel
import TandemSpawn

/// Moves this server's role through the HA driver: one change at a time, each within its clock.
///
/// Runs in guards and workers, never in the agent's own loop: every call waits.
package struct RoleChange: Sendable {
    private let driver: HADriver
    private let lock: DriverLock
    private let clocks: FailoverClocks
    /// CLOCK_BOOTTIME; a test's own.
    private let now: @Sendable () -> Tick

    /// Changes of this server's role.
    package init(_ server: LocalServer) {
        self.init(
            driver: server.driver,
            lock: DriverLock(path: server.state.driverLock),
            clocks: server.configuration.clocks
        )
    }

    init(
        driver: HADriver,
        lock: DriverLock,
        clocks: FailoverClocks,
        now: @escaping @Sendable () -> Tick = { MachineClock.bootTime() }
    ) {
        self.driver = driver
        self.lock = lock
        self.clocks = clocks
        self.now = now
    }

    /// Calls one verb, waiting for another holder of the lock as long as the call itself may take.
    package func call(_ verb: HADriver.Verb) -> DriverResult {
        let limit = limitMilliseconds(of: verb)
        do throws(TandemError) {
            let result = try lock.hold(until: now() + limit) {
                driver.call(verb, limitMilliseconds: limit)
            }
            return result ?? .refused("\(verb.word): another change of the role is under way")
        } catch {
            return .refused("\(verb.word): \(error.message)")
        }
    }

    private func limitMilliseconds(of verb: HADriver.Verb) -> UInt64 {
        switch verb {
        case .promote: clocks.promoteLimit
        case .demote: clocks.demoteLimit
        case .takeBack: clocks.takeBackLimit
        case .fence: clocks.fenceLimit
        case .hold, .unhold: clocks.holdLimit
        case .inhibitReplication, .allowReplication: clocks.takeBackLimit
        }
    }

    /// Gives the role up before `deadline`; `target` is named where the driver moves it in one go.
    ///
    /// From then on nothing happens any more: an agent that was restarted meanwhile believes that.
    package func demote(to target: ServerName, deadline: Tick) -> DriverResult {
        let isAtomic = driver.status().status.switchover == .atomic
        do throws(TandemError) {
            let result = try lock.hold(until: deadline) {
                let left = deadline.since(now())
                guard left > 0 else {
                    return DriverResult.refused("demote: its time was over before it began")
                }
                let limit = min(left, clocks.demoteLimit)
                return driver.call(.demote(to: isAtomic ? target : nil), limitMilliseconds: limit)
            }
            return result ?? .refused("demote: another change of the role is under way")
        } catch {
            return .refused("demote: \(error.message)")
        }
    }

    /// Takes the role before `deadline`, or leaves this server fenced.
    ///
    /// A promotion that ends late, or nobody knows how, is undone by `fence`: then the answer is
    /// `failed`, and `unknown` where even that did not work. A server that is active already counts
    /// as promoted.
    package func promote(token: String, deadline: Tick) -> DriverResult {
        do throws(TandemError) {
            let result = try lock.hold(until: deadline) { lockedPromote(token, deadline) }
            return result ?? .refused("promote: another change of the role is under way")
        } catch {
            return .refused("promote: \(error.message)")
        }
    }

    private func lockedPromote(_ token: String, _ deadline: Tick) -> DriverResult {
        let left = deadline.since(now())
        guard left > 0 else { return .refused("promote: its time was over before it began") }
        let limit = min(left, clocks.promoteLimit)
        let result = driver.call(.promote(token: token), limitMilliseconds: limit)
        let isLate = deadline.since(now()) == 0
        switch result {
        case .done:
            return isLate ? fence(after: "promote ended too late") : .done
        case .refused(let why):
            let (status, _) = driver.status()
            guard status.role == .active else { return .refused(why) }
            let isStillInTime = deadline.since(now()) > 0
            return isStillInTime ? .done : fence(after: "active, but too late")
        case .failed(let why):
            return isLate ? fence(after: why) : .failed(why)
        case .unknown(let why):
            return fence(after: why)
        }
    }

    private func fence(after why: String) -> DriverResult {
        switch driver.call(.fence, limitMilliseconds: clocks.fenceLimit) {
        case .done: .failed("\(why); this server fenced itself")
        case .refused(let what), .failed(let what), .unknown(let what):
            .unknown("\(why), and then \(what)")
        }
    }

    /// What was known to the one who asks for a take-back.
    package struct TakeBackGrounds: Hashable, Sendable {
        /// The target's signed word that it will never promote is here.
        package var isVoided: Bool
        /// The dead-man's time is over.
        package var isDeadManOver: Bool

        /// Grounds.
        package init(isVoided: Bool, isDeadManOver: Bool) {
            self.isVoided = isVoided
            self.isDeadManOver = isDeadManOver
        }
    }

    /// Takes the role back by the rule of `details.md` 10, if `isWanted` still says so under the lock.
    package func takeBack(
        _ grounds: TakeBackGrounds,
        isWanted: () -> Bool = { true }
    ) -> TakeBackResult? {
        do throws(TandemError) {
            let result = try lock.hold(until: now() + clocks.takeBackLimit) {
                isWanted() ? lockedTakeBack(grounds) : nil
            }
            return result ?? .undecided("another change of the role is under way")
        } catch {
            return .undecided(error.message)
        }
    }

    private func lockedTakeBack(_ grounds: TakeBackGrounds) -> TakeBackResult {
        let (status, problem) = driver.status()
        if let problem { return .undecided(problem) }
        if status.role == .active { return .returned }
        if let obstacle = Self.obstacle(to: grounds, status) {
            return status.peerRole == .active ? .moved : .undecided(obstacle)
        }
        let result = driver.call(.takeBack, limitMilliseconds: clocks.takeBackLimit)
        let (after, _) = driver.status()
        if after.role == .active { return .returned }
        if after.peerRole == .active { return .moved }
        return switch result {
        case .done: .undecided("take-back was done, but this server is not active")
        case .refused(let why), .failed(let why), .unknown(let why): .undecided(why)
        }
    }

    /// Why the role must not be taken back now; `nil` when it may.
    static func obstacle(to grounds: TakeBackGrounds, _ status: HAStatus) -> String? {
        switch status.peerRole {
        case .active:
            return "the mate is active"
        case .other:
            guard grounds.isVoided || grounds.isDeadManOver else {
                return "the mate may still be promoted until the dead-man's time is over"
            }
            return nil
        case .unseen:
            if grounds.isVoided { return nil }
            guard grounds.isDeadManOver else {
                return "the mate may still be promoted until the dead-man's time is over"
            }
            guard status.exclusion == .referee else {
                return "the mate does not answer, and nothing but its answer rules out that it "
                    + "is active"
            }
            return nil
        }
    }
}
