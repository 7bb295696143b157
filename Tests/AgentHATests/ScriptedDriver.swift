import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_conformance

/// A driver in shell that keeps every rule, and can be told to break one.
///
/// Its whole HA system is four files of one folder.
final class ScriptedDriver {
    let folder: String

    /// `fault` is a piece of shell that runs first, with the verb in `$1`.
    init(fault: String = "") throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-conformance-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        for (name, value) in [("role", "standby"), ("token", "1"), ("held", "no"), ("cut", "no")] {
            try Data("\(value)\n".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try writeProgram(Self.script(fault: fault), to: path)
        // Its product serves while it is active, or where something lingers on.
        try writeProgram(
            """
            #!/bin/sh
            cd "\(folder)" && read -r role < role
            [ "$role" = active ] || [ -e lingers ]
            """,
            to: "\(folder)/serves"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { "\(folder)/driver" }

    /// What the examination finds.
    func findings(isSingle: Bool = false, looksOnly: Bool = false) throws -> Findings {
        var driver = DriverUnderTest(path: path, environment: ["TANDEM_HA_STATE=\(folder)"])
        driver.limitMilliseconds = 3000
        var examination = Examination(
            driver: driver,
            isSingle: isSingle,
            looksOnly: looksOnly,
            probe: "\(folder)/serves"
        )
        try examination.run()
        return examination.findings
    }

    /// What it remembers.
    func value(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func script(fault: String) -> String {
        """
        #!/bin/sh
        cd "$TANDEM_HA_STATE" || exit 3
        read -r role < role; read -r token < token; read -r held < held; read -r cut < cut
        become() { [ "$role" = "$1" ] || echo "$1" > role; }
        activate() { [ "$role" = active ] || { echo active > role; echo $((token + 1)) > token; }; }
        serving=no; [ "$role" = active ] && serving=yes
        peer=other; switch=two-step; position=0/16
        answer() {
            printf '%s\\n' "role=$role" "in-service=$serving" "peer-role=$peer" caught-up=yes \\
                "exclusion=none" "switchover=$switch" "token=$token" "position=$position" \\
                "held=$held" "replication-inhibited=$cut"
        }
        \(fault)
        case "$1" in
        status) answer ;;
        promote)
            [ "$role" = active ] && exit 0
            [ "$2" = "$token" ] || exit 1
            [ "$held" = no ] || exit 1
            activate ;;
        take-back) activate ;;
        demote | fence) become standby ;;
        hold) [ "$role" = active ] && exit 1; echo yes > held ;;
        unhold) echo no > held ;;
        inhibit-replication) echo yes > cut ;;
        allow-replication) echo no > cut ;;
        *) exit 2 ;;
        esac
        """
    }
}

/// Writes a program that can be run at once.
///
/// A child writes it: were it open for writing here, a child that another test starts at that moment
/// would inherit the descriptor, and the kernel would call the program busy.
func writeProgram(_ text: String, to path: String) throws {
    let command = ChildCommand(
        "/bin/sh",
        ["-c", #"printf '%s\n' "$1" > "$2" && chmod 755 "$2""#, "sh", text, path]
    )
    try runChild(command, timeoutMilliseconds: 10_000).check(command)
}
