import Testing

/// The bans of `Bans.swift`, held against the tree and against their own planted violations.
struct BanTests {
    @Test(arguments: Ban.all)
    func nothingBannedIsInTheTree(_ ban: Ban) throws {
        let tree = Repository.shared
        switch ban.looksAt {
        case .code: expectNone(try tree.swift.flatMap { try ban.findings(in: $0) })
        case .all: expectNone(try tree.files.flatMap { try ban.findings(in: $0) })
        }
    }

    @Test(arguments: Ban.all)
    func banFindsWhatIsPlanted(_ ban: Ban) throws {
        #expect(!ban.planted.isEmpty && !ban.innocent.isEmpty && !ban.why.isEmpty)
        for folder in ban.folders {
            let path = "\(folder)/Planted.swift"
            for text in ban.planted {
                let found = try ban.findings(in: SourceFile(path: path, text: "\n\(text)\n"))
                #expect(!found.isEmpty, "not found in \(path): \(text)")
                #expect(found.allSatisfy { $0.line > 1 && $0.why == ban.why })
            }
            for text in ban.innocent {
                let found = try ban.findings(in: SourceFile(path: path, text: text))
                #expect(found.isEmpty, "wrongly accused in \(path): \(text)")
            }
        }
        for folder in ban.exempt {
            let planted = SourceFile(path: "\(folder)/Planted.swift", text: ban.planted[0])
            #expect(try ban.findings(in: planted).isEmpty)
        }
    }

    @Test
    func foldersOfTheBansExist() {
        for folder in Set(Ban.all.flatMap { $0.folders + $0.exempt }).sorted()
        where folder.hasPrefix("Sources/") {
            let isThere = Repository.shared.swift.contains { $0.file.isUnder(folder) }
            #expect(
                isThere,
                "no Swift file under \(folder): was it moved? Then its rules went with it"
            )
        }
    }
}
