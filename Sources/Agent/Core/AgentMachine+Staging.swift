import TandemModel

/// An image on its way to this server.
struct Staging: Sendable {
    /// What a transfer does right now.
    enum Phase: Hashable, Sendable {
        case opening
        /// Bytes from `nextOffset` on are to be asked for, or were.
        case fetching
        case finishing
    }

    let command: Command
    let offer: ImageOffer
    var phase = Phase.opening
    /// Everything before it is on the disk.
    var nextOffset: UInt64 = 0
    /// The one range asked for, as far as it has not come.
    var request: ChunkRange?
    var requestedAt = Tick(milliseconds: 0)
    /// End of the bytes that are being written.
    var writtenTo: UInt64 = 0
    var percent: UInt8?

    /// The connection is gone: what was asked for in it will not come.
    mutating func forgetRequest() { request = nil }
}

/// A range of an image's bytes.
struct ChunkRange: Hashable, Sendable {
    var offset: UInt64
    var end: UInt64
}

extension AgentMachine {
    mutating func beginStaging(_ command: Command, _ offer: ImageOffer, _ turn: inout Turn) {
        live.staging = Staging(command: command, offer: offer)
        turn.step.effects.append(.openStaging(offer))
    }

    mutating func takeStagingInput(_ input: Input, _ turn: inout Turn) {
        switch input {
        case .stagingOpened(let offer, let nextOffset):
            guard live.staging?.offer == offer, live.staging?.phase == .opening else {
                turn.step.ignored = .stale
                return
            }
            live.staging?.phase = .fetching
            wrote(to: nextOffset, &turn)
        case .chunkWritten(let image, let nextOffset):
            guard live.staging?.offer.image == image, live.staging?.phase == .fetching else {
                turn.step.ignored = .stale
                return
            }
            wrote(to: nextOffset, &turn)
        case .stagingFinished(let offer, let result):
            guard live.staging?.offer == offer, live.staging?.phase == .finishing else {
                turn.step.ignored = .stale
                return
            }
            finishStaging(result, &turn)
        case .stagingFailed(let image, let failure):
            failStaging(image, failure, &turn)
        case .restored, .connected, .disconnected, .message, .forged, .observed, .observedRole,
            .statusChanged, .stepSpawned, .stepProgress, .stepEnded, .stepObserved, .repaired,
            .checked,
            .driverEnded, .tookBack, .imageDropped, .releaseVerified, .configurationApplied,
            .logsCollected, .tick:
            break
        }
    }

    /// So much is on the disk: verify when it is all, else ask for more.
    private mutating func wrote(to nextOffset: UInt64, _ turn: inout Turn) {
        guard let staging = live.staging else { return }
        live.staging?.nextOffset = nextOffset
        live.staging?.writtenTo = max(staging.writtenTo, nextOffset)
        tellStaging(&turn)
        if nextOffset >= staging.offer.byteCount {
            live.staging?.phase = .finishing
            live.staging?.request = nil
            turn.step.effects.append(.finishStaging(staging.offer))
        } else if staging.request == nil, nextOffset >= staging.writtenTo {
            requestChunk(&turn)
        }
    }

    /// Asks for the next range; one is outstanding at most, which bounds what a controller can send.
    private mutating func requestChunk(_ turn: inout Turn) {
        guard let staging = live.staging, live.session?.welcome != nil else { return }
        let left = staging.offer.byteCount - staging.nextOffset
        let count = UInt32(min(left, UInt64(limits.chunkByteCount)))
        live.staging?.request = ChunkRange(
            offset: staging.nextOffset,
            end: staging.nextOffset + UInt64(count)
        )
        live.staging?.writtenTo = staging.nextOffset
        live.staging?.requestedAt = turn.now
        send(
            .chunkRequest(
                image: staging.offer.image,
                offset: staging.nextOffset,
                byteCount: count
            ),
            &turn
        )
    }

    /// Takes the wanted bytes, in as many pieces as they come, and no others.
    mutating func takeChunk(
        _ image: Digest,
        offset: UInt64,
        bytes: [UInt8],
        _ turn: inout Turn
    ) {
        guard let staging = live.staging, staging.offer.image == image, !bytes.isEmpty,
            let request = staging.request, request.offset == offset,
            UInt64(bytes.count) <= request.end - offset
        else {
            turn.step.ignored = .stale
            return
        }
        let end = offset + UInt64(bytes.count)
        live.staging?.request = end < request.end ? ChunkRange(offset: end, end: request.end) : nil
        live.staging?.requestedAt = turn.now
        live.staging?.writtenTo = end
        turn.step.effects.append(.writeChunk(image: image, offset: offset, bytes: bytes))
    }

    /// A new session goes on where the disk is.
    mutating func resumeStaging(_ turn: inout Turn) {
        guard let staging = live.staging, staging.phase == .fetching, staging.request == nil,
            staging.nextOffset >= staging.writtenTo
        else { return }
        requestChunk(&turn)
    }

    mutating func tickStaging(_ turn: inout Turn) {
        guard let staging = live.staging, staging.phase == .fetching, staging.request != nil,
            staging.nextOffset >= staging.writtenTo,
            turn.now.since(staging.requestedAt) >= limits.chunkMilliseconds
        else { return }
        requestChunk(&turn)
    }

    private mutating func finishStaging(_ result: StagingResult, _ turn: inout Turn) {
        guard let staging = live.staging else { return }
        switch result {
        case .verified(let stored) where stored.digest == staging.offer.manifest:
            live.manifests.removeAll { $0.digest == stored.digest }
            live.manifests.append(stored)
            live.verified.removeAll { $0.manifest == stored.digest }
            live.verified.append(VerifiedRelease(manifest: stored.digest, failure: nil))
            record(
                .staged(
                    StagedImage(
                        image: staging.offer.image,
                        manifest: stored.digest,
                        release: stored.manifest.release,
                        isVerified: true
                    )
                ),
                &turn
            )
            endStaging(.done, &turn)
        case .verified:
            let failure = TandemFailure(
                .imageDamaged,
                "the image of \(staging.offer.release) holds another manifest than it was offered with",
                remedy: "add the image to the controller again"
            )
            endStaging(.failed(failure), &turn)
        case .refused(let failure):
            endStaging(.failed(failure), &turn)
        }
    }

    mutating func failStaging(_ image: Digest, _ failure: TandemFailure, _ turn: inout Turn) {
        guard live.staging?.offer.image == image else {
            turn.step.ignored = .stale
            return
        }
        endStaging(.failed(failure), &turn)
    }

    /// What has come stays on the disk: staging the same image again goes on from there.
    mutating func stopStaging(_ turn: inout Turn) {
        guard let staging = live.staging, staging.phase != .finishing else { return }
        endStaging(.failed(.stopped("\(staging.nextOffset) bytes are kept")), &turn)
    }

    private mutating func endStaging(_ outcome: Outcome, _ turn: inout Turn) {
        guard let staging = live.staging else { return }
        live.staging = nil
        endSide(staging.command.id, outcome, &turn)
    }

    private mutating func tellStaging(_ turn: inout Turn) {
        guard let staging = live.staging else { return }
        let whole = max(staging.offer.byteCount, 1)
        let percent = UInt8(min(100, staging.nextOffset / max(whole / 100, 1)))
        guard percent != staging.percent else { return }
        live.staging?.percent = percent
        let takenAt = live.sides.first { $0.command.id == staging.command.id }?.takenAt ?? turn.now
        let progress = StepProgress(
            command: staging.command.id,
            index: 1,
            count: 1,
            name: "stage \(staging.offer.release)",
            percent: percent,
            elapsedMilliseconds: turn.now.since(takenAt),
            leftMilliseconds: 0
        )
        send(.step(progress), &turn)
    }
}
