package import NIOCore

extension APIListener {
    /// What one peer of the operators' port, and all together, may take.
    ///
    /// A JSON body has its limit where it is read (256 KiB); an image has those of ``ImageLimits``.
    package struct Limits: Sendable {
        /// Connections served at once; the newest above that is refused.
        package var connectionCount = 256
        /// For the handshake, for a request's head, and for its body as far as it is small.
        package var peerTime = TimeAmount.seconds(15)
        /// The slowest body that is waited for after ``peerTime``: 1 GiB takes at most 19 hours.
        package var bodyBytesPerSecond = 16 * 1024
        /// How long a connection may stay without a request.
        package var idleTime = TimeAmount.seconds(120)
        /// The longest path or header field.
        package var headFieldByteCount = 16 * 1024
        /// All header fields of one request together.
        package var headByteCount = 32 * 1024
        /// Header fields of one request.
        package var headFieldCount = 100

        /// The limits of a controller.
        package init() {}

        /// How long a body of which `byteCount` bytes have come may have taken by then.
        func bodyTime(byteCount: Int) -> TimeAmount {
            peerTime + .milliseconds(Int64(byteCount) * 1000 / Int64(bodyBytesPerSecond))
        }
    }
}
