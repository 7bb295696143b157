/// How large things on the wire may be.
package enum WireLimit {
    /// Longest control frame, counted as its length field counts it: all behind that field.
    package static let controlFrame = 64 * 1024
    /// Most bytes of an image in one chunk.
    package static let chunk = 1024 * 1024
    /// Longest chunk frame: the bytes, and room for the header and fields beside them.
    package static let chunkFrame = chunk + 1024
    /// Most bytes of a log archive in one part: it travels in a control frame.
    package static let logChunk = 48 * 1024
    /// Longest public key (SPKI in DER).
    package static let publicKey = 1024
    /// Longest signature (ECDSA P-256 in DER needs 72).
    package static let signature = 128

    /// Most images in a report.
    package static let images = 16
    /// Most open commands in a report.
    package static let openCommands = 64
    /// Most check results of a command.
    package static let checks = 32
    /// Most alarms in a snapshot.
    package static let alarms = 64
}
