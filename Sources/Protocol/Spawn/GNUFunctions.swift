import Glibc

/// Functions of the system's C library that its Swift module does not show.
///
/// They are declared only under `_GNU_SOURCE`, so they are looked up by name: once, at first use.
enum GNUFunctions {
    /// `posix_spawn_file_actions_addclosefrom_np` (glibc 2.34).
    static let addCloseFrom: AddCloseFrom? = function(
        "posix_spawn_file_actions_addclosefrom_np",
        as: AddCloseFrom.self
    )

    /// `posix_spawn_file_actions_addchdir_np` (glibc 2.29).
    static let addChangeDirectory: AddChangeDirectory? = function(
        "posix_spawn_file_actions_addchdir_np",
        as: AddChangeDirectory.self
    )

    /// `pipe2`: a pipe that no child started meanwhile by another thread can inherit.
    static let pipe: Pipe? = function("pipe2", as: Pipe.self)

    /// `POSIX_SPAWN_SETSID` of `spawn.h`: begin a session (glibc 2.26).
    static let setSessionFlag: Int32 = 0x80

    typealias Pipe = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
    typealias AddCloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    typealias AddChangeDirectory =
        @convention(c) (
            UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
        ) -> Int32

    private static func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        guard let address = dlsym(nil, name) else { return nil }
        return unsafeBitCast(address, to: type)
    }
}
