import Dispatch
import Synchronization

/// A place for what comes of work on another thread.
private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
}

/// Waits for work of the store on a thread that nobody else needs.
///
/// Never to be called on a thread of the concurrency pool, which the work itself runs on.
func waiting<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) throws -> Value {
    let outcome = Outcome<Value>()
    let bell = DispatchSemaphore(value: 0)
    Task.detached {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        outcome.value.withLock { $0 = result }
        bell.signal()
    }
    bell.wait()
    guard let result = outcome.value.withLock({ $0 }) else { throw CancellationError() }
    return try result.get()
}

/// Runs a part of some work on each of that many threads of their own.
func onThreads<Value: Sendable>(
    _ count: Int,
    _ work: @escaping @Sendable (Int) -> Value
) async -> [Value] {
    await withTaskGroup(of: Value.self) { group in
        for number in 0..<count {
            group.addTask {
                await withCheckedContinuation { done in
                    DispatchQueue(label: "crash points \(number)").async {
                        done.resume(returning: work(number))
                    }
                }
            }
        }
        return await group.reduce(into: []) { $0.append($1) }
    }
}
