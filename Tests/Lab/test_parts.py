"""The lab's parts that need no server: what receipts prove, which cells there are, what a plan is."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(REPOSITORY, "Deploy/lab"))

from tandem_lab import cells, gaps, plan, receipts  # noqa: E402
from tandem_lab.receipts import Receipt  # noqa: E402


def told(*rows: tuple[float, str, bool]) -> list[Receipt]:
    """Receipts with rows numbered from 1."""
    return [Receipt(at, server, number, sync) for number, (at, server, sync) in enumerate(rows, 1)]


class ReceiptTests(unittest.TestCase):
    """What a client was told."""

    def test_a_torn_last_line_is_left_out(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "receipts")
            with open(path, "w", encoding="ascii") as file:
                file.write("1.5000 a 7 1\n2.5000 b 8 0\n3.0000 b 9")
            self.assertEqual(
                receipts.read(path), [Receipt(1.5, "a", 7, True), Receipt(2.5, "b", 8, False)]
            )

    def test_a_gap_reaches_over_the_ends_of_its_interval(self) -> None:
        rows = told((1.0, "a", True), (2.0, "a", True), (6.0, "b", True), (6.5, "b", True))
        self.assertAlmostEqual(receipts.longest_gap(rows, 1.5, 7.0), 4.0)
        # It began before the interval and counts whole.
        self.assertAlmostEqual(receipts.longest_gap(rows, 5.0, 7.0), 4.0)
        # Nobody has answered since.
        self.assertAlmostEqual(receipts.longest_gap(rows, 6.2, 20.0), 13.5)
        self.assertAlmostEqual(receipts.longest_gap([], 3.0, 8.0), 5.0)

    def test_a_failover_is_no_double_and_writes_around_each_other_are(self) -> None:
        moved = told((1.0, "a", True), (1.5, "a", True), (4.0, "b", False), (4.1, "b", False))
        self.assertEqual(receipts.doubles(moved), [])
        back = told((1.0, "a", True), (4.0, "b", True), (9.0, "a", True))
        self.assertEqual(receipts.doubles(back), [])
        both = told((1.0, "a", True), (1.2, "b", True), (1.4, "a", True))
        self.assertEqual(len(receipts.doubles(both)), 1)

    def test_a_row_counts_as_synchronous_after_a_settled_second(self) -> None:
        rows = told(
            (1.0, "a", True), (1.5, "a", True), (2.1, "a", True), (2.2, "a", False),
            (2.3, "a", True), (3.4, "a", True),
        )
        self.assertEqual(receipts.synchronous_rows(rows), {3, 6})


class CellTests(unittest.TestCase):
    """Which squares the matrix has."""

    def test_every_fault_of_a_driver_comes_once_before_any_comes_again(self) -> None:
        for driver in plan.DRIVERS:
            found = cells.shuffled(driver, 3)
            self.assertEqual(sorted(found), sorted(cells.all_cells(driver)))
            kinds = {cell.fault for cell in found}
            self.assertEqual({cell.fault for cell in found[: len(kinds)]}, kinds)

    def test_what_means_nothing_is_no_cell(self) -> None:
        for cell in cells.all_cells("postgresql"):
            if cell.fault == cells.BROKEN_DPKG:
                self.assertIn(cell.action, (*cells.INSTALLS, *cells.BACK_OUTS))
            if (cell.fault, cell.victim) == (cells.DIES_FIRST, "standby"):
                self.assertIn(cell.action, cells.FAILOVERS)
        alone = cells.all_cells("standalone")
        self.assertFalse([one for one in alone if one.victim == "standby"])
        self.assertFalse([one for one in alone if one.action in cells.FAILOVERS])

    def test_cells_are_dealt_to_the_lanes_in_turn(self) -> None:
        lanes = ["keepalived", "keepalived", "patroni"]
        by_driver = {driver: cells.shuffled(driver, 1) for driver in lanes}
        dealt = list(cells.dealt(by_driver, lanes))
        self.assertEqual([cell.driver for cell in dealt[:3]], lanes)
        self.assertEqual(len(dealt), sum(len(one) for one in by_driver.values()))


class PlanTests(unittest.TestCase):
    """The network that is described."""

    def test_the_shipped_network_is_whole(self) -> None:
        network = plan.load()
        self.assertEqual({one.driver for one in network.clusters}, set(plan.DRIVERS))
        patroni = next(one for one in network.clusters if one.driver == "patroni")
        self.assertTrue(network.is_store(patroni.store[0]))
        self.assertFalse(network.is_store(patroni.servers[0]))

    def test_a_cluster_alone_has_a_controller_of_its_own(self) -> None:
        network = plan.load()
        alone = [network.alone(cluster) for cluster in network.clusters]
        addresses = {network.controller, *(one.controller for one in alone)}
        self.assertEqual(len(addresses), len(alone) + 1)
        self.assertFalse(addresses & {server.address for server in network.servers})

    def test_patroni_needs_a_store(self) -> None:
        text = (
            '[network]\nsite = "n"\nsubnet = "10.0.0.0/24"\ncontroller = "10.0.0.9"\n[[cluster]]\n'
            'name = "d"\nkind = "database"\ndriver = "patroni"\nservers = { a = "10.0.0.1" }\n'
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "network.toml")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            with self.assertRaisesRegex(plan.PlanError, "store"):
                plan.load(path)


class GapTests(unittest.TestCase):
    """The table of failovers."""

    def test_a_driver_that_was_not_measured_says_so(self) -> None:
        table = gaps.table([gaps.Sample("", "patroni", gaps.TANDEM, second) for second in (1.0, 3.0)])
        self.assertIn("| patroni | 2.00 s, longest 3.00 s (2) | not measured |", table)


if __name__ == "__main__":
    unittest.main()
