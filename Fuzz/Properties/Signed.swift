import TandemCrypto
import TandemImage
import TandemModel
import TandemWire

/// A `manifest.bin`: it is signed and compared, so it has one form only.
func checkManifest(_ input: [UInt8]) throws(FuzzFinding) {
    try checkFixed(input, ReleaseManifest.self)
}

/// First byte: which of the things agents sign; then its bytes.
func checkSigned(_ input: [UInt8]) throws(FuzzFinding) {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch first % 3 {
    case 0: try checkFixed(bytes, Voucher.self)
    case 1: try checkFixed(bytes, DemotionProof.self)
    case _: try checkFixed(bytes, VoidedFailover.self)
    }
}

/// A `manifest.sig`: one form only, and no made-up one is believed.
func checkSignatures(_ input: [UInt8]) throws(FuzzFinding) {
    guard let signatures = ManifestSignatures(bytes: input) else { return }
    try require(signatures.bytes == input, "signatures are written as \(signatures.bytes)")
    guard let key = Ed25519.PublicKey(rawBytes: [UInt8](repeating: 7, count: 32)),
        let trust = TrustFile(version: 1, threshold: 1, keys: [key])
    else { throw FuzzFinding("the key of the check is none") }
    let valid = try? signatures.verify(manifest: input, trust: trust, image: "fuzz")
    try require(valid == nil, "a signature that nobody made is valid")
}

/// A trust file: what was read is written and read as the same.
func checkTrust(_ input: [UInt8]) throws(FuzzFinding) {
    let text = String(decoding: input, as: UTF8.self)
    guard let trust = try? TrustFile(parsing: text, path: "trust") else { return }
    let again = try? TrustFile(parsing: trust.text, path: "trust")
    try require(again == trust, "written as \(trust.text)")
    try require(trust.threshold <= trust.keys.count, "a threshold that nobody can meet")
}
