/// A reason for which a peer ended a connection (RFC 8446, section 6).
struct TLSAlert: Hashable {
    /// The number on the wire.
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// Its name in the RFC, with the number.
    var name: String {
        let words =
            switch number {
            case 10: "unexpected message"
            case 20: "bad record MAC"
            case 40: "handshake failure"
            case 42: "bad certificate"
            case 43: "unsupported certificate"
            case 44: "certificate revoked"
            case 45: "certificate expired"
            case 46: "certificate unknown"
            case 47: "illegal parameter"
            case 48: "unknown CA"
            case 49: "access denied"
            case 50: "decode error"
            case 51: "decrypt error"
            case 70: "protocol version"
            case 71: "insufficient security"
            case 80: "internal error"
            case 90: "user cancelled"
            case 109: "missing extension"
            case 110: "unsupported extension"
            case 112: "unrecognized name"
            case 116: "certificate required"
            case 120: "no application protocol"
            case _: "unnamed"
            }
        return "alert \(number), \(words)"
    }

    /// What the operator of this side can do.
    var remedy: String {
        switch number {
        case 116: "Configure a certificate and key for this side; `tandem ca` makes them."
        case 45: "Renew this side's certificate, or set the clock of the other machine."
        case 42, 43, 44, 46, 48, 49:
            "Use a certificate that the other side's authority issued for this role and name."
        case 70: "Both sides must speak TLS 1.3: check that the port is the right one."
        case 120: "Agents dial the agent port, `tandem` and browsers the API port."
        case _: "Look at the other side's log for the reason."
        }
    }
}
