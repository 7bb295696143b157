import TandemImage
import TandemModel
import TandemSpawn

/// What an image says about itself, as `tandem image inspect` shows it.
struct ImageInspection: Encodable, Hashable {
    /// SHA-256 of the whole image.
    var image: Digest
    var byteCount: UInt64
    /// Fingerprints of the keys that claim to have signed; nothing is checked.
    var signedBy: [Digest]
    var manifest: ReleaseManifest

    init(imageAt path: String) throws(TandemError) {
        let reader = try ImageReader(path: path)
        image = try reader.digest()
        byteCount = reader.byteCount
        (manifest, signedBy) = try ImageBuilder.inspect(imageAt: path)
    }
}

/// Images in words.
enum ImageText {
    /// The few lines after a build.
    static func summary(_ inspection: ImageInspection, of file: String) -> String {
        let manifest = inspection.manifest
        let packages = manifest.packages.reduce(0) { $0 + $1.byteCount }
        var text = "Built \(manifest.release) into \(file): \(sizeText(inspection.byteCount))\n"
        text += "  \(manifest.packages.count) packages of \(sizeText(packages))"
        text += manifest.isPatch ? ", \(manifest.carriedFiles.count) of them in this patch\n" : "\n"
        text += "  \(manifest.hooks.count) hooks; \(manifest.upgradeSteps.count) steps to upgrade, "
        text += "\(manifest.backOutSteps.count) to back out\n"
        text += "  SHA-256 \(inspection.image)\n"
        text += "Not signed yet: tandem image sign \(file) --key NAME.key\n"
        return Terminal.clean(text)
    }

    /// Everything that an image says.
    static func details(_ inspection: ImageInspection) -> String {
        let manifest = inspection.manifest
        var text = facts(inspection)
        text += "\nPackages\n" + packages(manifest)
        if !manifest.hooks.isEmpty { text += "\nHooks\n" + hooks(manifest) }
        text += "\nSteps to upgrade\n" + steps(manifest.upgradeSteps)
        text += "\nSteps to back out\n" + steps(manifest.backOutSteps)
        if !manifest.notices.isEmpty {
            text += "\nNotices to acknowledge at Start\n"
            text += manifest.notices.map { "  - \(Terminal.cleanLine($0))\n" }.joined()
        }
        text += "\nSigned by\n"
        text += inspection.signedBy.map { "  key \($0.short)\n" }.joined()
        text += inspection.signedBy.isEmpty ? "  nobody\n" : ""
        return text + "  (not checked here: tandem image verify)\n"
    }

    private static func facts(_ inspection: ImageInspection) -> String {
        let manifest = inspection.manifest
        let date = WallTime(milliseconds: manifest.dateSeconds &* 1000)
        var rows: [(String, String)] = [
            ("Release", manifest.release.description),
            ("Image", "\(sizeText(inspection.byteCount)), SHA-256 \(inspection.image)"),
            ("Date", date.text),
            ("For kinds", manifest.kinds.map(\.text).joined(separator: ", ")),
            ("Installs over", versions(manifest.installsOver, manifest.installsOnBlank)),
            ("Rolls back to", versions(manifest.rollsBackTo, false)),
        ]
        let minima = [
            ("Minimum cmp", manifest.minimumCMP), ("Minimum agent", manifest.minimumAgent),
            ("Minimum controller", manifest.minimumController),
        ]
        rows += minima.filter { !$0.1.isEmpty }
        rows += [("Service", manifest.service), ("Build id", manifest.buildID)]
        if let configuration = manifest.configuration {
            let hook = configuration.applyHook.map { ", applied by \($0)" } ?? ""
            rows.append(
                ("Configuration", "\(configuration.schema) in \(configuration.path)\(hook)")
            )
        }
        let works = manifest.replicatesWith.joined(separator: ", ")
        rows.append(("Replicates data", manifest.replicatesData ? "yes, with \(works)" : "no"))
        if let hook = manifest.dataCarryHook { rows.append(("Data carried by", hook)) }
        rows.append(("Takeover while mixed", manifest.takeoverWhileMixed.rawValue))
        rows.append(("Space needed", sizeText(manifest.spaceNeeded)))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            let pad = String(repeating: " ", count: width - name.count + 2)
            return name + pad + Terminal.cleanLine(value) + "\n"
        }.joined()
    }

    private static func versions(_ versions: [String], _ isBlankToo: Bool) -> String {
        let all = versions + (isBlankToo ? ["a blank server"] : [])
        return all.isEmpty ? "nothing" : all.joined(separator: ", ")
    }

    private static func packages(_ manifest: ReleaseManifest) -> String {
        let carried = Set(manifest.carriedFiles)
        var table = Table("  Package", "Version", "Architecture", "Size", "SHA-256", "")
        for package in manifest.packages {
            table.add(
                "  \(package.name)",
                package.version,
                package.architecture,
                sizeText(package.byteCount),
                package.sha256.short,
                carried.contains(package.file) ? "" : "not in this patch"
            )
        }
        return table.text
    }

    private static func hooks(_ manifest: ReleaseManifest) -> String {
        var uses: [String: [String]] = [manifest.identifyHook: ["identify"]]
        if let hook = manifest.healthHook { uses[hook, default: []].append("health") }
        if let hook = manifest.dataCarryHook { uses[hook, default: []].append("data carry") }
        if let hook = manifest.configuration?.applyHook { uses[hook, default: []].append("apply") }
        var table = Table("  Hook", "Size", "After A Crash", "Used For")
        for hook in manifest.hooks {
            table.add(
                "  \(hook.file)",
                sizeText(hook.byteCount),
                hook.isRepeatable ? "run again" : "asked first",
                (uses[hook.file] ?? ["steps"]).joined(separator: ", ")
            )
        }
        return table.text
    }

    private static func steps(_ steps: [StepDefinition]) -> String {
        var table = Table("  #", "Step", "Action", "Expected", "Limit", "If It Fails", "Then Stop")
        for (index, step) in steps.enumerated() {
            let arguments = step.arguments.map { " \($0)" }.joined()
            table.add(
                "  \(index + 1)",
                step.name,
                step.action.rawValue + arguments,
                "\(step.expectedSeconds) s",
                "\(step.limitSeconds) s",
                step.onFailure == .return ? "return" : "stop",
                step.isSafeAfter ? "safe" : ""
            )
        }
        return table.text
    }
}
