/// The names of all types declared in blanked code, aliases included.
func typeDeclarations(in code: String) throws -> [Match] {
    try matches(
        of:
            #"(?<![.\w])(?:struct|class|enum|actor|protocol|typealias)\s+(?!func\b|var\b|let\b)(\w+)"#,
        in: code
    )
}
