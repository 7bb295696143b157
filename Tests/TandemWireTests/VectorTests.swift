import TandemModel
import TandemWire
import Testing

/// Bytes that are not the payload of a frame and have a vector of their own.
struct Standalone: Sendable, CustomTestStringConvertible {
    let name: String
    let encode: @Sendable () throws(WireError) -> [UInt8]
    let recode: @Sendable ([UInt8]) throws(WireError) -> [UInt8]

    var testDescription: String { name }

    private init<Value: WireCodable & Sendable>(_ name: String, _ value: Value) {
        self.name = name
        encode = { () throws(WireError) in try value.wireBytes() }
        recode = { bytes throws(WireError) in try Value(wireBytes: bytes).wireBytes() }
    }

    static let all: [Standalone] = [
        Standalone("manifest", ManifestSamples.full),
        Standalone("signed-voucher", changed(Samples.voucher) { $0.signature = [] }),
        Standalone("signed-demotion-proof", changed(Samples.proof) { $0.signature = [] }),
        Standalone("signed-voided-failover", changed(Samples.voided) { $0.signature = [] }),
    ]
}

/// What is on the wire today stays so: old agents meet new controllers for weeks.
@Suite struct VectorTests {
    @Test(arguments: Sample.all)
    func messageHasItsCommittedBytes(_ sample: Sample) throws {
        let bytes = try sample.message.frame(correlation: Sample.correlation)
        let committed = try #require(try Fixture.bytes(sample.file), "no vector: see Fixture")
        #expect(hex(bytes) == hex(committed))
        let decoded = try AnyMessage(frame: committed, sender: sample.kind.sender)
        #expect(decoded == sample.message)
    }

    @Test(arguments: Standalone.all)
    func standaloneHasItsCommittedBytes(_ value: Standalone) throws {
        let bytes = try value.encode()
        let committed = try #require(try Fixture.bytes(value.name), "no vector: see Fixture")
        #expect(hex(bytes) == hex(committed))
        #expect(try value.recode(committed) == committed)
    }

    @Test func signedBytesAreTheEncodingWithoutSignature() throws {
        #expect(try Samples.voucher.signedBytes() == Fixture.bytes("signed-voucher"))
        #expect(try Samples.proof.signedBytes() == Fixture.bytes("signed-demotion-proof"))
        #expect(try Samples.voided.signedBytes() == Fixture.bytes("signed-voided-failover"))
    }

    @Test func everyKindHasAVectorAndEveryVectorASample() throws {
        let kinds = Set(Sample.all.map(\.kind))
        for kind in FrameKind.allCases {
            #expect(kinds.contains(kind), "\(kind) has no sample, so no vector")
        }
        let files = Sample.all.map(\.file) + Standalone.all.map(\.name)
        #expect(Set(files).count == files.count, "two samples share a file")
        #expect(try Fixture.names() == files.sorted())
    }

    @Test func everyVerbHasAVector() {
        let words = Sample.all.compactMap { sample -> UInt8? in
            guard case .controller(.command(let envelope)) = sample.message else { return nil }
            return envelope.command.verb.wireNumber
        }
        #expect(Set(words) == Set(knownNumbers(of: Verb.self)))
    }
}

/// The numbers that a type knows as its first byte.
func knownNumbers<Value: WireCodable>(of type: Value.Type) -> [UInt8] {
    (UInt8.min...UInt8.max).filter { number in
        do throws(WireError) {
            _ = try Value(wireBytes: [number])
            return true
        } catch {
            guard case .unknownNumber(_, _, offset: 0) = error else { return true }
            return false
        }
    }
}
