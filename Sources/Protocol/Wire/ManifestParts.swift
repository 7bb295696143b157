package import TandemModel

extension PackageEntry: WireCodable {
    /// Fixed layout.
    package func encode(into writer: inout ByteWriter) {
        writer.fileName(file)
        writer.name(name)
        writer.name(version)
        writer.name(architecture)
        sha256.encode(into: &writer)
        writer.uint64(byteCount)
    }

    /// Reads the fixed layout.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            file: try reader.fileName(),
            name: try reader.name(),
            version: try reader.name(),
            architecture: try reader.name(),
            sha256: try Digest(from: &reader),
            byteCount: try reader.uint64()
        )
    }
}

extension HookEntry: WireCodable {
    /// Fixed layout.
    package func encode(into writer: inout ByteWriter) {
        writer.fileName(file)
        sha256.encode(into: &writer)
        writer.uint64(byteCount)
        writer.bool(isRepeatable)
    }

    /// Reads the fixed layout.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            file: try reader.fileName(),
            sha256: try Digest(from: &reader),
            byteCount: try reader.uint64(),
            isRepeatable: try reader.bool()
        )
    }
}

extension StepDefinition: WireCodable {
    /// Most arguments of one step.
    package static let argumentCountMax = 32
    /// Longest argument in bytes.
    package static let argumentByteCountMax = 4096

    /// Fixed layout.
    package func encode(into writer: inout ByteWriter) {
        writer.name(name)
        action.encode(into: &writer)
        writer.list(arguments, limit: Self.argumentCountMax) { writer, argument in
            writer.text(argument, limit: Self.argumentByteCountMax)
        }
        writer.uint32(expectedSeconds)
        writer.uint32(limitSeconds)
        writer.bool(isSafeAfter)
        onFailure.encode(into: &writer)
    }

    /// Reads the fixed layout.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            name: try reader.name(),
            action: try StepAction(from: &reader),
            arguments: try reader.list(limit: Self.argumentCountMax) {
                (reader: inout ByteReader) throws(WireError) in
                try reader.text(limit: Self.argumentByteCountMax)
            },
            expectedSeconds: try reader.uint32(),
            limitSeconds: try reader.uint32(),
            isSafeAfter: try reader.bool(),
            onFailure: try FailurePolicy(from: &reader)
        )
    }
}

extension ConfigurationSchema: WireCodable {
    /// Longest path in bytes.
    package static let pathByteCountMax = 4095

    /// Fixed layout.
    package func encode(into writer: inout ByteWriter) {
        writer.name(schema)
        writer.text(path, limit: Self.pathByteCountMax)
        writer.maybeFileName(applyHook)
    }

    /// Reads the fixed layout.
    package init(from reader: inout ByteReader) throws(WireError) {
        self.init(
            schema: try reader.name(),
            path: try reader.text(limit: Self.pathByteCountMax),
            applyHook: try reader.maybeFileName()
        )
    }
}

// MARK: - Names of files in an image

/// Whether a text can be the name of a file in a folder, and of nothing outside of it.
private func isFileName(_ text: String) -> Bool {
    !text.isEmpty && text != "." && text != ".."
        && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
}

extension ByteWriter {
    /// A name without a path: `/`, NUL, `.` and `..` are refused.
    mutating func fileName(_ text: String) {
        if !isFileName(text) { refuse(.invalidValue(of: "file name", offset: count)) }
        name(text)
    }

    /// A file name that may be missing.
    mutating func maybeFileName(_ text: String?) {
        bool(text != nil)
        if let text { fileName(text) }
    }
}

extension ByteReader {
    /// Reads a name without a path.
    mutating func fileName() throws(WireError) -> String {
        let start = offset
        let text = try name()
        guard isFileName(text) else { throw .invalidValue(of: "file name", offset: start) }
        return text
    }

    /// Reads a file name that may be missing.
    mutating func maybeFileName() throws(WireError) -> String? {
        try bool() ? try fileName() : nil
    }
}
