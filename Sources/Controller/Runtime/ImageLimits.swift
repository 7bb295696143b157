/// How much of the controller's disk release images may take.
package struct ImageLimits: Sendable, Hashable {
    /// The largest image that is taken.
    package var byteCountMax: UInt64 = 16 << 30
    /// What an upload leaves free on the disk: the store lies there too, and without it nothing is commanded.
    package var freeByteCountMin: UInt64 = 512 << 20

    /// The limits of a controller.
    package init() {}
}
