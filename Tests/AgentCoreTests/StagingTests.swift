import AgentCore
import TandemModel
import Testing

/// An image on its way: one range at a time, over any number of connections.
struct StagingTests {
    private let offer = ImageOffer(
        image: digest(0xAA),
        byteCount: 600_000,
        manifest: thirdManifest,
        release: thirdRelease
    )
    private let whole = 256 * 1_024

    private func chunk(_ offset: Int, _ count: Int, image: Digest = digest(0xAA)) -> Input {
        .message(
            .chunk(
                image: image,
                offset: UInt64(offset),
                bytes: [UInt8](repeating: 1, count: count)
            )
        )
    }

    private func staging() -> (Desk, CommandID) {
        var desk = Desk()
        let command = desk.order(.stageImage(offer))
        desk.feed(.stagingOpened(offer, nextOffset: 0))
        return (desk, command)
    }

    private var stored: StoredManifest {
        StoredManifest(digest: thirdManifest, manifest: storedManifests()[2].manifest)
    }

    @Test
    func oneRangeIsOutstandingAndTheImageEndsVerified() {
        var (desk, command) = staging()
        #expect(desk.effects.last == .openStaging(offer))
        var offset = 0
        while offset < 600_000 {
            let count = min(whole, 600_000 - offset)
            #expect(
                desk.sent.last(where: { $0.kind == "chunkRequest" })
                    == .chunkRequest(
                        image: offer.image,
                        offset: UInt64(offset),
                        byteCount: UInt32(count)
                    )
            )
            let requests = desk.sent.filter { $0.kind == "chunkRequest" }.count
            desk.feed(chunk(offset, count))
            #expect(desk.sent.filter { $0.kind == "chunkRequest" }.count == requests)
            offset += count
            desk.feed(.chunkWritten(image: offer.image, nextOffset: UInt64(offset)))
        }
        #expect(desk.effects.last == .finishStaging(offer))
        let done = desk.outcome(of: .stagingFinished(offer, .verified(stored)))
        #expect(desk.result(of: command)?.outcome == .done)
        #expect(
            done.journal.first
                == .staged(
                    StagedImage(
                        image: offer.image,
                        manifest: thirdManifest,
                        release: thirdRelease,
                        isVerified: true
                    )
                )
        )
        #expect(desk.result(of: command)?.post.images.count == 1)
        let percents = desk.sent.compactMap { message -> UInt8? in
            if case .step(let progress) = message { progress.percent } else { nil }
        }
        #expect(percents == [0, 43, 87, 100])
    }

    @Test
    func aRangeMayComeInPieces() {
        var (desk, _) = staging()
        desk.effects = []
        desk.feed(chunk(0, 100_000))
        desk.feed(.chunkWritten(image: offer.image, nextOffset: 100_000))
        desk.feed(chunk(100_000, whole - 100_000))
        desk.feed(.chunkWritten(image: offer.image, nextOffset: UInt64(whole)))
        let requests = desk.sent.filter { $0.kind == "chunkRequest" }
        #expect(requests.count == 2)
        let writes = desk.effects.filter { if case .writeChunk = $0 { true } else { false } }
        #expect(writes.count == 2)
    }

    @Test(arguments: [(1, 10), (0, 0), (0, 256 * 1_024 + 1)])
    func bytesThatWereNotAskedForAreDropped(offset: Int, count: Int) {
        var (desk, _) = staging()
        desk.effects = []
        desk.feed(chunk(offset, count))
        desk.feed(chunk(0, 10, image: digest(1)))
        #expect(desk.effects.isEmpty)
        desk.feed(chunk(0, 10))
        desk.feed(chunk(0, 10))
        #expect(desk.effects.count == 1)
    }

    @Test
    func aNewConnectionGoesOnWhereTheDiskIs() {
        var (desk, _) = staging()
        desk.feed(chunk(0, whole))
        desk.feed(.chunkWritten(image: offer.image, nextOffset: UInt64(whole)))
        desk.feed(.disconnected)
        desk.sent = []
        desk.connect()
        let requests = desk.sent.filter { $0.kind == "chunkRequest" }
        #expect(
            requests == [
                .chunkRequest(
                    image: offer.image,
                    offset: UInt64(whole),
                    byteCount: UInt32(whole)
                )
            ]
        )
    }

    @Test
    func aRestartOpensItAnew() {
        var (desk, command) = staging()
        desk.feed(chunk(0, whole))
        var restarted = Desk(journal: desk.journal, isConnected: false)
        #expect(restarted.effects.contains(.openStaging(offer)))
        restarted.feed(.stagingOpened(offer, nextOffset: UInt64(whole)))
        restarted.connect()
        restarted.feed(chunk(whole, whole))
        restarted.feed(.chunkWritten(image: offer.image, nextOffset: UInt64(2 * whole)))
        restarted.feed(chunk(2 * whole, 600_000 - 2 * whole))
        restarted.feed(.chunkWritten(image: offer.image, nextOffset: 600_000))
        restarted.feed(.stagingFinished(offer, .verified(stored)))
        #expect(restarted.result(of: command)?.outcome == .done)
    }

    @Test
    func aLostChunkIsAskedForAgain() {
        var (desk, _) = staging()
        desk.pass(29_000)
        #expect(desk.sent.filter { $0.kind == "chunkRequest" }.count == 1)
        desk.pass(2_000)
        #expect(desk.sent.filter { $0.kind == "chunkRequest" }.count == 2)
    }

    @Test
    func whatFailsEndsTheCommandInItsOwnWords() {
        let full = TandemFailure(code: ErrorCode.diskFull.id, message: "12 MB short", remedy: "-")
        var (disk, first) = staging()
        disk.feed(.stagingFailed(image: offer.image, full))
        #expect(disk.result(of: first)?.outcome == .failed(full))
        var (gone, second) = staging()
        gone.feed(.message(.chunkRefused(image: offer.image, full)))
        #expect(gone.result(of: second)?.outcome == .failed(full))
        var (other, third) = staging()
        other.feed(.message(.stop(third)))
        #expect(other.result(of: third)?.failure?.code == ErrorCode.stoppedByPerson.id)
        #expect(other.refusal(ordering: .stageImage(offer), 7) == nil)
    }

    @Test
    func anotherManifestThanOfferedIsDamage() {
        var desk = Desk()
        let command = desk.order(.stageImage(offer))
        desk.feed(.stagingOpened(offer, nextOffset: offer.byteCount))
        desk.feed(.stagingFinished(offer, .verified(storedManifests()[0])))
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.imageDamaged.id)
        #expect(desk.machine.state.staged.isEmpty)
    }

    /// A report names at most as many images: one more would make it too long to be sent or kept.
    @Test
    func aFullShelfRefusesOneMore() {
        var desk = Desk()
        for number in 0..<desk.machine.limits.imageCountMax {
            var bytes = [UInt8](repeating: 7, count: 32)
            bytes[0] = UInt8(number)
            guard let image = Digest(bytes: bytes) else { continue }
            desk.machine.fold(
                .staged(
                    StagedImage(
                        image: image,
                        manifest: image,
                        release: offer.release,
                        isVerified: true
                    )
                )
            )
        }
        #expect(desk.refusal(ordering: .stageImage(offer), 9) == ErrorCode.imageNeeded.id)
    }

    @Test
    func oneImageAtATime() {
        var (desk, _) = staging()
        #expect(desk.refusal(ordering: .stageImage(offer), 9) == ErrorCode.agentBusy.id)
    }
}
