import AgentCore
import AgentPlatform
import TandemImage
import TandemModel
import TandemSpawn

extension EffectRunner {
    /// A large image on a slow disk is read three times.
    private static let acceptMilliseconds: UInt64 = 60 * 60_000
    private static let dropMilliseconds: UInt64 = 10 * 60_000

    func performStaging(_ effect: Effect) {
        switch effect {
        case .openStaging(let offer): open(offer)
        case .writeChunk(let image, let offset, let bytes): write(image, offset, bytes)
        case .finishStaging(let offer): finish(offer)
        case .dropImage(let image, let kept): drop(image, kept)
        case _: break
        }
    }

    private func open(_ offer: ImageOffer) {
        do throws(TandemError) {
            partial = nil
            try server.store.removePartialImages(except: offer.image)
            let opened = try PartialImage(offer, in: server.store)
            partial = opened
            log(.info, "staging \(offer.release) from byte \(opened.byteCount)")
            emit(.stagingOpened(offer, nextOffset: opened.byteCount))
        } catch {
            failStaging(offer.image, error)
        }
    }

    private func write(_ image: Digest, _ offset: UInt64, _ bytes: [UInt8]) {
        do throws(TandemError) {
            guard let partial, partial.offer.image == image else {
                throw TandemError(
                    .imageUnknown,
                    "no image \(image.short) is being staged",
                    remedy: "Stage the image again."
                )
            }
            try partial.append(bytes, at: offset)
            emit(.chunkWritten(image: image, nextOffset: partial.byteCount))
        } catch {
            failStaging(image, error)
        }
    }

    private func failStaging(_ image: Digest, _ error: TandemError) {
        log(.error, "staging: \(error)")
        partial = nil
        emit(.stagingFailed(image: image, TandemFailure(error)))
    }

    private func finish(_ offer: ImageOffer) {
        do throws(TandemError) {
            // The worker goes on where the disk is sure.
            try partial?.noteProgress()
            partial = nil
        } catch {
            return failStaging(offer.image, error)
        }
        changeStore(.finishStaging(offer), limitMilliseconds: Self.acceptMilliseconds) {
            [weak self] answer in self?.finished(offer, answer)
        }
    }

    private func finished(_ offer: ImageOffer, _ answer: WorkerAnswer) {
        guard case .staged(let digest) = answer,
            let manifest = try? server.store.manifest(digest)
        else {
            let failure = failure(answer)
            log(.error, "staging \(offer.release): \(failure.message)")
            emit(.stagingFinished(offer, .refused(failure)))
            return
        }
        reloadManifests()
        shelf?.accept(digest)
        log(.info, "staged \(offer.release)")
        emit(
            .stagingFinished(
                offer,
                .verified(StoredManifest(digest: digest, manifest: manifest))
            )
        )
    }

    private func drop(_ image: Digest, _ kept: [Digest]) {
        changeStore(.dropReleases(keep: kept), limitMilliseconds: Self.dropMilliseconds) {
            [weak self] answer in
            guard let self else { return }
            reloadManifests()
            if case .failure(let failure) = answer {
                emit(.imageDropped(image, failure))
            } else {
                emit(.imageDropped(image, failure(answer)))
            }
        }
    }

    private func reloadManifests() {
        guard let stored = try? server.storedManifests() else { return }
        observer.manifests = stored
    }

    /// Workers that add or remove blobs never run together: one sweeps what the other just brought.
    private func changeStore(
        _ task: WorkerTask,
        limitMilliseconds: UInt64,
        _ onAnswer: @escaping (WorkerAnswer) -> Void
    ) {
        storeQueue.append { [weak self] in
            self?.work(task, limitMilliseconds: limitMilliseconds) { answer in
                self?.isStoreBusy = false
                onAnswer(answer)
                self?.nextChange()
            }
        }
        nextChange()
    }

    private func nextChange() {
        guard !isStoreBusy, !storeQueue.isEmpty else { return }
        isStoreBusy = true
        storeQueue.removeFirst()()
    }
}
