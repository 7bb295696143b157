import Glibc
import TandemModel
import TandemSpawn

/// How a folder becomes an ISO 9660 image whose bytes depend on nothing but the files' contents.
enum ISORecipe {
    static let program = "/usr/bin/xorriso"

    /// Writes the image of `folder` to `target`; every date in it is `dateSeconds`.
    ///
    /// The folder's files must have their final modes: `-r` keeps who may read and execute.
    static func write(
        folder: String,
        to target: String,
        release: ReleaseID,
        dateSeconds: UInt64
    ) throws(TandemError) {
        let date = isoDate(dateSeconds)
        var command = ChildCommand(
            program,
            [
                "-as", "mkisofs", "-quiet", "-r", "-V", volumeID(release), "-p", "TANDEM",
                "--set_all_file_dates", date, "--modification-date=\(date)", "-o", target, folder,
            ]
        )
        command.environment += ["SOURCE_DATE_EPOCH=\(dateSeconds)", "TZ=UTC", "HOME=/nonexistent"]
        let result = try runChild(command, timeoutMilliseconds: 3_600_000)
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw TandemError(
                .imageUnreadable,
                "the image \(target) can't be written",
                remedy: "See what xorriso says; most often the disk is full.",
                cause: error.cause
            )
        }
    }

    /// `YYYYMMDDhhmmss00` in UTC: what xorriso takes for dates of volumes and files.
    static func isoDate(_ seconds: UInt64) -> String {
        // Days to a date of the Gregorian calendar, with years that begin in March.
        let days = Int(seconds / 86_400) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let time = Int(seconds % 86_400)
        let fields = [month, day, time / 3600, time / 60 % 60, time % 60, 0]
        return padded(year, 4) + fields.map { padded($0, 2) }.joined()
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// At most 32 capitals, digits and `_`, as ISO 9660 wants it.
    static func volumeID(_ release: ReleaseID) -> String {
        let text = "\(release.product)_\(release.version)".utf8.prefix(32).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case _: UInt8(ascii: "_")
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
