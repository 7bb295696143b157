import ControllerAPI
import TandemModel
import Testing

/// Lists that lie in memory, cut into pages: nothing comes twice, nothing is passed over.
struct ListPageTests {
    private static func page(_ places: [UInt64], _ stretch: Stretch) -> Page<UInt64> {
        Page(of: places.map { (place: $0, item: $0) }, stretch)
    }

    @Test(arguments: 1...8)
    func pagesPutTogetherAreTheList(_ limit: Int) {
        let places: [UInt64] = [3, 1, 9, 7, 20, 4, 2]
        var (found, before): ([UInt64], UInt64?) = ([], nil)
        repeat {
            let page = Self.page(places, Stretch(before: before, limit: limit))
            #expect(page.items.count <= limit && !page.items.isEmpty)
            found += page.items
            before = page.next
        } while before != nil
        #expect(found == places.sorted(by: >))
    }

    @Test func whatComesAndGoesMeanwhileMovesNoOther() {
        let first = Self.page([1, 2, 3, 4], Stretch(limit: 2))
        #expect(first.items == [4, 3] && first.next == 3)
        #expect(Self.page([1, 2, 4, 5, 6], Stretch(before: 3, limit: 2)).items == [2, 1])
    }

    @Test func configurationsComeInPages() async throws {
        try await RunningController.with { controller in
            _ = try await controller.add(["cmp-1", "cmp-2"])
            for number in 1...3 {
                let request = ConfigurationRequest(
                    schema: "s",
                    document: "n = \(number)",
                    reason: "r"
                )
                _ = try await controller.service.edit(
                    request,
                    cluster: ClusterName("cmp-a"),
                    person: PersonName("ada")
                )
            }
            for (query, inside, outside) in [
                ("limit=2", ["n = 3", "n = 2", "\"next\":2"], "n = 1"),
                ("limit=2&before=2", ["n = 1"], "next"),
            ] {
                let reader = try await RawOperator.connect(to: controller)
                try await reader.send(
                    "GET /api/v1/clusters/cmp-a/configurations?\(query) HTTP/1.1\r\n"
                        + "host: 127.0.0.1\r\nconnection: close\r\n\r\n"
                )
                let answer = try await reader.answerUntilClosed()
                #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
                #expect(inside.allSatisfy(answer.contains) && !answer.contains(outside))
            }
        }
    }

    @Test func anEmptyListHasOnePage() {
        #expect(Self.page([], Stretch()) == Page(items: [], next: nil))
    }
}
