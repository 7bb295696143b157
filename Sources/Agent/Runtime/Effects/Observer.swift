import AgentCore
import AgentPlatform
import TandemModel
import TandemSpawn

/// Looks at this server: the HA driver each time, everything else only when it may have changed.
final class Observer {
    private let server: LocalServer
    private let loop: PollLoop
    private let log: Log
    private let facts: () -> ServerFacts
    /// The manifests that lie in the store; whoever stages or drops one tells.
    var manifests: [StoredManifest] {
        didSet {
            stamp = nil
            manifestsCount += 1
        }
    }

    /// Rises with each change of ``manifests``: an answer to a question of before it counts for less.
    private var manifestsCount = 0

    // What was seen last, and when.
    private var stamp: PackageStamp?
    private var packages: [InstalledPackage] = []
    private var match = PackageMatch.other("not looked at yet")
    private let product: ProductWatch
    private var ha = HAStatus.unknown
    /// What the HA driver printed last, as it came.
    private var driverAnswer: [UInt8] = []
    private var isInService: Bool?
    private var configuration: (stamp: ConfigurationStamp, digest: Digest?)?
    private var problem: String?

    init(
        _ server: LocalServer,
        manifests: [StoredManifest],
        loop: PollLoop,
        log: Log,
        facts: @escaping () -> ServerFacts
    ) {
        self.server = server
        self.manifests = manifests
        self.loop = loop
        self.log = log
        product = ProductWatch(server, loop: loop)
        self.facts = facts
    }

    /// Looks now, and answers in a later turn.
    ///
    /// A thorough look waits for the product's answers up to their limit, any other one only so long
    /// that a product which hangs does not hide what the driver says.
    func observe(isThorough: Bool, _ done: @escaping (LocalObservation) -> Void) {
        let look = Look(began: MachineClock.bootTime(), done)
        look.begin()
        askDriver(look)
        readPackages(look, isThorough) { [self] in
            guard case .release(let stored) = match else { return }
            product.ask(
                stored.manifest,
                CheckSurroundings(
                    .health,
                    ha: ha,
                    facts: facts(),
                    target: stored.manifest.release
                ),
                isThorough: isThorough,
                onBegin: { look.begin(ofProduct: true) },
                onEnd: { [self] in look.end(ofProduct: true, self) }
            )
        }
        look.end(self)
        guard !isThorough else { return }
        loop.at(look.began + Self.patienceMilliseconds) { [self] in look.giveUpOnProduct(self) }
    }

    /// Asks the driver alone; the product's answers are those that came last.
    func observeRole(_ done: @escaping (LocalObservation) -> Void) {
        let look = Look(began: MachineClock.bootTime(), done)
        look.begin()
        askDriver(look)
        readPackages(look, false) {}
        look.end(self)
    }

    /// How long a look that is not thorough waits for the product.
    private static let patienceMilliseconds: UInt64 = 1000

    /// One look: done when every child that it waits for has ended.
    private final class Look {
        let began: Tick
        var ha = HAStatus.unknown
        private var openCount = 0
        private var productCount = 0
        private var isProductAwaited = true
        private var isDone = false
        private let done: (LocalObservation) -> Void

        init(began: Tick, _ done: @escaping (LocalObservation) -> Void) {
            self.began = began
            self.done = done
        }

        func begin(ofProduct: Bool = false) {
            if ofProduct { productCount += 1 } else { openCount += 1 }
        }

        func end(ofProduct: Bool = false, _ observer: Observer) {
            if ofProduct { productCount -= 1 } else { openCount -= 1 }
            conclude(observer)
        }

        /// What the product answers later counts for the looks after this one.
        func giveUpOnProduct(_ observer: Observer) {
            isProductAwaited = false
            conclude(observer)
        }

        private func conclude(_ observer: Observer) {
            guard !isDone, openCount == 0, productCount == 0 || !isProductAwaited else { return }
            isDone = true
            let spent = MachineClock.bootTime().since(began)
            done(observer.observation(ha: ha, childMilliseconds: spent))
        }
    }

    // MARK: - Packages

    /// Looks at the package database when it has changed, or when it must be certain; `then` is called
    /// once what is there is known.
    private func readPackages(_ look: Look, _ isThorough: Bool, _ then: @escaping () -> Void) {
        let current = server.packages.stamp()
        guard isThorough || current != stamp else { return then() }
        do throws(TandemError) {
            switch try server.packages.look(named: PackageMatch.names(of: manifests)) {
            case .seen(let found):
                take(found, of: current)
            case .asking(let question):
                ask(question, of: current, look, then)
                return
            }
        } catch {
            unreadable(error)
        }
        then()
    }

    private func ask(
        _ question: PackageQuestion,
        of current: PackageStamp,
        _ look: Look,
        _ then: @escaping () -> Void
    ) {
        let asked = manifestsCount
        look.begin()
        run(question.command, PackageLook.limitMilliseconds, PackageLook.outputByteCountMax) {
            [self] end in
            let ending = end.flatMap { $0.isTimedOut ? nil : $0.ending }
            do throws(TandemError) {
                let found = try question.packages(ending, end?.output ?? [], end?.errors ?? [])
                take(found, of: current)
                if manifestsCount != asked { stamp = nil }
            } catch {
                unreadable(error)
            }
            then()
            look.end(self)
        }
    }

    private func take(_ found: [InstalledPackage], of current: PackageStamp) {
        packages = found
        let seen = PackageMatch(packages: found, manifests: manifests)
        if seen != match { product.forgetBuildID() }
        match = seen
        stamp = current
    }

    private func unreadable(_ error: TandemError) {
        match = .other("the package database can't be read: \(error.message)")
        stamp = nil
    }

    // MARK: - Children

    private func askDriver(_ look: Look) {
        look.begin()
        run(server.driver.statusCommand, HADriver.statusLimitMilliseconds) { [self] end in
            driverAnswer = end.map { $0.output + $0.errors } ?? []
            let (status, problem) =
                end.map { end in
                    end.isTimedOut
                        ? (HAStatus.unknown, "status did not end in time")
                        : HADriver.status(ending: end.ending, output: end.output)
                } ?? (.unknown, "the driver can't be started")
            look.ha = status
            ha = status
            note(problem.map { "HA driver: \($0)" })
            if isInService != status.isInService {
                isInService = status.isInService
                product.doubtBuildID()
            }
            look.end(self)
        }
    }

    /// The driver's own words at the newest look, in printable lines, for people to read.
    var driverWords: [UInt8] {
        let shown = driverAnswer.prefix(Self.driverWordsMax).map { byte in
            byte == UInt8(ascii: "\n") || (0x20...0x7e).contains(byte) ? byte : UInt8(ascii: "?")
        }
        let cut = driverAnswer.count > Self.driverWordsMax ? "\n(cut)" : ""
        let trouble = problem.map { "\n(\($0))" } ?? ""
        return shown.isEmpty ? Array("(none)\(trouble)".utf8) : shown + Array((cut + trouble).utf8)
    }

    private static let driverWordsMax = 8 * 1024

    /// Logs a problem when it begins and when it ends, not at each look.
    private func note(_ found: String?) {
        guard found != problem else { return }
        problem = found
        log(found == nil ? .info : .warning, found ?? "the HA driver answers again")
    }

    /// `nil` when the child could not be started.
    private func run(
        _ command: ChildCommand,
        _ limitMilliseconds: UInt64,
        _ outputByteCountMax: Int = 64 * 1024,
        _ onEnd: @escaping (ChildTask.End?) -> Void
    ) {
        do throws(TandemError) {
            loop.add(
                try ChildTask(
                    command,
                    limitMilliseconds: limitMilliseconds,
                    outputByteCountMax: outputByteCountMax,
                    onEnd: onEnd
                )
            )
        } catch {
            onEnd(nil)
        }
    }

    // MARK: - Result

    private func observation(ha: HAStatus, childMilliseconds: UInt64) -> LocalObservation {
        let isRelease: Bool
        let manifest: StoredManifest?
        if case .release(let stored) = match {
            (isRelease, manifest) = (true, stored)
        } else {
            (isRelease, manifest) = (false, nil)
        }
        return LocalObservation(
            ha: ha,
            software: match.software(buildID: isRelease ? product.buildID : nil),
            manifest: manifest?.digest,
            packageDigest: packageDigest(match.counted(packages)),
            configurationDigest: configurationDigest(manifest?.manifest),
            health: isRelease ? product.health : .unknown,
            loadHundredths: Self.loadHundredths(),
            childMilliseconds: childMilliseconds,
            snapshots: server.snapshots.ability()
        )
    }

    /// Hashed again only when the file has changed.
    private func configurationDigest(_ manifest: ReleaseManifest?) -> Digest? {
        guard let schema = manifest?.configuration,
            let file = try? ClusterConfigurationFile(schema, on: server)
        else { return nil }
        let current = ConfigurationStamp(file.path)
        if let known = configuration, known.stamp == current { return known.digest }
        let digest = (try? file.digest()).flatMap(\.self)
        configuration = (current, digest)
        return digest
    }

    private static func loadHundredths() -> UInt16 {
        guard let bytes = try? Files.read("/proc/loadavg", byteCountMax: 256) else { return 0 }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        // Thousandths of a "second" are thousandths of any decimal number.
        let thousandths = words.first.flatMap { millisecondsOfSeconds($0) } ?? 0
        return UInt16(clamping: thousandths / 10)
    }
}
