"""A test with a network of its own, and what must hold at its end."""

import shutil
import tempfile
import unittest
from typing import Any

import faults
from kit import Spec, kit
from lab import Lab, Setting
from operator_client import failure, server

from tandem_demo.network import Server


class EndToEnd(unittest.TestCase):
    """A test with a network of its own."""

    maxDiff = None
    setting = Setting()

    def open(self, setting: Setting | None = None) -> Lab:
        """The network; it ends with the test."""
        kit()
        folder = tempfile.mkdtemp(prefix="tandem-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        lab = self.make(folder, setting or self.setting)
        self.addCleanup(lab.end)
        self.addCleanup(self._tell_if_failed, lab)
        self.prepare(lab)
        lab.open()
        return lab

    def make(self, folder: str, setting: Setting) -> Lab:
        """The network to be opened."""
        return Lab(folder, setting)

    def prepare(self, lab: Lab) -> None:
        """Called before anything of the network is made."""

    def _tell_if_failed(self, lab: Lab) -> None:
        result: Any = getattr(self, "_outcome").result
        if any(test is self for test, _ in [*result.failures, *result.errors]):
            lab.tell()

    def assert_ended_well(self, lab: Lab, spec: Spec) -> None:
        """The operation is closed, one release runs, one server serves, no alarm is left."""
        status = lab.wait_for_position("idle")
        self.assertIsNone(failure(status))
        self.assertEqual(lab.versions(), (spec.version, spec.version))
        active, standby = lab.active(), lab.standby()
        self.assertEqual(server(status, active.name)["role"], "active")
        self.assertEqual(server(status, standby.name)["role"], "standby")
        lab.wait_for_release(spec)
        faults.until(lambda: not lab.person.alarms(), f"no alarm is left: {lab.person.alarms()}")

    def check_truth(self, lab: Lab) -> None:
        """Once both agents have reported, the controller shows what the products say."""
        lab.wait_for_rest()

        def differences() -> list[str]:
            found = []
            for entry, one in zip(lab.status()["servers"], lab.servers, strict=True):
                try:
                    facts = lab.facts(one)
                except OSError:
                    facts = {"role": "standby", "version": ""}
                wanted = f"{lab.cluster.kind} {facts['version']}"
                if entry["role"].removeprefix("forced-") != facts["role"]:
                    found.append(f"{one.name} is {facts['role']}, shown as {entry['role']}")
                if facts["version"] and entry["runningRelease"] != wanted:
                    found.append(f"{one.name} runs {wanted}, shown as {entry['runningRelease']}")
            return found

        faults.until(lambda: not differences(), f"the truth is known: {differences()}")
        actives = [one for one in lab.servers if self.is_active(lab, one)]
        self.assertEqual(len(actives), 1, "exactly one server serves")

    def is_active(self, lab: Lab, one: Server) -> bool:
        """Past Tandem."""
        try:
            return lab.facts(one)["role"] == "active"
        except OSError:
            return False
