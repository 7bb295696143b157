import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// rpm's words, as rpm 4.18 printed them, and what is read out of them.
struct RpmTextTableTests {
    private func complaints(_ lines: String...) -> RpmComplaints {
        var complaints = RpmComplaints()
        for line in lines { complaints.take(line) }
        return complaints
    }

    @Test(
        arguments: [
            (
                "warning: %post(a-3-1.noarch) scriptlet failed, exit status 7", "post",
                "a-3-1.noarch", "exit status 7"
            ),
            (
                "error: %prein(a-4-1.noarch) scriptlet failed, exit status 3", "prein",
                "a-4-1.noarch", "exit status 3"
            ),
            (
                "tailwarning: %post(f-1-1.noarch) scriptlet failed, exit status 1", "post",
                "f-1-1.noarch", "exit status 1"
            ),
            (
                "50 % (of %d) warning: %postun(d-2:1-1.noarch) scriptlet failed, signal 9",
                "postun", "d-2:1-1.noarch", "signal 9"
            ),
            (
                "warning: %transfiletriggerin(glib2-2.68-1.x86_64) scriptlet failed, exit status 1",
                "transfiletriggerin", "glib2-2.68-1.x86_64", "exit status 1"
            ),
            (
                #"error: lua script failed: [string "%post(h-2:1-1.noarch)"]:1: bad lua"#, "post",
                "h-2:1-1.noarch", ":1: bad lua"
            ),
        ]
    )
    func failedScriptletsAreFound(_ line: String, _ kind: String, _ label: String, _ end: String) {
        let found = complaints(line)
        #expect(found.scriptlets == [.init(kind: kind, label: label, end: end)])
        #expect(found.hasFailures)
    }

    @Test(
        arguments: [
            "words of a script", "error: told by a script", "warning: %post is slow",
            "%% 33.333336", "a-3-1.noarch", "No space left on device",
            "warning: file /opt/a: remove failed: No such file or directory", "",
            "%post(a) scriptlet failed", ") scriptlet failed, exit status 1",
        ]
    )
    func otherWordsAreNoFailure(_ line: String) { #expect(!complaints(line).hasFailures) }

    @Test
    func failedPackagesAndReasonsAreTold() {
        let install = complaints(
            "error: unpacking of archive failed on file /opt/a/big;6b08: cpio: write failed",
            "error: a-7-1.noarch: install failed",
            "error: a-1-1.noarch: erase skipped"
        )
        #expect(install.failedLabels == ["a-7-1.noarch"])
        #expect(install.names == ["a"])
        let preun = complaints(
            "error: %preun(c-1-1.noarch) scriptlet failed, exit status 5",
            "error: c-1-1.noarch: erase failed"
        )
        #expect(preun.isOnlyPreun)
        #expect(!complaints("error: c-1-1.noarch: erase failed").isOnlyPreun)
        #expect(
            complaints("error: Failed dependencies:", "\t/bin/sh is needed by c-1-1.noarch")
                .otherError == "Failed dependencies:"
        )
        for line in [
            "\tinstalling package a-7-1.noarch needs 2MB more space on the / filesystem",
            "\tinstalling package a-7-1.noarch needs 12 more inodes on the /opt filesystem",
            "error: sqlite failure: database or disk is full",
        ] {
            #expect(complaints(line).isDiskFull, "\(line)")
        }
    }

    @Test(
        arguments: [
            ("a-1-1.noarch", "a"), ("scef-fe-2:12.6.1-1.el9.x86_64", "scef-fe"),
            ("libstdc++-12.2-1.x86_64", "libstdc++"), ("a-1", nil), ("-1-1", nil), ("", nil),
        ]
    )
    func namesAreCutOutOfLabels(_ label: String, _ name: String?) {
        #expect(rpmName(label) == name)
    }

    @Test
    func percentIsOfAllPackages() {
        var progress = RpmProgress(expectedCount: 4)
        var seen: [String] = []
        for line in """
        Verifying packages...
        %% 0.000000
        %% 33.333336
        Preparing packages...
        %% 0.000000
        %% 83.333328
        c-2-1.noarch
        %% 0.000000
        %% 31.914892
        %% 100.000000
        words of a script
        a-2-1.noarch
        %% 0.000000
        no end of line%% 50.000000
        %% 100.000000
        c-1-1.noarch
        %% 0.000000
        %% 100.000000
        a-1-1.noarch
        %% 0.000000
        %% 100.000000
        """.split(separator: "\n") {
            progress.take(line)
            let text = "\(progress.percent) \(progress.text)"
            if seen.last != text { seen.append(text) }
            #expect(progress.hasBegun == (seen.count > 1))
        }
        #expect(
            seen == [
                "0 ", "0 c-2-1.noarch", "7 c-2-1.noarch", "25 c-2-1.noarch", "25 a-2-1.noarch",
                "37 a-2-1.noarch", "50 a-2-1.noarch", "50 c-1-1.noarch", "75 c-1-1.noarch",
                "75 a-1-1.noarch", "99 a-1-1.noarch",
            ]
        )
    }

    // MARK: - Database

    private func rows(
        _ names: Set<String>?,
        _ ending: ChildEnding?,
        _ output: String,
        errors: String = ""
    ) throws -> [RpmRow] {
        try RpmDatabase(root: "/nowhere")
            .rows(names, ending, Array(output.utf8), Array(errors.utf8))
    }

    @Test
    func answersOfTheDatabaseAreRead() throws {
        let text = "a\t2:1-1\tnoarch\t7\npackage zz is not installed\nb-1\t3-1\tx86_64\t8\n"
        let found = try rows(["a", "zz", "b-1"], .exited(1), text)
        #expect(found.map(\.label) == ["a-2:1-1.noarch", "b-1-3-1.x86_64"])
        // A name can also be read as a name with a version.
        #expect(try rows(["b"], .exited(0), text).isEmpty)
        #expect(try rows(nil, .exited(0), text).count == 2)
    }

    @Test
    func unreadableDatabaseIsNoEmptyOne() {
        let text = "package a is not installed\n"
        #expect(throws: TandemError.self) {
            try rows(["a"], .exited(1), text, errors: "error: cannot open Packages database\n")
        }
        #expect(throws: TandemError.self) { try rows(["a", "b"], .exited(1), text) }
        #expect(throws: TandemError.self) { try rows(["a"], .signalled(9), text) }
        #expect(throws: TandemError.self) { try rows(["a"], nil, text) }
        #expect(throws: TandemError.self) { try rows(nil, .exited(1), "") }
        // Where there is none, rpm would make one.
        #expect(throws: TandemError.self) { try RpmDatabase(root: "/nowhere").question(["a"]) }
    }

    // MARK: - Ledger

    private func row(_ name: String, _ version: String, _ transaction: String = "1") throws
        -> RpmRow
    {
        try #require(RpmRow("\(name)\t\(version)\tnoarch\t\(transaction)"))
    }

    private func entry(_ line: String) throws -> RpmLedger.Entry {
        try #require(RpmLedger.Entry(line: line))
    }

    private func states(
        _ rows: [RpmRow],
        named names: Set<String>?,
        _ entries: [RpmLedger.Entry] = []
    ) -> [String] {
        RpmLedger.packages(rows, named: names, entries).map {
            "\($0.name) \($0.version) \($0.state) \($0.isHalf)"
        }
    }

    @Test
    func openPackagesAreHalf() throws {
        let rows = try [row("a", "2-1"), row("b", "1-1")]
        #expect(
            states(rows, named: nil) == ["a 2-1 installed false", "b 1-1 installed false"]
        )
        let cut = try entry("a\t2-1\tnoarch\t-")
        #expect(
            states(rows, named: nil, [cut]) == [
                "a 2-1 halfConfigured true", "b 1-1 installed false",
            ]
        )
        let absent = try entry("c\t1-1\tnoarch\t-")
        #expect(states(rows, named: ["c"], [absent]).last == "c 1-1 halfInstalled true")
        #expect(states([], named: ["a"], [absent]) == [])
    }

    @Test
    func openPackageCountsUntilSomebodyElseInstallsIt() throws {
        let failed = try entry("a\t2-1\tnoarch\t2-1@7")
        #expect(failed.line == "a\t2-1\tnoarch\t2-1@7\n")
        #expect(
            try states([row("a", "2-1", "7")], named: ["a"], [failed]) == [
                "a 2-1 halfConfigured true"
            ]
        )
        #expect(
            try states([row("a", "2-1", "8")], named: ["a"], [failed]) == ["a 2-1 installed false"]
        )
        #expect(
            try states([row("a", "1-1", "7")], named: ["a"], [failed]) == ["a 1-1 installed false"]
        )
        #expect(states([], named: ["a"], [failed]) == [])
    }

    @Test
    func twoOfOneNameAreHalfWhereTheyWereAskedFor() throws {
        let rows = try [row("a", "1-1"), row("a", "2-1"), row("b", "1-1")]
        #expect(
            states(rows, named: ["a", "b"])
                == ["a 1-1 duplicate true", "a 2-1 duplicate true", "b 1-1 installed false"]
        )
        // Kernels stand side by side on any server.
        #expect(states(rows, named: nil).allSatisfy { $0.hasSuffix("installed false") })
    }

    @Test(arguments: ["", "a", "a\tb\tc", "\tb\tc\t-", "a\tb\tc\td\te"])
    func brokenLinesOfTheLedgerAreLeftOut(_ line: String) {
        #expect(RpmLedger.Entry(line: line) == nil)
    }

    @Test
    func duplicatesAreTheOthersAndTheSame() throws {
        let wanted = try [entry("a\t2-1\tnoarch\t-"), entry("b\t2-1\tnoarch\t-")]
        let found = try RpmDuplicates(
            of: wanted,
            in: [
                row("a", "1-1"), row("a", "2-1"), row("a", "2-1", "2"), row("b", "2-1"),
                row("c", "1-1"), row("c", "2-1"),
            ]
        )
        #expect(found.others == ["a-1-1.noarch"])
        #expect(found.same == ["a-2-1.noarch"])
        #expect(RpmDuplicates(of: wanted, in: []).isEmpty)
    }
}
