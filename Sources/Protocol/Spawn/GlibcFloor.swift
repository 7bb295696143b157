/// Stands in for the C library's function of that name, which glibc 2.35 gave a new version.
///
/// The overlay of Swift's Glibc module refers to it, so that a program linked where glibc is newer
/// would not start on the C library of RHEL 9 (2.34). Nothing of ours calls it.
@c(hypotf)
package func hypotenuse(_ x: Float, _ y: Float) -> Float {
    let (wide, high) = (Double(x), Double(y))
    return Float((wide * wide + high * high).squareRoot())
}
