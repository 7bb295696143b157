import ControllerAPI
import ControllerCore
import ControllerStore
import TandemModel

// MARK: - Requests of people

extension LoopState {
    /// Handles a request; what it adds to the audit in its person's name says where it came from.
    mutating func from(_ origin: RequestOrigin?, _ handle: (inout LoopState) -> Void) {
        let first = batch.transaction.audit.count
        handle(&self)
        guard let origin else { return }
        for index in first..<batch.transaction.audit.count
        where batch.transaction.audit[index].person == origin.person {
            batch.transaction.audit[index].address = origin.address
            batch.transaction.audit[index].means = origin.means
        }
    }

    mutating func request(
        _ cluster: ClusterName,
        _ input: ClusterInput,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        guard machines[cluster] != nil else {
            batch.answers.append((reply, .refused(.unknownCluster(cluster))))
            return
        }
        guard case .enrolled(let server, let person) = input else {
            return feed(cluster, input, wall: wall, reply: reply)
        }
        if let problem = network.objection(to: server) {
            audit("refused \(problem.code.id)", by: person, cluster: cluster, wall)
            batch.answers.append((reply, .refused(problem)))
            return
        }
        feed(cluster, input, wall: wall, reply: reply)
        if let definition = machines[cluster]?.state.definition { admit(definition) }
    }

    mutating func addCluster(
        _ definition: ClusterDefinition,
        _ person: PersonName,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        if let problem = objection(to: definition) {
            batch.answers.append((reply, .refused(problem)))
            return
        }
        machines[definition.name] = ClusterMachine(
            definition: definition,
            state: ClusterState(definition: definition),
            epoch: epoch,
            boot: boot,
            limits: limits
        )
        index(definition)
        admit(definition)
        batch.written.insert(definition.name)
        batch.changed.insert(definition.name)
        audit("add cluster \(definition.name)", by: person, cluster: definition.name, wall)
        introduce(definition.name, wall: wall)
        if let facts { feed(definition.name, .network(facts), wall: wall) }
        feed(definition.name, .restored, wall: wall, reply: reply)
    }

    private func objection(to definition: ClusterDefinition) -> TandemError? {
        func refused(_ message: String, _ remedy: String) -> TandemError {
            TandemError(.nameRefused, message, remedy: remedy)
        }
        let names = definition.servers.map(\.name)
        guard definition.name.isValid, definition.site.isValid, names.allSatisfy(\.isValid) else {
            return refused(
                "a name of cluster '\(definition.name)' is not well formed",
                "Use letters, digits, dots, dashes and underscores, at most 63."
            )
        }
        guard (1...2).contains(names.count), Set(names).count == names.count else {
            return refused(
                "cluster \(definition.name) names \(names.count) servers",
                "Name one or two different servers."
            )
        }
        return network.objection(to: definition)
    }

    mutating func addImage(
        _ image: CatalogueImage,
        _ person: PersonName,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        catalogue.removeAll { $0.offer.image == image.offer.image }
        catalogue.append(image)
        batch.transaction.addedImages.append(
            ImageRow(offer: image.offer, addedAt: wall, addedBy: person)
        )
        audit("add image \(image.offer.release) \(image.offer.image.short)", by: person, wall)
        shareCatalogue(wall: wall)
        batch.answers.append((reply, .accepted(nil)))
    }

    mutating func removeImage(
        _ digest: Digest,
        _ person: PersonName,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        guard let image = catalogue.first(where: { $0.offer.image == digest }) else {
            batch.answers.append((reply, .refused(.unknownImage(digest))))
            return
        }
        let user = machines.keys.sorted().first {
            machines[$0]?.needs(image.offer.manifest) == true
        }
        if let user {
            let error = TandemError(
                .imageNeeded,
                "the open operation of \(user) needs \(image.offer.release)",
                remedy: "End that operation first."
            )
            batch.answers.append((reply, .refused(error)))
            return
        }
        catalogue.removeAll { $0.offer.image == digest }
        batch.transaction.removedImages.append(digest)
        audit("remove image \(image.offer.release) \(digest.short)", by: person, wall)
        shareCatalogue(wall: wall)
        batch.answers.append((reply, .accepted(nil)))
    }

    mutating func audit(
        _ what: String,
        by person: PersonName,
        cluster: ClusterName? = nil,
        reason: String = "",
        _ wall: WallTime
    ) {
        batch.transaction.audit.append(
            AuditEntry(
                time: wall,
                person: person,
                cluster: cluster,
                server: nil,
                what: what,
                reason: reason
            )
        )
    }
}
