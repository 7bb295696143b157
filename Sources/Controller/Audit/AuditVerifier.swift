package import TandemCrypto
package import TandemModel

/// Holds an exported audit against itself and against signed heads; trusts nobody but the key.
///
/// Give it each head before its entry, the entries in order, then ask for the result. It keeps nothing of
/// what has passed.
package struct AuditVerifier: Sendable {
    /// What was found to hold.
    package struct Result: Sendable, Hashable {
        /// All entries, and the hash of the last.
        package var tip: AuditTip
        /// Signed heads that hold.
        package var headCount: Int
        /// Entries that no signed head covers yet.
        package var unsignedCount: UInt64
    }

    private let key: Ed25519.PublicKey
    /// Heads of rows to come.
    private var heads: [UInt64: AuditHead] = [:]
    private var headCount = 0
    private var tip = AuditTip(count: 0, hash: AuditChain.start)
    private var covered: UInt64 = 0
    /// Hashes that somebody noted elsewhere, not met so far.
    private var missing: Set<Digest>

    /// A verifier that believes this key.
    ///
    /// Each of `known`, hashes of heads kept outside the controller, must be met: what was cut off
    /// at the end together with its heads can't be noticed otherwise.
    package init(key: Ed25519.PublicKey, known: Set<Digest> = []) {
        self.key = key
        missing = known
    }

    /// Takes the next line.
    ///
    /// - Throws: `auditBroken` naming the first row that does not hold.
    package mutating func take(_ line: AuditLine) throws(TandemError) {
        switch line {
        case .head(let head): try take(head)
        case .entry(let entry): try take(entry)
        }
    }

    private mutating func take(_ head: AuditHead) throws(TandemError) {
        guard head.isSigned(by: key) else {
            throw broken("the head of row \(head.count) is not signed by the given key")
        }
        if let other = heads[head.count], other.hash != head.hash {
            throw broken("row \(head.count) has two signed heads that differ")
        }
        guard head.count > tip.count else {
            throw broken("the head of row \(head.count) comes after that row")
        }
        if heads.updateValue(head, forKey: head.count) == nil { headCount += 1 }
    }

    private mutating func take(_ entry: ChainedEntry) throws(TandemError) {
        guard entry.row == tip.count + 1 else {
            throw broken("after row \(tip.count) comes row \(entry.row)")
        }
        let hash = AuditChain.hash(of: entry.entry, after: tip.hash)
        guard hash == entry.hash else {
            throw broken("row \(entry.row) is not what was written, or not where it was written")
        }
        tip = AuditTip(count: entry.row, hash: hash)
        missing.remove(hash)
        guard let head = heads.removeValue(forKey: entry.row) else { return }
        guard head.hash == hash else {
            throw broken(
                "a row from \(covered + 1) to \(entry.row) was altered: row \(entry.row) is not what"
                    + " was signed at \(head.time.milliseconds) ms"
            )
        }
        covered = entry.row
    }

    /// What holds, once all lines were taken.
    ///
    /// - Throws: `auditBroken` where something is missing at the end, or nothing is signed.
    package func finish() throws(TandemError) -> Result {
        if let last = heads.keys.max() {
            throw broken("it was cut after row \(tip.count): row \(last) was signed")
        }
        if let hash = missing.min() {
            throw broken(
                "no row has the known hash \(hash.short)...: it was altered, or cut after row"
                    + " \(tip.count)"
            )
        }
        guard tip.count == 0 || headCount > 0 else {
            throw broken("none of its \(tip.count) rows is covered by a signed head")
        }
        return Result(
            tip: tip,
            headCount: headCount,
            unsignedCount: tip.count - covered
        )
    }

    private func broken(_ what: String) -> TandemError {
        TandemError(
            .auditBroken,
            "the audit does not hold: \(what)",
            remedy:
                "Keep this file, tell who is responsible for security, and compare with the heads "
                + "that the log server received."
        )
    }
}
