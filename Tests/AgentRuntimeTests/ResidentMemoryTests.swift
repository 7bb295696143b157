import Testing

@testable import AgentRuntime

struct ResidentMemoryTests {
    private static let smaps = """
        55d000-55e000 r--p 00000000 08:01 131 /usr/sbin/tandem-agent
        Size:                  4 kB
        Anonymous:             0 kB
        55e000-5ff000 r-xp 00001000 08:01 131 /usr/sbin/tandem-agent
        Anonymous:             0 kB
        5ff000-600000 r--p 00002000 08:01 131 /usr/sbin/tandem agent (deleted)
        Anonymous:             4 kB
        600000-601000 rw-p 00003000 08:01 131 /usr/sbin/tandem-agent
        Anonymous:             0 kB
        700000-701000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        7ff000-800000 r-xp 00000000 00:00 0                          [vdso]
        Anonymous:             0 kB
        VmFlags: rd ex mr mw me de sd

        """

    @Test
    func onlyCleanPagesOfFilesAreLetGo() {
        let mappings = ResidentMemory.mappings(of: Array(Self.smaps.utf8))
        #expect(mappings.count == 6)
        #expect(mappings.map(\.isReadOnlyFile) == [true, true, true, false, false, false])
        #expect(mappings.map(\.ownKilobytes) == [0, 0, 4, 0, 0, 0])
        #expect(mappings[1].addresses == 0x55e000..<0x5ff000)
    }

    @Test
    func trimmingLeavesTheProcessAsItWas() {
        ResidentMemory.trim()
        #expect(String(decoding: [0x61], as: UTF8.self) == "a")
    }
}
