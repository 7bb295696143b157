import NIOCore
import Synchronization
import TandemModel
import TandemWire

#if CrashPoints
    import TandemSpawn
#endif

/// One connection of one agent, as the network loop sees it: something to send to, and to close.
final class AgentSession: Sendable {
    /// Most bytes that may wait to be written; an agent that takes nothing is closed, not waited for.
    static let pendingByteCountMax = 8 * 1024 * 1024

    /// Most bytes of one agent that may wait for the network loop: one that says more than is stored
    /// is closed, before it fills the queue that all agents share.
    static let untakenByteCountMax = 4 * 1024 * 1024
    /// What a waiting message costs beside its own bytes, about.
    private static let messageByteCount = 1024

    /// Whose key this connection was let in by.
    let agent: AgentID
    private let channel: any Channel
    private let encoder: FrameEncoder
    private let pendingByteCount = Atomic(0)
    private let untakenByteCount = Atomic(0)

    init(channel: any Channel, agent: AgentID, version: UInt8) {
        self.agent = agent
        self.channel = channel
        encoder = FrameEncoder(version: version)
    }

    /// Queues a message; never waits.
    ///
    /// A message that does not fit its frame is our own fault and ends the connection, which makes
    /// the state of things be told anew.
    func send(_ message: ControllerMessage) {
        guard let bytes = try? encoder.frame(message) else {
            close(
                Bye(code: ErrorCode.protocolViolation.id, text: "a message was too large to send")
            )
            return
        }
        let count = bytes.count
        let pending = pendingByteCount.add(count, ordering: .relaxed).newValue
        guard pending <= Self.pendingByteCountMax else {
            channel.close(mode: .all, promise: nil)
            return
        }
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { [self] _ in
            pendingByteCount.subtract(count, ordering: .relaxed)
        }
        #if CrashPoints
            CrashPoint.send.before()
        #endif
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: written)
        #if CrashPoints
            CrashPoint.send.after()
        #endif
    }

    /// A message with a payload of so many bytes will wait for the loop; `false` if that is too much.
    func willWait(byteCount: Int) -> Bool {
        untakenByteCount.add(byteCount + Self.messageByteCount, ordering: .relaxed).newValue
            <= Self.untakenByteCountMax
    }

    /// The loop has taken that message.
    func wasTaken(byteCount: Int) {
        untakenByteCount.subtract(byteCount + Self.messageByteCount, ordering: .relaxed)
    }

    /// Says why, and closes once that is written.
    func close(_ bye: Bye) {
        let bytes = (try? encoder.frame(ControllerMessage.bye(bye))) ?? []
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { [channel] _ in
            channel.close(mode: .all, promise: nil)
        }
    }
}
