package import ControllerAPI
import TandemCrypto
package import TandemModel

/// Whom a provider has proved, and what that person may be here.
package struct ProvedPerson: Sendable, Hashable {
    package var name: PersonName
    /// `nil` where the local account decides.
    package var roles: Set<Role>?
    /// When the provider last asked who it is; `nil` where the token does not say.
    package var provedAt: WallTime?

    /// A person.
    package init(name: PersonName, roles: Set<Role>?, provedAt: WallTime? = nil) {
        self.name = name
        self.roles = roles
        self.provedAt = provedAt
    }
}

extension IDToken {
    /// How far the provider's clock may be from ours, in seconds.
    package static let skewSeconds = 60.0
    /// How long after it was made a token is still taken, in seconds: it comes straight from the
    /// provider in answer to our own question.
    package static let ageSecondsMax = 600.0
    private static let audienceCountMax = 16
    private static let groupCountMax = 512

    /// Judges all claims (OpenID Connect Core 1.0, section 3.1.3.7).
    ///
    /// With `start` the provider was to ask anew since then who it is.
    package func person(
        for settings: ProviderSettings,
        nonce: String,
        freshSince start: WallTime? = nil,
        at now: WallTime
    ) throws(ProviderRefusal) -> ProvedPerson {
        guard claims["iss"]?.text == settings.issuer else {
            throw ProviderRefusal(
                "sent a token issued by '\(ProviderRefusal.shown(claims["iss"]?.text ?? ""))'"
            )
        }
        try checkAudience(settings.clientID)
        try checkTimes(now)
        guard let told = claims["nonce"]?.text, areSame(told, nonce) else {
            throw ProviderRefusal("sent a token that was made for another sign-in")
        }
        guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count) else {
            throw ProviderRefusal("sent a token without a subject of 1 to 255 bytes")
        }
        return ProvedPerson(
            name: try name(settings),
            roles: try roles(settings),
            provedAt: try provedAt(since: start, now)
        )
    }

    private func provedAt(
        since start: WallTime?,
        _ now: WallTime
    ) throws(ProviderRefusal) -> WallTime? {
        let told = claims["auth_time"]?.seconds
        if let start {
            guard let told, told >= Double(start.milliseconds) / 1000 - Self.skewSeconds else {
                let said = told.map { "\(UInt64($0))" } ?? "missing"
                throw ProviderRefusal(
                    "did not ask anew who you are, or does not say so: `auth_time` is \(said)"
                )
            }
        }
        guard let told else { return nil }
        // A provider whose clock is ahead does not make its word count longer.
        return WallTime(milliseconds: UInt64(min(told * 1000, Double(now.milliseconds))))
    }

    private func checkAudience(_ clientID: String) throws(ProviderRefusal) {
        let audiences = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.texts ?? []
        guard audiences.count <= Self.audienceCountMax, audiences.contains(clientID) else {
            throw ProviderRefusal("sent a token for somebody else, not for '\(clientID)'")
        }
        // With several audiences only the authorized party says whose sign-in it was.
        guard audiences.count == 1 || claims["azp"] != nil else {
            throw ProviderRefusal("sent a token for several audiences without saying whose it is")
        }
        guard claims["azp"].map({ $0.text == clientID }) ?? true else {
            throw ProviderRefusal("sent a token that another client had asked for")
        }
    }

    private func checkTimes(_ now: WallTime) throws(ProviderRefusal) {
        let now = Double(now.milliseconds) / 1000
        guard let end = claims["exp"]?.seconds, let start = claims["iat"]?.seconds else {
            throw ProviderRefusal("sent a token without the times `exp` and `iat`")
        }
        guard now < end + Self.skewSeconds else {
            throw ProviderRefusal("sent a token that has expired")
        }
        guard start <= now + Self.skewSeconds else {
            throw ProviderRefusal("sent a token of the future; compare the clocks of both machines")
        }
        guard now - start <= Self.ageSecondsMax + Self.skewSeconds else {
            throw ProviderRefusal("sent a token that was made more than ten minutes ago")
        }
        guard let value = claims["nbf"] else { return }
        guard let notBefore = value.seconds, notBefore <= now + Self.skewSeconds else {
            throw ProviderRefusal("sent a token that does not count yet")
        }
    }

    private func name(_ settings: ProviderSettings) throws(ProviderRefusal) -> PersonName {
        guard let text = claims[settings.personClaim]?.text else {
            throw ProviderRefusal("sent a token without the claim '\(settings.personClaim)'")
        }
        let name = PersonName(text)
        guard name.isValid else {
            throw ProviderRefusal(
                "calls the person '\(ProviderRefusal.shown(text))', which can't be a name here"
            )
        }
        return name
    }

    private func roles(_ settings: ProviderSettings) throws(ProviderRefusal) -> Set<Role>? {
        guard let claim = settings.rolesClaim else { return nil }
        guard let value = claims[claim], let groups = value.text.map({ [$0] }) ?? value.texts,
            groups.count <= Self.groupCountMax
        else {
            throw ProviderRefusal("sent a token without the claim '\(claim)' as a list of texts")
        }
        let roles = groups.reduce(into: Set<Role>()) { $0.formUnion(settings.roles[$1] ?? []) }
        guard !roles.isEmpty else {
            throw ProviderRefusal("gives this person none of the groups that mean a role here")
        }
        return roles
    }
}
