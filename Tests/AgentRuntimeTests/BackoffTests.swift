import TandemCrypto
import Testing

@testable import AgentRuntime

struct BackoffTests {
    @Test
    func roundsWaitLongerUpToTheLongest() {
        var backoff = Backoff(addressCount: 1)
        var generator = SecureGenerator()
        var longest: UInt64 = 500
        for _ in 0..<12 {
            let wait = backoff.failed(using: &generator)
            #expect(wait >= longest / 2 && wait <= longest)
            longest = min(longest * 2, 30_000)
        }
        #expect(longest == 30_000)
    }

    @Test
    func addressesAreTriedInTurn() {
        var backoff = Backoff(addressCount: 3)
        var generator = SecureGenerator()
        var tried: [Int] = []
        for _ in 0..<7 {
            tried.append(backoff.addressIndex)
            let wait = backoff.failed(using: &generator)
            #expect(wait <= 2000)
        }
        #expect(tried == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test
    func welcomeResetsTheWaitAndKeepsTheAddress() {
        var backoff = Backoff(addressCount: 2)
        var generator = SecureGenerator()
        for _ in 0..<9 { _ = backoff.failed(using: &generator) }
        let index = backoff.addressIndex
        backoff.succeeded()
        #expect(backoff.addressIndex == index)
        #expect(backoff.failed(using: &generator) <= 500)
    }

    @Test
    func waitsDiffer() {
        var waits: Set<UInt64> = []
        for _ in 0..<50 {
            var backoff = Backoff(addressCount: 1)
            var generator = SecureGenerator()
            waits.insert(backoff.failed(using: &generator))
        }
        #expect(waits.count > 10)
    }
}
