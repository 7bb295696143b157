import ArgumentParser
import ControllerAPI
import TandemModel

struct AddImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Bring an image to the controller, which verifies it before it keeps it."
    )

    @Argument(help: "The image.", completion: .file(extensions: ["iso"]))
    var file: String

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let progress = ByteProgress("Uploading", isQuiet: output.json)
            let client = try connection.client()
            let info: ImageInfo
            do {
                info = try await client.upload(APIPath.images, file: file) { sent, all in
                    progress.show(sent, of: all)
                }
            } catch {
                progress.end()
                throw error
            }
            progress.end()
            try output.show(info) { info in
                let patch = info.isPatch ? " (a patch)" : ""
                return Terminal.clean(
                    "Added \(info.release)\(patch), \(sizeText(info.byteCount)), "
                        + "SHA-256 \(info.image)\n"
                        + "Next: tandem image stage \(info.release.argument) CLUSTER\n"
                )
            }
        }
    }
}

struct ListImages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The images that the controller holds, and the servers that hold them."
    )

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let images: [ImageInfo] = try await connection.client().list(APIPath.images)
            try output.show(images) { images in
                images.isEmpty
                    ? "No image yet: add one with `tandem image add`.\n" : Self.table(images)
            }
        }
    }

    static func table(_ images: [ImageInfo]) -> String {
        var table = Table("Release", "Image", "Size", "For Kinds", "Added", "Held By")
        for image in images {
            table.add(
                image.release.description + (image.isPatch ? " (patch)" : ""),
                image.image.short,
                sizeText(image.byteCount),
                image.kinds.map(\.text).joined(separator: ", "),
                image.addedAt.text,
                image.heldBy.isEmpty
                    ? "no server" : image.heldBy.map(\.text).joined(separator: ", ")
            )
        }
        return table.text
    }
}

struct DropImage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Forget an image on a server, or on the controller.",
        discussion: "Refused while it is needed: running, on the way back, or in an open operation."
    )

    @Argument(help: "The release, such as scef-fe-12.6.1, or the digest `image list` shows.")
    var image: String

    @Option(name: .long, help: "The server; without it the controller forgets the image.")
    var server: String?

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let client = try connection.client()
            let image = try ImageChoice.one(image, of: try await client.list(APIPath.images))
            let server = try server.map(serverName)
            let path = APIPath.image(image.image) + (server.map { "?server=\($0)" } ?? "")
            let answer: PressResponse = try await client.send(.delete, path)
            try output.show(answer) { _ in
                "\(image.release) \(image.image.short) is dropped "
                    + "\(server.map { "on \($0)" } ?? "by the controller").\n"
            }
        }
    }
}

/// Which of the controller's images an argument means.
enum ImageChoice {
    /// So many digits of a digest are needed at least.
    static let digitCountMin = 8

    /// The one image of that release, or whose digest begins so.
    static func one(_ text: String, of images: [ImageInfo]) throws(TandemError) -> ImageInfo {
        let digits = text.lowercased()
        var found = images.filter { image in
            digits.utf8.count >= digitCountMin && image.image.description.hasPrefix(digits)
        }
        if found.isEmpty, let release = ReleaseID(text) {
            found = images.filter { $0.release == release }
        }
        guard let image = found.first else {
            throw TandemError(
                .imageUnknown,
                "the controller holds no image '\(text)'",
                remedy: "`tandem image list` shows what it holds; `tandem image add` brings more."
            )
        }
        guard found.count == 1 else {
            let digests = found.map(\.image.short).joined(separator: ", ")
            throw TandemError(
                .usage,
                "'\(text)' may mean \(found.count) images: \(digests)",
                remedy: "Name one of them by its digest."
            )
        }
        return image
    }
}

extension ReleaseID {
    /// The release as one argument of a command line.
    var argument: String {
        let word = "\(product)-\(version)"
        return ReleaseID(word) == self ? word : "'\(description)'"
    }
}
