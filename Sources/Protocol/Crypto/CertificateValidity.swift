import Glibc
package import TandemModel

/// From when to when a certificate counts, by wall clocks.
package struct CertificateValidity: Hashable, Sendable {
    /// The first moment.
    package let notBefore: WallTime
    /// The last moment.
    package let notAfter: WallTime

    /// A validity with both ends given; whole seconds count.
    package init(notBefore: WallTime, notAfter: WallTime) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// That many days from now.
    ///
    /// Begins one day in the past, so that a machine whose clock is behind accepts it too.
    package static func days(_ count: Int) -> CertificateValidity {
        let now = UInt64(clamping: time(nil))
        let day: UInt64 = 24 * 60 * 60
        return CertificateValidity(
            notBefore: WallTime(milliseconds: (now - min(now, day)) * 1000),
            notAfter: WallTime(milliseconds: (now + UInt64(clamping: count) * day) * 1000)
        )
    }
}
