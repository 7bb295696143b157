import Testing

/// Where the compiler's checks for data races are switched off, and why it cannot be helped.
///
/// One entry per file; an entry whose file no longer needs it fails as well, so the list shrinks.
private let allowed: [String: String] = [
    "Sources/Protocol/Crypto/KeyHandle.swift":
        "libcrypto counts references to a key atomically, and a made key never changes",
    "Sources/Protocol/Crypto/TLSBIO.swift":
        "a pointer made once, never changed, never freed",
    "Sources/Protocol/Crypto/TLSContext.swift":
        "libssl allows concurrent use of a context that no longer changes",
    "Sources/Protocol/Crypto/X509Handle.swift":
        "libcrypto counts references to a certificate atomically, and a read one never changes",
    "Tests/ModelCheck/Plan.swift":
        "made whole under a lock, never changed after it was handed out",
    "Tests/Simulation/Joint.swift":
        "files and a listener stay with worlds of one thread; those sent elsewhere have neither",
]

struct EscapeHatchTests {
    @Test
    func everyEscapeHatchIsListedWithItsReason() throws {
        expectNone(try escapeHatchFindings(in: Repository.shared.swift, allowed: allowed))
    }

    // MARK: - Planted violations

    private static let open = SourceFile(
        path: "Sources/A.swift",
        text: "/// Is `@unchecked Sendable`.\nfinal class A: @unchecked  Sendable {}\n"
    )
    private static let global = SourceFile(
        path: "Sources/B.swift",
        text: "private nonisolated(unsafe) let method = 1\n"
    )
    private static let clean = SourceFile(
        path: "Sources/C.swift",
        text: "/// Not `@unchecked Sendable`, not nonisolated(unsafe).\nstruct C: Sendable {}\n"
    )

    @Test
    func unlistedHatchIsFound() throws {
        let found = try escapeHatchFindings(in: [Self.open, Self.global, Self.clean], allowed: [:])
        #expect(found.map(\.path) == ["Sources/A.swift", "Sources/B.swift"])
        #expect(found.map(\.line) == [2, 1])
    }

    @Test
    func listedHatchPasses() throws {
        let reasons = ["Sources/A.swift": "why", "Sources/B.swift": "why"]
        #expect(try escapeHatchFindings(in: [Self.open, Self.global], allowed: reasons).isEmpty)
    }

    @Test(arguments: ["Sources/C.swift", "Sources/Gone.swift"])
    func staleEntryIsFound(_ path: String) throws {
        let found = try escapeHatchFindings(in: [Self.clean], allowed: [path: "why"])
        #expect(found.map(\.path) == [path])
    }

    @Test
    func entryWithoutReasonIsFound() throws {
        let found = try escapeHatchFindings(in: [Self.open], allowed: ["Sources/A.swift": " "])
        #expect(found.count == 1)
    }
}

private func escapeHatchFindings(
    in files: [SourceFile],
    allowed: [String: String]
) throws -> [Finding] {
    var findings: [Finding] = []
    var used: Set<String> = []
    for file in files {
        let hatches = try matches(
            of: #"@unchecked\s+Sendable\b|\bnonisolated\(unsafe\)|@preconcurrency\b"#,
            in: file.code
        )
        guard !hatches.isEmpty else { continue }
        used.insert(file.path)
        guard allowed[file.path] == nil else { continue }
        findings += hatches.map { hatch in
            Finding(
                path: file.path,
                line: hatch.line,
                what: "has `\(hatch.text)`",
                why: "it switches the compiler's race check off: find a form that needs none, "
                    + "or list the file in EscapeHatchTests.swift with its reason"
            )
        }
    }
    for (path, reason) in allowed.sorted(by: { $0.key < $1.key }) {
        if !used.contains(path) {
            let why = "take the entry out of EscapeHatchTests.swift: the next one must be asked for"
            findings.append(Finding(path: path, what: "needs no escape hatch any more", why: why))
        } else if reason.allSatisfy(\.isWhitespace) {
            findings.append(Finding(path: path, what: "is listed", why: "without a reason"))
        }
    }
    return findings
}
