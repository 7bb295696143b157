import ControllerAPI
import Foundation
import Hummingbird
import NIOCore
import TandemModel

extension Routes {
    /// Pages for people in a browser, and the files they need.
    func addPages(to router: Router<BasicRequestContext>) throws {
        var renderer = try PageRenderer.shared.get()
        renderer.provider = provider?.name
        addAssets(to: router)
        addManagerPages(renderer, to: router)
        addClusterPages(renderer, to: router)
        addPressPages(renderer, to: router)
        addChargePages(renderer, to: router)
        addSignInPages(renderer, to: router)
        addProviderPages(renderer, to: router)
        addAccountPages(renderer, to: router)
        addPeoplePages(renderer, to: router)
        addRecordPages(renderer, to: router)
    }

    private func addAssets(to router: Router<BasicRequestContext>) {
        for (name, file) in EmbeddedFiles.assets.sorted(by: { $0.key < $1.key }) {
            add(.get, RouterPath("/assets/\(name)"), policy: .open, to: router) { _, _ in
                Response(
                    status: .ok,
                    headers: [.contentType: file.type, .cacheControl: "no-cache"],
                    body: .init(byteBuffer: ByteBuffer(bytes: file.bytes))
                )
            }
        }
    }
}
