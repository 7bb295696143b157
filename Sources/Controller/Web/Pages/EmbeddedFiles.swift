/// The files of `Templates/` and `Assets/`, built into the program so that it is one file.
enum EmbeddedFiles {
    /// By the name that other templates include them by.
    static let templates: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache,
        "alarms": PackageResources.alarms_mustache,
        "problem": PackageResources.problem_mustache,
        "sign-in": PackageResources.sign_in_mustache,
        "second-factor": PackageResources.second_factor_mustache,
        "provider-return": PackageResources.provider_return_mustache,
        "account": PackageResources.account_mustache,
        "people": PackageResources.people_mustache,
        "problem-note": PackageResources.problem_note_mustache,
        "window": PackageResources.window_mustache,
        "waits": PackageResources.waits_mustache,
        "manager-stop": PackageResources.manager_stop_mustache,
        "emergency-stop": PackageResources.emergency_stop_mustache,
        "charge": PackageResources.charge_mustache,
        "time": PackageResources.time_mustache,
        "manager": PackageResources.manager_mustache,
        "manager-summary": PackageResources.manager_summary_mustache,
        "manager-board": PackageResources.manager_board_mustache,
        "manager-rows": PackageResources.manager_rows_mustache,
        "manager-cell": PackageResources.manager_cell_mustache,
        "manager-buttons": PackageResources.manager_buttons_mustache,
        "manager-pieces": PackageResources.manager_pieces_mustache,
        "refused": PackageResources.refused_mustache,
        "press": PackageResources.press_mustache,
        "press-card": PackageResources.press_card_mustache,
        "press-fields": PackageResources.press_fields_mustache,
        "press-several": PackageResources.press_several_mustache,
        "proof": PackageResources.proof_mustache,
        "approval": PackageResources.approval_mustache,
        "cluster": PackageResources.cluster_mustache,
        "configuration": PackageResources.configuration_mustache,
        "audit": PackageResources.audit_mustache,
        "certificate-line": PackageResources.certificate_line_mustache,
        "filter": PackageResources.filter_mustache,
        "image": PackageResources.image_mustache,
        "iso-maintenance": PackageResources.iso_maintenance_mustache,
        "log-lines": PackageResources.log_lines_mustache,
        "notes": PackageResources.notes_mustache,
        "server": PackageResources.server_mustache,
        "steps": PackageResources.steps_mustache,
        "upgrade-log": PackageResources.upgrade_log_mustache,
    ]

    /// What the API takes and answers: OpenAPI 3.1.
    static let apiDescription = PackageResources.openapi_yaml

    /// By file name, with their media type.
    static let assets: [String: (type: String, bytes: [UInt8])] = [
        "live.js": ("text/javascript; charset=utf-8", PackageResources.live_js),
        "upload.js": ("text/javascript; charset=utf-8", PackageResources.upload_js),
        "tandem.css": ("text/css; charset=utf-8", PackageResources.tandem_css),
        "tandem.svg": ("image/svg+xml", PackageResources.tandem_svg),
        "tandem.js": ("text/javascript; charset=utf-8", PackageResources.tandem_js),
    ]
}
