import ControllerAPI

/// A form: what is understood can be written, and is then read as the same.
func checkForm(_ input: [UInt8]) throws(FuzzFinding) {
    let body = String(decoding: input, as: UTF8.self)
    guard let form = FormFields(body) else { return }
    let fields = form.values.map { "\(escaped($0.key))=\(escaped($0.value))" }
    let text = fields.joined(separator: "&")
    let again = FormFields(text)
    try require(again == form, "a form is written as something else: \(text)")
    guard let name = form.values.keys.first, !fields.isEmpty else { return }
    let twice = FormFields(text + "&\(escaped(name))=")
    try require(twice == nil, "a form that names '\(name)' twice is read")
}

/// First byte: where in a request's head; then its text.
func checkHead(_ input: [UInt8]) throws(FuzzFinding) {
    guard let first = input.first else { return }
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    switch first % 4 {
    case 0: try checkCookies(text)
    case 1:
        guard let token = Credentials.bearerToken(of: text) else { return }
        try require(isPlain(token), "a token that nobody can have been given: \(token)")
        try require(
            Credentials.bearerToken(of: "Bearer \(token)") == token,
            "a token is read otherwise: \(token)"
        )
    case 2:
        guard let position = EventPosition(text) else { return }
        try require(position.id == text, "an event's id has two forms: \(text), \(position.id)")
    case _:
        guard let offset = UInt64(plain: text) else { return }
        try require("\(offset)" == text, "an offset has two forms: \(text), \(offset)")
    }
}

/// A session is found wherever it stands among other cookies, and a second one is seen.
private func checkCookies(_ text: String) throws(FuzzFinding) {
    let name = "__Host-tandem"
    let found = Credentials.cookies(name, in: [text])
    try require(
        found.allSatisfy { $0.isEmpty || isPlain($0) },
        "a session that is no text: \(found)"
    )
    for headers in [["\(name)=own", text], ["\(text); \(name)=own"], ["\(name)=own;\(text)"]] {
        let all = Credentials.cookies(name, in: headers)
        try require(all.contains("own"), "a session is not seen beside '\(text)'")
        try require(all.count == found.count + 1, "beside '\(text)' \(all) are seen")
    }
}

private func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
}

private func escaped(_ text: String) -> String {
    text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
