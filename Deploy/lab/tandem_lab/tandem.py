"""Tandem in the lab: the authorities, the controller on the switch, an agent on each server."""

import json
import os
import shutil
import signal
import subprocess
import time
from typing import Any

from tandem_lab import commands, databases, machine, products, roots, wires
from tandem_lab.plan import REPOSITORY, Cluster, Plan, Server

AGENT_PORT, API_PORT = 7443, 8443
CONTROLLER = "controller-1"
PERSON = "olivia"
ROLES = ("operator", "approver", "administrator", "auditor")
READY_SECONDS = 60.0
DRIVERS = ("keepalived", "postgresql", "patroni", "standalone", "local")
AGENT = """\
server = {server}
agent-id = {agent}
controller = {controller}:{port}
certificate = /etc/tandem/{server}.pem
key = /etc/tandem/{server}.key
authority = /etc/tandem/agents-ca.pem
trust = /etc/tandem/trust
state-directory = /var/lib/tandem
root = /
package-backend = dpkg
ha-driver = {driver}
ha-directory = /usr/lib/tandem/ha
checks-directory = /etc/tandem/checks.d
log-level = debug
{lines}"""


class TandemError(Exception):
    """Something of Tandem does not come up; says what, and where to look."""


class Site:
    """Everything of Tandem that is not on a server lies in one folder; each plan has its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.run = os.path.join(roots.CACHE, "run", plan.label)
        self.ca = os.path.join(self.run, "ca")
        self.trust = os.path.join(self.run, "trust")
        self.signing_key = os.path.join(self.run, "release-signing.key")
        self.configuration = os.path.join(self.run, "operator.conf")
        self.log = os.path.join(self.run, "controller.log")
        self._pid_file = os.path.join(self.run, "controller.pid")
        self.environment = dict(commands.ENVIRONMENT, TANDEM_CONFIG=self.configuration)
        self.images: dict[str, list[str]] = {}
        self._agents: dict[str, dict[str, str]] = {}

    # The command line.

    def words(self, *words: str) -> list[str]:
        """How `tandem` is called, from where the operator sits."""
        program = os.path.join(machine.BUILD, "tandem")
        return ["ip", "netns", "exec", wires.SWITCH, program, *words]

    def ask(self, *words: str, limit: float = 300.0) -> tuple[int, str]:
        """Exit code and what it says."""
        return commands.ask(*self.words(*words), limit=limit, environment=self.environment)

    def do(self, *words: str, limit: float = 300.0) -> str:
        """What it says; raises TandemError."""
        code, said = self.ask(*words, limit=limit)
        if code:
            raise TandemError(f"tandem {' '.join(words)} ended with {code}: {said}")
        return said

    def json(self, *words: str) -> Any:
        """Its answer as data."""
        return json.loads(self.do(*words, "--json"))

    def cluster(self, name: str) -> Any:
        """Everything about a cluster."""
        return self.json("cluster", "show", name)

    # Before the servers boot.

    def make(self, isolated: bool = False) -> None:
        """Authorities, certificates, releases, signed images."""
        shutil.rmtree(self.run, ignore_errors=True)
        os.makedirs(self.run, mode=0o700)
        issue = ("--dir", self.ca)
        self.do("ca", "init", self.ca)
        self.do("ca", "issue", "controller", CONTROLLER, "--host", self.plan.controller, *issue)
        self.do("ca", "issue", "person", PERSON, *issue)
        made = self.json("image", "key", self.signing_key.removesuffix(".key"))
        _write(self.trust, f"version 1\nthreshold 1\n{made['trustLine']}\n")
        for kind, paths in products.build_releases(self.plan, self.run, isolated).items():
            for path in paths:
                image = os.path.join(self.run, f"{os.path.basename(os.path.dirname(path))}.iso")
                self.do("image", "build", path, "--output", image)
                self.do("image", "sign", image, "--key", self.signing_key)
                self.images.setdefault(kind, []).append(image)
        _write(
            self.configuration,
            f"controller = {self.plan.controller}:{API_PORT}\n"
            f"certificate = {self.ca}/people/{PERSON}.pem\nkey = {self.ca}/people/{PERSON}.key\n"
            f"authority = {self.ca}/operators-ca.pem\n",
        )

    def put_agent(self, server: Server) -> str:
        """The agent, its driver and its papers on a server that is off; returns its certificate."""
        cluster = self.plan.cluster_of(server)
        made = self._agents.get(server.name)
        if made is None:
            made = self.json("ca", "issue", "agent", server.name, "--dir", self.ca)
            self._agents[server.name] = made
        root = roots.root_of(server)
        program = os.path.join(root, "usr/sbin/tandem-agent")
        shutil.copy(os.path.join(machine.BUILD, "tandem-agent"), program)
        os.makedirs(os.path.join(root, "usr/lib/tandem/ha"), exist_ok=True)
        for driver in DRIVERS:
            source = os.path.join(machine.BUILD, f"tandem-ha-{driver}")
            shutil.copy(source, os.path.join(root, "usr/lib/tandem/ha", driver))
        unit = os.path.join(REPOSITORY, "Deploy/systemd/tandem-agent.service")
        shutil.copy(unit, os.path.join(root, "usr/lib/systemd/system"))
        machine.enable(server, "tandem-agent")
        os.makedirs(os.path.join(root, "etc/tandem"), exist_ok=True)
        for source, name in (
            (made["certificate"], f"{server.name}.pem"),
            (made["key"], f"{server.name}.key"),
            (made["authority"], "agents-ca.pem"),
            (self.trust, "trust"),
        ):
            shutil.copy(source, os.path.join(root, "etc/tandem", name))
        os.chmod(os.path.join(root, f"etc/tandem/{server.name}.key"), 0o600)
        text = AGENT.format(
            server=server.name,
            agent=made["agent"],
            controller=self.plan.controller,
            port=AGENT_PORT,
            driver=cluster.driver,
            lines=self._driver_lines(cluster, server),
        )
        machine.write(server, "/etc/tandem/agent.conf", text)
        return str(made["certificate"])

    def _driver_lines(self, cluster: Cluster, server: Server) -> str:
        lines = [f"ha.service = {cluster.kind}"]
        mate = cluster.mate(server)
        if cluster.driver == "keepalived" and mate:
            lines += [
                f"ha.service-address = {cluster.service_address}",
                f"ha.mate-address = {mate.address}",
                "ha.interface = eth0",
            ]
        if cluster.is_database:
            lines = databases.driver_lines(cluster, server)
        return "".join(f"{line}\n" for line in lines)

    # The controller.

    def forget(self) -> None:
        """The next controller knows nothing of what was before; identities and images stay."""
        shutil.rmtree(os.path.join(self.run, "controller"), ignore_errors=True)

    def start_controller(self) -> None:
        """Starts it where the operator sits; returns when its API answers."""
        stem = os.path.join(self.ca, "controllers", CONTROLLER)
        pairs = {
            "name": CONTROLLER,
            "agent-address": f"{self.plan.controller}:{AGENT_PORT}",
            "api-address": f"{self.plan.controller}:{API_PORT}",
            "agent-certificate": f"{stem}-agents.pem",
            "agent-key": f"{stem}-agents.key",
            "agent-authority": os.path.join(self.ca, "agents-ca.pem"),
            "api-certificate": f"{stem}-api.pem",
            "api-key": f"{stem}-api.key",
            "api-authority": os.path.join(self.ca, "operators-ca.pem"),
            "trust-file": self.trust,
            "state-folder": os.path.join(self.run, "controller"),
            "heartbeat-milliseconds": "2000",
        }
        path = os.path.join(self.run, "controller.conf")
        _write(path, "".join(f"{key} = {value}\n" for key, value in pairs.items()))
        program = os.path.join(machine.BUILD, "tandem-controller")
        if not os.path.exists(pairs["state-folder"]):
            words = [program, "people", "add", PERSON, "--config", path]
            for role in ROLES:
                words += ["--role", role]
            code, said = commands.ask(*words, limit=READY_SECONDS, environment=self.environment)
            if code:
                raise TandemError(f"the operator's account can't be made: {said}")
        with open(self.log, "ab") as output:
            child = subprocess.Popen(
                ["ip", "netns", "exec", wires.SWITCH, program, "run", "--config", path],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )
        _write(self._pid_file, f"{child.pid} {_start_of(child.pid)}\n")
        self.wait(lambda: self.ask("cluster", "list")[0] == 0, "the controller answers")

    def stop_controller(self) -> None:
        """Kills it."""
        self.signal_controller(signal.SIGKILL)
        if os.path.exists(self._pid_file):
            os.remove(self._pid_file)

    def signal_controller(self, number: int) -> None:
        """A signal to the process that we have started, and to no other."""
        try:
            with open(self._pid_file, encoding="ascii") as file:
                pid, start = file.read().split()
        except (FileNotFoundError, ValueError):
            return
        if _start_of(int(pid)) == start:
            os.kill(int(pid), number)

    # Before the first upgrade.

    def add(self, cluster: Cluster, certificates: dict[str, str]) -> None:
        """A cluster, and a configuration for each of its forms."""
        words = ["cluster", "add", cluster.name, "--kind", cluster.kind, "--site", self.plan.site]
        if cluster.is_primary:
            words.append("--primary")
        for server in cluster.servers:
            words += ["--server", f"{server.name}={certificates[server.name]}"]
        self.do(*words)
        for form in ("1", "2"):
            schema = f"{cluster.kind}-{form}"
            path = os.path.join(self.run, f"{schema}.conf")
            _write(path, f"# form {schema}\ngreeting = hello\nform = {schema}\n")
            self.do("config", "set", cluster.name, path, "--schema", schema, "--reason", "lab")

    def wait(self, look: Any, what: str, seconds: float = READY_SECONDS) -> None:
        """Until there is something to see; raises TandemError."""
        deadline = time.monotonic() + seconds
        while not look():
            if time.monotonic() > deadline:
                raise TandemError(f"not so after {seconds:.0f} s: {what}; see {self.log}")
            time.sleep(0.2)

    def wait_for_reports(self, cluster: Cluster) -> None:
        """Both agents have told their roles."""

        def is_told() -> bool:
            servers = self.cluster(cluster.name)["servers"]
            return all(
                server["isConnected"] and server["role"] in ("active", "standby")
                for server in servers
            )

        self.wait(is_told, f"all servers of {cluster.name} report")

    def stage(self, cluster: Cluster, *others: str) -> None:
        """Old and new release, and versions beside them, on all its servers."""
        for image in self.images[cluster.kind]:
            self.ask("image", "add", image)  # A second cluster of the kind finds it there already.
        for version in (products.OLD, products.NEW, *others):
            self.do("image", "stage", f"{cluster.kind}-{version}", cluster.name, "--wait", "120")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _start_of(pid: int) -> str:
    """When a process began, in ticks since boot; empty if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""
