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

    @Test func namesAreQuoted() { #expect(jsonText("a\"b\\") == #""a\"b\\""#) }
}
