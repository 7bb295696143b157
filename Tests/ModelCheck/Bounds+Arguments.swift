import TandemModel

extension Bounds {
    /// How the program is called.
    package static let usage = """
        usage: tandem-model-check [--faults N] [--restarts N] [--no-referee] [--held]
                                  [--scope brief|crashes|messages|servers|stops|all]
                                  [--close]
                                  [--depth N] [--runs N] [--seconds N] [--quiet]
          --faults N      disturbances on one path at most (1)
          --restarts N    of these, deaths of the controller (1)
          --no-referee    the HA system does not exclude two active servers by itself
          --held          nobody may take over while versions are mixed
          --depth N       buttons on one path at most; ways out are then not judged (no limit)
          --scope WHICH   crashes: deaths of processes and lost connections; brief: one short kind of each;
                          messages: every message, also heartbeats and reports; servers: one dies for
                          good; stops: Stop and the emergency stop anywhere (all)
          --close         a second and third fault strike before the next rest, right before an event of
                          the party that they strike
          --runs N        stop, incomplete, after so many runs
          --seconds N     stop, incomplete, after so many seconds of processor time
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
            case "--close": isClose = true
            case "--faults", "--restarts", "--runs", "--depth", "--seconds":
                guard let number = words.popFirst().flatMap({ Int($0) }), number >= 0 else {
                    return nil
                }
                switch word {
                case "--faults": faultCount = number
                case "--restarts": restartCount = number
                case "--depth": buttonLimit = number
                case "--seconds": secondLimit = number
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
