/// The files of `Templates/` and `Assets/`, built into the program so that it is one file.
enum EmbeddedFiles {
    /// By the name that other templates include them by.
    static let templates: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache,
        "alarms": PackageResources.alarms_mustache,
    ]

    /// By file name, with their media type.
    static let assets: [String: (type: String, bytes: [UInt8])] = [
        "tandem.css": ("text/css; charset=utf-8", PackageResources.tandem_css),
        "tandem.js": ("text/javascript; charset=utf-8", PackageResources.tandem_js),
    ]
}
