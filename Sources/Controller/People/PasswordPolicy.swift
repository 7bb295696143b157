package import TandemModel

/// What a password must be; no rules about its characters, and none about its age (NIST SP 800-63B).
package enum PasswordPolicy {
    /// In characters, as a person counts them.
    package static let lengthMin = 15
    /// In bytes of UTF-8: more than any sentence, less than what keeps the hash busy.
    package static let byteCountMax = 512
    private static let distinctMin = 5
    /// What must be left of it without the name.
    private static let restMin = 8
    /// What people choose when they are asked for fifteen; compared without case, blanks and digits
    /// at the end.
    private static let common: Set<String> = [
        "passwordpassword", "passwordpasswordpassword", "adminadminadmin",
        "administratoradministrator", "qwertyuiopasdfgh", "qwertyuiopasdfghjkl",
        "qwertyuiopqwertyuiop", "qwertzuiopasdfgh", "abcdefghijklmno", "abcdefghijklmnopq",
        "abcdefghijklmnopqrstuvwxyz", "correcthorsebatterystaple", "changemechangeme",
        "letmeinletmeinletmein", "welcomewelcomewelcome", "iloveyouiloveyou",
        "thisismypassword", "thisisapassword", "mysecretpassword", "supersecretpassword",
        "secretsecretsecret", "tandemtandemtandem", "upgrademanager", "upgrademanagerupgrade",
        "trustno1trustno1", "passw0rdpassw0rd", "p@ssw0rdp@ssw0rd", "p@sswordp@ssword",
        "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc4rfv", "qazwsxedcrfvtgb", "zaq12wsxcde34rfv",
        "asdfghjklasdfghjkl", "asdfasdfasdfasdf", "zxcvbnmzxcvbnmzxcvbnm",
        "123456789012345", "012345678901234",
    ]

    /// Why it can't be the password of that person; `nil` if it can.
    package static func objection(to password: String, of name: PersonName) -> TandemError? {
        guard password.count >= lengthMin else {
            return refused("the password has fewer than \(lengthMin) characters")
        }
        guard password.utf8.count <= byteCountMax else {
            return refused("the password has more than \(byteCountMax) bytes")
        }
        let plain = password.lowercased().filter { !$0.isWhitespace }
        let own = name.text.lowercased()
        let rest = own.count >= 3 ? plain.split(separator: own).joined() : plain
        guard rest.count == plain.count || rest.count >= restMin else {
            return refused("the password is little but the name")
        }
        guard Set(plain).count >= distinctMin else {
            return refused("the password has fewer than \(distinctMin) different characters")
        }
        let bare = String(plain.reversed().drop { $0.isNumber || $0.isPunctuation }.reversed())
        guard !common.contains(plain), !common.contains(bare) else {
            return refused("the password is one of those that are tried first")
        }
        return nil
    }

    private static func refused(_ why: String) -> TandemError {
        TandemError(
            .accountRefused,
            why,
            remedy: "Choose at least \(lengthMin) characters that others don't guess, such as four "
                + "unrelated words."
        )
    }
}
