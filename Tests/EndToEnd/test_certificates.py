"""Renewed certificates: nobody is enrolled anew, and the network goes on as before."""

import os
import unittest

import faults
from case import EndToEnd
from kit import NEW_SPEC


class RenewalTests(EndToEnd):
    """`tandem ca renew` on the certificates of an agent and of both authorities."""

    def test_an_agent_comes_back_with_a_later_end(self) -> None:
        lab = self.open()
        standby = lab.standby()

        def end() -> int:
            known = {one.get("server"): one["expiresAt"] for one in lab.person.get("certificates")}
            return int(known[standby.name]["milliseconds"])

        before = end()
        folder = lab.path("ca")
        authorities = [os.path.join(folder, f"{side}-ca.pem") for side in ("agents", "operators")]
        lab.tandem.do("ca", "renew", *authorities, "--dir", folder, "--days", "4000")
        lab.tandem.do(
            "ca", "renew", lab.identities[standby.name].certificate, "--dir", folder,
            "--days", "3999",
        )  # fmt: skip

        faults.kill_agent(standby)
        faults.until(lambda: end() > before, "the agent comes with its new end")
        lab.wait_for_rest()
        # The controller reads its files at a start; the mate still has the old authority's end.
        lab.kill_controller()
        lab.start_controller()
        lab.wait_for_rest()
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions()[1], NEW_SPEC.version)


if __name__ == "__main__":
    unittest.main()
