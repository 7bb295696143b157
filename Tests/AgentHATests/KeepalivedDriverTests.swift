import AgentHA
import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_keepalived

/// A server whose keepalived does what the real one does: it looks at its file and elects.
private final class FakeServer: Surroundings {
    static let serviceAddress = "10.0.0.10"
    static let mateAddress = "10.0.0.2"

    let folder: String
    var bearsAddress = false
    var mateBearsAddress = false
    var isMateThere = true
    /// Why nobody can be asked.
    var silence: TandemError?
    /// Happens while somebody is asked.
    var meanwhile: (() -> Void)?
    var isKeepalivedRunning = true
    /// Whether it tracks the file at all.
    var tracks = true
    /// When it first does.
    var tracksAfter: UInt64 = 0
    var isServiceRunning = true
    var now: UInt64 = 0
    /// Milliseconds between the mate's last word and our election.
    var electionMilliseconds: UInt64 = 600
    private var lonelySince: UInt64?
    private var state = "BACKUP"

    init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-keepalived-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        lonelySince = 0
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var driver: KeepalivedDriver<FakeServer> {
        KeepalivedDriver(
            server: self,
            serviceAddress: Self.serviceAddress,
            mateAddress: Self.mateAddress,
            exclusion: .referee,
            folder: folder
        )
    }

    var standing: Standing { get throws { try Standing(path: driver.standingPath) } }

    func bears(_ address: String) -> Bool { address == Self.serviceAddress && bearsAddress }

    func answers(_ address: String) throws(TandemError) -> Bool {
        meanwhile?()
        if let silence { throw silence }
        return address == Self.serviceAddress ? bearsAddress || mateBearsAddress : isMateThere
    }

    func drop(_ address: String) -> Bool {
        bearsAddress = false
        return true
    }

    func killKeepalived() { isKeepalivedRunning = false }

    var milliseconds: UInt64 { now }

    func pause() {
        now += 20
        elect()
    }

    func elect() {
        guard isKeepalivedRunning else { return }
        let isBack = tracks && now >= tracksAfter && !((try? standing.marks.isEmpty) ?? true)
        if isBack {
            bearsAddress = false
            lonelySince = nil
            change(to: "FAULT")
        } else if mateBearsAddress {
            lonelySince = nil
            change(to: "BACKUP")
        } else if !bearsAddress {
            let since = lonelySince ?? now
            lonelySince = since
            guard now - since >= electionMilliseconds else { return change(to: "BACKUP") }
            bearsAddress = true
            change(to: "MASTER")
        }
    }

    private func change(to state: String) {
        guard state != self.state else { return }
        self.state = state
        #expect(noteTransition(["INSTANCE", "cluster", state, "100"], in: folder) == 0)
    }
}

@Suite struct KeepalivedDriverTests {
    @Test func whoBearsTheAddressIsActive() throws {
        let server = try FakeServer()
        var status = try server.driver.status()
        #expect(status.role == .standby)
        #expect(status.peerRole == .other)
        #expect(!status.isInService)
        server.bearsAddress = true
        status = try server.driver.status()
        #expect(status.role == .active)
        #expect(status.isInService)
        server.isServiceRunning = false
        #expect(try !server.driver.status().isInService)
    }

    @Test func aServerWithoutKeepalivedIsOutOfService() throws {
        let server = try FakeServer()
        server.isKeepalivedRunning = false
        #expect(try server.driver.status().role == .outOfService)
    }

    @Test(arguments: [
        (isMateActive: true, isMateThere: true, is: PeerRole.active),
        (isMateActive: false, isMateThere: true, is: .other),
        (isMateActive: false, isMateThere: false, is: .unseen),
    ])
    func theMateIsSeenOnTheWire(row: (isMateActive: Bool, isMateThere: Bool, is: PeerRole)) throws {
        let server = try FakeServer()
        server.mateBearsAddress = row.isMateActive
        server.isMateThere = row.isMateThere
        #expect(try server.driver.status().peerRole == row.is)
    }

    @Test func aDemotedServerStandsBackUntilItsMateServes() throws {
        let server = try FakeServer()
        server.bearsAddress = true
        #expect(server.driver.perform(.demote(to: nil)) == .done)
        #expect(!server.bearsAddress)
        // Nobody serves yet: however long it lasts, it does not take the address by itself.
        for _ in 0..<500 { server.pause() }
        #expect(!server.bearsAddress)
        #expect(try server.driver.status().role == .standby)
        #expect(try server.standing.marks == [.demoted])
        server.mateBearsAddress = true
        #expect(try server.driver.status().peerRole == .active)
        #expect(try server.standing.marks.isEmpty, "the failover is settled")
        // And from then on it helps its mate out.
        server.mateBearsAddress = false
        for _ in 0..<100 { server.pause() }
        #expect(server.bearsAddress)
    }

    @Test func eachChangeMovesTheToken() throws {
        let server = try FakeServer()
        let before = try server.driver.status().token
        #expect(server.driver.perform(.promote(token: before)) == .done)
        let active = try server.driver.status().token
        #expect(active != before)
        #expect(server.driver.perform(.demote(to: nil)) == .done)
        #expect(try server.driver.status().token != active)
    }

    @Test func promoteIsRefusedOnceSomethingHappened() throws {
        let server = try FakeServer()
        let token = try server.driver.status().token
        for state in ["MASTER", "BACKUP"] {
            #expect(noteTransition(["INSTANCE", "cluster", state, "100"], in: server.folder) == 0)
        }
        guard case .refused = server.driver.perform(.promote(token: token)) else {
            Issue.record("an old token was taken")
            return
        }
        #expect(!server.bearsAddress)
    }

    /// Else a failover right after a change would be refused for a hold that has just ended.
    @Test func aHoldThatComesAndGoesLeavesTheTokenAlone() throws {
        let server = try FakeServer()
        server.mateBearsAddress = true
        let token = try server.driver.status().token
        #expect(server.driver.perform(.hold) == .done)
        #expect(server.driver.perform(.unhold) == .done)
        server.pause()
        #expect(try Transitions(path: server.driver.transitionsPath).state == "BACKUP")
        #expect(try server.driver.status().token == token)
    }

    @Test func anActiveServerCountsAsPromotedWhateverTheToken() throws {
        let server = try FakeServer()
        server.bearsAddress = true
        #expect(server.driver.perform(.promote(token: "old")) == .done)
    }

    @Test func nobodyTakesTheAddressFromWhoHasIt() throws {
        let server = try FakeServer()
        server.mateBearsAddress = true
        for request in [DriverRequest.promote(token: "0"), .takeBack] {
            guard case .refused = server.driver.perform(request) else {
                Issue.record("\(request) was not refused")
                return
            }
        }
    }

    @Test func takingBackEndsADemotion() throws {
        let server = try FakeServer()
        server.bearsAddress = true
        #expect(server.driver.perform(.demote(to: nil)) == .done)
        #expect(server.driver.perform(.takeBack) == .done)
        #expect(server.bearsAddress)
    }

    @Test func anElectionThatDoesNotComeLeavesTheServerAsItWas() throws {
        let server = try FakeServer()
        server.bearsAddress = true
        #expect(server.driver.perform(.demote(to: nil)) == .done)
        server.electionMilliseconds = 60_000
        guard case .failed = server.driver.perform(.takeBack) else {
            Issue.record("no failure")
            return
        }
        #expect(try server.standing.marks == [.demoted])
    }

    @Test func aHeldServerNeitherTakesOverNorIsPromoted() throws {
        let server = try FakeServer()
        #expect(server.driver.perform(.hold) == .done)
        #expect(try server.driver.status().isHeld)
        for _ in 0..<200 { server.pause() }
        #expect(!server.bearsAddress)
        let token = try server.driver.status().token
        #expect(server.driver.perform(.promote(token: token)) == .refused("this server is held"))
        #expect(server.driver.perform(.unhold) == .done)
        #expect(server.driver.perform(.unhold) == .done)
        for _ in 0..<200 { server.pause() }
        #expect(server.bearsAddress)
        #expect(server.driver.perform(.hold) == .refused("this server is active"))
    }

    /// On a machine with too much to do keepalived is late; the call's own limit counts.
    @Test func aHoldIsWaitedForAsLongAsTheCallMayTake() throws {
        let server = try FakeServer()
        server.mateBearsAddress = true
        server.tracksAfter = 9000
        var driver = server.driver
        guard case .unknown = driver.perform(.hold) else {
            Issue.record("a hold that nobody keeps yet was reported as done")
            return
        }
        #expect(server.now <= 8000)
        driver.limitMilliseconds = 19_500
        #expect(driver.perform(.hold) == .done)
        #expect(server.now >= 9000)
    }

    @Test func aKeepalivedThatDoesNotTrackTheFileIsNotBelieved() throws {
        let server = try FakeServer()
        server.tracks = false
        guard case .unknown = server.driver.perform(.hold) else {
            Issue.record("a hold that nobody keeps was reported as done")
            return
        }
        server.bearsAddress = true
        guard case .unknown = server.driver.perform(.demote(to: nil)) else {
            Issue.record("a demotion that did not happen was reported as done")
            return
        }
    }

    @Test func fencingEndsAKeepalivedThatHangs() throws {
        let server = try FakeServer()
        server.tracks = false
        server.bearsAddress = true
        #expect(server.driver.perform(.fence) == .done)
        #expect(!server.bearsAddress)
        #expect(!server.isKeepalivedRunning)
        #expect(server.now <= 5000, "the agent waits 5 s for it")
    }

    /// A disk that takes nothing is no reason to leave two servers with one address.
    @Test func fencingGoesOnWhereItsMarkCannotBeWritten() throws {
        let server = try FakeServer()
        server.bearsAddress = true
        try FileManager.default.createDirectory(
            atPath: server.driver.standingPath,
            withIntermediateDirectories: true
        )
        guard case .failed(let why) = server.driver.perform(.fence) else {
            Issue.record("nobody says that the mark is missing")
            return
        }
        #expect(why.contains(server.driver.standingPath))
        #expect(!server.bearsAddress)
        #expect(!server.isKeepalivedRunning)
    }

    @Test func aMarkThatComesDuringALookStays() throws {
        let server = try FakeServer()
        let driver = server.driver
        server.mateBearsAddress = true
        try Standing(marks: [.demoted]).save(driver.standingPath)
        server.meanwhile = {
            server.meanwhile = nil
            #expect(driver.perform(.hold) == .done)
        }
        #expect(try driver.status().peerRole == .active)
        #expect(try server.standing.marks == [.held])
    }

    @Test func twoThatChangeTheFileAtOnceLoseNoMark() throws {
        let server = try FakeServer()
        let path = server.driver.standingPath
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            let mark = Standing.Mark.allCases[index % 2]
            try? Standing.update(path) { standing in
                if index >= 2 { standing.marks.remove(mark) }
                standing.marks.insert(mark)
            }
        }
        #expect(try server.standing.marks == [.demoted, .held])
    }

    @Test func whoCannotAskClaimsNothing() throws {
        let server = try FakeServer()
        server.silence = TandemError(.driverFailed, "no arping", remedy: "install it")
        #expect(throws: TandemError.self) { _ = try server.driver.status() }
        #expect(server.driver.perform(.promote(token: "0")) == .failed("no arping"))
        #expect(!server.bearsAddress)
        // Giving up needs nobody's answer.
        server.bearsAddress = true
        #expect(server.driver.perform(.demote(to: nil)) == .done)
        #expect(!server.bearsAddress)
    }

    @Test(arguments: [("exit 0", true), ("exit 1", false)])
    func somebodyAnswersOrNobody(script: String, isThere: Bool) throws {
        let fake = try FakePostgreSQL()
        try writeProgram("#!/bin/sh\n\(script)", to: "\(fake.folder)/arping")
        #expect(try thisServer("\(fake.folder)/arping").answers("192.0.2.1") == isThere)
    }

    @Test(arguments: ["exit 2", "kill -9 $$", "exec sleep 60"])
    func anArpingThatFailsIsNotSilence(script: String) throws {
        let fake = try FakePostgreSQL()
        try writeProgram("#!/bin/sh\n\(script)", to: "\(fake.folder)/arping")
        #expect(throws: TandemError.self) {
            _ = try thisServer("\(fake.folder)/arping").answers("192.0.2.1")
        }
        #expect(throws: TandemError.self) {
            _ = try thisServer("/nonexistent/arping").answers("192.0.2.1")
        }
    }

    private func thisServer(_ arping: String) -> ThisServer {
        ThisServer(
            interface: "lo",
            pidFile: "/nonexistent",
            service: "",
            control: "",
            arping: arping
        )
    }

    /// On any card, with any prefix length and any label: in a network of its own.
    @Test(arguments: [
        ("192.0.2.10", "192.0.2.10/26 dev lo label lo:service"),
        ("192.0.2.10", "192.0.2.10/32 dev lo"),
        ("2001:db8::10", "2001:db8::10/80 dev lo"),
    ])
    func fencingTakesTheAddressOffAsItStands(address: String, place: String) throws {
        let fake = try FakePostgreSQL()
        let script = """
            ip link set lo up
            ip addr add \(place) || exit 9
            ip -o addr show | grep -q 'inet.* \(address)/' || exit 8
            "$0" fence || exit $?
            ! ip -o addr show | grep -q 'inet.* \(address)/'
            """
        let result = try runChild(
            ChildCommand(
                "/usr/bin/unshare",
                [
                    "-rn", "/bin/sh", "-c", script,
                    try BuiltProgram.path("tandem-ha-keepalived"),
                ],
                environment: ChildCommand.plainEnvironment + [
                    "TANDEM_HA_INTERFACE=eth-other", "TANDEM_HA_SERVICE_ADDRESS=\(address)",
                    "TANDEM_HA_PID_FILE=/nonexistent", "TANDEM_HA_STATE=\(fake.folder)",
                ]
            ),
            timeoutMilliseconds: 60_000
        )
        #expect(result.ending == .exited(0), "\(result.outputText) \(result.errorText)")
    }

    private static let files: [(String, Set<Standing.Mark>)] = [
        ("0\n", []), ("-254 demoted\n", [.demoted]), ("-254\n", [.held]), ("", []),
        ("-254 demoted held\n", [.demoted, .held]),
    ]

    @Test(arguments: files)
    func theFileIsReadAndWritten(text: String, marks: Set<Standing.Mark>) throws {
        let server = try FakeServer()
        try Data(text.utf8).write(to: URL(filePath: server.driver.standingPath))
        #expect(try server.standing.marks == marks)
        try Standing(marks: marks).save(server.driver.standingPath)
        #expect(try server.standing.marks == marks)
    }

    @Test func wordsOfAnotherFormAreNotCounted() throws {
        let server = try FakeServer()
        #expect(noteTransition(["nonsense"], in: server.folder) == 2)
        #expect(try Transitions(path: server.driver.transitionsPath).count == 0)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func theLoopbackAddressIsFoundOnThisServer(address: String) throws {
        let server = ThisServer(interface: "lo", pidFile: "/nonexistent", service: "", control: "")
        #expect(try server.bears(address))
        #expect(try !server.bears("192.0.2.1"))
        #expect(!server.isKeepalivedRunning)
    }
}
