import TandemModel

extension Bounds {
    /// How the program is called.
    package static let usage = """
        usage: tandem-model-check [--faults N] [--restarts N] [--no-referee] [--held]
                                  [--scope crashes|all] [--depth N] [--runs N] [--quiet]
          --faults N      disturbances on one path at most (1)
          --restarts N    of these, deaths of the controller (1)
          --no-referee    the HA system does not exclude two active servers by itself
          --held          nobody may take over while versions are mixed
          --depth N       buttons on one path at most; ways out are then not judged (no limit)
          --scope WHICH   crashes: deaths and lost connections only (all)
          --runs N        stop, incomplete, after so many runs
          --quiet         no progress
        Exit codes: 0 complete and nothing found, 1 a violation, 2 usage, 3 stopped before the end.
        """

    /// Reads the program's arguments; `nil` for any that is not known.
    package init?(arguments: [String]) {
        self.init()
        var words = arguments[...]
        while let word = words.popFirst() {
            switch word {
            case "--no-referee": hasReferee = false
            case "--held": takeover = .held
            case "--quiet": isQuiet = true
            case "--faults", "--restarts", "--runs", "--depth":
                guard let number = words.popFirst().flatMap({ Int($0) }), number >= 0 else {
                    return nil
                }
                switch word {
                case "--faults": faultCount = number
                case "--restarts": restartCount = number
                case "--depth": buttonLimit = number
                case _: runLimit = number
                }
            case "--scope":
                guard let scope = words.popFirst().flatMap(Scope.init(rawValue:)) else {
                    return nil
                }
                self.scope = scope
            case _: return nil
            }
        }
    }
}
