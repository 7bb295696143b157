import AgentCore
import TandemCrypto
import TandemModel
import TandemWire
import Testing

@testable import AgentRuntime

struct MessageSignerTests {
    private let key: P256.PrivateKey
    private let mate = AgentID(high: 2, low: 2)

    init() throws { key = try P256.PrivateKey.generate() }

    private func input(_ message: ControllerMessage, pinned: [UInt8]?) -> Input {
        MessageSigner.input(message) { $0 == mate ? pinned : nil }
    }

    /// The three words that travel signed, as the mate's controller would pass them on.
    private func words() throws -> [ControllerMessage] {
        let signer = MessageSigner(key: key)
        let voucher = Voucher(
            command: SampleRecords.command,
            failover: nil,
            nonce: Nonce(high: 1, low: 1),
            agent: mate,
            role: .active,
            isInService: true,
            software: .blank,
            generation: 1,
            position: "0/1"
        )
        guard case .voucher(let signedVoucher) = try signer.signed(.voucher(voucher)),
            case .finished(let result) = try signer.signed(.finished(SampleRecords.result)),
            let proof = result.proof, let voided = result.voided
        else { return [] }
        return [.voucher(signedVoucher), .proof(proof), .voided(voided)]
    }

    @Test
    func signedWordsPassWithThePinnedKey() throws {
        let words = try words()
        #expect(words.count == 3)
        for word in words {
            #expect(input(word, pinned: key.publicKey.spki) == .message(word))
        }
    }

    @Test
    func unknownOrOtherKeyIsForgery() throws {
        let other = try P256.PrivateKey.generate()
        for word in try words() {
            #expect(input(word, pinned: nil) == .forged(word))
            #expect(input(word, pinned: other.publicKey.spki) == .forged(word))
            #expect(input(word, pinned: [1, 2, 3]) == .forged(word))
        }
    }

    @Test
    func changedWordIsForgery() throws {
        for word in try words() {
            let changed: ControllerMessage
            switch word {
            case .voucher(var voucher):
                voucher.generation += 1
                changed = .voucher(voucher)
            case .proof(var proof):
                proof.position = "0/2"
                changed = .proof(proof)
            case .voided(var voided):
                voided.failover = FailoverID(high: 9, low: 9)
                changed = .voided(voided)
            case _: continue
            }
            #expect(input(changed, pinned: key.publicKey.spki) == .forged(changed))
        }
    }

    @Test
    func signatureOfOneWordIsNoneOfAnother() throws {
        let words = try words()
        guard case .proof(let proof) = words[1], case .voided(var voided) = words[2] else { return }
        voided.signature = proof.signature
        #expect(input(.voided(voided), pinned: key.publicKey.spki) == .forged(.voided(voided)))
    }

    @Test
    func everythingElseNeedsNoSignature() {
        let message = ControllerMessage.stop(SampleRecords.command)
        #expect(input(message, pinned: nil) == .message(message))
    }
}
