import ControllerAPI
import Foundation
import Synchronization
import TandemModel
import TandemSpawn
import Testing

@testable import tandem

/// The built program against an API that says what each test needs.
struct ControllerEndToEndTests {
    /// Answers for a cluster whose action ends at the third look.
    private static func script(
        press: StubController.Answer,
        failure: TandemFailure? = nil,
        images: [ImageInfo] = []
    ) -> StubController.Script {
        let looks = Mutex(0)
        return { request in
            switch (request.method, request.path.prefix { $0 != "?" }) {
            case ("POST", "/api/v1/clusters/scef-1/press"): return press
            case ("GET", "/api/v1/images"): return .value(Page(items: images, next: nil))
            case ("GET", "/api/v1/network"): return .value(Sample.network(Sample.cluster()))
            case ("GET", "/api/v1/clusters/scef-1") where !request.path.contains("?"):
                return .value(ClusterSnapshot(version: 1, status: Sample.cluster()))
            case ("GET", "/api/v1/clusters/scef-1"):
                let look = looks.withLock { count in
                    count += 1
                    return count
                }
                let operation =
                    look < 3
                    ? Sample.operation(
                        action: Sample.running(step: Sample.step(UInt16(look), "Step \(look)"))
                    )
                    : Sample.operation(
                        lastResult:
                            "Initiate upgrade scef-1b (next) Completed Successfully at 12:00",
                        failure: failure
                    )
                let status = Sample.cluster(operation: operation)
                return .value(ClusterSnapshot(version: UInt64(look + 1), status: status))
            case _:
                return .problem(
                    TandemError(.unknownName, "no such thing", remedy: "Look elsewhere.")
                )
            }
        }
    }

    private static let begun = StubController.Answer.value(
        PressResponse(action: Sample.action, approval: nil),
        status: 202
    )

    private static func pressed(_ stub: StubController) throws -> PressRequest? {
        try stub.requests.first { $0.method == "POST" }?.decoded(PressRequest.self)
    }

    @Test
    func confirmedPressIsFollowedToItsEnd() throws {
        let stub = try StubController(
            Self.script(press: Self.begun, images: [Sample.image(2, notices: ["Sessions end."])])
        )
        let run = try stub(
            "upgrade",
            "start-upgrade",
            "scef-1",
            "--release",
            "scef-fe-12.6.1",
            input: "y\nyes\nCHG-42\n"
        )
        #expect(run.exit == 0, "\(run.error)")
        #expect(run.error.contains("Are you sure that you want to perform this action?\n"))
        #expect(run.error.contains("  - Sessions end.\n"))
        #expect(
            run.output == """
                [....................] Initiate upgrade scef-1b (next) step 1/7: Step 1 0% (elapsed 0:00)
                [....................] Initiate upgrade scef-1b (next) step 2/7: Step 2 0% (elapsed 0:00)
                Initiate upgrade scef-1b (next) Completed Successfully at 12:00
                Next: Start Upgrade, if it is time.

                """
        )
        let press = try Self.pressed(stub)
        #expect(press?.button == .startUpgrade && press?.release == Sample.next)
        #expect(press?.seen == Sample.seen && press?.reason == "CHG-42")
        #expect(press?.acknowledgesNotices == true)
    }

    @Test(arguments: ["n\n", "", "\n", "y\nn\n"])
    func withoutYesNothingIsPressed(_ input: String) throws {
        let stub = try StubController(
            Self.script(press: Self.begun, images: [Sample.image(2, notices: ["Sessions end."])])
        )
        let run = try stub("upgrade", "start-upgrade", "scef-1", input: input)
        #expect(run.exit == 3)
        #expect(run.error.hasSuffix("Nothing was done.\n"))
        #expect(try Self.pressed(stub) == nil)
    }

    @Test
    func scriptGivesBackWhatItSaw() throws {
        let stub = try StubController(Self.script(press: Self.begun))
        let run = try stub(
            "upgrade",
            "start-upgrade",
            "scef-1",
            "--yes",
            "--seen",
            "token",
            "--reason",
            "r",
            "--json"
        )
        #expect(run.exit == 0 && run.error.isEmpty)
        #expect(try Self.pressed(stub)?.seen == "token")
        let end = try JSONDecoder().decode(ClusterStatus.self, from: Data(run.output.utf8))
        #expect(end.operation?.lastResult.contains("Completed Successfully") == true)
    }

    @Test
    func yesWithoutSeenAsksNobody() throws {
        let stub = try StubController(Self.script(press: Self.begun))
        for arguments in [
            ["upgrade", "start-upgrade", "scef-1", "--yes"],
            ["config", "reapply", "scef-1", "--yes"], ["server", "recovered", "scef-1a", "--yes"],
        ] {
            let run = try stub.certificates.program(arguments)
            #expect(run.exit == 2)
            #expect(run.error.contains("TDM-5004"))
        }
        #expect(stub.requests.isEmpty)
    }

    /// Hold, Fence and the like belong to no operation: what the last operation came to is not their end,
    /// and what began after them isn't either.
    @Test(arguments: [(EndedAction.Ending.done, Int32(0)), (.failed, 6), (.stopped, 7)])
    func actionsOutsideAnOperationAreFollowed(_ ending: EndedAction.Ending, _ exit: Int32) throws {
        let looks = Mutex(0)
        let begun = Self.begun
        let stub = try StubController { request in
            guard request.method == "GET" else { return begun }
            let look = looks.withLock { count in
                count += request.path.contains("?") ? 1 : 0
                return count
            }
            var status = Sample.cluster(operation: Sample.operation(lastResult: "Of yesterday"))
            var other = Sample.running(step: nil)
            other.id = ActionID(high: 99, low: 99)
            status.action = look < 3 ? Sample.running(step: nil) : other
            let failure = TandemFailure(code: "TDM-4001", message: "no way", remedy: "Look.")
            let end = EndedAction(
                id: Sample.action,
                ending: ending,
                result: "Hold scef-1b (next) ended",
                failure: ending == .failed ? failure : nil
            )
            status.endedActions = look < 3 ? [] : [end]
            return .value(ClusterSnapshot(version: UInt64(look + 1), status: status))
        }
        let run = try stub("upgrade", "hold", "scef-1", "--yes", "--seen", "t")
        #expect(run.exit == exit, "\(run.error)")
        #expect(run.output.contains("Hold scef-1b (next) ended\n"))
        #expect(!run.output.contains("Of yesterday"))
        #expect(run.output.contains("no way") == (ending == .failed))
    }

    /// Two people remove a cluster: the first one's command says what the second has to run.
    @Test
    func aClusterIsRemovedByTwoPeople() throws {
        let stub = try StubController { request in
            switch request.method {
            case "DELETE": .value(PressResponse(action: nil, approval: Sample.request), status: 202)
            case _: .value(ClusterSnapshot(version: 1, status: Sample.cluster()))
            }
        }
        let run = try stub("cluster", "remove", "scef-1", input: "y\nadded by mistake\n")
        #expect(run.exit == 5, "\(run.error)")
        #expect(run.error.contains("Remove cluster scef-1 with scef-1a and scef-1b."))
        #expect(run.output == "Waits for a second person: tandem approve \(Sample.request)\n")
        let removal = try #require(stub.requests.first { $0.method == "DELETE" })
        #expect(removal.path == "/api/v1/clusters/scef-1")
        let asked = try removal.decoded(ClusterRemovalRequest.self)
        #expect(asked == ClusterRemovalRequest(reason: "added by mistake", seen: Sample.seen))
        let no = try stub("cluster", "remove", "scef-1", input: "n\n")
        #expect(no.exit == 3 && no.error.hasSuffix("Nothing was done.\n"))
        #expect(stub.requests.filter { $0.method == "DELETE" }.count == 1)
    }

    /// So much has ended since that nobody tells any more: that is no "done".
    @Test
    func anEndThatNobodyTellsIsNoSuccess() throws {
        let begun = Self.begun
        let stub = try StubController { request in
            guard request.method == "GET" else { return begun }
            return .value(ClusterSnapshot(version: 1, status: Sample.cluster(endedActions: [])))
        }
        let run = try stub("upgrade", "hold", "scef-1", "--yes", "--seen", "t")
        #expect(run.exit == 1)
        #expect(run.error.contains("`tandem log scef-1`"))
    }

    @Test
    func exitCodeTellsHowItEnded() throws {
        let failure = TandemFailure(
            code: "TDM-4002",
            message: "dpkg failed",
            remedy: "Try Again.",
            diagnostic: "postinst: no"
        )
        let failing = try StubController(Self.script(press: Self.begun, failure: failure))
        let failed = try failing("upgrade", "try-again", "scef-1", "--yes", "--seen", "t")
        #expect(failed.exit == 6)
        #expect(
            failed.output.contains(
                "Failed: dpkg failed [TDM-4002]\n  -> Try Again.\n  | postinst: no\n"
            )
        )

        let second = StubController.Answer.value(
            PressResponse(action: nil, approval: Sample.request),
            status: 202
        )
        let waiting = try StubController(Self.script(press: second))
        let asked = try waiting("upgrade", "close-as-observed", "scef-1", "--yes", "--seen", "t")
        #expect(asked.exit == 5)
        #expect(asked.output == "Waits for a second person: tandem approve \(Sample.request)\n")

        let changed = TandemError(
            .seenChanged,
            "scef-1b was standby, is active",
            remedy: "Look again."
        )
        let refusing = try StubController(Self.script(press: .problem(changed)))
        let refused = try refusing("upgrade", "start-upgrade", "scef-1", "--yes", "--seen", "t")
        #expect(refused.exit == 3)
        #expect(
            refused.error == "tandem: scef-1b was standby, is active\n  -> Look again. [TDM-5003]\n"
        )
        #expect(try refusing("cluster", "show", "other").exit == 3)
    }

    @Test
    func controllerThatIsNotThereIsFour() throws {
        let made = try CertificateFolder()
        // A port that was free a moment ago and is closed again.
        let stub = try StubController { _ in .value("") }
        let address = try String(
            decoding: Files.read(
                stub.certificates.folder(".config/tandem/cli.conf"),
                byteCountMax: 4096
            ),
            as: UTF8.self
        )
        let port = try #require(address.firstMatch(of: /:(\d+)/)?.1)
        // Its authority is another one: nobody is believed, in neither direction.
        let run = try made.program(
            "cluster",
            "list",
            "--controller",
            "127.0.0.1:\(port)",
            "--certificate",
            "ca/people/anna.pem",
            "--key",
            "ca/people/anna.key",
            "--authority",
            "ca/operators-ca.pem"
        )
        #expect(run.exit == 4, "\(run.error)")
        let none = try made.program(
            "cluster",
            "list",
            "--controller",
            "127.0.0.1:1",
            "--certificate",
            "ca/people/anna.pem",
            "--key",
            "ca/people/anna.key",
            "--authority",
            "ca/operators-ca.pem"
        )
        #expect(none.exit == 4)
        #expect(none.error.contains("can't be reached"))
    }

    @Test
    func listsAreReadPageByPage() throws {
        @Sendable func entry(_ number: Int) -> AuditEntry {
            AuditEntry(
                time: Sample.time,
                person: Sample.anna,
                cluster: nil,
                server: nil,
                what: "press \(number)",
                reason: ""
            )
        }
        let stub = try StubController { request in
            let before = request.path.firstMatch(of: /before=(\d+)/).flatMap { Int($0.1) } ?? 7
            let items = (1..<before).reversed().prefix(3).map(entry)
            return .value(Page(items: items, next: before > 4 ? UInt64(before - 3) : nil))
        }
        let all = try stub("audit", "--limit", "0")
        #expect(
            all.output.matches(of: /press \d/).map { String($0.0.suffix(1)) } == [
                "1", "2", "3", "4", "5", "6",
            ]
        )
        let some = try stub("audit", "--limit", "4", "--json")
        let entries = try JSONDecoder().decode([AuditEntry].self, from: Data(some.output.utf8))
        #expect(entries.map(\.what) == ["press 6", "press 5", "press 4", "press 3"])
    }

    @Test
    func watchTellsChangesUntilItIsEnded() throws {
        let looks = Mutex(0)
        let stub = try StubController { request in
            guard request.path.hasPrefix("/api/v1/network") else {
                return .value(Page<AlarmEntry>(items: [], next: nil))
            }
            let look = looks.withLock { count in
                count += 1
                return count
            }
            let servers = [
                Sample.server("scef-1a", .active),
                Sample.server("scef-1b", .standby, runs: "scef-fe 12.6.\(look)"),
            ]
            return .value(Sample.network(Sample.cluster(servers: servers), version: UInt64(look)))
        }
        // `head` ends it by reading no more than that.
        let script = #"\#(Program.path) watch scef-1 | head -n 4"#
        let run = try stub.certificates.program(["-c", script], program: "/bin/sh")
        #expect(
            run.output.split(separator: "\n").map { $0.dropFirst(25) } == [
                "scef-1: No operation is open.",
                "scef-1a: active, in service, runs scef-fe 12.6.0",
                "scef-1b: standby, runs scef-fe 12.6.1", "scef-1b: standby, runs scef-fe 12.6.2",
            ]
        )
        #expect(try stub("watch", "other").exit == 3)
    }
}
