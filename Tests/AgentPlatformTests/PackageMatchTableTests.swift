import AgentCore
import TandemModel
import Testing

@testable import AgentPlatform

struct PackageMatchTableTests {
    private func manifest(_ version: String, _ packages: [String]) -> StoredManifest {
        let entries = packages.map { text in
            let words = text.split(separator: " ").map(String.init)
            return PackageEntry(
                file: "\(words[0]).deb",
                name: words[0],
                version: words[1],
                architecture: "all",
                sha256: .none,
                byteCount: 1
            )
        }
        return StoredManifest(
            digest: Digest(bytes: [UInt8](repeating: UInt8(version) ?? 0, count: 32)) ?? .none,
            manifest: ReleaseManifest(
                release: ReleaseID(product: "shop", version: version),
                format: .deb,
                kinds: [],
                installsOver: [],
                installsOnBlank: true,
                rollsBackTo: [],
                minimumAgent: "",
                minimumController: "",
                minimumCMP: "",
                packages: entries,
                carriedFiles: [],
                hooks: [],
                upgradeSteps: [],
                backOutSteps: [],
                configuration: nil,
                service: "shop",
                buildID: "b\(version)",
                identifyHook: "i",
                healthHook: nil,
                replicatesData: false,
                replicatesWith: [],
                dataCarryHook: nil,
                takeoverWhileMixed: .allowed,
                notices: [],
                spaceNeeded: 0,
                dateSeconds: 0
            )
        )
    }

    private func package(
        _ text: String,
        _ state: InstalledPackage.State = .installed
    ) -> InstalledPackage {
        let words = text.split(separator: " ").map(String.init)
        return InstalledPackage(
            name: words[0],
            version: words[1],
            architecture: "all",
            state: state,
            needsReinstallation: false
        )
    }

    private var releases: [StoredManifest] {
        [manifest("1", ["a 1", "old 1"]), manifest("2", ["a 2", "new 2"])]
    }

    private func match(_ packages: [InstalledPackage]) -> PackageMatch {
        PackageMatch(packages: packages, manifests: releases)
    }

    @Test
    func wholeSetsAreRecognised() {
        #expect(match([package("a 1"), package("old 1")]) == .release(releases[0]))
        #expect(match([package("a 2"), package("new 2")]) == .release(releases[1]))
        let left = package("old 1", .configFiles)
        #expect(match([package("a 2"), package("new 2"), left]) == .release(releases[1]))
    }

    @Test
    func everythingElseIsNamed() {
        #expect(match([]) == .blank)
        #expect(match([package("old 1", .configFiles)]) == .blank)
        #expect(match([package("a 2", .halfConfigured)]) == .half("a 2 is half-configured"))
        #expect(match([package("a 2")]) == .other("no staged release is made of a 2"))
        #expect(
            match([package("a 2"), package("new 2"), package("old 1")])
                == .other("no staged release is made of a 2, new 2, old 1")
        )
        #expect(
            PackageMatch(packages: [package("a 1")], manifests: [])
                == .other("no release image is staged here")
        )
    }

    @Test
    func buildIDCompletesTheProof() {
        let match = match([package("a 2"), package("new 2")])
        #expect(match.software(buildID: "b2") == .known(ReleaseID(product: "shop", version: "2")))
        #expect(
            match.software(buildID: "b1")
                == .unknown("packages of shop 2, but the product answers build id b1")
        )
        #expect(
            match.software(buildID: nil)
                == .unknown("packages of shop 2, but the product does not answer its build id")
        )
        #expect(PackageMatch.blank.software(buildID: "b2") == .blank)
        #expect(PackageMatch.half("x").software(buildID: nil) == .halfInstalled("x"))
    }

    @Test
    func digestCountsWhatTheReleaseNames() {
        let release = match([package("a 2"), package("new 2")])
        let counted = release.counted([package("a 2"), package("new 2"), package("other 1")])
        #expect(counted.map(\.name) == ["a", "new"])
        let one = packageDigest([package("a 2"), package("new 2")])
        #expect(packageDigest([package("new 2"), package("a 2")]) == one)
        #expect(packageDigest([package("a 2"), package("new 2", .unpacked)]) != one)
        #expect(packageDigest([package("a 2"), package("new 3")]) != one)
    }

    @Test
    func largerSetWins() {
        let small = manifest("3", ["a 1"])
        let large = manifest("4", ["a 1", "b 1"])
        let packages = [package("a 1"), package("b 1")]
        #expect(PackageMatch(packages: packages, manifests: [large, small]) == .release(large))
        #expect(
            PackageMatch(packages: [package("a 1")], manifests: [large, small]) == .release(small)
        )
    }
}
