import ControllerAPI
import Foundation
import TandemModel
import Testing

@testable import ControllerWeb

/// What the pages make of a network: pure, from status to text.
struct PageTests {
    private func html(_ template: String, _ values: Values) async throws -> String {
        let renderer = try PageRenderer.shared.get()
        let frame = PageFrame(title: "Test", section: .upgradeManager, person: Sample.ada)
        return try renderer.text(template, values.merging(frame.values) { mine, _ in mine })
    }

    private func manager(_ clusters: [ClusterStatus], _ query: ManagerQuery = ManagerQuery())
        async throws -> String
    {
        try await html(
            "manager",
            ManagerView.page(Sample.network(clusters), query, images: [], person: Sample.ada)
        )
    }

    @Test func theTableHasTheColumnsThatOperatorsKnow() async throws {
        let text = try await manager([Sample.cluster()])
        let heads = text.matches(of: #/<th role="columnheader" scope="col"[^>]*>([^<]*)</th>/#)
        #expect(
            heads.map { String($0.1) } == [
                "Name", "Alarm Severity", "Up to Date", "Server Role", "Prev Release",
                "Running Release", "Upgrade Operation",
            ]
        )
        #expect(text.contains("cmp-a-1"))
        #expect(text.contains("Nobody must do anything."))
        #expect(text.contains("data-after=\"3-7\""))
    }

    @Test func theTimeOfAnEndedActionIsOnePiece() async throws {
        var cluster = Sample.cluster()
        cluster.servers[0].operation =
            "Fence cmp-a-1 (next) Completed Successfully at 2026-11-27 00:54:00 UTC"
        let text = try await manager([cluster])
        #expect(
            text.contains(
                "Fence cmp-a-1 (next) Completed Successfully at "
                    + "<span class=\"when\">2026-11-27 00:54:00 UTC</span>"
            )
        )
    }

    @Test func theBoardIsAsLongAsAPersonReads() async throws {
        var clusters = (10..<70).map {
            Sample.cluster("c\($0)", position: .unseen, nextStep: "Somebody looks.")
        }
        clusters[59].position = .oldNew
        clusters[59].operation = OperationStatus(
            id: OperationID(high: 1, low: 2),
            direction: .up,
            old: ReleaseID(product: "cmp", version: "1"),
            new: ReleaseID(product: "cmp", version: "2"),
            owner: PersonName("ada"),
            reason: "",
            startedAt: WallTime(milliseconds: 0),
            action: nil,
            lastResult: "",
            failure: nil
        )
        let text = try await manager(clusters)
        let board = try #require(text.components(separatedBy: "id=\"board\"").last)
            .components(separatedBy: "</section>")[0]
        #expect(board.components(separatedBy: "Somebody looks.").count == Board.lineCountMax + 1)
        #expect(board.contains("and 10 more: <a href=\"/?waits=1\">"))
        let open = try #require(board.range(of: "/clusters/c69"))
        let first = try #require(board.range(of: "/clusters/c10"))
        #expect(open.lowerBound < first.lowerBound, "an open operation comes first")
        // The sound and the title know of all.
        #expect(board.contains("c68 c69"))
    }

    // MARK: - Certificates that end soon

    private static func agents(_ count: Int, days: UInt64 = 12) -> [CertificateExpiry] {
        (1...count).map { number in
            CertificateExpiry(
                server: ServerName("s\(number)"),
                owner: "agent of s\(number)",
                expiresAt: WallTime(milliseconds: (days + UInt64(number)) * 86_400_000)
            )
        }
    }

    @Test func theManagerTellsInOneLineWhichCertificatesEnd() async throws {
        func page(_ certificates: [CertificateExpiry]) async throws -> String {
            var network = Sample.network([Sample.cluster()])
            network.time = WallTime(milliseconds: 0)
            let query = ManagerQuery()
            let whole = ManagerView.page(
                network,
                query,
                images: [],
                certificates: certificates,
                person: Sample.ada
            )
            let pieces = ManagerView.pieces(
                network,
                query,
                certificates: certificates,
                clusters: []
            )
            let line = { (text: String) in
                text.components(separatedBy: "id=\"certificates\"").dropFirst().first?
                    .components(separatedBy: "\n").first
            }
            let shown = try #require(line(try await html("manager", whole)))
            #expect(line(try await html("manager-pieces", pieces)) == shown, "live as on the page")
            return shown
        }
        #expect(try await page([]) == " data-live></div>")
        #expect(try await page(Self.agents(1, days: 40)) == " data-live></div>")
        let one = try await page(Self.agents(1))
        #expect(one.contains("A certificate ends soon:") && one.contains("agent of s1"))
        #expect(one.contains("(in 13 days)"))
        let many = try await page(Self.agents(10).reversed())
        #expect(many.contains("10 certificates end soon,") && many.contains("agent of s1,"))
        #expect(!many.contains("agent of s2") && many.contains("/alarms#certificate-list"))
    }

    @Test func aClusterTellsOfItsOwnCertificatesAndTheControllers() {
        let now = WallTime(milliseconds: 0)
        let cluster = Sample.cluster(servers: [Sample.server("s2")])
        func told(_ certificates: [CertificateExpiry]) -> String? {
            (ClusterView.expiring(certificates, of: cluster, now: now) as? Values)?["owner"]
                as? String
        }
        #expect(told(Self.agents(1)) == nil)
        #expect(told(Self.agents(3)) == "agent of s2")
        let own = CertificateExpiry(server: nil, owner: "port of c1", expiresAt: now)
        #expect(told(Self.agents(3) + [own]) == "port of c1")
    }

    @Test func namesFullOfMarkupAreEscaped() async throws {
        let nasty = "<script>alert('x')</script>\"><img src=x onerror=y>&amp;"
        var cluster = Sample.cluster(
            nasty,
            servers: [Sample.server(nasty, running: nasty, operation: nasty)],
            buttons: [
                Sample.offer(
                    .startUpgrade,
                    server: nasty,
                    action: nasty,
                    warnings: [nasty],
                    demands: PressDemands(needsReason: true, loss: nasty, statements: [nasty])
                ), Sample.offer(.hold, whyNot: nasty),
            ],
            nextStep: nasty
        )
        cluster.positionText = nasty
        cluster.seenLines = [nasty]
        let press = PressView(cluster, .startUpgrade, server: nil, images: [], person: Sample.ada)
        let problem = TandemError(.seenChanged, nasty, remedy: nasty)
        var entry = PressEntry()
        entry.reason = nasty
        entry.lines = ["\(nasty)2"]
        let version = ConfigurationInfo(
            number: 1,
            schema: nasty,
            digest: .none,
            document: nasty,
            person: PersonName(nasty),
            reason: nasty,
            savedAt: WallTime(milliseconds: 0),
            isQueued: false
        )
        for text in [
            try await manager([cluster]),
            try await html("cluster", ClusterView.page(cluster, log: [], person: Sample.ada)),
            try await html("press", press.values(entry, problem: problem)),
            try await html(
                "configuration",
                ConfigurationView.page(
                    cluster,
                    [version, version],
                    from: nil,
                    to: nil,
                    entry: nil,
                    person: Sample.ada
                )
            ),
        ] {
            #expect(!text.contains("<script>alert"))
            #expect(!text.contains("<img"))
            #expect(text.contains("&lt;img"))
        }
    }

    @Test(arguments: Button.allCases.filter { $0 != .removeCluster })
    func everyButtonSaysWhyNot(_ button: Button) async throws {
        let greyed = Sample.cluster(buttons: [Sample.offer(button, whyNot: "cmp-2 is silent")])
        let states = ButtonState.all(for: greyed, person: Sample.ada)
        #expect(states.allSatisfy { !$0.whyNot.isEmpty })
        #expect(states.first { $0.button == button }?.whyNot == "cmp-2 is silent")
        let page = try await html(
            "cluster",
            ClusterView.page(greyed, log: [], person: Sample.ada)
        )
        #expect(page.contains("cmp-2 is silent"))

        let offered = Sample.cluster(buttons: [Sample.offer(button)])
        let mine = ButtonState.all(for: offered, person: Sample.ada).first { $0.button == button }
        #expect(mine?.whyNot.isEmpty == true)
        let theirs = ButtonState.all(for: offered, person: Sample.viewer)
            .first { $0.button == button }
        #expect(theirs?.whyNot.contains("needs the role") == true)
    }

    @Test func aBarForSeveralSaysForHowMany() {
        let one = Sample.cluster("a", buttons: [Sample.offer(.startUpgrade)])
        let other = Sample.cluster("b", buttons: [Sample.offer(.startUpgrade, whyNot: "no image")])
        let bar = ButtonBar.values(for: [one, other], person: Sample.ada)
        let start = (bar["buttons"] as? [Values])?.first
        #expect(start?["isGreyed"] as? Bool == false)
        #expect(start?["why"] as? String == "For 1 of the 2 that are checked.")
    }

    @Test func aQueryKeepsWhatOneAsksFor() {
        var query = ManagerQuery([
            (key: "q", value: "no&rth"), (key: "waits", value: "1"),
            (key: "columns", value: "1"), (key: "show", value: "role"),
            (key: "open", value: "cmp-a"), (key: "toggle", value: "cmp-a"),
            (key: "nonsense", value: "x"),
        ])
        #expect(query.columns == [ManagerQuery.Column.role])
        #expect(query.text() == "q=no%26rth&waits=1&columns=1&show=role&open=cmp%2Da")
        query.toggle(in: [Sample.cluster()], isSmallNetwork: true)
        #expect(query.open.isEmpty)
        #expect(
            query.closed == ["cmp-a"].map { ClusterName($0) }.reduce(into: []) { $0.insert($1) }
        )
        #expect(!query.shows(Sample.cluster()))
    }

    @Test func quietClustersAreFoldedInALargeNetwork() {
        let query = ManagerQuery()
        #expect(!query.isOpen(Sample.cluster(), isSmallNetwork: false))
        let waiting = Sample.cluster(position: .oldNew, nextStep: "An operator presses Continue.")
        #expect(query.isOpen(waiting, isSmallNetwork: false))
        #expect(waiting.waitsForPerson)
        let down = Sample.cluster(position: .noneActive, nextStep: "Somebody restores service.")
        #expect(query.isOpen(down, isSmallNetwork: false), "lost service, without an operation")
        let unheard = Sample.cluster(position: .unseen, nextStep: "Somebody starts the agents.")
        #expect(!query.isOpen(unheard, isSmallNetwork: false))
    }

    @Test func aConfirmationAsksInTheKnownWords() async throws {
        let cluster = Sample.cluster(
            buttons: [
                Sample.offer(
                    .continueUpgrade,
                    action: "Failover to new version cmp-a (next)",
                    peopleNeeded: 2,
                    demands: PressDemands(needsReason: true, loss: "writes on cmp-a-1 will be lost")
                )
            ]
        )
        let view = PressView(cluster, .continueUpgrade, server: nil, images: [], person: Sample.ada)
        let text = try await html("press", view.values(PressEntry()))
        for words in [
            "Are you sure that you want to perform this action?",
            "Failover to new version cmp-a (next)", "value=\"token-of-cmp-a\"",
            "A second person has to approve", "I accept this for cmp-a: writes on cmp-a-1",
            "Reason or ticket number (needed)", "value=\"token-of-ada\"",
        ] { #expect(text.contains(words), "\(words)") }
    }

    @Test func noticesAreAcknowledgedOneByOne() throws {
        let image = ImageInfo(
            image: .none,
            manifest: .none,
            release: ReleaseID(product: "cmp", version: "2.0.0"),
            byteCount: 1,
            kinds: [.cmp],
            minimumCMP: "",
            notices: ["first", "second"],
            isPatch: false,
            addedAt: WallTime(milliseconds: 0),
            heldBy: []
        )
        let view = PressView(
            Sample.cluster(buttons: [Sample.offer(.startUpgrade)]),
            .startUpgrade,
            server: nil,
            images: [image],
            person: Sample.ada
        )
        var entry = PressEntry()
        entry.notices = ["notice-0"]
        #expect(throws: TandemError.self) { try view.request(entry) }
        entry.notices = ["notice-0", "notice-1"]
        let request = try view.request(entry)
        #expect(request.acknowledgedNotices == ["first", "second"])
        #expect(request.release == image.release)
    }

    @Test func aChangeIsToldLineByLine() async throws {
        let cluster = Sample.cluster(buttons: [Sample.offer(.startUpgrade)])
        var entry = PressEntry()
        entry.reason = "CHG-1"
        entry.lines = ["position idle", "cmp-a-1: standby, cmp 1.0.0"]
        let view = PressView(cluster, .startUpgrade, server: nil, images: [], person: Sample.ada)
        let refusal = TandemError(.seenChanged, "changed", remedy: "Look again.")
        let text = try await html("press", view.values(entry, problem: refusal))
        #expect(text.contains("was: cmp-a-1: standby, cmp 1.0.0"))
        #expect(text.contains("is now: cmp-a-1: active, cmp 1.0.0"))
        #expect(!text.contains("was: position idle"))
        #expect(text.contains("value=\"CHG-1\""))
    }

    @Test func anEventHasTheStreamsForm() throws {
        let changes = NetworkChanges(
            epoch: 3,
            version: 9,
            clusters: [ClusterName("a")],
            removed: [ClusterName("b")]
        )
        #expect(
            try EventStream.text(of: changes) == """
                id: 3-9
                event: changed
                data: {"clusters":["a"],"removed":["b"],"version":9}


                """
        )
        #expect(EventPosition("3-9") == EventPosition(epoch: 3, version: 9))
        for bad in ["", "3", "3-", "-1", "3-9-1", "a-b", "+3-9", "3-09"] {
            #expect(EventPosition(bad) == nil)
        }
    }

    @Test func streamsAreCounted() throws {
        let openings = StreamOpenings()
        for _ in 0..<StreamOpenings.perPersonMax { try openings.open(Sample.ada.name) }
        #expect(throws: TandemError.self) { try openings.open(Sample.ada.name) }
        try openings.open(Sample.viewer.name)
        openings.close(Sample.ada.name)
        try openings.open(Sample.ada.name)
    }

    @Test func aThousandClustersMakeAPageInAFractionOfASecond() async throws {
        let clusters = (0..<1000).map { Sample.cluster("cluster-\($0)") }
        let clock = ContinuousClock()
        let start = clock.now
        let text = try await manager(clusters)
        // Unoptimised; a release build takes about a tenth.
        #expect(clock.now - start < .seconds(3))
        #expect(!text.contains("cluster-7-1"))
        #expect(text.utf8.count < 2_000_000)
    }
}
