package import TandemModel

extension StepAction: WireEnumeration {
    package static var wireName: String { "step action" }

    package var wireNumber: UInt8 {
        switch self {
        case .check: 1
        case .stopService: 2
        case .snapshot: 3
        case .installPackages: 4
        case .configure: 5
        case .hook: 6
        case .dataCarry: 7
        case .reboot: 8
        case .startService: 9
        case .verify: 10
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .check
        case 2: self = .stopService
        case 3: self = .snapshot
        case 4: self = .installPackages
        case 5: self = .configure
        case 6: self = .hook
        case 7: self = .dataCarry
        case 8: self = .reboot
        case 9: self = .startService
        case 10: self = .verify
        case _: return nil
        }
    }
}

extension FailurePolicy: WireEnumeration {
    package static var wireName: String { "failure policy" }

    package var wireNumber: UInt8 {
        switch self {
        case .stop: 1
        case .return: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .stop
        case 2: self = .return
        case _: return nil
        }
    }
}

extension TakeoverWhileMixed: WireEnumeration {
    package static var wireName: String { "takeover while mixed" }

    package var wireNumber: UInt8 {
        switch self {
        case .allowed: 1
        case .held: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .allowed
        case 2: self = .held
        case _: return nil
        }
    }
}

extension PackageFormat: WireEnumeration {
    package static var wireName: String { "package format" }

    package var wireNumber: UInt8 {
        switch self {
        case .deb: 1
        case .rpm: 2
        }
    }

    package init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .deb
        case 2: self = .rpm
        case _: return nil
        }
    }
}
