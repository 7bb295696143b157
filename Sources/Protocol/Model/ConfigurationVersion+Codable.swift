/// As a text a document takes a quarter of the room that a list of numbers takes; a controller writes
/// it with each change of a cluster's state.
extension ConfigurationVersion: Codable {
    private enum CodingKeys: String, CodingKey {
        case number
        case schema
        case digest
        case document
    }

    /// Reads the document as text, or as numbers where it is none.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try? container.decode(String.self, forKey: .document)
        self.init(
            number: try container.decode(UInt32.self, forKey: .number),
            schema: try container.decode(String.self, forKey: .schema),
            digest: try container.decode(Digest.self, forKey: .digest),
            document: try text.map { Array($0.utf8) }
                ?? container.decode([UInt8].self, forKey: .document)
        )
    }

    /// Writes the document as text, or as numbers where it is none.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(number, forKey: .number)
        try container.encode(schema, forKey: .schema)
        try container.encode(digest, forKey: .digest)
        if let text = String(validating: document, as: UTF8.self) {
            try container.encode(text, forKey: .document)
        } else {
            try container.encode(document, forKey: .document)
        }
    }
}
