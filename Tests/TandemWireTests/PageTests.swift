import Foundation
import TandemModel
import TandemWire
import Testing

/// `Docs/protocol.md` says what the code does: layouts, numbers and vectors.
@Suite struct PageTests {
    private let layout: PageLayout

    init() throws { layout = try PageLayout.read() }

    @Test(arguments: Sample.all)
    func layoutFitsEveryMessage(_ sample: Sample) throws {
        let bytes = try sample.message.frame(correlation: Sample.correlation)
        let parts = try Dissection.frame(bytes, layout)
        #expect(parts.flatMap(\.bytes) == bytes)
    }

    @Test(arguments: [
        ("manifest", "ReleaseManifest"), ("signed-voucher", "Voucher"),
        ("signed-demotion-proof", "DemotionProof"), ("signed-voided-failover", "VoidedFailover"),
    ])
    func layoutFitsWhatIsNotSentInFrames(_ vector: String, _ type: String) throws {
        let bytes = try #require(try Fixture.bytes(vector))
        let parts = try Dissection.value(bytes, of: type, layout)
        #expect(parts.flatMap(\.bytes) == bytes)
    }

    @Test func everyKindIsOnThePage() {
        let numbers = Set(FrameKind.allCases.map(\.rawValue))
        #expect(Set(layout.messages.keys) == numbers)
        for kind in FrameKind.allCases {
            let name = layout.messages[kind.rawValue]?.name ?? ""
            #expect(name.replacing("-", with: "") == "\(kind)".lowercased())
        }
    }

    @Test(arguments: Self.numberedTypes)
    func everyNumberIsOnThePage(_ type: NumberedType) throws {
        let definition = try #require(layout.types[type.name])
        #expect(definition.cases.map(\.number) == type.numbers)
        #expect(["choice", "numbers"].contains(definition.sort))
        if !type.words.isEmpty { #expect(definition.cases.map(\.word) == type.words) }
    }

    /// What of the page has numbers, so that a number that only one side knows is found.
    @Test func everyNumberedTypeOfThePageIsTested() {
        let onPage = layout.types.values.filter { ["choice", "numbers"].contains($0.sort) }
        #expect(onPage.map(\.name).sorted() == Self.numberedTypes.map(\.name).sorted())
    }

    struct NumberedType: Sendable, CustomTestStringConvertible {
        let name: String
        let numbers: [UInt8]
        var words: [String] = []

        var testDescription: String { name }
    }

    static let numberedTypes = [
        NumberedType(name: "SoftwareState", numbers: knownNumbers(of: SoftwareState.self)),
        NumberedType(name: "Health", numbers: knownNumbers(of: Health.self)),
        NumberedType(name: "SnapshotAbility", numbers: knownNumbers(of: SnapshotAbility.self)),
        NumberedType(name: "Outcome", numbers: knownNumbers(of: Outcome.self)),
        NumberedType(name: "CommandState", numbers: knownNumbers(of: CommandState.self)),
        NumberedType(
            name: "PromotionAuthority",
            numbers: knownNumbers(of: PromotionAuthority.self)
        ),
        NumberedType(name: "Verb", numbers: knownNumbers(of: Verb.self)),
        enumeration("ServerRole", ServerRole.self), enumeration("PeerRole", PeerRole.self),
        enumeration("Exclusion", Exclusion.self), enumeration("Switchover", Switchover.self),
        enumeration("CheckLevel", CheckResult.Level.self),
        enumeration("AlarmSeverity", AlarmSeverity.self),
        enumeration("Direction", Direction.self), enumeration("StepAction", StepAction.self),
        enumeration("FailurePolicy", FailurePolicy.self),
        enumeration("TakeoverWhileMixed", TakeoverWhileMixed.self),
        enumeration("PackageFormat", PackageFormat.self),
    ]

    private static func enumeration<Value: WireEnumeration & RawRepresentable<String>>(
        _ name: String,
        _ type: Value.Type
    ) -> NumberedType {
        let numbers = knownNumbers(of: type)
        let words = numbers.compactMap { Value(wireNumber: $0)?.rawValue }
        return NumberedType(name: name, numbers: numbers, words: words)
    }

    @Test func verbsHaveTheirWords() {
        let words = Dictionary(
            uniqueKeysWithValues: (layout.types["Verb"]?.cases ?? []).map { ($0.number, $0.word) }
        )
        for case .controller(.command(let envelope)) in Sample.all.map(\.message) {
            let verb = envelope.command.verb
            #expect(words[verb.wireNumber] == verb.word)
        }
    }

    // MARK: - The section of vectors

    @Test func vectorsAreThoseOfTheFixtures() throws {
        let begin = "<!-- vectors: written by PageTests, see TANDEM_WIRE_VECTORS there -->\n"
        let end = "<!-- end of vectors -->\n"
        let page = try String(contentsOf: PageLayout.page, encoding: .utf8)
        let head = try #require(page.range(of: begin))
        let tail = try #require(page.range(of: end))
        let made = try vectorSection()
        if Fixture.writesMissing {
            let whole = page[..<head.upperBound] + made + page[tail.lowerBound...]
            try Data(whole.utf8).write(to: PageLayout.page)
        } else {
            #expect(
                page[head.upperBound..<tail.lowerBound] == made,
                "TANDEM_WIRE_VECTORS=write-missing"
            )
        }
    }

    private func vectorSection() throws -> String {
        var text = ""
        for kind in FrameKind.allCases {
            let sample = try #require(Sample.all.first { $0.kind == kind })
            let bytes = try #require(try Fixture.bytes(sample.file))
            text += "\n### \(kind.rawValue) \(sample.name)\n\n```\n"
            for part in try Dissection.frame(bytes, layout) { text += lines(part) }
            text += "```\n"
        }
        return text + "\n"
    }

    /// 16 bytes a line; name and value behind the first.
    private func lines(_ part: Dissection.Part) -> String {
        let rows = hexLines(part.bytes, width: 16).split(separator: "\n")
        var first = rows.first.map(String.init) ?? ""
        first += String(repeating: " ", count: 34 - first.count) + part.path
        if !part.value.isEmpty { first += "  " + part.value }
        return ([first] + rows.dropFirst().map(String.init)).joined(separator: "\n") + "\n"
    }
}
