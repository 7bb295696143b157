import Foundation
import TandemCrypto
import TandemModel
import TandemSpawn

/// The two small certificate authorities of one network, in one folder.
///
/// Two, so that a person's certificate opens nothing on the agents' port and an agent's opens nothing
/// on the API. The folder holds, beside both authorities, what was issued and a record of it.
struct AuthorityFolder {
    /// Which of the two.
    enum Authority: String, CaseIterable {
        /// Agents, and the controllers' side of the port they dial.
        case agents
        /// People, and the controllers' side of the API.
        case operators

        var certificateFile: String { "\(rawValue)-ca.pem" }
        var keyFile: String { "\(rawValue)-ca.key" }

        fileprivate var commonName: String {
            switch self {
            case .agents: "Tandem authority for agents"
            case .operators: "Tandem authority for operators"
            }
        }
    }

    /// The record of what was issued; see ``record(_:)``.
    static let recordFile = "issued"
    /// Days for which authorities, and all others, count unless something else is asked for.
    static let authorityDays = 3650
    static let ownerDays = 1095

    let path: String

    /// Makes both authorities.
    ///
    /// - Throws: `fileUnavailable` when one of the files is there already.
    func create(validityDays: Int) throws(TandemError) {
        try Files.createDirectory(path, mode: 0o700)
        var files: [NewFiles.File] = []
        for authority in Authority.allCases {
            let made = try CertificateAuthority.create(
                commonName: authority.commonName,
                validityDays: validityDays
            )
            files.append(.init(file(authority.keyFile), made.privateKeyPEM, isSecret: true))
            files.append(
                .init(file(authority.certificateFile), made.certificatePEM, isSecret: false)
            )
        }
        try NewFiles(files).write()
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// One of the authorities, with the end of its own validity.
    func load(
        _ authority: Authority
    ) throws(TandemError) -> (authority: CertificateAuthority, notAfter: WallTime) {
        let certificate = file(authority.certificateFile)
        guard try Files.kind(of: certificate) != nil else {
            throw TandemError(
                .fileUnavailable,
                "\(path) holds no authority (\(authority.certificateFile) is missing)",
                remedy: "Make one with `tandem ca init \(path)`, or name its folder with --dir."
            )
        }
        let loaded = try CertificateAuthority(
            certificate: .file(certificate),
            privateKey: .file(file(authority.keyFile))
        )
        let identity = try PeerIdentity(certificate: .file(certificate))
        return (loaded, identity.notAfter)
    }

    /// Makes a key and a certificate; nothing is written.
    func issue(
        _ role: CertificateRole,
        by authority: Authority,
        validityDays: Int
    ) throws(TandemError) -> (certificate: IssuedCertificate, notAfter: WallTime) {
        let (loaded, end) = try load(authority)
        let validity = try validity(validityDays, within: end, of: authority)
        return (try loaded.issue(role, validity: validity), validity.notAfter)
    }

    /// The same certificate with a later end; nothing is written.
    ///
    /// Without `validityDays` it counts for as many as a new one would get, from now on.
    ///
    /// - Throws: `keyUnusable` when neither authority signed it, or its authority ends no later.
    func renew(
        _ path: String,
        validityDays: Int?
    ) throws(TandemError) -> (file: RenewedFile, pem: [UInt8]) {
        let before = try PeerIdentity(certificate: .file(path))
        for authority in Authority.allCases {
            let (loaded, end) = try load(authority)
            guard try loaded.signed(.file(path)) else { continue }
            let own = try PeerIdentity(certificate: .file(file(authority.certificateFile)))
            let isAuthority = own.publicKeySPKI == before.publicKeySPKI
            let days = validityDays ?? (isAuthority ? Self.authorityDays : Self.ownerDays)
            let validity =
                isAuthority ? .days(days) : try validity(days, within: end, of: authority)
            if !isAuthority { try refuseNoGain(validity, before, path, authority) }
            let renewed = RenewedFile(
                certificate: path,
                owner: before.summary,
                publicKey: before.publicKeyFingerprint,
                endedAt: before.notAfter,
                notAfter: validity.notAfter,
                place: isAuthority ? .authority : .init(uri: before.uri)
            )
            return (renewed, try loaded.renew(.file(path), validity: validity))
        }
        throw TandemError(
            .keyUnusable,
            "\(path) was signed by no authority of \(self.path)",
            remedy: "Name with --dir the folder whose `tandem ca issue` made it."
        )
    }

    /// A renewal that its authority's own end cuts short to no later end than before is none.
    private func refuseNoGain(
        _ validity: CertificateValidity,
        _ before: PeerIdentity,
        _ path: String,
        _ authority: Authority
    ) throws(TandemError) {
        let (_, end) = try load(authority)
        guard validity.notAfter == end, end.milliseconds <= before.notAfter.milliseconds else {
            return
        }
        let file = file(authority.certificateFile)
        throw TandemError(
            .keyUnusable,
            "\(path) can't count longer than its authority, which ends on \(end.dayText)",
            remedy: "Renew the authority first: `tandem ca renew \(file) --dir \(self.path)`."
        )
    }

    /// A certificate ends with its authority at the latest: beyond that nobody would believe it.
    private func validity(
        _ days: Int,
        within end: WallTime,
        of authority: Authority
    ) throws(TandemError) -> CertificateValidity {
        let asked = CertificateValidity.days(days)
        guard end.milliseconds > WallTime.now.milliseconds else {
            let file = file(authority.certificateFile)
            throw TandemError(
                .keyUnusable,
                "the authority \(file) ended on \(end.dayText)",
                remedy: "Renew it first: `tandem ca renew \(file) --dir \(path)`."
            )
        }
        return CertificateValidity(
            notBefore: asked.notBefore,
            notAfter: asked.notAfter.milliseconds < end.milliseconds ? asked.notAfter : end
        )
    }

    /// Adds a line to the record: time, what, name, id or `-`, public key, end.
    func record(_ line: IssuedFiles) throws(TandemError) {
        try record([
            line.kind, line.name, line.agent?.description ?? "-", line.publicKey.description,
            line.notAfter.dayText,
        ])
    }

    /// Adds a line to the record: time, `renewed`, the file's name, `-`, public key, end.
    func record(_ line: RenewedFile) throws(TandemError) {
        let name = Files.lastComponent(of: line.certificate)
        try record(["renewed", name, "-", line.publicKey.description, line.notAfter.dayText])
    }

    private func record(_ columns: [String]) throws(TandemError) {
        let path = file(Self.recordFile)
        var content: [UInt8] = []
        if try Files.kind(of: path) != nil {
            content = try Files.read(path, byteCountMax: 16 << 20)
        }
        content += Array((([WallTime.now.text] + columns).joined(separator: "\t") + "\n").utf8)
        try Files.replace(path, with: content, mode: 0o644)
    }
}

/// One certificate with its key, as written, and where it goes.
struct IssuedFiles: Encodable, Hashable {
    /// `agent`, `controller-agents`, `controller-api` or `person`.
    var kind: String
    var name: String
    /// The id in an agent's certificate.
    var agent: AgentID?
    var certificate: String
    var key: String
    /// The authority's certificate, which the other side is checked against.
    var authority: String
    /// SHA-256 of the public key: what allow-lists hold.
    var publicKey: Digest
    var notAfter: WallTime
}
