import Glibc

/// What changes whenever somebody has written or replaced a file.
struct ConfigurationStamp: Hashable {
    private var values: [Int] = []
    private let path: String

    init(_ path: String) {
        self.path = path
        var attributes = stat()
        guard lstat(path, &attributes) == 0 else { return }
        values = [
            Int(bitPattern: UInt(attributes.st_ino)), Int(attributes.st_size),
            attributes.st_mtim.tv_sec, attributes.st_mtim.tv_nsec,
            attributes.st_ctim.tv_sec, attributes.st_ctim.tv_nsec,
        ]
    }
}
