/// The stable name of one kind of failure.
///
/// Codes are grouped by who can act: 1xxx configuration and command line, 2xxx connection and
/// identity, 3xxx release images, 4xxx agent and server, 5xxx operations and buttons, 6xxx store, 7xxx people.
/// A number is never given out twice; a retired code stays listed.
package struct ErrorCode: Hashable, Sendable {
    /// The name used in logs, in the API and in the manual, such as `TDM-3002`.
    package let id: String

    private init(_ number: Int) { id = "TDM-\(number)" }

    /// Reads a code that came over the wire or out of a store; any text is kept as it is.
    package init(id: String) { self.id = id }
}

// MARK: - 1xxx: configuration and command line

extension ErrorCode {
    /// A configuration file has a missing, unknown or malformed line.
    package static let configurationInvalid = ErrorCode(1001)
    /// A file can't be read or written.
    package static let fileUnavailable = ErrorCode(1002)
    /// A command line asks for something that does not exist or contradicts itself.
    package static let usage = ErrorCode(1003)
    /// A program that Tandem needs can't be started.
    package static let programMissing = ErrorCode(1004)
    /// A child process ended with an error or was ended at its time limit.
    package static let childFailed = ErrorCode(1005)
}

// MARK: - 2xxx: connection and identity

extension ErrorCode {
    /// libssl refused its configuration: key, certificate or authority file.
    package static let tlsConfiguration = ErrorCode(2001)
    /// The TLS handshake with a peer failed.
    package static let tlsHandshake = ErrorCode(2002)
    /// A peer's certificate names nobody we know, or the wrong kind of peer.
    package static let identityRefused = ErrorCode(2003)
    /// A peer sent bytes that no honest peer sends.
    package static let protocolViolation = ErrorCode(2004)
    /// No common protocol version.
    package static let versionRefused = ErrorCode(2005)
    /// A peer could not be reached in time.
    package static let unreachable = ErrorCode(2006)
    /// A signature does not match.
    package static let signatureInvalid = ErrorCode(2007)
    /// A key or certificate can't be made or read.
    package static let keyUnusable = ErrorCode(2008)
    /// A connection ended without a goodbye.
    package static let connectionLost = ErrorCode(2009)
}

// MARK: - 3xxx: release images

extension ErrorCode {
    /// A release description or manifest says something impossible.
    package static let manifestInvalid = ErrorCode(3001)
    /// Too few valid signatures of trusted keys.
    package static let imageUntrusted = ErrorCode(3002)
    /// A file of the image does not match its digest.
    package static let imageDamaged = ErrorCode(3003)
    /// The image can't be read or made.
    package static let imageUnreadable = ErrorCode(3004)
    /// The image is not held here.
    package static let imageUnknown = ErrorCode(3005)
    /// The image is needed (for the way back or an open operation) and can't be dropped.
    package static let imageNeeded = ErrorCode(3006)
    /// The release can't go onto this server or cluster: kind, version or minimum release.
    package static let releaseUnsuitable = ErrorCode(3007)
    /// The image is larger than this controller takes.
    package static let imageTooLarge = ErrorCode(3008)
    /// A piece of an upload does not fit where the upload stands, or the upload may not be begun.
    package static let uploadRefused = ErrorCode(3009)
}

// MARK: - 4xxx: agent and server

extension ErrorCode {
    /// Not enough space on a disk.
    package static let diskFull = ErrorCode(4001)
    /// The package system reported an error.
    package static let packageFailed = ErrorCode(4002)
    /// The HA driver reported an error, or gave no usable answer.
    package static let driverFailed = ErrorCode(4003)
    /// A pre-upgrade check is critical or unknown.
    package static let checkFailed = ErrorCode(4004)
    /// A hook of the image failed.
    package static let hookFailed = ErrorCode(4005)
    /// The product does not answer what it should after a step.
    package static let verifyFailed = ErrorCode(4006)
    /// A step ran past its limit.
    package static let limitExceeded = ErrorCode(4007)
    /// The server is not what the command expects; nothing was changed.
    package static let preconditionFailed = ErrorCode(4008)
    /// The mate's voucher or proof is missing, stale or not authentic; nothing was changed.
    package static let voucherRefused = ErrorCode(4009)
    /// The command's epoch is older than one this agent has obeyed.
    package static let epochRefused = ErrorCode(4010)
    /// The same command id came with another verb, arguments, precondition or plan.
    package static let commandAltered = ErrorCode(4011)
    /// Another command is running on this server.
    package static let agentBusy = ErrorCode(4012)
    /// The agent's journal can't be trusted.
    package static let journalDamaged = ErrorCode(4013)
    /// The state of the server after a failed recovery is not known.
    package static let stateIndeterminate = ErrorCode(4014)
    /// A command came after its deadline, or was voided.
    package static let commandExpired = ErrorCode(4015)
    /// A service could not be stopped or started.
    package static let serviceFailed = ErrorCode(4016)
    /// The configuration could not be written or applied.
    package static let configurationFailed = ErrorCode(4017)
    /// The server is a zombie; only a person's word or its way back is accepted.
    package static let serverIsZombie = ErrorCode(4018)
    /// What the way back needs is missing or damaged.
    package static let wayBackMissing = ErrorCode(4019)
    /// A failover ended without moving.
    package static let failoverVoided = ErrorCode(4020)
    /// The action was ended at a safe boundary because a person asked for it.
    package static let stoppedByPerson = ErrorCode(4021)
}

// MARK: - 5xxx: operations and buttons

extension ErrorCode {
    /// No such cluster, server, release or request.
    package static let unknownName = ErrorCode(5001)
    /// The button can't be pressed now; the message says why.
    package static let buttonRefused = ErrorCode(5002)
    /// What was seen at the confirmation is no longer so; the message lists the difference.
    package static let seenChanged = ErrorCode(5003)
    /// `--yes` without `--seen`.
    package static let seenMissing = ErrorCode(5004)
    /// The request waits for a second person.
    package static let approvalNeeded = ErrorCode(5005)
    /// The same person can't approve an own request.
    package static let approvalRefused = ErrorCode(5006)
    /// The name is already taken or not well formed.
    package static let nameRefused = ErrorCode(5007)
    /// A configuration document is too large, not UTF-8 or of the wrong schema.
    package static let documentRefused = ErrorCode(5008)
    /// The caller may not do this.
    package static let forbidden = ErrorCode(5009)
    /// The same idempotency key came with another request.
    package static let requestAltered = ErrorCode(5010)
    /// The request with this idempotency key is still being handled.
    package static let requestRunning = ErrorCode(5011)
    /// Whether the request with this idempotency key was carried out is not known: look before you ask again.
    package static let requestInDoubt = ErrorCode(5012)
    /// The emergency stop is on: nothing begins before somebody ends it.
    package static let emergencyStopped = ErrorCode(5013)
}

// MARK: - 6xxx: store

extension ErrorCode {
    /// The store can't be opened, read or written.
    package static let storeUnavailable = ErrorCode(6001)
    /// The store holds something this program can't read.
    package static let storeCorrupt = ErrorCode(6002)
    /// Another controller has opened the store since; this one must stop.
    package static let storeFenced = ErrorCode(6003)
    /// Another controller uses the state folder now.
    package static let storeInUse = ErrorCode(6004)
}

// MARK: - 7xxx: people

extension ErrorCode {
    /// Nobody is signed in, or the session or token has ended.
    package static let signInNeeded = ErrorCode(7001)
    /// Name, password or second factor are wrong.
    package static let signInRefused = ErrorCode(7002)
    /// Too many attempts or requests; the message says when to try again.
    package static let tooManyAttempts = ErrorCode(7003)
    /// A changing request came from another site, or without the page's token.
    package static let crossSiteRefused = ErrorCode(7004)
    /// An account, password, second factor or token can't be made or changed like that.
    package static let accountRefused = ErrorCode(7005)
    /// The identity provider can't be reached, or its word does not hold.
    package static let providerRefused = ErrorCode(7006)
    /// The audit log was altered, cut or can't be verified.
    package static let auditBroken = ErrorCode(7007)
    /// What moves service needs a fresh proof of who presses; the session's last one is too old.
    package static let proofNeeded = ErrorCode(7008)
}
