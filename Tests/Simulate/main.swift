import Foundation
import Glibc
import TandemSimulation

let usage = """
    usage: tandem-simulate [--network [--clusters N]] [--seeds N] [--first N] [--states]
           tandem-simulate [--network [--clusters N]] --seed N [--trace] [--states]
           tandem-simulate --freeze FOLDER
      --network    many clusters under one controller
      --clusters N how many (200)
      --seeds N    how many seeds are played (500; 4 with --network)
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
    case "--seeds", "--first", "--seed", "--clusters":
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
    case "--trace", "--states", "--network": flags.insert(word)
    case _:
        print(usage)
        exit(2)
    }
}

let scope = chosenScope(flags, numbers)
if let seed = numbers["--seed"] {
    exit(playOne(seed, scope, flags))
}
let outcome = await Campaign(
    scope,
    first: numbers["--first"] ?? 1,
    count: numbers["--seeds"] ?? (scope == .cluster ? 500 : 4)
).run()
print(outcome.text(withStates: flags.contains("--states")))
exit(outcome.isGood ? 0 : 1)

func chosenScope(_ flags: Set<String>, _ numbers: [String: UInt64]) -> Campaign.Scope {
    guard flags.contains("--network") else { return .cluster }
    return .network(clusterCount: numbers["--clusters"].map(Int.init) ?? NetworkRun.clusterCount)
}

func playOne(_ seed: UInt64, _ scope: Campaign.Scope, _ flags: Set<String>) -> Int32 {
    let report = scope.play(seed: seed, isTraced: flags.contains("--trace"))
    for line in report.trace { print(line.prefix(420)) }
    print("seed \(seed): hash \(String(report.hash, radix: 16))")
    for fault in report.faults { print("  \(fault)") }
    if flags.contains("--states") {
        for (name, count) in report.counts.sorted(by: { $0.key < $1.key }) {
            print("  \(count) \(name)")
        }
    }
    return report.faults.isEmpty ? 0 : 1
}
