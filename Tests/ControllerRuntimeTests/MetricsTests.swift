import ControllerAPI
import ControllerStore
import Foundation
import Synchronization
import TandemModel
import Testing

@testable import ControllerWeb

/// Reads the text format of Prometheus, and takes nothing that its definition does not.
private struct MetricsReader {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    var samples: [Sample] = []
    private var types: [String: String] = [:]
    private var helped: Set<String> = []
    private var ended: Set<String> = []
    private var current = ""

    init(_ text: String) throws {
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n") { try read(String(line)) }
        #expect(Set(types.keys) == helped)
    }

    private mutating func read(_ line: String) throws {
        if let match = line.wholeMatch(of: /# HELP ([a-z_:][a-z0-9_:]*) (\S.*)/) {
            begin(String(match.1))
            #expect(helped.insert(String(match.1)).inserted, "\(line)")
        } else if let match = line.wholeMatch(
            of: /# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|summary)/
        ) {
            #expect(String(match.1) == current && types[current] == nil, "\(line)")
            types[current] = String(match.2)
        } else {
            let form = /([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+-]+)/
            let match = try #require(line.wholeMatch(of: form), "no sample: \(line)")
            let name = String(match.1)
            let type = try #require(types[current], "a sample before its type: \(line)")
            let names =
                type == "summary" ? ["\(current)_sum", "\(current)_count"] : [current]
            #expect(names.contains(name), "\(line) stands below \(current)")
            #expect(type != "counter" || name.hasSuffix("_total"), "\(line)")
            let sample = Sample(
                name: name,
                labels: try Self.labels(match.2 ?? ""),
                value: try #require(Double(match.3))
            )
            #expect(!samples.contains { $0.name == name && $0.labels == sample.labels }, "\(line)")
            samples.append(sample)
        }
    }

    private mutating func begin(_ name: String) {
        ended.insert(current)
        #expect(!ended.contains(name), "\(name) is in two places")
        current = name
    }

    private static func labels(_ text: Substring) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while !rest.isEmpty {
            let label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)",?/
            let match = try #require(rest.prefixMatch(of: label), "no label: \(rest)")
            #expect(labels.updateValue(String(match.2), forKey: String(match.1)) == nil)
            rest = rest[match.range.upperBound...]
        }
        return labels
    }
}

/// A store that can't be written while it is told so.
private final class ReadOnlyStore: WrappedStore {
    let store = InMemoryStore()
    private let isReadOnly = Atomic(false)

    func set(_ value: Bool) { isReadOnly.store(value, ordering: .sequentiallyConsistent) }

    func checkWritable() async throws {
        guard !isReadOnly.load(ordering: .sequentiallyConsistent) else {
            throw TandemError(.diskFull, "the store has no space", remedy: "Free space.")
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
    private func get(_ path: String, _ controller: RunningController) async throws -> String {
        let person = try await RawOperator.connect(to: controller)
        try await person.send(
            "GET \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
        )
        return try await person.answerUntilClosed()
    }

    @Test func aRunningControllerIsMeasured() async throws {
        try await RunningController.with { controller in
            let answer = try await get("/metrics", controller)
            #expect(answer.lowercased().contains("content-type: text/plain; version=0.0.4"))
            let body = try #require(answer.range(of: "\r\n\r\n")).upperBound
            let samples = try MetricsReader(String(answer[body...])).samples
            #expect(samples.contains { $0.name == "tandem_epoch" && $0.value >= 1 })
            #expect(
                samples.contains { $0.name == "tandem_resident_memory_bytes" && $0.value > 1e6 }
            )
            #expect(samples.contains { $0.labels == ["version": tandemVersion] })
            let positions = samples.filter { $0.name == "tandem_clusters" }
            #expect(positions.count == Position.allCases.count)
        }
    }

    @Test func hostileNamesAndAlarmsAreEscaped() throws {
        let alarm = AlarmEntry(
            number: .clusterMixedVersion,
            severity: .minor,
            instance: "c",
            text: "",
            raisedAt: WallTime(milliseconds: 1),
            clearedAt: nil,
            isExpected: false,
            isStale: false
        )
        let network = NetworkSnapshot(
            version: 1,
            controller: "c1",
            epoch: 7,
            time: WallTime(milliseconds: 1),
            clusters: [],
            alarms: [alarm, alarm]
        )
        let vitals = Vitals(
            commitCount: 3,
            commitSeconds: 0.25,
            commitFailureCount: 0,
            queueLength: 2,
            openOperationCount: 1,
            actions: ["done": 4, "a\"b\\c\nd": 1],
            agentCount: 5,
            residentBytes: 6,
            version: "1"
        )
        let samples = try MetricsReader(Metrics.text(network, vitals)).samples
        #expect(samples.contains { $0.labels["result"] == #"a\"b\\c\nd"# })
        #expect(samples.contains { $0.name == "tandem_alarms" && $0.value == 2 })
        #expect(samples.contains { $0.name == "tandem_commit_seconds_sum" && $0.value == 0.25 })
        #expect(samples.contains { $0.name == "tandem_actions_ended_total" && $0.value == 4 })
    }

    @Test func readinessFollowsTheStore() async throws {
        let store = ReadOnlyStore()
        store.set(true)
        try await RunningController.with(store: store) { controller in
            var answer = try await get("/readyz", controller)
            #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("no space"), "\(answer)")
            #expect(try await get("/healthz", controller).hasPrefix("HTTP/1.1 200"))
            store.set(false)
            while !answer.hasPrefix("HTTP/1.1 200") {
                answer = try await get("/readyz", controller)
            }
            #expect(answer.hasSuffix("ready\n"))
        }
    }
}
