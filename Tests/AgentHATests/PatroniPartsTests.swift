import Foundation
import TandemModel
import Testing

@testable import tandem_ha_patroni

@Suite struct PatroniPartsTests {
    private func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

    @Test func documentsAreRead() {
        let text = #" {"a": [1, -2.5e3, true, false, null], "b": {"c": "d\"e\u00e9"}, "f": {}} "#
        let value = read(text)
        #expect(
            value?["a"]
                == .list([.number("1"), .number("-2.5e3"), .flag(true), .flag(false), .null])
        )
        #expect(value?["b"]?["c"]?.textValue == "d\"e?")
        #expect(value?["f"] == .object([:]))
        #expect(value?["a"]?.listValue?.first?.countValue == 1)
        #expect(value?["none"] == nil)
    }

    @Test(arguments: [
        "", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "\"a", "\"a\\", "\"\\u12", "tru", "1 2", "-",
        String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    ])
    func whatIsNoDocumentIsNone(_ text: String) { #expect(read(text) == nil) }

    @Test func everyTruncationIsRefused() {
        let text = #"{"members": [{"name": "a", "lag": 10}], "pause": true}"#
        for count in 0..<text.utf8.count {
            #expect(JSONValue(Array(text.utf8.prefix(count))) == nil)
        }
        #expect(read(text) != nil)
    }

    private func view(
        _ own: String,
        _ cluster: String,
        settings: String = "{}"
    ) throws -> PatroniView {
        try #require(
            PatroniView(
                own: Array(own.utf8),
                cluster: Array(cluster.utf8),
                settings: Array(settings.utf8)
            )
        )
    }

    private static let leader = #"{"name":"a","role":"leader","state":"running","timeline":4}"#

    private func cluster(_ replica: String, _ more: String = "") -> String {
        #"{"members":[\#(Self.leader),\#(replica)]\#(more)}"#
    }

    @Test func theLeaderIsActive() throws {
        let own =
            #"{"state":"running","role":"master","timeline":4,"xlog":{"location":67108960}}"#
        let replica =
            #"{"name":"b","role":"replica","state":"streaming","timeline":4,"lag":0}"#
        let status = try view(own, cluster(replica)).status(of: "a", nearByteCount: 100)
        #expect(status.role == .active && status.isInService)
        #expect(status.peerRole == .other)
        #expect(status.token == "4" && status.position == "67108960")
        #expect(status.exclusion == .referee && status.switchover == .atomic)
        #expect(status.replication.isCaughtUp && !status.isHeld)
    }

    @Test(arguments: [("0", true, UInt64(0)), ("101", false, 101), (#""unknown""#, false, 0)])
    func aReplicaIsAsFarAsPatroniSays(lag: String, isCaughtUp: Bool, bytes: UInt64) throws {
        let own =
            #"{"state":"running","role":"replica","timeline":3,"xlog":{"replayed_location":7}}"#
        let replica =
            #"{"name":"b","role":"sync_standby","state":"running","timeline":3,"lag":\#(lag)}"#
        let status = try view(own, cluster(replica, #","pause":true"#))
            .status(of: "b", nearByteCount: 100)
        #expect(status.role == .standby && !status.isInService)
        #expect(status.peerRole == .active)
        #expect(status.token == "4", "the leader's, which has moved on")
        #expect(status.replication.isCaughtUp == isCaughtUp)
        #expect(status.replication.lagBytes == bytes)
        #expect(status.isHeld)
    }

    /// Patroni refuses a switchover to anybody else than the standby that commits wait for.
    @Test(arguments: [
        ("{}", "replica", true), (#"{"synchronous_mode":false}"#, "replica", true),
        (#"{"synchronous_mode":true}"#, "replica", false),
        (#"{"synchronous_mode":true}"#, "sync_standby", true),
        (#"{"synchronous_mode":"quorum"}"#, "replica", false),
        (#"{"synchronous_mode":"quorum"}"#, "quorum_standby", true),
        ("", "replica", false), ("", "sync_standby", true),
    ])
    func whereCommitsWaitOnlyTheirStandbyIsCaughtUp(
        settings: String,
        role: String,
        isCaughtUp: Bool
    ) throws {
        let own = #"{"state":"running","role":"replica","timeline":4}"#
        let replica =
            #"{"name":"b","role":"\#(role)","state":"streaming","timeline":4,"lag":0}"#
        let status = try view(own, cluster(replica), settings: settings)
            .status(of: "b", nearByteCount: 100)
        #expect(status.replication.isCaughtUp == isCaughtUp)
    }

    @Test func aServerThatStartsServesNobody() throws {
        let status = try view(#"{"state":"starting","role":"master"}"#, #"{"members":[]}"#)
            .status(of: "a", nearByteCount: 100)
        #expect(status.role == .outOfService && !status.isInService)
        #expect(status.peerRole == .unseen)
    }

    /// In pause a leader that loses its key goes on writing: two could serve.
    @Test func aPausedClusterHasNoReferee() throws {
        let own = #"{"state":"running","role":"replica","timeline":4}"#
        let replica = #"{"name":"b","role":"replica","state":"streaming","timeline":4,"lag":0}"#
        let paused = try view(own, cluster(replica, #","pause":true"#))
        #expect(paused.status(of: "b", nearByteCount: 100).exclusion == .none)
        let free = try view(own, cluster(replica)).status(of: "b", nearByteCount: 100)
        #expect(free.exclusion == .referee && !free.isHeld)
    }

    @Test(arguments: [(#"{"nofailover":true}"#, true), (#"{"nofailover":false}"#, false)])
    func aMemberThatStandsBackIsHeldAndTheRefereeStays(tags: String, isHeld: Bool) throws {
        let own = #"{"state":"running","role":"replica","timeline":4,"tags":\#(tags)}"#
        let replica = #"{"name":"b","role":"replica","state":"streaming","timeline":4,"lag":0}"#
        let status = try view(own, cluster(replica)).status(of: "b", nearByteCount: 100)
        #expect(status.isHeld == isHeld)
        #expect(status.exclusion == .referee)
    }

    /// Whoever leads believes the store, which hears of a tag a moment later.
    @Test func aTagCountsOnceTheStoreKnowsIt() throws {
        let own = #"{"state":"running","role":"replica","timeline":4}"#
        let tagged =
            #"{"name":"b","role":"replica","state":"streaming","tags":{"nofailover":true}}"#
        let late = try view(own, cluster(tagged))
        #expect(late.status(of: "b", nearByteCount: 100).isHeld)
        #expect(!late.isSettled(false, of: "b") && !late.isSettled(true, of: "b"))
        #expect(late.isSettled(false, of: "a"))
    }

    @Test func theTagIsOneLineOfPatronisFile() {
        let text = "name: b\ntags:\n    nofailover: false # tandem\n    nosync: false\n"
        #expect(FailoverTag.isSet(in: text) == false)
        let held = "name: b\ntags:\n    nofailover: true\n    nosync: false\n"
        #expect(FailoverTag.changed(text, to: true) == held)
        #expect(FailoverTag.changed(text, to: false) == text)
        #expect(FailoverTag.isSet(in: held) == true)
        #expect(
            FailoverTag.changed(held, to: false) == text.replacing(" # tandem", with: "")
        )
    }

    @Test(arguments: [
        "", "tags: {}\n", "nofailover: false\n", "tags:\n  nofailover: maybe\n",
        "tags:\n  nofailover: false\n  nofailover: false\n", "tags:\n  # nofailover: false\n",
        "tags:\n  nofailover:\n",
    ])
    func aFileWithoutThatLineIsLeftAlone(_ text: String) {
        #expect(FailoverTag.changed(text, to: true) == nil)
    }

    @Test func patronisFileKeepsItsMode() throws {
        let fake = try FakePostgreSQL()
        let path = "\(fake.folder)/patroni.yml"
        try Data("tags:\n  nofailover: false\n".utf8).write(to: URL(filePath: path))
        #expect(chmod(path, 0o640) == 0)
        try FailoverTag(path: path).set(true)
        #expect(try FailoverTag(path: path).isSet)
        var kind = stat()
        #expect(stat(path, &kind) == 0 && kind.st_mode & 0o777 == 0o640)
        #expect(throws: TandemError.self) { try FailoverTag(path: "/nonexistent").set(true) }
    }

    @Test func namesAreQuoted() { #expect(jsonText("a\"b\\") == #""a\"b\\""#) }
}
