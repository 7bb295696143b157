import ControllerAPI
import TandemModel

/// The page ISO Maintenance: every image, which server holds it, and what is on its way.
struct ImageListView {
    /// Each is shown with all servers it may go to: so many are a long page.
    static let pageCount = 20

    var images: Page<ImageInfo>
    var leftOut: [LeftOutImage]
    var uploads: [UploadStatus]
    var pushes: [ImagePush]
    var network: NetworkSnapshot
    var person: KnownPerson

    var values: Values {
        let mayHandle = person.may(.handleImages)
        return [
            "mayHandle": mayHandle,
            "hasImages": !images.items.isEmpty,
            "images": images.items.map(shown),
            "next": images.next.map { "/iso-maintenance?before=\($0)" as Any } ?? false,
            "leftOut": leftOut.map { image in
                [
                    "release": image.release.description, "digest": image.image.description,
                    "short": image.image.short, "why": image.why, "mayHandle": mayHandle,
                ] as Values
            },
            "hasUploads": !uploads.isEmpty,
            "uploads": uploads.map(Self.shown),
        ]
    }

    private func shown(_ image: ImageInfo) -> Values {
        var values = ImageWords.values(image)
        values["mayHandle"] = person.may(.handleImages)
        values["clusters"] = network.clusters
            .filter { image.kinds.contains($0.kind) || $0.holds(image.image) }
            .map { cluster in
                [
                    "cluster": cluster.name.text, "digest": image.image.description,
                    "release": image.release.description,
                    "mayHandle": person.may(.handleImages),
                    "mayPush": person.may(.handleImages) && !cluster.isServed(image.image),
                    "servers": cluster.servers.map { shown(image, on: $0, of: cluster) },
                ] as Values
            }
        return values
    }

    private func shown(_ image: ImageInfo, on server: ServerStatus, of cluster: ClusterStatus)
        -> Values
    {
        let staged = server.images.first { $0.image == image.image }
        let push = pushes.first { $0.server == server.name && $0.image == image.image }
        let isHeld = staged?.isVerified ?? false
        var values: Values = [
            "server": server.name.text, "serverPath": Query.escaped(server.name.text),
            "cluster": cluster.name.text, "digest": image.image.description,
            "release": image.release.description, "mayHandle": person.may(.handleImages),
            "isHeld": isHeld, "mayDelete": staged != nil, "isStale": server.isStale,
            "state": Self.state(staged, push),
        ]
        if let push, !isHeld, push.offset < push.byteCount {
            values["progress"] =
                [
                    "percent": "\(Size.percent(push.offset, of: push.byteCount))",
                    "sent": Size.text(push.offset), "all": Size.text(push.byteCount),
                    "server": server.name.text, "asked": Shown.time(push.askedAt),
                ] as Values
        }
        return values
    }

    /// What is known of an image on a server, in words.
    static func state(_ staged: StagedImage?, _ push: ImagePush?) -> String {
        if let staged { return staged.isVerified ? "held, verified" : "held, not verified" }
        guard let push else { return "not held" }
        return push.offset < push.byteCount ? "on its way" : "sent, being verified"
    }

    static func shown(_ upload: UploadStatus) -> Values {
        [
            "id": upload.id.description, "name": upload.name,
            "percent": "\(Size.percent(upload.offset, of: upload.byteCount))",
            "sent": Size.text(upload.offset), "all": Size.text(upload.byteCount),
            "started": Shown.time(upload.startedAt), "expires": Shown.time(upload.expiresAt),
        ]
    }
}

extension ClusterStatus {
    /// Whether every server holds it, verified.
    fileprivate func isServed(_ image: Digest) -> Bool {
        servers.allSatisfy { server in
            server.images.contains { $0.image == image && $0.isVerified }
        }
    }

    fileprivate func holds(_ image: Digest) -> Bool {
        servers.contains { $0.images.contains { $0.image == image } }
    }
}

/// What is said of an image wherever it is shown.
enum ImageWords {
    static func values(_ image: ImageInfo) -> Values {
        [
            "release": image.release.description, "digest": image.image.description,
            "short": image.image.short,
            "kinds": image.kinds.map(\.text).joined(separator: ", "),
            "size": Size.text(image.byteCount), "bytes": "\(image.byteCount)",
            "scope": image.isPatch
                ? "patch: carries the changed packages only" : "full: carries every package",
            "minimumCMP": image.minimumCMP.isEmpty ? "any" : image.minimumCMP,
            "added": Shown.time(image.addedAt), "addedBy": image.addedBy?.text ?? "unknown",
            "verified": Shown.time(image.verifiedAt),
            "hasNotices": !image.notices.isEmpty, "notices": image.notices,
            "heldBy": image.heldBy.isEmpty
                ? "no server" : image.heldBy.map(\.text).joined(separator: ", "),
        ]
    }
}

/// The page of one image: all that its release says about itself.
struct ImageDetailView {
    var detail: ImageDetail

    var values: Values {
        let manifest = detail.manifest
        var values = ImageWords.values(detail.info)
        let more: Values = [
            "manifest": detail.info.manifest.description,
            "dated": Shown.time(WallTime(milliseconds: manifest.dateSeconds * 1000)),
            "format": manifest.format.rawValue, "service": manifest.service,
            "buildID": manifest.buildID, "health": manifest.healthHook ?? "none",
            "needsAgent": manifest.minimumAgent.isEmpty ? "any" : manifest.minimumAgent,
            "needsController": manifest.minimumController.isEmpty
                ? "any" : manifest.minimumController,
            "installsOver": Self.list(manifest.installsOver),
            "onBlank": manifest.installsOnBlank ? "yes" : "no",
            "rollsBackTo": Self.list(manifest.rollsBackTo),
            "wayBack": manifest.takesSnapshot
                ? "packages, and a snapshot of the root" : "packages",
            "replication": Self.replication(manifest),
            "takeover": Self.takeover(manifest.takeoverWhileMixed),
            "configuration": manifest.configuration.map { "\($0.schema) at \($0.path)" }
                ?? "none of Tandem's",
            "space": Size.text(manifest.spaceNeeded),
            "upgradeSteps": Self.steps(manifest.upgradeSteps),
            "backOutSteps": Self.steps(manifest.backOutSteps),
            "packages": manifest.packages.map { Self.shown($0, in: manifest) },
            "packageCount": Shown.count(manifest.packages.count, "package"),
            "upgradeTime": Self.total(manifest.upgradeSteps),
            "backOutTime": Self.total(manifest.backOutSteps),
        ]
        values.merge(more) { _, new in new }
        return values
    }

    private static func list(_ versions: [String]) -> String {
        versions.isEmpty ? "none" : versions.joined(separator: ", ")
    }

    private static func replication(_ manifest: ReleaseManifest) -> String {
        guard manifest.replicatesData else { return "it keeps no data that is replicated" }
        let carry = manifest.dataCarryHook.map { "; else \($0) carries the data over" } ?? ""
        return manifest.replicatesWith.isEmpty
            ? "with its own version only\(carry)"
            : "with \(manifest.replicatesWith.joined(separator: ", "))\(carry)"
    }

    private static func takeover(_ takeover: TakeoverWhileMixed) -> String {
        switch takeover {
        case .allowed: "a standby may take over while versions are mixed"
        case .held: "no takeover while versions are mixed: the standby is held"
        }
    }

    private static func steps(_ steps: [StepDefinition]) -> [Values] {
        steps.enumerated().map { index, step in
            [
                "index": "\(index + 1)", "name": step.name, "action": step.action.rawValue,
                "expected": Shown.duration(UInt64(step.expectedSeconds) * 1000),
                "limit": Shown.duration(UInt64(step.limitSeconds) * 1000),
                "service": step.stopsService ? "interrupted" : "goes on",
                "safe": step.isSafeAfter ? "yes" : "no",
                "onFailure": step.onFailure == .stop
                    ? "stops there: the operator decides" : "returns to the release before",
            ]
        }
    }

    private static func total(_ steps: [StepDefinition]) -> String {
        Shown.duration(steps.reduce(UInt64(0)) { $0 + UInt64($1.expectedSeconds) * 1000 })
    }

    private static func shown(_ package: PackageEntry, in manifest: ReleaseManifest) -> Values {
        [
            "name": package.name, "version": package.version,
            "architecture": package.architecture, "size": Size.text(package.byteCount),
            "carried": manifest.carriedFiles.contains(package.file) ? "yes" : "no: lies there",
        ]
    }
}
