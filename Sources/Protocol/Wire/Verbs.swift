package import TandemModel

extension Verb: WireCodable {
    /// The verb's number on the wire; never given to another verb.
    package var wireNumber: UInt8 {
        switch self {
        case .stageImage: 1
        case .dropImage: 2
        case .check: 3
        case .install: 4
        case .backOut: 5
        case .promote: 6
        case .demote: 7
        case .takeBack: 8
        case .fence: 9
        case .hold: 10
        case .unhold: 11
        case .inhibitReplication: 12
        case .allowReplication: 13
        case .applyConfiguration: 14
        case .accept: 15
        case .recover: 16
        case .collectLogs: 17
        case .report: 18
        }
    }

    /// The number, then the verb's arguments in a fixed layout.
    package func encode(into writer: inout ByteWriter) {
        writer.uint8(wireNumber)
        switch self {
        case .stageImage(let offer):
            offer.encode(into: &writer)
        case .dropImage(let image):
            image.encode(into: &writer)
        case .check(let manifest, let direction):
            manifest.encode(into: &writer)
            direction.encode(into: &writer)
        case .install(let manifest, let configuration), .backOut(let manifest, let configuration):
            manifest.encode(into: &writer)
            writer.maybe(configuration)
        case .promote(let failover, let authority):
            failover.encode(into: &writer)
            authority.encode(into: &writer)
        case .demote(let failover, let target, let targetNonce, let deadManMilliseconds):
            failover.encode(into: &writer)
            target.encode(into: &writer)
            targetNonce.encode(into: &writer)
            writer.uint32(deadManMilliseconds)
        case .takeBack(let failover):
            failover.encode(into: &writer)
        case .applyConfiguration(let configuration):
            configuration.encode(into: &writer)
        case .accept(let release):
            release.encode(into: &writer)
        case .fence, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .collectLogs, .report:
            break
        }
    }

    package init(from reader: inout ByteReader) throws(WireError) {
        let number = try reader.uint8()
        switch number {
        case 1: self = .stageImage(try ImageOffer(from: &reader))
        case 2: self = .dropImage(try Digest(from: &reader))
        case 3:
            self = .check(
                manifest: try Digest(from: &reader),
                direction: try Direction(from: &reader)
            )
        case 4:
            self = .install(manifest: try Digest(from: &reader), configuration: try reader.maybe())
        case 5:
            self = .backOut(manifest: try Digest(from: &reader), configuration: try reader.maybe())
        case 6:
            self = .promote(
                failover: try FailoverID(from: &reader),
                authority: try PromotionAuthority(from: &reader)
            )
        case 7:
            self = .demote(
                failover: try FailoverID(from: &reader),
                target: try ServerName(from: &reader),
                targetNonce: try Nonce(from: &reader),
                deadManMilliseconds: try reader.uint32()
            )
        case 8: self = .takeBack(failover: try FailoverID(from: &reader))
        case 14: self = .applyConfiguration(try ConfigurationVersion(from: &reader))
        case 15: self = .accept(release: try ReleaseID(from: &reader))
        case _:
            guard let verb = Verb(wireNumberWithoutArguments: number) else {
                throw reader.unknown(number, "verb")
            }
            self = verb
        }
    }

    private init?(wireNumberWithoutArguments number: UInt8) {
        switch number {
        case 9: self = .fence
        case 10: self = .hold
        case 11: self = .unhold
        case 12: self = .inhibitReplication
        case 13: self = .allowReplication
        case 16: self = .recover
        case 17: self = .collectLogs
        case 18: self = .report
        case _: return nil
        }
    }
}
