import NIOPosix
import Synchronization
import TandemCrypto
import TandemModel

/// Hashes passwords beside the threads that serve requests: few at once, as each takes 128 MiB.
final class PasswordWork: Sendable {
    private static let runningCountMax = 2
    /// With half a second for each, the last one waits four.
    private static let waitingCountMax = 16

    private struct Contents {
        var runningCount = 0
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private let contents = Mutex(Contents())
    private let parameters: PasswordHash.Parameters

    init(parameters: PasswordHash.Parameters) { self.parameters = parameters }

    /// The text of a new password's hash.
    func hash(_ password: String) async throws -> String {
        let parameters = parameters
        return try await run { try PasswordHash(of: password, parameters).description }
    }

    /// Whether the password has this hash; without a hash it is wrong, and costs the same time.
    func matches(_ password: String, _ text: String?) async throws -> Bool {
        let parameters = parameters
        return try await run {
            guard let known = text.flatMap({ PasswordHash($0) }) else {
                _ = try PasswordHash(of: password, parameters)
                return false
            }
            return try known.matches(password)
        }
    }

    /// Whether a hash was made as none is made any more.
    func isOutdated(_ text: String?) -> Bool {
        guard let hash = text.flatMap({ PasswordHash($0) }) else { return false }
        return !hash.isMade(with: parameters)
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await NIOThreadPool.singleton.runIfActive(work)
    }

    private func enter() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFull = contents.withLock { contents in
                if contents.runningCount < Self.runningCountMax {
                    contents.runningCount += 1
                    continuation.resume()
                } else if contents.waiting.count < Self.waitingCountMax {
                    contents.waiting.append(continuation)
                } else {
                    return true
                }
                return false
            }
            if isFull { continuation.resume(throwing: TandemError.tooManyAttempts(seconds: 5)) }
        }
    }

    private func leave() {
        contents.withLock { contents in
            guard !contents.waiting.isEmpty else { return contents.runningCount -= 1 }
            contents.waiting.removeFirst().resume()
        }
    }
}

extension TandemError {
    /// Who tries too often has to wait.
    static func tooManyAttempts(seconds: UInt64) -> TandemError {
        TandemError(
            .tooManyAttempts,
            "there were too many attempts to sign in; the next one is possible in \(seconds) s",
            remedy: "Wait so long. An administrator can also make a one-time sign-in with "
                + "`tandem-controller people one-time-sign-in NAME` on the controller."
        )
    }
}
