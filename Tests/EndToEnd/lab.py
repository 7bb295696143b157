"""A test's own network: one cluster of two servers, a controller, two people, a probe."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faults
from controller_process import NAME, PEOPLE, ControllerProcess
from kit import NEW_SPEC, OLD_SPEC, PRODUCT, Built, Spec, kit
from operator_client import Person, Said, Status, enabled, running

from tandem_demo import lines, processes
from tandem_demo.cli import Tandem
from tandem_demo.console import Console
from tandem_demo.daemons import GapProbe
from tandem_demo.network import Cluster, Identity, Network, Server
from tandem_demo.root import DPKG_PATH, free_address

TAIL_LINES = 40
SETTLE_SECONDS = 10.0
MIXED = 70501


class OneCluster(Network):
    """The demo's network with one cluster only."""

    KINDS = (PRODUCT,)


@dataclass(frozen=True)
class Setting:
    """What a test wants to be different."""

    old: Spec = OLD_SPEC
    new: Sequence[Spec] = (NEW_SPEC,)
    """Images that are staged; the first is what the cluster is upgraded to."""
    people_needed: int = 1
    agent_lines: Sequence[str] = ()
    """Added to each agent's configuration."""
    stages: bool = True
    """Whether the images of `new` are staged before the test begins."""


class Lab:
    """Everything that runs for one test."""

    def __init__(self, folder: str, setting: Setting) -> None:
        self.folder = folder
        self.setting = setting
        self.kit = kit()
        self.environment = {"PATH": DPKG_PATH, "LANG": "C.UTF-8"}
        self.environment["HOME"] = os.path.join(folder, "home")
        os.makedirs(self.environment["HOME"], exist_ok=True)
        self.network = OneCluster(folder, self.environment)
        self.tandem = Tandem(self.kit.programs.tandem, folder, Console())
        self.host = free_address()[0]
        self.controller = ControllerProcess(
            self.kit.programs.controller, folder, self.host, self.kit.trust
        )
        self.probe = GapProbe(folder)
        self.old = self.kit.build(setting.old)
        self.new = [self.kit.build(spec) for spec in setting.new]

    @property
    def cluster(self) -> Cluster:
        """The only one."""
        return self.network.clusters[0]

    @property
    def servers(self) -> tuple[Server, Server]:
        """The first is active in the beginning."""
        return self.cluster.servers

    def path(self, *parts: str) -> str:
        """A path in the test's folder."""
        return os.path.join(self.folder, *parts)

    # Setting up.

    def open(self) -> None:
        """A network with the old release, as it was before the upgrade."""
        self._make_identities()
        self.network.make_cluster(self.cluster, self.old.description)
        faults.write_program(
            self.path("ha/local"), faults.DRIVER.format(program=self.kit.programs.local_driver)
        )
        self.start_controller()
        api = (self.host, self.controller.api_port)
        self.people = [
            Person(self.kit.programs.tandem, self.folder, name, api) for name in PEOPLE
        ]
        self.person, self.other_person = self.people
        faults.until(self._api_answers, "the controller's API answers")
        self._add_cluster()
        for one in self.servers:
            self.network.start(one, self._agent(one), agent_waits=True)
        self.network.promote(self.servers[0])
        for one in self.servers:
            self.network.start_agent(one)
        self.probe.open(self.network.probe_arguments(self.path("gaps.json")), self.environment)
        self.wait(
            lambda status: all(
                entry["isConnected"] and entry["role"] in ("active", "standby")
                for entry in status["servers"]
            ),
            "both servers report",
        )
        self.add_and_stage(self.old)
        for built in self.new:
            self.person.do("image", "add", built.image)
            if self.setting.stages:
                self.stage(built.spec)
        for spec in {spec.form: spec for spec in (self.setting.old, *self.setting.new)}.values():
            self.set_configuration(spec)
        self.wait_for_release(self.setting.old)

    def _make_identities(self) -> None:
        folder = self.path("ca")
        self.tandem.do("ca", "init", folder)
        issue = ("--dir", folder)
        self.tandem.do("ca", "issue", "controller", NAME, "--host", self.host, *issue)
        for name in PEOPLE:
            self.tandem.do("ca", "issue", "person", name, *issue)
        self.identities: dict[str, Identity] = {}
        for one in self.servers:
            made = self.tandem.json("ca", "issue", "agent", one.name, *issue)
            self.identities[one.name] = Identity(
                made["agent"],
                made["certificate"],
                made["key"],
                made["authority"],
                self.kit.trust,
            )

    def start_controller(self) -> None:
        """Starts the controller, always on the same ports."""
        self.controller.run(self.environment)

    def kill_controller(self) -> None:
        """SIGKILL, and no restart."""
        self.controller.kill()

    def _api_answers(self) -> bool:
        self.controller.check()
        try:
            self.person.get("network")
        except OSError:
            return False
        return True

    def _add_cluster(self) -> None:
        words = ["cluster", "add", self.cluster.name, "--kind", self.cluster.kind]
        words += ["--site", "north", "--primary"]
        words += ["--people", str(self.setting.people_needed)]
        for one in self.servers:
            identity = self.identities[one.name]
            words += ["--server", f"{one.name}={identity.certificate}"]
            controllers = [f"{self.host}:{self.controller.agent_port}"]
            self.network.configure_agent(one, identity, controllers, self.path("ha"))
            with open(one.agent_configuration, "a", encoding="utf-8") as file:
                file.write("log-level = debug\n")
                file.writelines(f"{line}\n" for line in self.setting.agent_lines)
            faults.write_program(
                os.path.join(one.folder, "checks.d/pre-upgrade/gate"), faults.CHECK
            )
        self.person.do(*words)

    def _agent(self, one: Server) -> list[str]:
        """How a server's init starts its agent."""
        text = faults.AGENT.format(folder=one.folder, program=self.kit.programs.agent)
        program = faults.write_program(os.path.join(one.folder, "agent"), text)
        return [program, "run", "--config", one.agent_configuration]

    # Images and configurations.

    def add_and_stage(self, built: Built) -> None:
        """To the controller, and on to both servers."""
        self.person.do("image", "add", built.image)
        self.stage(built.spec)

    def stage(self, spec: Spec) -> None:
        """To both servers."""
        self.person.do("image", "stage", spec.argument, self.cluster.name, "--wait", "60")

    def document(self, spec: Spec, text: str = "hello") -> str:
        """A cluster configuration for a release."""
        return f"# form {spec.form}\ngreeting = {text}\nform = {spec.form}\n"

    def set_configuration(self, spec: Spec, text: str = "hello") -> None:
        """Saves a version of the cluster's configuration."""
        path = self.path(f"{spec.form}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.document(spec, text))
        words = ["config", "set", self.cluster.name, path, "--schema", spec.form]
        self.person.do(*words, "--reason", "first one")

    # What an operator does.

    def press(self, button: str, *options: str, person: Person | None = None) -> Said:
        """Presses a button and waits for the end of what it began."""
        if button == "start-upgrade":
            options = ("--acknowledge-notices", *options)
            if "--release" not in options:
                options = ("--release", self.setting.new[0].argument, *options)
        return (person or self.person).press(button, self.cluster.name, *options)

    def do(self, button: str, *options: str) -> str:
        """Presses a button as soon as it can be pressed; its action has to succeed."""
        self.wait(lambda status: button in enabled(status), f"{button} is possible", 20)
        said = self.press(button, *options)
        if said.code:
            raise AssertionError(f"{button} ended with {said.code}:\n{said.text}")
        return said.text

    def begin(self, button: str, *options: str) -> None:
        """Presses a button, and does not wait for the end."""
        self.do(button, "--no-wait", *options)

    # What an operator sees.

    def status(self) -> Status:
        """The cluster now."""
        return self.person.cluster(self.cluster.name)

    def wait(self, look: Any, what: str, seconds: float = 60.0) -> Status:
        """The first status of the cluster in which there is something to see."""
        return self.person.wait(self.cluster.name, look, what, seconds)

    def wait_for_release(self, *specs: Spec) -> None:
        """Tandem sees what should run: on both servers, or on the first and on the second."""
        first, second = (spec.text for spec in (specs * 2)[:2])
        wanted = {self.servers[0].name: first, self.servers[1].name: second}
        self.wait(
            lambda status: all(
                entry["runningRelease"] == wanted[entry["name"]] for entry in status["servers"]
            ),
            f"{wanted} run",
        )

    def wait_for_position(self, position: str, seconds: float = 20.0) -> Status:
        """The cluster stands at a position, and nothing runs there."""
        return self.wait(
            lambda status: status["position"] == position and not running(status),
            f"{self.cluster.name} is at `{position}`",
            seconds,
        )

    def wait_for_rest(self, seconds: float = 120.0) -> Status:
        """No action runs, and both agents are connected."""
        return self.wait(
            lambda status: (
                not running(status)
                and all(entry["isConnected"] for entry in status["servers"])
                and (status["position"] == "idle" or enabled(status))
            ),
            "no action runs and both agents are there",
            seconds,
        )

    def wait_for_alarm(self, number: int, instance: str, is_raised: bool = True) -> None:
        """An alarm is raised, or is not."""
        faults.until(
            lambda: ((number, instance) in self.person.alarms()) == is_raised,
            f"{number} {instance} is {'raised' if is_raised else 'clear'}",
            SETTLE_SECONDS,
        )

    def facts(self, one: Server) -> lines.Answer:
        """What a server's product says, past Tandem."""
        return lines.ask(lines.service_control_socket(one.root), "status")

    def active(self) -> Server:
        """The one server whose product is active."""
        (found,) = [one for one in self.servers if self.facts(one)["role"] == "active"]
        return found

    def standby(self) -> Server:
        """The other one."""
        (found,) = [one for one in self.servers if one != self.active()]
        return found

    def versions(self) -> tuple[str, str]:
        """What the products of the first and of the second server say of themselves."""
        first, second = (self.facts(one)["version"] for one in self.servers)
        return first, second

    # The end.

    def tell(self) -> None:
        """Prints what helps to find out why a test failed."""
        say = sys.stderr.write
        for words in (("cluster", "show", self.cluster.name), ("log", self.cluster.name)):
            if hasattr(self, "people"):
                say(f"\n--- tandem {' '.join(words)}\n{self.person.ask(*words).text}\n")
        logs = [self.controller.log, self.probe.log]
        for one in self.servers:
            logs += [os.path.join(one.folder, "init.log"), *one.logs()]
            logs += [os.path.join(one.state, name) for name in ("dpkg.log", "rpm.log")]
        for path in logs:
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    say(f"\n--- {path}\n{''.join(file.readlines()[-TAIL_LINES:])}")

    def end(self) -> None:
        """Ends every process, whatever state it is in."""
        for daemon in (self.probe, self.controller):
            if daemon.child and daemon.child.stdin:
                daemon.child.stdin.close()
            daemon.end()
        for one in self.servers:
            shutil.rmtree(os.path.join(one.root, "tmp/gates"), ignore_errors=True)
        self.network.end()
        for one in self.servers:
            for program in ("tandem-agent", "dpkg", "rpm"):
                for pid in faults.processes_of(one, program):
                    processes.kill(pid, 9)
