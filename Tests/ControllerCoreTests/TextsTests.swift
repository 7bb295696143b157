import Testing

@testable import ControllerCore
import TandemModel

struct TextsTests {
    @Test
    func datesAreCivil() {
        let rows: [(UInt64, String)] = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ]
        for (wall, text) in rows { #expect(isoText(WallTime(milliseconds: wall)) == text) }
    }
}
