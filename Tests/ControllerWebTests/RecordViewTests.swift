import ControllerAPI
import Foundation
import TandemModel
import Testing

@testable import ControllerWeb

/// Images, logs, alarms, audit and servers as pages, from what the API tells to the text.
struct RecordViewTests {
    private static let nasty = "<script>alert('x')</script>\"><img src=x onerror=y>&amp;"
    private static let now = WallTime(milliseconds: 1_780_000_000_000)

    private func html(_ template: String, _ values: Values) throws -> String {
        let frame = PageFrame(title: "Test", section: nil, person: Sample.ada)
        return try PageRenderer.shared.get()
            .text(template, values.merging(frame.values) { mine, _ in mine })
    }

    private static func line(
        _ text: String,
        server: String? = "cmp-a-1",
        step: UInt16 = 0,
        result: String = "done",
        detail: String = "",
        person: String = "ada",
        startedAt: WallTime = now
    ) -> UpgradeLogEntry {
        UpgradeLogEntry(
            action: ActionID(high: 1, low: 2),
            operation: nil,
            stepIndex: step,
            text: text,
            cluster: ClusterName("cmp-a"),
            server: server.map { ServerName($0) },
            startedAt: startedAt,
            endedAt: startedAt,
            durationMilliseconds: 65_000,
            result: result,
            detail: detail,
            person: PersonName(person),
            isAutomatic: false
        )
    }

    private static func image(_ notice: String = "Tell the NOC.") -> ImageInfo {
        ImageInfo(
            image: .none,
            manifest: .none,
            release: ReleaseID(product: "cmp", version: "2.0.0"),
            byteCount: 3 << 29,
            kinds: [.cmp],
            minimumCMP: "",
            notices: [notice],
            isPatch: false,
            addedAt: now,
            heldBy: [],
            addedBy: PersonName("ada"),
            verifiedAt: now
        )
    }

    private static func alarm(_ text: String, clearedAt: WallTime? = nil) -> AlarmEntry {
        AlarmEntry(
            number: .serverIsZombie,
            severity: .critical,
            instance: text,
            text: text,
            raisedAt: now,
            clearedAt: clearedAt,
            isExpected: true,
            isStale: true
        )
    }

    private func list(_ person: KnownPerson = Sample.ada) -> ImageListView {
        ImageListView(
            images: Page(items: [Self.image()], next: nil),
            leftOut: [],
            uploads: [],
            pushes: [
                ImagePush(
                    server: ServerName("cmp-a-1"),
                    image: .none,
                    offset: 1 << 29,
                    byteCount: 3 << 29,
                    askedAt: Self.now
                )
            ],
            network: Sample.network([Sample.cluster()]),
            person: person
        )
    }

    @Test func anImageIsShownWithWhatIsOnItsWay() throws {
        let text = try html("iso-maintenance", list().values)
        for part in [
            "cmp 2.0.0", "1.5 GiB (1610612736 bytes)", "Tell the NOC.", "by ada", "not held",
            "on its way", "33 % (512.0 MiB of 1.5 GiB)", "Push To All Of cmp-a",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(text.contains("value=\"token-of-ada\""))
    }

    @Test func aViewerGetsNoFormThatChanges() throws {
        let text = try html("iso-maintenance", list(Sample.viewer).values)
        #expect(!text.contains("/push\"") && !text.contains("/delete\""))
        #expect(!text.contains("upload-form"))
    }

    @Test func whatIsKnownOfAnImageOnAServerIsInWords() {
        let push = { (offset: UInt64) in
            ImagePush(
                server: ServerName("a"),
                image: .none,
                offset: offset,
                byteCount: 2,
                askedAt: Self.now
            )
        }
        let staged = { (isVerified: Bool) in
            StagedImage(
                image: .none,
                manifest: .none,
                release: ReleaseID(product: "p", version: "1"),
                isVerified: isVerified
            )
        }
        #expect(ImageListView.state(nil, nil) == "not held")
        #expect(ImageListView.state(nil, push(1)) == "on its way")
        #expect(ImageListView.state(nil, push(2)) == "sent, being verified")
        #expect(ImageListView.state(staged(true), push(1)) == "held, verified")
        #expect(ImageListView.state(staged(false), nil) == "held, not verified")
    }

    /// ISO Maintenance where every word from outside is markup.
    private func nastyImages(_ network: NetworkSnapshot) -> ImageListView {
        let nasty = Self.nasty
        return ImageListView(
            images: Page(items: [Self.image(nasty)], next: nil),
            leftOut: [
                LeftOutImage(
                    image: .none,
                    release: ReleaseID(product: nasty, version: nasty),
                    why: nasty
                )
            ],
            uploads: [
                UploadStatus(
                    id: UploadID(high: 1, low: 2),
                    name: nasty,
                    byteCount: 2,
                    offset: 1,
                    startedAt: Self.now,
                    expiresAt: Self.now
                )
            ],
            pushes: [],
            network: network,
            person: Sample.ada
        )
    }

    @Test func namesFullOfMarkupAreEscaped() throws {
        let nasty = Self.nasty
        let cluster = Sample.cluster(
            nasty,
            servers: [Sample.server(nasty, running: nasty, operation: nasty)],
            buttons: [Sample.offer(.hold, server: nasty, whyNot: nasty, action: nasty)],
            nextStep: nasty
        )
        let network = Sample.network([cluster])
        let images = nastyImages(network)
        var filter = LineFilter()
        (filter.cluster, filter.server, filter.person, filter.what) = (nasty, nasty, nasty, nasty)
        let lines = [Self.line(nasty, server: nasty, result: nasty, detail: nasty, person: nasty)]
        let log = UpgradeLogView(
            lines: lines,
            next: 7,
            filter: filter,
            clusters: [ClusterName(nasty)]
        )
        let entry = AuditEntry(
            time: Self.now,
            person: PersonName(nasty),
            cluster: ClusterName(nasty),
            server: ServerName(nasty),
            what: nasty,
            reason: nasty
        )
        let server = ServerView(
            server: cluster.servers[0],
            cluster: cluster,
            alarms: [Self.alarm(nasty)],
            history: lines,
            logs: LogCollection(id: nil, isComplete: true, text: nasty),
            images: [],
            certificate: CertificateExpiry(server: nil, owner: nasty, expiresAt: Self.now),
            now: Self.now,
            person: Sample.ada
        )
        let alarms = AlarmListView(
            alarms: [Self.alarm(nasty)],
            next: 3,
            isHistory: false,
            certificates: [CertificateExpiry(server: nil, owner: nasty, expiresAt: Self.now)],
            now: Self.now,
            person: Sample.ada
        )
        let notes = Notes.values(
            problem: TandemError(.usage, nasty, remedy: nasty),
            certificates: [CertificateExpiry(server: nil, owner: nasty, expiresAt: Self.now)],
            now: Self.now
        )
        for text in [
            try html("iso-maintenance", images.values), try html("upgrade-log", log.values),
            try html("audit", AuditView(lines: [entry], next: nil, filter: filter).values),
            try html("server", server.values), try html("alarms", alarms.values),
            try html("notes", notes),
        ] {
            #expect(!text.contains("<script>alert"))
            #expect(!text.contains("<img"))
            #expect(text.contains("&lt;script&gt;alert"))
        }
    }

    @Test func theWorstAlarmThatNobodySeesToComesFirst() throws {
        func alarm(
            _ number: AlarmNumber,
            _ instance: String,
            _ severity: AlarmSeverity,
            minute: UInt64,
            by person: String? = nil
        ) -> AlarmEntry {
            AlarmEntry(
                number: number,
                severity: severity,
                instance: instance,
                text: "",
                raisedAt: WallTime(milliseconds: minute * 60_000),
                clearedAt: nil,
                isExpected: false,
                isStale: false,
                acknowledgedBy: person.map { PersonName($0) }
            )
        }
        let alarms = [
            alarm(.systemMixedVersion, "scef-fe", .minor, minute: 9),
            alarm(.serverIsZombie, "a-1", .critical, minute: 1, by: "bob"),
            alarm(.clusterNoActive, "a", .critical, minute: 1),
            alarm(.clusterTwoActive, "b", .critical, minute: 2),
            alarm(.noTakeover, "b", .major, minute: 3),
        ]
        #expect(
            alarms.sorted(by: AlarmListView.isMoreUrgent).map(\.number) == [
                .clusterTwoActive, .clusterNoActive, .serverIsZombie, .noTakeover,
                .systemMixedVersion,
            ]
        )
        let paths = alarms.map(AlarmListView.path)
        #expect(paths == [nil, "/servers/a-1", "/clusters/a", "/clusters/b", "/clusters/b"])
    }

    @Test func whyItFailedIsReadWithoutAClick() throws {
        func text(_ result: String, _ detail: String) throws -> String {
            let line = Self.line("install cmp-a-1", step: 100, result: result, detail: detail)
            let view = UpgradeLogView(lines: [line], filter: LineFilter(), clusters: [])
            return try html("upgrade-log", view.values)
        }
        let long = try text("failed", "no space\npostinst: boom")
        #expect(long.contains("<span class=\"local\">no space</span>"))
        #expect(long.contains("<pre>no space\npostinst: boom</pre>"))
        #expect(try !text("failed", "no space").contains("<details>"))
        #expect(try text("done", "disk warning").contains("<pre>disk warning</pre>"))
    }

    @Test func anActionsLinesAreFoundByIt() throws {
        var filter = LineFilter()
        let line = Self.line("install cmp-a-1", step: 100)
        filter.action = line.action.description
        #expect(filter.admits(line))
        #expect(filter.query() == "?action=\(line.action)")
        let view = UpgradeLogView(lines: [line], filter: filter, clusters: [])
        let text = try html("upgrade-log", view.values)
        #expect(text.contains("name=\"action\" value=\"\(line.action)\""))
        #expect(text.contains("href=\"/clusters/cmp-a\""))
        filter.action = "0"
        #expect(!filter.admits(line))
    }

    @Test func manyImagesHaveAPager() throws {
        func page(_ next: UInt64?) throws -> String {
            let view = ImageListView(
                images: Page(items: [Self.image()], next: next),
                leftOut: [],
                uploads: [],
                pushes: [],
                network: Sample.network([]),
                person: Sample.ada
            )
            return try html("iso-maintenance", view.values)
        }
        #expect(try !page(nil).contains("rel=\"next\""))
        #expect(try page(77).contains("href=\"/iso-maintenance?before=77\" rel=\"next\""))
    }

    @Test func linesStandBelowTheirActionAndGoOn() throws {
        let lines = [
            Self.line("step 1/2: check", step: 101, result: "failed", detail: "no space"),
            Self.line("install cmp-a-1", step: 100), Self.line("Initiate upgrade", server: nil),
        ]
        let view = UpgradeLogView(lines: lines, next: 5, filter: LineFilter(), clusters: [])
        let text = try html("upgrade-log", view.values)
        #expect(text.contains("class=\"line-step\"") && text.contains("class=\"line-command\""))
        #expect(text.contains("class=\"line-action\""))
        #expect(text.contains("/upgrade-log?before=5"))
        #expect(text.contains("href=\"/servers/cmp-a-1\""))
        #expect(text.contains("no space") && text.contains("1:05"))
    }

    @Test func alarmsSayTheirSeverityAndMarksInWords() throws {
        var known = Self.alarm("cmp-a-2")
        known.acknowledgedBy = PersonName("bob")
        known.acknowledgedAt = Self.now
        known.acknowledgeNote = "CHG-7"
        let view = AlarmListView(
            alarms: [Self.alarm("cmp-a-1"), known],
            next: nil,
            isHistory: false,
            now: Self.now,
            person: Sample.ada
        )
        #expect(view.summary == "2 alarms: 2 critical")
        let text = try html("alarms", view.values)
        for part in ["70508", "SERVER_IS_ZOMBIE", ">critical<", ">expected<", ">stale<", "by bob"] {
            #expect(text.contains(part), "\(part)")
        }
        // One form: the other alarm is acknowledged already, and still active.
        #expect(text.components(separatedBy: "action=\"/alarms/acknowledge\"").count == 2)
    }

    @Test func aCertificateIsWarnedOfThirtyDaysBefore() {
        func soon(_ days: UInt64) -> Bool {
            let end = WallTime(milliseconds: Self.now.milliseconds + days * 86_400_000)
            let expiry = CertificateExpiry(server: nil, owner: "c1", expiresAt: end)
            return Notes.endsSoon(expiry, now: Self.now)
        }
        #expect(soon(30) && !soon(31))
        let hour = WallTime(milliseconds: Self.now.milliseconds + 3_600_000)
        #expect(Notes.left(until: hour, now: Self.now) == "in 1 h")
        #expect(Notes.left(until: Self.now, now: Self.now) == "has ended")
    }

    @Test func onlyTheEndOfLongLogsIsShown() throws {
        let long = String(repeating: "x", count: ServerView.shownLogByteCount) + "the end"
        let view = ServerView(
            server: Sample.server("cmp-a-1"),
            cluster: Sample.cluster(),
            alarms: [],
            history: [],
            logs: LogCollection(id: nil, isComplete: true, text: "the start" + long),
            images: [],
            certificate: nil,
            now: Self.now,
            person: Sample.viewer
        )
        let text = try html("server", view.values)
        #expect(text.contains("the end") && !text.contains("the start"))
        #expect(text.contains("The last 64.0 KiB are shown."))
        #expect(!text.contains("collect-logs"))
    }

    @Test func aServersButtonsArePressedFromItsPage() throws {
        let cluster = Sample.cluster(buttons: [
            Sample.offer(.startUpgrade), Sample.offer(.hold, server: "cmp-a-1"),
            Sample.offer(.hold, server: "cmp-a-2"),
        ])
        func page(_ person: KnownPerson) throws -> String {
            let view = ServerView(
                server: cluster.servers[0],
                cluster: cluster,
                alarms: [],
                history: [],
                logs: LogCollection(id: nil, isComplete: true, text: ""),
                images: [],
                certificate: nil,
                now: Self.now,
                person: person
            )
            return try html("server", view.values)
        }
        let text = try page(Sample.ada)
        for href in ["start-upgrade", "hold?server=cmp-a-1"] {
            #expect(text.contains("href=\"/clusters/cmp-a/press/\(href)\""))
        }
        #expect(!text.contains("hold?server=cmp-a-2"))
        #expect(text.contains("Not offered here: both servers run one release"))
        #expect(!(try page(Sample.viewer)).contains("/press/"))
    }
}
