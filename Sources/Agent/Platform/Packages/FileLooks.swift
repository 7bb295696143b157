import Glibc
import TandemSpawn

/// Which file stands at a path, how long it is and when it was last written; empty when none does.
func fileStamp(_ path: String) -> [Int] {
    var attributes = stat()
    guard lstat(path, &attributes) == 0 else { return [] }
    return [
        Int(bitPattern: UInt(attributes.st_ino)), Int(attributes.st_size),
        attributes.st_mtim.tv_sec, attributes.st_mtim.tv_nsec,
    ]
}

/// Who holds a lock of the kind that `fcntl` gives on a file; `nil` when nobody does.
func recordLockHolder(_ path: String) -> Int32? {
    guard let file = try? Descriptor.open(path, flags: O_RDWR) else { return nil }
    var lock = Glibc.flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    let answer = withExtendedLifetime(file) { fcntl(file.number, F_GETLK, &lock) }
    return answer == 0 && lock.l_type != Int16(F_UNLCK) ? lock.l_pid : nil
}
