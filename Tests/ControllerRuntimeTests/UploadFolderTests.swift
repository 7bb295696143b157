import ControllerAPI
import Foundation
import Synchronization
import TandemModel
import Testing

@testable import ControllerRuntime

/// Files in pieces: where an upload stands is what is on the disk, whatever happened in between.
@Suite(.timeLimit(.minutes(1))) struct UploadFolderTests {
    private let ada = PersonName("ada")
    private let eve = PersonName("eve")

    /// A folder for one test, and a clock that the test turns.
    private final class Bench: Sendable {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "tandem-uploads-\(UUID().uuidString)").path
        let limits: ImageLimits
        private let time = Mutex(UInt64(Date().timeIntervalSince1970 * 1000))

        init(byteCountMax: UInt64 = 1 << 30, kept: UInt64 = 0) {
            var limits = ImageLimits()
            (limits.byteCountMax, limits.freeByteCountMin) = (byteCountMax, kept)
            self.limits = limits
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// As a controller that starts has it.
        func folder() throws -> UploadFolder {
            try UploadFolder(path, limits) { [self] in
                WallTime(milliseconds: time.withLock { $0 })
            }
        }

        func pass(milliseconds: UInt64) { time.withLock { $0 += milliseconds } }

        var files: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: path) }
        }
    }

    private func pieces(_ pieces: [UInt8]...) -> AsyncThrowingStream<[UInt8], any Error> {
        let (stream, source) = AsyncThrowingStream.makeStream(
            of: [UInt8].self,
            throwing: (any Error).self,
            bufferingPolicy: .bufferingOldest(pieces.count)
        )
        for piece in pieces { source.yield(piece) }
        source.finish()
        return stream
    }

    /// Some bytes, then the connection is lost.
    private func cutPieces(_ piece: [UInt8]) -> AsyncThrowingStream<[UInt8], any Error> {
        let (stream, source) = AsyncThrowingStream.makeStream(
            of: [UInt8].self,
            throwing: (any Error).self,
            bufferingPolicy: .bufferingOldest(1)
        )
        source.yield(piece)
        source.finish(throwing: CancellationError())
        return stream
    }

    private func begin(_ folder: UploadFolder, _ byteCount: UInt64 = 10) throws -> UploadID {
        try folder.begin(UploadRequest(name: "a.iso", byteCount: byteCount), person: ada).id
    }

    @Test func anotherRunOfTheControllerGoesOnWhereOneEnded() async throws {
        let bench = Bench()
        let id = try begin(try bench.folder())
        let status = try await bench.folder()
            .append(pieces([1, 2], [3]), to: id, at: 0, person: ada)
        #expect(status.offset == 3)
        let next = try bench.folder()
        #expect(next.list(of: ada).map(\.offset) == [3])
        _ = try await next.append(pieces([4, 5, 6, 7, 8, 9, 10]), to: id, at: 3, person: ada)
        let bytes = try await next.finish(id, person: ada) { [UInt8](try Data(contentsOf: $0)) }
        #expect(bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(next.list(of: ada).isEmpty)
        #expect(try bench.files.isEmpty)
    }

    @Test func whatCameOfACutPieceIsKept() async throws {
        let folder = try Bench().folder()
        let id = try begin(folder)
        await #expect(throws: CancellationError.self) {
            _ = try await folder.append(cutPieces([1, 2, 3]), to: id, at: 0, person: ada)
        }
        #expect(try folder.status(id, person: ada).offset == 3)
        let status = try await folder.append(pieces([4]), to: id, at: 3, person: ada)
        #expect(status.offset == 4)
    }

    @Test(arguments: [UInt64(0), 2, 4, .max])
    func aWrongOffsetIsRefusedByTheRightOne(_ offset: UInt64) async throws {
        let folder = try Bench().folder()
        let id = try begin(folder)
        _ = try await folder.append(pieces([1, 2, 3]), to: id, at: 0, person: ada)
        let error = await #expect(throws: TandemError.self) {
            _ = try await folder.append(pieces([9]), to: id, at: offset, person: ada)
        }
        #expect(error?.code == .uploadRefused)
        #expect(error?.remedy == "Send the bytes from 3 on.")
        #expect(try folder.status(id, person: ada).offset == 3)
    }

    @Test func aPieceTooLargeOrBeyondTheEndLeavesNothing() async throws {
        let folder = try Bench().folder()
        let small = try begin(folder, 3)
        let beyond = await #expect(throws: TandemError.self) {
            _ = try await folder.append(pieces([1, 2], [3, 4]), to: small, at: 0, person: ada)
        }
        #expect(beyond?.code == .uploadRefused)
        #expect(try folder.status(small, person: ada).offset == 0)
        let large = try begin(folder, 1 << 29)
        let half = [UInt8](repeating: 7, count: UploadLimit.pieceByteCount)
        let tooLarge = await #expect(throws: TandemError.self) {
            _ = try await folder.append(pieces(half, [1]), to: large, at: 0, person: ada)
        }
        #expect(tooLarge?.code == .usage)
        #expect(try folder.status(large, person: ada).offset == 0)
    }

    @Test func onlyAWholeFileIsFinishedAndABadOneThrownAway() async throws {
        let folder = try Bench().folder()
        let id = try begin(folder, 2)
        _ = try await folder.append(pieces([1]), to: id, at: 0, person: ada)
        let early = await #expect(throws: TandemError.self) {
            try await folder.finish(id, person: ada) { _ in }
        }
        #expect(early?.code == .uploadRefused)
        _ = try await folder.append(pieces([2]), to: id, at: 1, person: ada)
        for (code, isKept) in [(ErrorCode.storeUnavailable, true), (.imageUntrusted, false)] {
            await #expect(throws: TandemError.self) {
                try await folder.finish(id, person: ada) { _ in
                    throw TandemError(code, "no", remedy: "Try again.")
                }
            }
            #expect(folder.list(of: ada).isEmpty != isKept)
        }
    }

    @Test func aPersonHasFourAndNobodyElseSeesThem() async throws {
        let folder = try Bench().folder()
        let ids = try (0..<UploadLimit.count).map { _ in try begin(folder) }
        let fifth = #expect(throws: TandemError.self) { _ = try begin(folder) }
        #expect(fifth?.code == .uploadRefused)
        _ = try folder.begin(UploadRequest(name: "b.iso", byteCount: 1), person: eve)
        #expect(folder.list(of: eve).map(\.name) == ["b.iso"])
        let foreign = #expect(throws: TandemError.self) {
            try folder.drop(ids[0], person: eve)
        }
        #expect(foreign?.code == .unknownName)
        try folder.drop(ids[0], person: ada)
        _ = try begin(folder)
    }

    @Test func everyMillisecondOfADayCounts() async throws {
        let bench = Bench()
        let folder = try bench.folder()
        for _ in 0..<100 {
            let begun = try folder.status(try begin(folder), person: ada)
            #expect(
                begun.expiresAt.milliseconds
                    == begun.startedAt.milliseconds + UploadLimit.idleMilliseconds
            )
            try folder.drop(begun.id, person: ada)
            bench.pass(milliseconds: 7)
        }
    }

    @Test func withoutAByteForADayItIsThrownAway() async throws {
        let bench = Bench()
        let folder = try bench.folder()
        let (idle, busy) = (try begin(folder), try begin(folder))
        bench.pass(milliseconds: UploadLimit.idleMilliseconds - 1)
        _ = try await folder.append(pieces([1]), to: busy, at: 0, person: ada)
        #expect(folder.list(of: ada).count == 2)
        bench.pass(milliseconds: 1)
        #expect(folder.list(of: ada).map(\.id) == [busy])
        #expect(throws: TandemError.self) { _ = try folder.status(idle, person: ada) }
        bench.pass(milliseconds: UploadLimit.idleMilliseconds)
        #expect(try bench.folder().list(of: ada).isEmpty)
        #expect(try bench.files.isEmpty)
    }

    /// Overnight nobody opens the page, and the disk is wanted all the same.
    @Test func anIdleOneIsThrownAwayAlthoughNobodyAsks() async throws {
        let bench = Bench()
        let folder = try bench.folder()
        _ = try begin(folder)
        let clock = TurnedClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let sweeper = UploadSweeper(uploads: folder, clock: clock, pause: .seconds(600))
            group.addTask { try await sweeper.run() }
            bench.pass(milliseconds: UploadLimit.idleMilliseconds - 1)
            await clock.turn(by: .seconds(600))
            let kept = try bench.files
            #expect(kept.count == 2)
            bench.pass(milliseconds: 1)
            await clock.turn(by: .seconds(599))
            let early = try bench.files
            #expect(early == kept)
            await clock.turn(by: .seconds(1))
            let late = try bench.files
            #expect(late.isEmpty)
            group.cancelAll()
        }
    }

    @Test func theLimitsOfImagesHoldFromTheBeginning() throws {
        let large = #expect(throws: TandemError.self) {
            _ = try begin(try Bench(byteCountMax: 9).folder())
        }
        #expect(large?.code == .imageTooLarge)
        let full = #expect(throws: TandemError.self) {
            _ = try begin(try Bench(kept: 1 << 60).folder())
        }
        #expect(full?.code == .diskFull)
        #expect(full?.cause.contains("MiB are kept for the store") == true)
        for name in ["", String(repeating: "a", count: 256)] {
            let error = #expect(throws: TandemError.self) {
                let request = UploadRequest(name: name, byteCount: 1)
                _ = try Bench().folder().begin(request, person: ada)
            }
            #expect(error?.code == .usage)
        }
    }

    @Test func aNameFromOutsideIsNeverAPath() throws {
        let bench = Bench()
        let request = UploadRequest(name: "../../images/a.iso", byteCount: 1)
        let status = try bench.folder().begin(request, person: ada)
        #expect(status.name == "../../images/a.iso")
        #expect(Set(try bench.files) == ["\(status.id).part", "\(status.id).json"])
    }

    @Test func whatWasBegunHalfwayIsRemovedAtTheStart() throws {
        let bench = Bench()
        let id = try begin(try bench.folder())
        for stray in ["0.part", "x.json", "y"] {
            try Data("?".utf8).write(to: URL(filePath: bench.path).appending(path: stray))
        }
        #expect(try bench.folder().list(of: ada).map(\.id) == [id])
        #expect(try bench.files.count == 2)
    }
}
