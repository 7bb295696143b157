/// Rows of text in columns as wide as they need be.
struct Table {
    private enum Row {
        case cells([String])
        /// A line of its own across all columns.
        case heading(String)

        var cells: [String] {
            switch self {
            case .cells(let cells): cells
            case .heading: []
            }
        }
    }

    private var rows: [Row] = []

    init(_ heads: String...) { rows.append(.cells(heads)) }

    mutating func add(_ cells: String...) { rows.append(.cells(cells.map(Terminal.cleanLine))) }

    /// A line that heads the rows below it and makes no column wider.
    mutating func addHeading(_ text: String) { rows.append(.heading(Terminal.cleanLine(text))) }

    /// The table with two spaces between columns; nothing trails a line.
    var text: String {
        let columnCount = rows.map(\.cells.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { $0.cells.indices.contains(column) ? $0.cells[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            switch row {
            case .heading(let text): text + "\n"
            case .cells(let cells): Self.line(cells, widths)
            }
        }.joined()
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let isLast = column == cells.count - 1
            let pad = isLast ? "" : String(repeating: " ", count: widths[column] - cell.count + 2)
            line += cell + pad
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}
