import ControllerAPI
import Testing

/// Who may do what, written down a second time: a role that gains something is seen here.
struct PermissionTableTests {
    private static let table: [Permission: Set<Role>] = [
        .see: [.viewer, .operator, .approver, .administrator, .auditor],
        .keepOwnAccount: [.viewer, .operator, .approver, .administrator, .auditor],
        .handleImages: [.operator],
        .operate: [.operator],
        .stop: [.operator, .approver, .administrator],
        .approve: [.approver],
        .editConfiguration: [.operator],
        .takeCharge: [.operator],
        .changeNetwork: [.administrator],
        .enrol: [.approver, .administrator],
        .managePeople: [.administrator],
        .audit: [.auditor],
    ]

    @Test(arguments: Permission.allCases)
    func theseRolesHaveIt(_ permission: Permission) {
        #expect(permission.roles == Self.table[permission])
    }
}
