package import ControllerAPI
import ControllerCore
import ControllerStore
import TandemCrypto
package import TandemModel

/// What the web layer asks, answered from the published machines or by the network loop.
package struct NetworkController: ControllerService {
    let name: String
    let queue: InputQueue
    let published: PublishedNetwork
    let store: any NetworkStore
    let library: ImageLibrary
    let collector: LogCollector
    let uploads: UploadFolder
    let expiries: CertificateExpiries
    let sent: SentImages
    let clock: NetworkClock
    let requests: KeptRequests
    let gauges: LoopGauges

    package func network(after: UInt64, waitSeconds: Int) async throws -> NetworkSnapshot {
        await published.wait(for: nil, after: after, seconds: waitSeconds)
        let contents = published.contents
        let wall = wallNow()
        let clusters = contents.machines.keys.sorted().compactMap { name in
            contents.machines[name]?.status(at: clock.now, wall: wall)
        }
        return NetworkSnapshot(
            version: contents.version,
            controller: name,
            epoch: contents.epoch,
            time: wall,
            clusters: clusters,
            alarms: contents.alarms,
            emergencyStop: contents.emergencyStop
        )
    }

    package func cluster(_ name: ClusterName, after: UInt64, waitSeconds: Int) async throws
        -> ClusterSnapshot
    {
        _ = try machine(name)
        await published.wait(for: name, after: after, seconds: waitSeconds)
        let contents = published.contents
        let status = try machine(name).status(at: clock.now, wall: wallNow())
        return ClusterSnapshot(version: contents.versions[name] ?? 0, status: status)
    }

    package func changes(epoch: UInt64, after: UInt64, waitSeconds: Int) async throws
        -> NetworkChanges
    {
        let now = published.contents.changes(epoch: epoch, after: after)
        guard !now.isReset, now.version == after else { return now }
        await published.wait(for: nil, after: after, seconds: waitSeconds)
        return published.contents.changes(epoch: epoch, after: after)
    }

    package func addCluster(_ request: ClusterAddRequest, person: PersonName) async throws
        -> ClusterStatus
    {
        let definition = ClusterDefinition(
            name: request.name,
            kind: request.kind,
            site: request.site,
            isPrimarySite: request.isPrimarySite,
            servers: try request.servers.map { try Self.definition($0.name, $0.certificate) },
            reappliesByItself: request.reappliesByItself ?? false,
            peopleNeeded: min(max(request.peopleNeeded ?? 1, 1), 2)
        )
        _ = try await queue.ask { .addCluster(definition, person: person, $0) }
        return try machine(request.name).status(at: clock.now, wall: wallNow())
    }

    package func removeCluster(
        _ request: ClusterRemovalRequest,
        cluster: ClusterName,
        person: PersonName
    ) async throws -> PressResponse {
        let press = ButtonPress(
            button: .removeCluster,
            person: person,
            reason: request.reason,
            seen: request.seen
        )
        return try await ask(cluster, .press(press))
    }

    package func press(_ request: PressRequest, cluster: ClusterName, person: PersonName)
        async throws -> PressResponse
    {
        let press = ButtonPress(
            button: request.button,
            server: request.server,
            release: request.release,
            statement: request.statement ?? "",
            person: person,
            reason: request.reason ?? "",
            seen: request.seen,
            acknowledgesNotices: request.acknowledgesNotices ?? false,
            acknowledgedNotices: request.acknowledgedNotices,
            window: request.window,
            acceptsDataLoss: request.acceptsDataLoss ?? false
        )
        return try await ask(cluster, .press(press))
    }

    package func approve(_ id: RequestID, person: PersonName) async throws -> PressResponse {
        try await ask(try cluster(waitingFor: id), .approve(id, person: person))
    }

    package func withdraw(_ id: RequestID, person: PersonName) async throws -> PressResponse {
        try await ask(try cluster(waitingFor: id), .withdraw(id, person: person))
    }

    package func enrol(_ request: EnrolRequest, server: ServerName, person: PersonName)
        async throws -> PressResponse
    {
        let definition = try Self.definition(server, request.certificate)
        return try await ask(try cluster(of: server), .enrolled(definition, person: person))
    }

    package func configurations(_ cluster: ClusterName) async throws -> [ConfigurationInfo] {
        let state = try machine(cluster).state
        return state.configurations.map { Self.info($0, isQueued: false) }
            + state.queuedEdits.map { Self.info($0, isQueued: true) }
    }

    private static func info(_ saved: SavedConfiguration, isQueued: Bool) -> ConfigurationInfo {
        ConfigurationInfo(
            number: saved.version.number,
            schema: saved.version.schema,
            digest: saved.version.digest,
            document: String(decoding: saved.version.document, as: UTF8.self),
            person: saved.person,
            reason: saved.reason,
            savedAt: saved.savedAt,
            isQueued: isQueued
        )
    }

    package func edit(_ request: ConfigurationRequest, cluster: ClusterName, person: PersonName)
        async throws -> [ConfigurationInfo]
    {
        let document = Array(request.document.utf8)
        let edit = ConfigurationEdit(
            schema: request.schema,
            digest: sha256(document),
            document: document,
            person: person,
            reason: request.reason
        )
        _ = try await ask(cluster, .edit(edit))
        return try await configurations(cluster)
    }
}

// MARK: - Images and logs

extension NetworkController {
    package func stage(_ image: Digest, _ request: StageRequest, person: PersonName) async throws
        -> PressResponse
    {
        try await ask(
            request.cluster,
            .stage(image, server: request.server, person: person)
        )
    }

    package func drop(_ image: Digest, server: ServerName?, person: PersonName) async throws
        -> PressResponse
    {
        guard let server else {
            _ = try await queue.ask { .removeImage(image, person: person, $0) }
            try library.remove(image)
            return PressResponse(action: nil, approval: nil)
        }
        return try await ask(
            try cluster(of: server),
            .drop(image, server: server, person: person)
        )
    }

    package func collectLogs(_ server: ServerName, person: PersonName) async throws
        -> LogCollection
    {
        _ = try await ask(try cluster(of: server), .collectLogs(server, person: person))
        return LogCollection(id: nil, isComplete: false, text: "")
    }

    package func logs(_ server: ServerName) async throws -> LogCollection {
        _ = try cluster(of: server)
        let found = collector.collection(of: server)
        return LogCollection(id: found.id, isComplete: found.isComplete, text: found.text)
    }
}

// MARK: - Lists

extension NetworkController {
    package func alarms(includesHistory: Bool, _ stretch: Stretch) async throws
        -> Page<AlarmEntry>
    {
        let raised = stretch.before == nil ? published.contents.alarms : []
        guard includesHistory else { return Page(items: raised, next: nil) }
        let cleared = Self.page(
            try await store.alarmHistory(before: stretch.before, limit: stretch.limit),
            stretch
        )
        return Page(items: raised + cleared.items, next: cleared.next)
    }

    package func log(cluster: ClusterName?, _ stretch: Stretch) async throws
        -> Page<UpgradeLogEntry>
    {
        Self.page(
            try await store.log(cluster: cluster, before: stretch.before, limit: stretch.limit),
            stretch
        )
    }

    package func audit(_ stretch: Stretch) async throws -> Page<AuditEntry> {
        Self.page(try await store.audit(before: stretch.before, limit: stretch.limit), stretch)
    }

    private static func page<Item: Codable>(
        _ rows: [StoredRow<Item>],
        _ stretch: Stretch
    ) -> Page<Item> {
        Page(items: rows.map(\.item), next: rows.count < stretch.limit ? nil : rows.last?.row)
    }
}

// MARK: - Finding things

extension NetworkController {
    func machine(_ name: ClusterName) throws -> ClusterMachine {
        guard let machine = published.contents.machines[name] else {
            throw TandemError.unknownCluster(name)
        }
        return machine
    }

    private func cluster(of server: ServerName) throws -> ClusterName {
        let machines = published.contents.machines
        let found = machines.keys.sorted().first { name in
            machines[name]?.state.definition.servers.contains { $0.name == server } ?? false
        }
        guard let found else { throw TandemError.unknownServer(server) }
        return found
    }

    private func cluster(waitingFor id: RequestID) throws -> ClusterName {
        let machines = published.contents.machines
        let found = machines.keys.sorted().first { name in
            machines[name]?.status(at: clock.now, wall: wallNow()).approvals
                .contains { $0.id == id } ?? false
        }
        guard let found else {
            throw TandemError(
                .unknownName,
                "no request \(id) waits for approval",
                remedy: "`tandem cluster show CLUSTER` lists the requests that wait."
            )
        }
        return found
    }

    func ask(_ cluster: ClusterName, _ input: ClusterInput) async throws -> PressResponse {
        switch try await queue.ask({ .request(cluster, input, $0) }) {
        case .accepted(let action): PressResponse(action: action, approval: nil)
        case .needsApproval(let request): PressResponse(action: nil, approval: request)
        case .refused(let error): throw error
        }
    }

    /// A server with the agent that its certificate names.
    private static func definition(_ name: ServerName, _ certificate: String) throws
        -> ServerDefinition
    {
        let identity: PeerIdentity
        do {
            identity = try PeerIdentity(
                certificate: .bytes(Array(certificate.utf8), name: "certificate of \(name)")
            )
        } catch {
            // What came with a request is no fault of our own configuration.
            throw TandemError(
                .keyUnusable,
                "the certificate for \(name) can't be read",
                remedy: "Send the PEM file made by `tandem ca issue agent`.",
                cause: "\(error)"
            )
        }
        let prefix = "urn:tandem:agent:"
        guard let uri = identity.uri, uri.hasPrefix(prefix),
            let agent = AgentID(uri.dropFirst(prefix.count))
        else {
            throw TandemError(
                .identityRefused,
                "the certificate for \(name) names \(identity.uri ?? "nobody"), which is no agent",
                remedy: "Name a certificate made by `tandem ca issue agent`."
            )
        }
        return ServerDefinition(
            name: name,
            agent: agent,
            keyFingerprint: identity.publicKeyFingerprint,
            publicKey: identity.publicKeySPKI
        )
    }
}
