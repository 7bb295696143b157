import Testing

@testable import ControllerCore
import TandemModel

struct TextsTests {
    @Test
    func datesAreCivil() {
        let rows: [(UInt64, String)] = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400_000, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199_999, "2024-02-29 23:59:59 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
        ]
        for (wall, text) in rows { #expect(utcText(WallTime(milliseconds: wall)) == text) }
    }
}
