import TandemModel
import TandemSpawn

/// Files that must not exist yet: all of them are written, or none stays.
struct NewFiles {
    /// One file.
    struct File {
        var path: String
        var content: [UInt8]
        /// For its owner alone, from the first moment on.
        var isSecret: Bool

        init(_ path: String, _ content: [UInt8], isSecret: Bool) {
            self.path = path
            self.content = content
            self.isSecret = isSecret
        }
    }

    private let files: [File]

    init(_ files: [File]) { self.files = files }

    func write() throws(TandemError) {
        // Looked at first, so that the message names what is there before anything is made.
        for file in files { try Self.refuseExisting(file.path) }
        var written: [String] = []
        do throws(TandemError) {
            for file in files {
                let mode: UInt32 = file.isSecret ? 0o600 : 0o644
                _ = try Files.createNew(file.path, content: file.content, mode: mode)
                written.append(file.path)
            }
            for folder in Set(files.map { Files.parent(of: $0.path) }).sorted() {
                try Files.syncDirectory(folder)
            }
        } catch {
            for path in written { try? Files.removeFile(path) }
            throw error
        }
    }

    static func refuseExisting(_ path: String) throws(TandemError) {
        guard try Files.kind(of: path) != nil else { return }
        throw TandemError(
            .fileUnavailable,
            "\(path) is there already, and keys are never overwritten",
            remedy: "Choose another name or folder, or move that file away."
        )
    }
}
