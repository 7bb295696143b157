package import ControllerAPI
package import TandemModel

/// Everybody with a certificate of the operators' authority, in every role; nobody else.
package struct CertificateIdentities: IdentityService {
    package init() {}

    package func person(ofCertificate name: PersonName) async throws -> KnownPerson {
        KnownPerson(name: name, roles: Set(Role.allCases), means: .certificate)
    }

    package func person(ofSession secret: String) async throws -> KnownPerson {
        throw Self.unknown
    }

    package func person(ofToken secret: String) async throws -> KnownPerson {
        throw Self.unknown
    }

    private static var unknown: TandemError {
        TandemError(.signInNeeded, "nobody is signed in", remedy: "Send a client certificate.")
    }
}
