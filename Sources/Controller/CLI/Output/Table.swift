/// Rows of text in columns as wide as they need be.
struct Table {
    private var rows: [[String]] = []

    init(_ heads: String...) { rows.append(heads) }

    mutating func add(_ cells: String...) { rows.append(cells.map(Terminal.cleanLine)) }

    /// The table with two spaces between columns; nothing trails a line.
    var text: String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                let pad =
                    isLast ? "" : String(repeating: " ", count: widths[column] - cell.count + 2)
                line += cell + pad
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
