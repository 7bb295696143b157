import ControllerAPI
import Foundation
import Synchronization
import TandemModel
import TandemSpawn
import Testing

@testable import tandem

/// Bringing images to a controller and on to servers.
struct ImageLibraryEndToEndTests {
    @Test
    func uploadSendsEveryByte() throws {
        let stub = try StubController { request in
            request.method == "POST"
                ? .value(Sample.image(2), status: 201)
                : .value(Page(items: [Sample.image(2)], next: nil))
        }
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
        try Files.replace(stub.certificates.folder("x.iso"), with: bytes)
        let run = try stub("image", "add", "x.iso")
        #expect(run.exit == 0, "\(run.error)")
        #expect(stub.requests.first?.body == bytes)
        #expect(run.error.contains("[####################] Uploading 100% (700 kB of 700 kB)\n"))
        #expect(run.output.hasPrefix("Added scef-fe 12.6.1, 455 kB, SHA-256 02cdcd"))
        #expect(run.output.contains("tandem image stage scef-fe-12.6.1 CLUSTER"))
    }

    /// The image that is meant may be the oldest of many.
    @Test
    func allPagesAreRead() throws {
        let stub = try StubController { request in
            switch (request.method, request.path) {
            case ("GET", "/api/v1/images"):
                .value(Page(items: [Sample.image(3)], next: 9))
            case ("GET", "/api/v1/images?before=9"):
                .value(Page(items: [Sample.image(2)], next: nil))
            case _: .value(PressResponse(action: nil, approval: nil))
            }
        }
        let list = try stub("image", "list")
        #expect(list.output.contains(Sample.image(2).image.short), "\(list.output)")
        #expect(list.output.contains(Sample.image(3).image.short), "\(list.output)")
        #expect(try stub("image", "drop", "\(Sample.image(2).image)").exit == 0)
    }

    /// A controller whose servers hold the image one by one, from the third look on.
    private static func staging(log entry: UpgradeLogEntry? = nil) throws -> StubController {
        let looks = Mutex(0)
        let image = Sample.image(2)
        let staged = StagedImage(
            image: image.image,
            manifest: image.manifest,
            release: image.release,
            isVerified: true
        )
        return try StubController { request in
            switch (request.method, request.path.prefix { $0 != "?" }) {
            case ("GET", "/api/v1/clusters/scef-1"):
                let look = looks.withLock { count in
                    count += 1
                    return count
                }
                var servers = [
                    Sample.server("scef-1a", .active), Sample.server("scef-1b", .standby),
                ]
                if look > 2 { servers[1].images = [staged] }
                if look > 4 { servers[0].images = [staged] }
                let status = Sample.cluster(servers: servers)
                return .value(ClusterSnapshot(version: UInt64(look), status: status))
            case ("GET", "/api/v1/images"): return .value(Page(items: [image], next: nil))
            case ("GET", "/api/v1/log"):
                let isLater = looks.withLock { $0 > 1 }
                let entries = [entry].compactMap { isLater ? $0 : nil }
                return .value(Page(items: entries, next: nil))
            case _: return .value(PressResponse(action: nil, approval: nil), status: 202)
            }
        }
    }

    @Test
    func stagingIsWaitedFor() throws {
        let stub = try Self.staging()
        let run = try stub("image", "stage", "scef-fe-12.6.1", "scef-1")
        #expect(run.exit == 0, "\(run.error)")
        #expect(run.error == "Waiting for scef-1a, scef-1b\nWaiting for scef-1a\n")
        #expect(run.output == "scef-fe 12.6.1 lies verified on scef-1a, scef-1b.\n")
        let post = try #require(stub.requests.first { $0.method == "POST" })
        #expect(post.path == "/api/v1/images/\(Sample.image(2).image)/stage")
    }

    @Test
    func waitingForAServerEnds() throws {
        let stub = try Self.staging()
        let late = try stub(
            "image",
            "stage",
            "02cdcdcd",
            "scef-1",
            "--server",
            "other",
            "--wait",
            "0"
        )
        #expect(late.exit == 1)
        #expect(late.error.contains("after 0 s scef-fe 12.6.1 is still missing on other"))
        let post = try #require(stub.requests.first { $0.method == "POST" })
        #expect(try post.decoded(StageRequest.self).server?.text == "other")
    }

    @Test
    func failureOfAServerIsTold() throws {
        let entry = UpgradeLogEntry(
            action: Sample.action,
            operation: nil,
            stepIndex: 0,
            text: "stage scef-1a",
            cluster: ClusterName("scef-1"),
            server: ServerName("scef-1a"),
            startedAt: Sample.time,
            endedAt: Sample.time,
            durationMilliseconds: 7,
            result: "failed",
            detail: "no space left",
            person: Sample.anna,
            isAutomatic: false
        )
        let run = try Self.staging(log: entry)("image", "stage", "02cdcdcd", "scef-1")
        #expect(run.exit == 1)
        #expect(run.error.contains("staging scef-fe 12.6.1 failed: stage scef-1a failed\n"))
        #expect(run.error.contains("(no space left)"))
    }

    @Test
    func dropNamesImageAndServer() throws {
        let stub = try Self.staging()
        #expect(try stub("image", "drop", "scef-fe-12.6.1", "--server", "scef-1b").exit == 0)
        #expect(try stub("image", "drop", "02cdcdcd").exit == 0)
        let digest = Sample.image(2).image
        #expect(
            stub.requests.filter { $0.method == "DELETE" }.map(\.path) == [
                "/api/v1/images/\(digest)?server=scef-1b", "/api/v1/images/\(digest)",
            ]
        )
    }
}
