/// What keepalived's configuration says about taking an address from who has it.
///
/// Only the blocks are read: `vrrp_instance NAME {`, and the words that stand in it.
struct KeepalivedConfiguration {
    /// Why an instance of it preempts; `nil` when none does.
    let obstacle: String?

    init(_ text: String) {
        var instance: String?
        var depth = 0
        var words: Set<String> = []
        var states: [String] = []
        var found: [String] = []
        var count = 0
        for line in text.split(whereSeparator: \.isNewline) {
            let bare = line.prefix { $0 != "#" && $0 != "!" }
            let parts = bare.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let key = parts.first else { continue }
            if instance == nil, key == "vrrp_instance" {
                instance = parts.count > 1 ? parts[1] : "?"
                (words, states, depth) = ([], [], 0)
                count += 1
            }
            depth += bare.count { $0 == "{" } - bare.count { $0 == "}" }
            guard let name = instance else { continue }
            if depth == 1, key != "vrrp_instance" {
                words.insert(key)
                if key == "state", parts.count > 1 { states.append(parts[1]) }
            }
            guard depth == 0, bare.contains("}") else { continue }
            if !words.contains("nopreempt") { found.append("\(name) has no `nopreempt`") }
            // keepalived passes over nopreempt where the first state is MASTER.
            if states != ["BACKUP"] { found.append("\(name) has not `state BACKUP`") }
            instance = nil
        }
        if count == 0 { found.append("there is no vrrp_instance") }
        obstacle = found.isEmpty ? nil : found.joined(separator: ", ")
    }
}
