import ControllerAPI
import TandemModel
import Testing

@testable import tandem

/// Which offer, image and notices a command line means.
struct ChoiceTests {
    @Test
    func greyedButtonIsRefusedWithItsReason() {
        let cluster = Sample.cluster(
            buttons: [
                Sample.offer(.startUpgrade, whyNot: "70508 is raised"),
                Sample.offer(.startRollback),
            ]
        )
        let error = failure { _ = try Presser.offer(.startUpgrade, nil, cluster) }
        #expect(error?.code == .buttonRefused)
        #expect(error?.message.contains("70508 is raised") == true)
        #expect(error?.remedy.contains("start-rollback") == true)
        #expect(failure { _ = try Presser.offer(.fence, nil, cluster) }?.code == .buttonRefused)
    }

    @Test
    func buttonForOneOfTwoServersNeedsItsName() throws {
        let cluster = Sample.cluster(
            buttons: [
                Sample.offer(.fence, server: "scef-1a"), Sample.offer(.fence, server: "scef-1b"),
            ]
        )
        let error = failure { _ = try Presser.offer(.fence, nil, cluster) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("scef-1a or scef-1b") == true)
        let offer = try Presser.offer(.fence, ServerName("scef-1b"), cluster)
        #expect(offer.server?.text == "scef-1b")
    }

    /// Whoever is refused for want of a reason is asked for one first.
    @Test(arguments: [Button.accept, .closeAsObserved, .goOnSingle, .tryAgain])
    func reasonIsAskedFor(_ button: Button) {
        #expect(Presser.mayNeedReason(button))
        #expect(!Presser.mayNeedReason(.continueRollback) && !Presser.mayNeedReason(.stop))
    }

    @Test
    func onlyPossibleServerIsTaken() throws {
        let cluster = Sample.cluster(
            buttons: [
                Sample.offer(.restoreService, server: "scef-1a", whyNot: "silent"),
                Sample.offer(.restoreService, server: "scef-1b"),
            ]
        )
        #expect(try Presser.offer(.restoreService, nil, cluster).server?.text == "scef-1b")
    }

    @Test
    func noticesAreThoseOfTheReleaseMeant() {
        let running = ReleaseID(product: "scef-fe", version: "12.6.0")
        let images = [
            Sample.image(1, running, notices: ["old"]),
            Sample.image(2, notices: ["sessions end", "sessions end"]),
        ]
        let cluster = Sample.cluster()
        #expect(Presser.notices(of: nil, cluster, images) == ["sessions end"])
        #expect(Presser.notices(of: Sample.next, cluster, images) == ["sessions end"])
        #expect(Presser.notices(of: running, cluster, images) == ["old"])
    }

    @Test(arguments: ["scef-fe-12.6.1", "scef-fe 12.6.1", "02cdcdcd", "02CDCDCDCD"])
    func imageIsFoundByReleaseOrDigest(_ text: String) throws {
        let other = ReleaseID(product: "scef-fe", version: "12.6.0")
        let images = [Sample.image(1, other), Sample.image(2)]
        #expect(try ImageChoice.one(text, of: images).image == images[1].image)
    }

    @Test(arguments: [
        ("scef-fe-12.9", ErrorCode.imageUnknown), ("02cdcdc", .imageUnknown), ("", .imageUnknown),
        ("scef-fe-12.6.1", .usage),
    ])
    func imageThatIsNotOneIsRefused(_ text: String, _ code: ErrorCode) {
        let images = [Sample.image(2), Sample.image(3)]
        #expect(failure { _ = try ImageChoice.one(text, of: images) }?.code == code)
    }

    @Test
    func requestIsFoundWithItsCluster() {
        let press = ButtonPress(
            button: .closeAsObserved,
            person: Sample.anna,
            reason: "CHG-7",
            seen: Sample.seen
        )
        let pending = PendingApproval(id: Sample.request, press: press, requestedAt: Sample.time)
        let network = Sample.network(Sample.cluster(approvals: [pending]))
        let found = ApproveCommand.find(Sample.request, in: network)
        #expect(found?.cluster.name.text == "scef-1")
        #expect(ApproveCommand.find(RequestID(high: 0, low: 0), in: network) == nil)
        let text = ApproveCommand.summary(pending, network.clusters[0])
        #expect(text.hasPrefix("Close As Observed scef-1, asked for by anna at "))
        #expect(text.contains("CHG-7"))
    }

    @Test(arguments: ["a b", "", "../x", "a/b", "x?y", String(repeating: "a", count: 64)])
    func whatCanBeNoNameIsNotAskedAbout(_ text: String) {
        #expect(failure { _ = try clusterName(text) }?.code == .unknownName)
        #expect(failure { _ = try serverName(text) }?.code == .unknownName)
    }
}
