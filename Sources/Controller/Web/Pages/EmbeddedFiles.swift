/// The files of `Templates/` and `Assets/`, built into the program so that it is one file.
enum EmbeddedFiles {
    /// By the name that other templates include them by.
    static let templates: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache,
        "alarms": PackageResources.alarms_mustache,
        "problem": PackageResources.problem_mustache,
        "sign-in": PackageResources.sign_in_mustache,
        "second-factor": PackageResources.second_factor_mustache,
        "account": PackageResources.account_mustache,
        "people": PackageResources.people_mustache,
    ]

    /// By file name, with their media type.
    static let assets: [String: (type: String, bytes: [UInt8])] = [
        "tandem.css": ("text/css; charset=utf-8", PackageResources.tandem_css),
        "tandem.js": ("text/javascript; charset=utf-8", PackageResources.tandem_js),
    ]
}
