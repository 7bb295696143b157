/// One of the two programs at the ends of a connection.
package enum Peer: Hashable, Sendable {
    case agent
    case controller
}

/// What the payload of a frame is: the table of all message numbers.
///
/// Numbers below 128 are sent by agents, the others by controllers; each direction has a number of
/// its own even where both send the same thing. A number is never given out twice.
package enum FrameKind: UInt8, CaseIterable, Sendable {
    case hello = 1
    case heartbeat = 2
    case report = 3
    case accepted = 4
    case refused = 5
    case voucherNeeded = 6
    case voucher = 7
    case vouchRefused = 8
    case step = 9
    case finished = 10
    case status = 11
    case alarm = 12
    case alarmSnapshot = 13
    case chunkRequest = 14
    case operationRecord = 15
    case logChunk = 16
    case error = 126
    case bye = 127

    case welcome = 129
    case heartbeatAck = 130
    case command = 131
    case vouchRequest = 132
    case relayedVoucher = 133
    case voucherRelease = 134
    case relayedProof = 135
    case relayedVoided = 136
    case stop = 137
    case void = 138
    case statusQuery = 139
    case alarmAck = 140
    case chunk = 141
    case chunkRefused = 142
    case clusterView = 143
    case operationToKeep = 144
    case controllerError = 254
    case controllerBye = 255

    /// Who sends it.
    package var sender: Peer { rawValue < 128 ? .agent : .controller }

    /// The largest value of the frame's length field.
    package var lengthMax: Int {
        self == .chunk ? WireLimit.chunkFrame : WireLimit.controlFrame
    }

    /// Whether the frame must be understood before a version is agreed on, or after that failed.
    ///
    /// Such frames carry version 1 for ever; their fixed fields never change.
    package var isVersionless: Bool {
        switch self {
        case .hello, .error, .bye, .controllerError, .controllerBye: true
        case .heartbeat, .report, .accepted, .refused, .voucherNeeded, .voucher, .vouchRefused,
            .step, .finished, .status, .alarm, .alarmSnapshot, .chunkRequest, .operationRecord,
            .logChunk, .welcome, .heartbeatAck, .command, .vouchRequest, .relayedVoucher,
            .voucherRelease, .relayedProof, .relayedVoided, .stop, .void, .statusQuery, .alarmAck,
            .chunk, .chunkRefused, .clusterView, .operationToKeep:
            false
        }
    }
}
