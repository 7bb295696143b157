/// What people set on pages and find again: hidden columns, a filter.
package enum Preferences {
    /// Of one page and person.
    package static let byteCountMax = 4096
    /// Pages that keep something; a closed list, so that nobody fills the store.
    package static let pages: Set<String> = [
        "upgrade-manager", "iso-maintenance", "upgrade-log", "alarms", "audit", "people", "all",
    ]
}
