import TandemModel
import TandemWire
import Testing

@Suite struct ManifestTests {
    /// The sample as the decoder gives it back: lists without a meaning in their order are sorted.
    private var canonical: ReleaseManifest {
        var manifest = ManifestSamples.full
        manifest.kinds.reverse()
        manifest.packages.reverse()
        manifest.hooks.sort { $0.file < $1.file }
        return manifest
    }

    @Test func roundTripSortsWhatHasNoOrder() throws {
        let bytes = try ManifestSamples.full.wireBytes()
        let decoded = try ReleaseManifest(wireBytes: bytes)
        #expect(decoded == canonical)
        #expect(try decoded.wireBytes() == bytes)
        #expect(try canonical.wireBytes() == bytes)
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = try ManifestSamples.full.wireBytes()
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try ReleaseManifest(wireBytes: Array(bytes[..<count]))
            }
        }
    }

    @Test func trailingBytesAreRefused() throws {
        let bytes = try ManifestSamples.full.wireBytes()
        #expect(throws: WireError.trailingBytes(count: 1, offset: bytes.count)) {
            try ReleaseManifest(wireBytes: bytes + [0])
        }
    }

    /// Whatever a changed byte decodes to, it is never the same manifest, and never one whose own
    /// encoding differs from the bytes it came from.
    @Test func everyFlippedBitIsRefusedOrAnotherManifest() throws {
        let bytes = try ManifestSamples.full.wireBytes()
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << bit
                guard let manifest = try? ReleaseManifest(wireBytes: changed) else { continue }
                #expect(manifest != canonical, "byte \(position) bit \(bit)")
                #expect(try manifest.wireBytes() == changed)
            }
        }
    }

    @Test func unsortedListIsRefused() throws {
        var manifest = canonical
        manifest.installsOver = ["a", "b"]
        let bytes = try manifest.wireBytes()
        let sorted: [UInt8] = [0, 2, 1, UInt8(ascii: "a"), 1, UInt8(ascii: "b")]
        let place = try #require(bytes.firstRange(of: sorted))
        var swapped = bytes
        swapped.swapAt(place.lowerBound + 3, place.lowerBound + 5)
        #expect(throws: WireError.notCanonical("manifest")) {
            try ReleaseManifest(wireBytes: swapped)
        }
    }

    @Test func entryThatStandsTwiceIsRefused() throws {
        var manifest = canonical
        manifest.packages.append(manifest.packages[0])
        #expect(throws: WireError.self) { try manifest.wireBytes() }

        manifest = canonical
        manifest.rollsBackTo = ["1", "1"]
        #expect(throws: WireError.self) { try manifest.wireBytes() }
        manifest.rollsBackTo = ["1", "2"]
        var bytes = try manifest.wireBytes()
        let listed: [UInt8] = [0, 2, 1, UInt8(ascii: "1"), 1, UInt8(ascii: "2")]
        let place = try #require(bytes.firstRange(of: listed))
        bytes[place.lowerBound + 5] = UInt8(ascii: "1")
        #expect(throws: WireError.self) { try ReleaseManifest(wireBytes: bytes) }
    }

    @Test func otherFileAndOtherFormatAreNamed() throws {
        var bytes = try ManifestSamples.full.wireBytes()
        bytes[9] = 2
        #expect {
            try ReleaseManifest(wireBytes: bytes)
        } throws: {
            "\($0)".contains("manifest format 2 is not known here, only 1")
        }
        bytes[0] = UInt8(ascii: "X")
        #expect {
            try ReleaseManifest(wireBytes: bytes)
        } throws: {
            "\($0)".contains("not a release manifest")
        }
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0b"])
    func pathsAreNoFileNames(_ name: String) throws {
        var manifest = canonical
        manifest.packages[0].file = name
        #expect(throws: WireError.self) { try manifest.wireBytes() }
        manifest = canonical
        manifest.identifyHook = name
        #expect(throws: WireError.self) { try manifest.wireBytes() }
        manifest = canonical
        manifest.carriedFiles = [name]
        #expect(throws: WireError.self) { try manifest.wireBytes() }
    }

    @Test func pathInForeignBytesIsRefused() throws {
        var bytes = try ManifestSamples.full.wireBytes()
        let place = try #require(bytes.firstRange(of: Array("scef-common_12.6.1_all.deb".utf8)))
        bytes[place.lowerBound + 4] = UInt8(ascii: "/")
        #expect(
            throws: WireError.invalidValue(of: "file name", offset: place.lowerBound - 1)
        ) {
            try ReleaseManifest(wireBytes: bytes)
        }
    }
}
