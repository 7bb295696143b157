import ControllerAPI
import TandemModel

/// Everybody with a certificate of the operators' authority, in every role; nobody else.
struct CertificateIdentities: IdentityService {
    init() {}

    func person(ofCertificate name: PersonName) async throws -> KnownPerson {
        KnownPerson(name: name, roles: Set(Role.allCases), means: .certificate)
    }

    func person(ofSession secret: String) async throws -> KnownPerson {
        throw Self.unknown
    }

    func person(ofToken secret: String) async throws -> KnownPerson {
        throw Self.unknown
    }

    func prove(_ proof: String, session secret: String, from visitor: Visitor) async throws -> (
        secret: String, person: KnownPerson
    ) {
        throw Self.unknown
    }

    private static var unknown: TandemError {
        TandemError(.signInNeeded, "nobody is signed in", remedy: "Send a client certificate.")
    }
}
