import ControllerAPI
import TandemModel
import Testing

@testable import tandem

/// What goes to a terminal: nothing of it may command the terminal.
struct TerminalTextTableTests {
    @Test(arguments: [
        ("plain", "plain"), ("two\nlines", "two\nlines"), ("é 漢 🙂", "é 漢 🙂"),
        ("\u{1B}[2Jgone", "\u{FFFD}[2Jgone"), ("tab\there", "tab\u{FFFD}here"),
        ("bell\u{7}", "bell\u{FFFD}"), ("\u{9B}31m", "\u{FFFD}31m"), ("a\rb", "a\u{FFFD}b"),
        ("right\u{202E}left", "right\u{FFFD}left"), ("\u{2028}x", "\u{FFFD}x"), ("", ""),
    ])
    func controlCharactersAreReplaced(_ text: String, _ cleaned: String) {
        #expect(Terminal.clean(text) == cleaned)
    }

    @Test
    func lineEndsBecomeSpaces() {
        #expect(Terminal.cleanLine("one\ntwo\r\nthree\n") == "one two three")
    }

    @Test(arguments: [
        ("short", 10, "short"), ("exactly", 7, "exactly"), ("longer", 4, "lon…"), ("x", 0, "…"),
    ])
    func linesAreCut(_ line: String, _ count: Int, _ cut: String) {
        #expect(Terminal.cut(line, to: count) == cut)
    }

    @Test
    func columnsAreAsWideAsTheyNeedBe() {
        var table = Table("Name", "Role", "")
        table.add("scef-1a", "active", "")
        table.addHeading("a heading that is wider than all")
        table.add("x", "", "note\nof two lines\u{1B}")
        #expect(
            table.text == """
                Name     Role
                scef-1a  active
                a heading that is wider than all
                x                note of two lines\u{FFFD}

                """
        )
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5_340_000, "5.3 MB"),
            (99_940, "99.9 kB"),
            (99_960, "100 kB"), (999_499, "999 kB"), (999_600, "1.0 MB"), (4_700_000_000, "4.7 GB"),
            (UInt64.max, "18447 PB"),
        ] as [(UInt64, String)]
    )
    func sizes(_ byteCount: UInt64, _ text: String) {
        #expect(sizeText(byteCount) == text)
    }

    @Test(
        arguments: [
            (0, "0.0 s"), (9_999, "9.9 s"), (12_400, "12 s"), (61_000, "1:01"),
            (3_600_000, "60:00"),
        ] as [(UInt64, String)]
    )
    func durations(_ milliseconds: UInt64, _ text: String) {
        #expect(durationText(milliseconds) == text)
    }

    @Test
    func timesAreInUTC() {
        #expect(Sample.time.text == "2025-11-24 16:00:00 UTC")
        #expect(Sample.time.dayText == "2025-11-24")
    }

    @Test(arguments: [(-1, 0), (0, 0), (4, 0), (5, 1), (50, 10), (100, 20), (250, 20)])
    func barsAreOfOneWidth(_ percent: Int, _ filled: Int) {
        let bar = ProgressBar.text(percent: percent)
        #expect(bar.count == 22)
        #expect(bar.filter { $0 == "#" }.count == filled)
    }

    @Test
    func uploadsTellBytes() {
        #expect(
            ByteProgress.text("Uploading", 500_000, of: 2_000_000)
                == "[#####...............] Uploading 25% (500 kB of 2.0 MB)"
        )
        #expect(ByteProgress.text("Uploading", 0, of: 0).contains("100%"))
    }
}

/// The progress line: the literal words of an action, a bar before them.
struct ProgressLineTests {
    @Test
    func stepIsShownInItsLiteralWords() {
        let step = Sample.step(3, "Install packages", percent: 40, elapsed: 65_000, left: 9_000)
        #expect(
            ProgressLine.text(Sample.running(step: step))
                == "[########............] Initiate upgrade scef-1b (next) "
                + "step 3/7: Install packages 40% (elapsed 1:05, about 0:09 left)"
        )
    }

    @Test
    func wordsOfTheServerAreCleanedAndStayOnTheLine() {
        let step = Sample.step(1, "Check", text: "dpkg:\n\u{1B}[31mred")
        let text = ProgressLine.text(Sample.running(step: step))
        #expect(text.hasSuffix("(elapsed 0:00) dpkg: \u{FFFD}[31mred"))
        #expect(!text.contains("\n"))
    }

    @Test(arguments: [
        (
            200,
            "[########............] Initiate upgrade scef-1b (next) step 3/7: Install 40% (elapsed 1:05) dpkg"
        ),
        (
            95,
            "[########............] Initiate upgrade scef-1b (next) step 3/7: Install 40% (elapsed 1:05)"
        ),
        (85, "[####......] Initiate upgrade scef-1b (next) step 3/7: Install 40% (elapsed 1:05)"),
        (50, "[####......] step 3/7: Install 40% (elapsed 1:05)"), (20, "[####......] step 3…"),
    ])
    func narrowTerminalShowsWhatMatters(_ columnCount: Int, _ line: String) {
        let step = Sample.step(3, "Install", percent: 40, elapsed: 65_000, text: "dpkg")
        let text = ProgressLine.text(Sample.running(step: step), fitting: columnCount)
        #expect(text == line)
        #expect(text.count <= columnCount)
    }

    @Test
    func whatIsWaitedForIsNamed() {
        let action = Sample.running(waitsFor: "scef-1a since 02:11")
        #expect(
            ProgressLine.text(action)
                == "Initiate upgrade scef-1b (next): waits for scef-1a since 02:11"
        )
        #expect(ProgressLine.text(Sample.running()) == "Initiate upgrade scef-1b (next)")
    }

    @Test
    func keyChangesWithTheStepOnly() {
        let keys = [
            Sample.step(3, "Install packages", percent: 4),
            Sample.step(3, "Install packages", percent: 96, elapsed: 9),
            Sample.step(4, "Verify"),
        ].map { ProgressLine.key(Sample.running(step: $0)) }
        #expect(
            keys == [
                "step 3/7: Install packages", "step 3/7: Install packages", "step 4/7: Verify",
            ]
        )
        #expect(ProgressLine.key(Sample.running(waitsFor: "scef-1a")) == "scef-1a")
    }

    @Test
    func timesGoOnBetweenReports() {
        var clock = StepClock()
        let start = ContinuousClock().now
        func times(_ step: StepProgress, after milliseconds: Int) -> [UInt64?] {
            let action = Sample.running(step: step)
            let moved = clock.advanced(action, at: start + .milliseconds(milliseconds)).step
            return [moved?.elapsedMilliseconds, moved?.leftMilliseconds]
        }
        let first = Sample.step(1, "Check", elapsed: 1000, left: 3000)
        #expect(times(first, after: 0) == [1000, 3000])
        #expect(times(first, after: 2000) == [3000, 1000])
        // Past its expected time it is still running: what is left never reads as unknown.
        #expect(times(first, after: 9000) == [10_000, 1])
        // A new report counts from itself.
        #expect(times(Sample.step(2, "Stop", elapsed: 9500, left: 0), after: 9100) == [9500, 0])
    }
}

/// The prompt and the page of a cluster.
struct ClusterTextTests {
    @Test
    func promptIsTheLiteralOne() {
        let text = ClusterText.prompt(Sample.offer(.startUpgrade), Sample.cluster())
        #expect(
            text.hasPrefix(
                """
                Are you sure that you want to perform this action?
                Initiate upgrade scef-1b (next)

                Observed:
                  scef-1a active, scef-fe 12.6.0

                """
            )
        )
    }

    @Test
    func tableHasTheColumnsOfTheUpgradeManager() {
        let lines = ClusterText.table([Sample.cluster()]).split(separator: "\n")
        let heads = [
            "Name", "Alarm Severity", "Up to Date", "Server Role", "Prev Release",
            "Running Release", "Upgrade Operation",
        ]
        var rest = lines[0][...]
        for head in heads {
            let place = rest.firstRange(of: head)
            #expect(place != nil, "\(head)")
            rest = rest[(place?.upperBound ?? rest.startIndex)...]
        }
        #expect(lines.count == 4)
        #expect(lines[2].contains("active") && lines[3].contains("standby"))
    }

    @Test
    func detailsNameButtonsReasonsAndToken() {
        let cluster = Sample.cluster(
            operation: Sample.operation(
                failure: TandemFailure(
                    code: "TDM-4002",
                    message: "dpkg failed",
                    remedy: "Try again.",
                    diagnostic: "line one\nline \u{1B}two"
                )
            ),
            buttons: [Sample.offer(.tryAgain), Sample.offer(.accept, whyNot: "versions differ")]
        )
        let text = ClusterText.details(cluster)
        #expect(text.contains("  try-again  yes  Initiate upgrade scef-1b (next)\n"))
        #expect(text.contains("  accept     no   versions differ\n"))
        #expect(text.contains("Failed: dpkg failed [TDM-4002]\n  -> Try again.\n  | line one\n"))
        #expect(text.contains("Seen: \(Sample.seen)\n"))
        #expect(!text.unicodeScalars.contains("\u{1B}"))
    }

    @Test
    func rollbackLeadsFromTheNewReleaseToTheOld() {
        var operation = Sample.operation()
        operation.direction = .back
        let text = ClusterText.details(Sample.cluster(operation: operation))
        #expect(
            text.contains("Operation: rollback scef-fe 12.6.1 -> scef-fe 12.6.0, begun by anna")
        )
    }

    @Test
    func failureIsToldOnce() {
        let failure = TandemFailure(code: "TDM-4002", message: "dpkg failed", remedy: "Try again.")
        let operation = Sample.operation(
            lastResult: "Initiate upgrade scef-1b (next) Failed at 12:00: dpkg failed",
            failure: failure
        )
        let text = ClusterText.details(Sample.cluster(operation: operation))
        #expect(text.matches(of: /dpkg failed/).count == 1)
        #expect(text.contains("  -> Try again. [TDM-4002]\n"))
    }
}
