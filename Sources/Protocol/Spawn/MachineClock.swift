import Glibc
package import TandemModel

/// The machine's clocks.
package enum MachineClock {
    /// CLOCK_BOOTTIME: never set back, counts while suspended, starts anew with each boot.
    package static func bootTime() -> Tick {
        Tick(milliseconds: milliseconds(of: CLOCK_BOOTTIME))
    }

    /// CLOCK_MONOTONIC, for deadlines inside one process.
    package static func monotonic() -> Tick {
        Tick(milliseconds: milliseconds(of: CLOCK_MONOTONIC))
    }

    /// CLOCK_REALTIME, for people's eyes only.
    package static func wallTime() -> WallTime {
        WallTime(milliseconds: milliseconds(of: CLOCK_REALTIME))
    }

    /// The kernel's id of this boot.
    package static func bootID() throws(TandemError) -> BootID {
        let path = "/proc/sys/kernel/random/boot_id"
        let bytes = try Files.read(path, byteCountMax: 128)
        let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard let id = BootID(text) else {
            throw TandemError(
                .fileUnavailable,
                "\(path) holds no boot id",
                remedy: "Mount the kernel's /proc.",
                cause: text
            )
        }
        return id
    }

    private static func milliseconds(of clock: clockid_t) -> UInt64 {
        var now = timespec()
        guard clock_gettime(clock, &now) == 0, now.tv_sec >= 0 else { return 0 }
        return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
