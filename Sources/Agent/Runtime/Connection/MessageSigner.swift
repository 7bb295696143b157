package import AgentCore
package import TandemCrypto
package import TandemModel
import TandemWire

/// Signs what leaves in this server's name and checks what comes in its mate's.
package struct MessageSigner: Sendable {
    private let key: P256.PrivateKey

    /// Signs with the key of the agent's TLS certificate.
    package init(key: P256.PrivateKey) { self.key = key }

    // MARK: - Signing

    /// The message with signatures in place of the empty ones that the machine left.
    package func signed(_ message: AgentMessage) throws(TandemError) -> AgentMessage {
        switch message {
        case .voucher(var voucher):
            voucher.signature = try sign(voucher, Voucher.label) { try $0.signedBytes() }
            return .voucher(voucher)
        case .finished(var result):
            if var proof = result.proof {
                proof.signature = try sign(proof, DemotionProof.label) { try $0.signedBytes() }
                result.proof = proof
            }
            if var voided = result.voided {
                voided.signature = try sign(voided, VoidedFailover.label) { try $0.signedBytes() }
                result.voided = voided
            }
            return .finished(result)
        case .hello, .heartbeat, .report, .accepted, .refused, .voucherNeeded, .vouchRefused,
            .step, .status, .alarm, .alarmSnapshot, .chunkRequest, .operationRecord, .logChunk,
            .error, .bye:
            return message
        }
    }

    private func sign<Word>(
        _ word: Word,
        _ label: String,
        _ bytes: (Word) throws -> [UInt8]
    ) throws(TandemError) -> [UInt8] {
        let signed: [UInt8]
        do {
            signed = try bytes(word)
        } catch {
            throw TandemError(
                .keyUnusable,
                "a word of this server can't be written down for \(label)",
                remedy: "Report this as a defect of tandem-agent.",
                cause: "\(error)"
            )
        }
        return try key.sign(signed, label: label)
    }

    // MARK: - Checking

    /// The input that a message is: forged, where a word in it is not signed by whom it names.
    ///
    /// `pinnedKey` gives the key that the agent of an id is known by.
    package static func input(
        _ message: ControllerMessage,
        pinnedKey: (AgentID) -> [UInt8]?
    ) -> Input {
        let isGenuine =
            switch message {
            case .voucher(let word):
                isSigned(word.signature, by: pinnedKey(word.agent), Voucher.label) {
                    try word.signedBytes()
                }
            case .proof(let word):
                isSigned(word.signature, by: pinnedKey(word.agent), DemotionProof.label) {
                    try word.signedBytes()
                }
            case .voided(let word):
                isSigned(word.signature, by: pinnedKey(word.agent), VoidedFailover.label) {
                    try word.signedBytes()
                }
            case .welcome, .heartbeatAck, .command, .vouchRequest, .voucherRelease, .stop, .void,
                .statusQuery, .alarmAck, .chunk, .chunkRefused, .clusterView, .operationRecord,
                .error, .bye:
                true
            }
        return isGenuine ? .message(message) : .forged(message)
    }

    private static func isSigned(
        _ signature: [UInt8],
        by spki: [UInt8]?,
        _ label: String,
        _ bytes: () throws -> [UInt8]
    ) -> Bool {
        guard let spki, let key = P256.PublicKey(spki: spki), let signed = try? bytes() else {
            return false
        }
        return key.verify(signature: signature, over: signed, label: label)
    }
}
