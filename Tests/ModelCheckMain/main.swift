import Glibc
import TandemModelCheck

guard let bounds = Bounds(arguments: Array(CommandLine.arguments.dropFirst())) else {
    print(Bounds.usage)
    exit(2)
}
let result = await Search.run(bounds) { line in
    print(line)
    // At once, also into a file.
    fflush(nil)
}
print(result.text(bounds))
exit(result.exitCode)
