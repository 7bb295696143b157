package import TandemModel

/// An image that the controller holds, verified, with what its manifest says.
package struct CatalogueImage: Hashable, Sendable {
    /// What agents are told.
    package var offer: ImageOffer
    /// Its manifest.
    package var manifest: ReleaseManifest

    /// A held image.
    package init(offer: ImageOffer, manifest: ReleaseManifest) {
        self.offer = offer
        self.manifest = manifest
    }
}

/// A person's edit of a cluster's configuration.
package struct ConfigurationEdit: Hashable, Sendable, Codable {
    package var schema: String
    package var digest: Digest
    package var document: [UInt8]
    package var person: PersonName
    package var reason: String

    /// An edit.
    package init(
        schema: String,
        digest: Digest,
        document: [UInt8],
        person: PersonName,
        reason: String
    ) {
        self.schema = schema
        self.digest = digest
        self.document = document
        self.person = person
        self.reason = reason
    }
}

/// Everything that can happen to a cluster.
package enum ClusterInput: Hashable, Sendable {
    /// First input of a process: the durable state has been loaded.
    case restored
    /// A server's agent has said hello and passed the allow-list; `nonce` names the connection.
    case connected(ServerName, Hello, nonce: Nonce)
    case lost(ServerName)
    /// Any message but `hello` and `chunkRequest`, which the runtime answers.
    case message(ServerName, AgentMessage)
    case press(ButtonPress)
    case approve(RequestID, person: PersonName)
    case withdraw(RequestID, person: PersonName)
    case edit(ConfigurationEdit)
    /// Push an image to this server (or each server of the cluster) ahead of the window.
    case stage(Digest, server: ServerName?, person: PersonName)
    case drop(Digest, server: ServerName, person: PersonName)
    case collectLogs(ServerName, person: PersonName)
    /// A new machine's agent for a slot (Replace Server has been pressed).
    case enrolled(ServerDefinition, person: PersonName)
    /// Somebody else answers for the open operation from now on.
    case takeOver(person: PersonName, reason: String)
    /// When the cluster may be moved forward; `nil`: at all times.
    case setWindow(MaintenanceWindow?, person: PersonName, reason: String)
    case acknowledge(AlarmNumber, instance: String, Acknowledgement)
    /// Nothing may be commanded any more; `nil`: it may again.
    case emergencyStop(EmergencyStop?)
    /// What was measured so far in the whole network.
    case durations(DurationBook)
    case catalogue([CatalogueImage])
    case network(NetworkFacts)
    /// At least each second.
    case tick
}
