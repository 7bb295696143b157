import AgentHA
import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_conformance

@Suite struct ConformanceTests {
    @Test(arguments: ["standby", "active"])
    func aGoodDriverKeepsEveryRuleAndIsLeftAsItWas(role: String) throws {
        let driver = try ScriptedDriver()
        try Data("\(role)\n".utf8).write(to: URL(filePath: "\(driver.folder)/role"))
        let findings = try driver.findings()
        for rule in Rule.allCases where rule != .noPreemption {
            #expect(findings[rule] == .kept, "\(rule.rawValue): \(findings[rule].text)")
        }
        #expect(!findings.isAnyBroken)
        #expect(try driver.value("role") == role)
        #expect(try driver.value("held") == "no")
        #expect(try driver.value("cut") == "no")
    }

    /// Each rule, and a driver that breaks it.
    static let faults: [(Rule, String)] = [
        (.clearedEnvironment, #"[ -n "$HOME" ] || exit 3"#),
        (.statusForm, "peer=dead"),
        (.statusForm, #"[ "$1" = status ] && echo token=7"#),
        (.statusKeys, "token="),
        (.statusKeys, #"[ "$1" = status ] && { echo in-service=no; exit 0; }"#),
        (.statusAnswers, #"[ "$1$held" = statusyes ] && exit 3"#),
        (.statusIsQuiet, #"[ "$1" = status ] && echo $((token + 1)) > token"#),
        (.exitCodes, #"[ "$1" = hold ] && exit 7"#),
        (.exitCodes, #"[ "$1" = fence ] && kill -9 $$"#),
        (.deadlines, #"[ "$1" = demote ] && exec sleep 60"#),
        (.unknownVerb, #"[ "$1" = no-such-verb ] && exit 0"#),
        (.unknownVerb, #"[ "$1" = no-such-verb ] && { activate; exit 2; }"#),
        (.refusals, #"[ "$1" = hold ] && { echo yes > held; exit 1; }"#),
        (.staleToken, #"[ "$1" = promote ] && { activate; exit 0; }"#),
        (.staleToken, #"[ "$1" = promote ] && [ "$2" != "$token" ] && exit 2"#),
        (.staleToken, #"[ "$1$role$token" = promoteactive2 ] && [ "$2" != 1 ] && exit 1"#),
        (.hold, #"[ "$1" = hold ] && exit 0"#),
        (.hold, #"[ "$1$held" = holdyes ] && exit 2"#),
        (.hold, #"[ "$1" = unhold ] && exit 0"#),
        (.hold, #"[ "$1 $2" = "promote $token" ] && { activate; exit 0; }"#),
        (.replication, #"[ "$1" = inhibit-replication ] && exit 0"#),
        (.replication, #"[ "$1" = allow-replication ] && exit 0"#),
        (.replication, #"[ "$1$cut" = inhibit-replicationyes ] && exit 2"#),
        (.promote, #"[ "$1 $2" = "promote $token" ] && exit 0"#),
        (.promote, #"[ "$1$role" = promoteactive ] && exit 2"#),
        (.demote, #"[ "$1" = demote ] && exit 0"#),
        (.demote, #"[ "$1$role" = demotestandby ] && exit 2"#),
        (.takeBack, #"[ "$1" = take-back ] && exit 0"#),
        (.takeBack, #"[ "$1$role" = take-backactive ] && exit 2"#),
        (.fence, #"[ "$1" = fence ] && exit 0"#),
        (.fence, #"[ "$1$role" = fencestandby ] && exit 2"#),
        (.silence, #"[ "$1" = fence ] && : > lingers"#),
        (.silence, #"[ "$1" = demote ] && : > lingers"#),
        (.generation, "activate() { become active; }"),
        (.generation, #"[ "$1" = take-back ] && { become active; exit 0; }"#),
    ]

    @Test(arguments: faults)
    func aBadDriverIsFoundOut(rule: Rule, fault: String) throws {
        let findings = try ScriptedDriver(fault: fault).findings()
        guard case .broken(let why) = findings[rule] else {
            Issue.record("\(rule.rawValue) is \(findings[rule].text)\n\(findings.table)")
            return
        }
        #expect(!why.isEmpty)
        #expect(findings.isAnyBroken)
        #expect(findings.table.contains("FAILED - \(why)"))
    }

    @Test func everyRuleHasABadDriver() {
        let planted = Set(Self.faults.map(\.0)).union([.noPreemption])
        #expect(planted == Set(Rule.allCases))
    }

    @Test func lookingOnlyMovesNothing() throws {
        let driver = try ScriptedDriver(
            fault: #"case "$1" in status|no-such-verb) ;; *) : > called ;; esac"#
        )
        let findings = try driver.findings(looksOnly: true)
        #expect(!findings.isAnyBroken)
        #expect(findings[.statusKeys] == .kept)
        #expect(findings[.promote].text.hasPrefix("not applicable - "))
        #expect(!FileManager.default.fileExists(atPath: "\(driver.folder)/called"))
    }

    @Test func nobodyIsPromotedBesideAnActiveMate() throws {
        let driver = try ScriptedDriver(fault: "peer=active")
        let findings = try driver.findings()
        #expect(!findings.isAnyBroken, "\(findings.table)")
        #expect(findings[.promote].text.contains("the mate is active"))
        #expect(try driver.value("token") == "1")
    }

    @Test func anAtomicDriverIsTriedOnlyWithItsMatesName() throws {
        let findings = try ScriptedDriver(fault: "switch=atomic").findings()
        #expect(findings[.demote].text.contains("--mate"))
        #expect(!findings.isAnyBroken)
    }

    // MARK: - keepalived's configuration

    static let configurations: [(String, String?)] = [
        ("vrrp_instance a {\n state BACKUP\n nopreempt\n}\n", nil),
        (
            "global_defs {\n x\n}\nvrrp_instance a {\n state BACKUP # MASTER\n nopreempt\n "
                + "virtual_ipaddress {\n 10.0.0.1/24\n }\n}", nil
        ),
        ("vrrp_instance a {\n state BACKUP\n}\n", "a has no `nopreempt`"),
        ("vrrp_instance a {\n state BACKUP\n # nopreempt\n}\n", "a has no `nopreempt`"),
        ("vrrp_instance a {\n state MASTER\n nopreempt\n}\n", "a has not `state BACKUP`"),
        (
            "vrrp_instance a {\n state BACKUP\n track_file {\n nopreempt\n }\n}\n",
            "a has no `nopreempt`"
        ),
        ("", "there is no vrrp_instance"),
    ]

    @Test(arguments: configurations)
    func preemptionIsReadFromTheConfiguration(text: String, obstacle: String?) {
        #expect(KeepalivedConfiguration(text).obstacle == obstacle)
    }
}

/// The program as it is shipped, and the shipped drivers that need no other system.
@Suite struct ConformanceProgramTests {
    private func run(_ arguments: [String]) throws -> ChildResult {
        try runChild(
            ChildCommand(try BuiltProgram.path("tandem-ha-conformance"), arguments),
            timeoutMilliseconds: 60_000
        )
    }

    @Test func exitCodesTellTheVerdict() throws {
        let good = try ScriptedDriver()
        let config = "\(good.folder)/agent.conf"
        try Data("state = \(good.folder)\nother = x\n".utf8).write(to: URL(filePath: config))
        let kept = try run([good.path, "--config", config])
        #expect(kept.ending == .exited(0), "\(kept.outputText)")
        #expect(kept.outputText.contains("stale-token          ok\n"))
        #expect(kept.outputText.contains("no-preemption        not applicable - "))
        #expect(kept.outputText.contains("silence              not applicable - "))
        let heard = try run([good.path, "--config", config, "--serves", "\(good.folder)/serves"])
        #expect(heard.outputText.contains("silence              ok\n"), "\(heard.outputText)")

        let bad = try ScriptedDriver(fault: #"[ "$1" = fence ] && exit 0"#)
        try Data("state = \(bad.folder)\n".utf8).write(to: URL(filePath: config))
        let broken = try run([bad.path, "--config", config])
        #expect(broken.ending == .exited(1))
        #expect(broken.outputText.contains("fence                FAILED - after fence, it is"))

        #expect(try run(["/nonexistent/driver"]).ending == .exited(2))
        #expect(try run(["--single"]).ending == .exited(2))
        #expect(try run([good.path, "--limit-ms", "0"]).ending == .exited(2))
        #expect(try run(["--help"]).ending == .exited(0))
    }

    @Test func theStandaloneDriverConforms() throws {
        let service = try ScriptedDriver()
        let control = "\(service.folder)/control"
        let script = """
            #!/bin/sh
            case "$1" in
            start) : > "\(service.folder)/runs" ;;
            stop) rm -f "\(service.folder)/runs" ;;
            is-active) test -e "\(service.folder)/runs" ;;
            *) exit 9 ;;
            esac
            """
        try writeProgram(script, to: control)
        let config = "\(service.folder)/agent.conf"
        let text = """
            service-control = \(control)
            ha.service = scef
            ha.folder = \(service.folder)
            """
        try Data(text.utf8).write(to: URL(filePath: config))
        let driver = try BuiltProgram.path("tandem-ha-standalone")
        let result = try run([driver, "--single", "--config", config])
        #expect(result.outputText.contains("fence                ok"), "\(result.outputText)")
        #expect(result.outputText.contains("promote              ok"), "\(result.outputText)")
        #expect(result.ending == .exited(0), "\(result.outputText)")
    }

    @Test func keepalivedsDriverIsLookedAt() throws {
        let place = try ScriptedDriver()
        let config = "\(place.folder)/agent.conf"
        let text = """
            state = \(place.folder)
            ha.interface = lo
            ha.service-address = 192.0.2.1
            ha.mate-address = 192.0.2.2
            ha.pid-file = /nonexistent
            ha.arping = \(place.folder)/arping
            """
        try Data(text.utf8).write(to: URL(filePath: config))
        try writeProgram("#!/bin/sh\nexit 1", to: "\(place.folder)/arping")
        let file = "\(place.folder)/keepalived.conf"
        try Data("vrrp_instance a {\n state BACKUP\n nopreempt\n}\n".utf8)
            .write(to: URL(filePath: file))
        let driver = try BuiltProgram.path("tandem-ha-keepalived")
        let result = try run([driver, "--config", config, "--keepalived", file])
        #expect(result.ending == .exited(0), "\(result.outputText)")
        #expect(result.outputText.contains("no-preemption        ok"))
        // Without keepalived the server is out of service.
        #expect(result.outputText.contains("promote              not applicable"))
    }
}
