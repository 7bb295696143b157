import ArgumentParser

/// `tandem image ...`.
struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Make release images, and bring them to controller and servers.",
        discussion: """
            An author: key, build, sign, inspect, verify. An operator: verify, add, list, stage, \
            drop. The first five need no controller.
            """,
        subcommands: [
            ImageKey.self, BuildImage.self, SignImage.self, InspectImage.self, VerifyImage.self,
            AddImage.self, ListImages.self, StageImage.self, DropImage.self,
        ]
    )
}
