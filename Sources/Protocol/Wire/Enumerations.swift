package import TandemModel

extension ServerRole: WireEnumeration {
    package static var wireName: String { "server role" }

    package var wireNumber: UInt8 {
        switch self {
        case .active: 1
        case .standby: 2
        case .spare: 3
        case .forcedStandby: 4
        case .outOfService: 5
        case .unknown: 6
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .active
        case 2: self = .standby
        case 3: self = .spare
        case 4: self = .forcedStandby
        case 5: self = .outOfService
        case 6: self = .unknown
        case _: return nil
        }
    }
}

extension PeerRole: WireEnumeration {
    package static var wireName: String { "peer role" }

    package var wireNumber: UInt8 {
        switch self {
        case .active: 1
        case .other: 2
        case .unseen: 3
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .active
        case 2: self = .other
        case 3: self = .unseen
        case _: return nil
        }
    }
}

extension Exclusion: WireEnumeration {
    package static var wireName: String { "exclusion" }

    package var wireNumber: UInt8 {
        switch self {
        case .referee: 1
        case .none: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .referee
        case 2: self = .none
        case _: return nil
        }
    }
}

extension Switchover: WireEnumeration {
    package static var wireName: String { "switchover" }

    package var wireNumber: UInt8 {
        switch self {
        case .twoStep: 1
        case .atomic: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .twoStep
        case 2: self = .atomic
        case _: return nil
        }
    }
}

extension AlarmSeverity: WireEnumeration {
    package static var wireName: String { "alarm severity" }

    package var wireNumber: UInt8 {
        switch self {
        case .minor: 1
        case .major: 2
        case .critical: 3
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .minor
        case 2: self = .major
        case 3: self = .critical
        case _: return nil
        }
    }
}

extension Direction: WireEnumeration {
    package static var wireName: String { "direction" }

    package var wireNumber: UInt8 {
        switch self {
        case .up: 1
        case .back: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .up
        case 2: self = .back
        case _: return nil
        }
    }
}

extension CheckResult.Level: WireEnumeration {
    package static var wireName: String { "check level" }

    package var wireNumber: UInt8 {
        switch self {
        case .ok: 1
        case .warning: 2
        case .critical: 3
        case .unknown: 4
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .ok
        case 2: self = .warning
        case 3: self = .critical
        case 4: self = .unknown
        case _: return nil
        }
    }
}
