import AgentHA
import Glibc
import TandemModel
import TandemSpawn

/// The HA system of one machine: who is bound to the service address is active, and the kernel,
/// which lets nobody else bind it, is the referee.
///
/// Asks the service's control socket below `TANDEM_ROOT`; Deploy/demo/README.md describes it. A
/// service that is down stands by; its hold and its newest token lie in files.
struct LocalDriver: HADriverProgram {
    /// A service that runs answers its control socket within this.
    static let controlMilliseconds: UInt64 = 2000
    /// The mate and the holder of the service address answer within this, or are not there.
    static let probeMilliseconds: UInt64 = 500

    let root: String

    private var socketPath: String { "\(root)/run/tandem-demo/control.sock" }
    private var holdPath: String { "\(root)/var/lib/tandem-demo/hold" }

    func status() throws(TandemError) -> HAStatus {
        switch ask("status") {
        case .answered(let answer): try Self.status(from: answer)
        case .down: try stoppedStatus()
        case .hangs: throw Self.hanging
        }
    }

    func perform(_ request: DriverRequest) -> DriverEnd {
        switch request {
        case .status: .done
        case .promote(let token): tell("promote \(token)", isDoneWhenDown: false)
        case .takeBack: tell("promote", isDoneWhenDown: false)
        case .demote: tell("demote", isDoneWhenDown: true)
        case .fence: fence()
        case .hold: hold(true)
        case .unhold: hold(false)
        // Nothing is replicated here.
        case .inhibitReplication, .allowReplication: .done
        }
    }
}

// MARK: - The control socket

extension LocalDriver {
    private enum Reply {
        case answered(KeyValueFile)
        case down
        case hangs
    }

    private static let hanging = TandemError(
        .driverFailed,
        "the service does not answer its control socket",
        remedy: "Look at the service; restart it."
    )

    private func ask(_ line: String) -> Reply {
        do throws(LineSocket.Problem) {
            let socket = try LineSocket(
                path: socketPath,
                limitMilliseconds: Self.controlMilliseconds
            )
            let lines = try socket.ask(line)
            let bytes = Array(lines.joined(separator: "\n").utf8)
            return (try? KeyValueFile(bytes)).map(Reply.answered) ?? .hangs
        } catch {
            return error == .refused ? .down : .hangs
        }
    }

    private func tell(_ line: String, isDoneWhenDown: Bool) -> DriverEnd {
        let words = line.split(separator: " ").joined(separator: " ")
        switch ask(words) {
        case .answered(let answer):
            let text = (try? answer.value("text")) ?? ""
            switch (try? answer.value("result")) ?? "" {
            case "ok": return .done
            case "refused": return .refused(text)
            case "failed": return .failed(text)
            case _: return .unknown("the service's answer has no result")
            }
        case .down:
            return isDoneWhenDown ? .done : .failed("the service is not running")
        case .hangs:
            return .unknown(Self.hanging.message)
        }
    }

    /// Demotes, or kills a service that would not even say so; it comes back as a standby.
    private func fence() -> DriverEnd {
        let end = tell("demote", isDoneWhenDown: true)
        guard case .unknown = end else { return end }
        let path = "\(root)/run/tandem-demo/service.pid"
        guard let bytes = try? Files.read(path, byteCountMax: 32),
            let pid = Int32(
                String(decoding: bytes.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
            ),
            let line = try? Files.read("/proc/\(pid)/cmdline", byteCountMax: 4096),
            String(decoding: line, as: UTF8.self).contains("tandem-demo-service")
        else { return end }
        return kill(pid, SIGKILL) == 0 ? .done : end
    }

    private func hold(_ isHeld: Bool) -> DriverEnd {
        let reply = ask(isHeld ? "hold" : "unhold")
        guard case .down = reply else {
            return tell(isHeld ? "hold" : "unhold", isDoneWhenDown: true)
        }
        do throws(TandemError) {
            if isHeld {
                try Files.createDirectory(Files.parent(of: holdPath))
                try Files.replace(holdPath, with: [])
            } else if try Files.kind(of: holdPath) != nil {
                try Files.removeFile(holdPath)
            }
            return .done
        } catch {
            return .failed(error.message)
        }
    }
}

// MARK: - Status

extension LocalDriver {
    private static func status(from answer: KeyValueFile) throws(TandemError) -> HAStatus {
        do throws(KeyValueFile.Problem) {
            return HAStatus(
                role: try answer.value("role") == "active" ? .active : .standby,
                isInService: try answer.value("in-service") == "yes",
                peerRole: PeerRole(rawValue: try answer.value("peer-role") ?? "") ?? .unseen,
                replication: ReplicationState(isCaughtUp: try answer.value("caught-up") == "yes"),
                exclusion: .referee,
                switchover: .twoStep,
                token: try answer.value("token") ?? "",
                isHeld: try answer.value("held") == "yes"
            )
        } catch {
            throw TandemError(
                .driverFailed,
                "the service's status can't be read: \(error)",
                remedy: "Look at the service's version."
            )
        }
    }

    /// What can be said while the service is down: it does not serve.
    private func stoppedStatus() throws(TandemError) -> HAStatus {
        let settings =
            (try? Files.read("\(root)/etc/tandem-demo/server.conf", byteCountMax: 65_536))
            .flatMap { try? KeyValueFile($0) }
        func probe(_ key: String) -> [String: String]? {
            guard let address = (try? settings?.value(key)) ?? nil else { return nil }
            return Self.probe(address)
        }
        let holder = probe("service-address")
        let mate = probe("mate-address")
        let stored = (try? Files.read("\(root)/var/lib/tandem-demo/take-over", byteCountMax: 256))
            .map { String(decoding: $0.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self) }
        return HAStatus(
            role: .standby,
            isInService: false,
            peerRole: holder != nil ? .active : mate != nil ? .other : .unseen,
            replication: ReplicationState(isCaughtUp: true),
            exclusion: .referee,
            switchover: .twoStep,
            token: holder?["token"] ?? mate?["token"] ?? stored ?? "none",
            isHeld: try Files.kind(of: holdPath) != nil
        )
    }

    /// `key=value` words of the one-line answer; `nil` when nobody answers.
    private static func probe(_ address: String) -> [String: String]? {
        do throws(LineSocket.Problem) {
            let socket = try LineSocket(tcp: address, limitMilliseconds: probeMilliseconds)
            let line = try socket.ask("probe", isSingle: true).first ?? ""
            var facts: [String: String] = [:]
            for word in line.split(separator: " ") {
                guard let equals = word.firstIndex(of: "=") else { continue }
                facts[String(word[..<equals])] = String(word[word.index(after: equals)...])
            }
            return facts
        } catch {
            return nil
        }
    }
}
