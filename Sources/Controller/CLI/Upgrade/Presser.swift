import ArgumentParser
import ControllerAPI
import TandemModel

/// Shows, asks, presses and follows.
struct Presser {
    let client: APIClient
    let cluster: ClusterName
    let options: PressOptions
    let output: OutputOptions

    func run(_ press: Press) async throws {
        let snapshot: ClusterSnapshot = try await client.get(APIPath.cluster(cluster))
        let status = snapshot.status
        var press = press
        var reason = options.reason
        if !options.yes {
            try confirm(press, status)
            if press.button == .startUpgrade, !press.acknowledgesNotices {
                let read = try await acknowledge(press.release, status)
                press.acknowledgesNotices = !read.isEmpty
                press.acknowledgedNotices = read
            }
            if Self.mayNeedReason(press.button), reason.isEmpty {
                reason = Terminal.ask("Reason or ticket number: ") ?? ""
            }
        }
        let request = PressRequest(
            button: press.button,
            server: press.server,
            release: press.release,
            statement: press.statement,
            reason: reason,
            seen: options.seen ?? status.seen,
            acknowledgesNotices: press.acknowledgesNotices,
            acknowledgedNotices: press.acknowledgedNotices,
            acceptsDataLoss: press.acceptsDataLoss
        )
        let answer: PressResponse = try await client.send(.post, APIPath.press(cluster), request)
        try await Self.follow(
            answer,
            of: cluster,
            client: client,
            waits: !options.noWait,
            output: output
        )
    }

    /// Try Again needs one where the button that is tried again does; nobody has to answer otherwise.
    static func mayNeedReason(_ button: Button) -> Bool {
        button.isForward || button.alwaysNeedsTwoPeople || button == .tryAgain
    }

    /// Waits for the end of what began; prints it and ends with the documented exit code.
    static func follow(
        _ answer: PressResponse,
        of cluster: ClusterName,
        client: APIClient,
        waits: Bool,
        output: OutputOptions
    ) async throws {
        if let approval = answer.approval {
            try output.show(answer) { _ in
                "Waits for a second person: tandem approve \(approval)\n"
            }
            throw ExitStatus.waitsForApproval
        }
        guard let action = answer.action, waits else {
            try output.show(answer) { _ in answer.action.map { "Begun: \($0)\n" } ?? "Done.\n" }
            return
        }
        let end = try await Follower(client: client, isQuiet: output.json)
            .follow(action, of: cluster)
        if output.json { try output.show(end.status) { _ in "" } }
        switch end.action.ending {
        case .done: return
        case .failed: throw ExitStatus.actionFailed
        case .stopped: throw ExitStatus.actionStopped
        }
    }

    // MARK: - Questions

    private func confirm(_ press: Press, _ status: ClusterStatus) throws {
        let offer = try Self.offer(press.button, press.server, status)
        Terminal.writeError(ClusterText.prompt(offer, status))
        guard Terminal.confirms("Continue?") else { throw Self.nothingDone() }
    }

    /// The offer that a press would take up; refused when there is none, or it is greyed.
    static func offer(
        _ button: Button,
        _ server: ServerName?,
        _ status: ClusterStatus
    ) throws -> ButtonOffer {
        let offers = status.buttons.filter { offer in
            offer.button == button
                && (server == nil || offer.server == nil || offer.server == server)
        }
        guard let offer = offers.first(where: \.isEnabled) ?? offers.first else {
            throw TandemError(
                .buttonRefused,
                "\(button.label) is not offered for \(status.name) now",
                remedy: "Now possible: \(enabled(status))."
            )
        }
        guard offer.isEnabled else {
            throw TandemError(
                .buttonRefused,
                "\(button.label) is not possible for \(status.name): \(offer.whyNot)",
                remedy: "Now possible: \(enabled(status))."
            )
        }
        let targets = Set(offers.filter(\.isEnabled).compactMap(\.server))
        guard server != nil || targets.count < 2 else {
            let names = targets.sorted().map(\.text).joined(separator: " or ")
            throw TandemError(
                .usage,
                "\(button.label) acts on one server, and \(names) are possible",
                remedy: "Add --server NAME."
            )
        }
        return offer
    }

    /// Shows the notices of the release to be started; those that were read and said yes to.
    private func acknowledge(_ release: ReleaseID?, _ status: ClusterStatus) async throws
        -> [String]
    {
        let images: [ImageInfo] = try await client.list(APIPath.images)
        let notices = Self.notices(of: release, status, images)
        guard !notices.isEmpty else { return [] }
        Terminal.writeError("\nNotices of the release:\n")
        for notice in notices { Terminal.writeError("  - \(Terminal.cleanLine(notice))\n") }
        guard Terminal.confirms("Have you read them?") else { throw Self.nothingDone() }
        return notices
    }

    /// The notices of the release named, or of the images that could be meant.
    static func notices(
        of release: ReleaseID?,
        _ status: ClusterStatus,
        _ images: [ImageInfo]
    ) -> [String] {
        let running = Set(status.servers.map(\.runningRelease))
        let meant = images.filter { image in
            guard let release else {
                return image.kinds.contains(status.kind)
                    && !running.contains(image.release.description)
            }
            return image.release == release
        }
        var notices: [String] = []
        for notice in meant.flatMap(\.notices) where !notices.contains(notice) {
            notices.append(notice)
        }
        return notices
    }

    private static func nothingDone() -> ExitCode {
        Terminal.writeError("Nothing was done.\n")
        return ExitStatus.refused
    }

    private static func enabled(_ status: ClusterStatus) -> String {
        let names = status.buttons.filter(\.isEnabled).map(\.button.rawValue)
        guard names.isEmpty else { return names.joined(separator: ", ") }
        return status.nextStep.isEmpty ? "nothing" : "nothing (\(status.nextStep))"
    }
}
