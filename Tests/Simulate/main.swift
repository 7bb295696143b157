import Foundation
import Glibc
import TandemSimulation

let usage = """
    usage: tandem-simulate [--seeds N] [--first N] [--states] | --seed N [--trace]
           tandem-simulate --freeze FOLDER
      --seeds N    how many seeds are played (500)
      --first N    the first of them (1)
      --states     prints how often each named state was met
      --freeze F   writes the fixtures of Tests/Fixtures/old anew, into an empty folder
      --seed N     plays one and prints its hash; with --trace also all that happened
    Exit codes: 0 nothing was found, 1 something was, 2 usage.
    """

var numbers: [String: UInt64] = [:]
var flags: Set<String> = []
var words = Array(CommandLine.arguments.dropFirst())
while let word = words.first {
    words.removeFirst()
    switch word {
    case "--seeds", "--first", "--seed":
        guard let text = words.first, let number = UInt64(text), number > 0 else {
            print(usage)
            exit(2)
        }
        words.removeFirst()
        numbers[word] = number
    case "--freeze":
        guard let folder = words.first else {
            print(usage)
            exit(2)
        }
        try FrozenScene.writeAll(into: URL(filePath: folder))
        exit(0)
    case "--trace", "--states": flags.insert(word)
    case _:
        print(usage)
        exit(2)
    }
}

if let seed = numbers["--seed"] {
    exit(playOne(seed, isTraced: flags.contains("--trace")))
}
let outcome = await Campaign(
    first: numbers["--first"] ?? 1,
    count: numbers["--seeds"] ?? 500
).run()
print(outcome.text(withStates: flags.contains("--states")))
exit(outcome.isGood ? 0 : 1)

func playOne(_ seed: UInt64, isTraced: Bool) -> Int32 {
    let report = SeededRun.play(seed: seed, isTraced: isTraced)
    for line in report.trace { print(line.prefix(420)) }
    print("seed \(seed): hash \(String(report.hash, radix: 16))")
    for fault in report.faults { print("  \(fault)") }
    return report.faults.isEmpty ? 0 : 1
}
