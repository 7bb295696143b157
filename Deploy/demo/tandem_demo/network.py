"""The demo's network: three clusters of two servers each, in one folder, without root's rights."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem_demo import lines, packages, release, rpms
from tandem_demo.root import (
    DPKG_PATH,
    Address,
    ServerSettings,
    address_text,
    dpkg_arguments,
    free_address,
    make_root,
)

READY_SECONDS = 20.0


@dataclass(frozen=True)
class Server:
    """A server's place in the folder."""

    name: str
    folder: str

    @property
    def root(self) -> str:
        """Where its product lives."""
        return os.path.join(self.folder, "root")

    @property
    def state(self) -> str:
        """The agent's journal and images; outside the root."""
        return os.path.join(self.folder, "state")

    def logs(self) -> list[str]:
        """Where to look when something went wrong."""
        names = ("tandem-agent.log", "demo-init.log", "dpkg.log")
        return [os.path.join(self.root, "var/log", name) for name in names]

    @property
    def agent_configuration(self) -> str:
        """Path of its agent's configuration file."""
        return os.path.join(self.folder, "agent.conf")


@dataclass(frozen=True)
class Cluster:
    """Two servers that serve together; the kind is also the product."""

    name: str
    kind: str
    service_address: Address
    servers: tuple[Server, Server]


@dataclass(frozen=True)
class Identity:
    """What an agent needs to speak to its controller; made by `tandem ca`."""

    agent_id: str
    certificate: str
    key: str
    authority: str
    trust: str


class Network:
    """Makes, starts and ends the servers; every process ends with it."""

    KINDS = ("cmp", "scef-fe", "database")
    """In the order in which a network is upgraded. Cluster `cmp-a` has `cmp-1` and `cmp-2`."""

    def __init__(self, folder: str, environment: Mapping[str, str] = os.environ) -> None:
        self.folder = os.path.abspath(folder)
        self.environment = environment
        self.inits: dict[str, subprocess.Popen[bytes]] = {}
        self.clusters = [self._cluster(kind) for kind in self.KINDS]

    def _cluster(self, kind: str) -> Cluster:
        """A cluster's place, with a service address of its own."""
        one, other = (
            Server(f"{kind}-{number}", os.path.join(self.folder, "servers", f"{kind}-{number}"))
            for number in (1, 2)
        )
        return Cluster(f"{kind}-a", kind, free_address(), (one, other))

    def build_release(self, recipe: packages.Recipe, surroundings: release.Surroundings) -> str:
        """Builds a release; returns the path of its `release.yaml`."""
        folder = os.path.join(self.folder, "releases", f"{recipe.product}-{recipe.version}")
        return release.write(recipe, surroundings, folder)

    def make_cluster(self, cluster: Cluster, description: str) -> None:
        """Makes both roots with a release installed, as a network is before Tandem comes."""
        own = {server.name: free_address() for server in cluster.servers}
        one, other = cluster.servers
        for server, mate in ((one, other), (other, one)):
            os.makedirs(server.state, mode=0o700, exist_ok=True)
            settings = ServerSettings(
                server.name, own[server.name], cluster.service_address, own[mate.name]
            )
            folder = os.path.join(os.path.dirname(description), "packages")
            is_rpm = any(name.endswith(".rpm") for name in os.listdir(folder))
            make_root(server.root, settings, "rpm" if is_rpm else "deb")
            install(server.root, folder)

    def configure_agent(
        self, server: Server, identity: Identity, controllers: Sequence[str], driver_folder: str
    ) -> None:
        """Writes the agent's configuration; controllers as `HOST:PORT`."""
        pairs = [("server", server.name), ("agent-id", identity.agent_id)]
        pairs += [("controller", controller) for controller in controllers]
        pairs += [
            ("certificate", identity.certificate),
            ("key", identity.key),
            ("authority", identity.authority),
            ("trust", identity.trust),
            ("state-directory", server.state),
            ("root", server.root),
            ("ha-driver", "local"),
            ("ha-directory", driver_folder),
            ("service-control", os.path.join(packages.HERE, "service-control")),
            ("checks-directory", os.path.join(server.folder, "checks.d")),
        ]
        with open(server.agent_configuration, "w", encoding="utf-8") as file:
            file.write("".join(f"{key} = {value}\n" for key, value in pairs))

    def start(self, server: Server, agent: Sequence[str] = (), agent_waits: bool = False) -> None:
        """Powers a server on, with its agent; returns when its product answers.

        An agent that waits is started by ``start_agent``, and by itself at later boots.
        """
        waits = ["--agent-waits"] if agent_waits else []
        with open(os.path.join(server.folder, "init.log"), "ab") as output:
            self.inits[server.name] = subprocess.Popen(
                [os.path.join(packages.HERE, "demo-init"), "--root", server.root]
                + [*waits, "--die-with-parent", "--", *agent],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers(server):
            if time.monotonic() > deadline or self.inits[server.name].poll() is not None:
                raise TimeoutError(f"{server.name} does not start; see {server.root}/var/log")
            time.sleep(0.01)

    def start_agent(self, server: Server) -> None:
        """Starts an agent that waits; returns when it says that it is ready."""
        answer = lines.ask(lines.init_control_socket(server.root), "start tandem-agent", 30)
        if answer["result"] != "ok":
            raise TimeoutError(f"the agent of {server.name} does not start: {answer['text']}")

    def _answers(self, server: Server) -> bool:
        """Whether the product is up."""
        try:
            socket = lines.service_control_socket(server.root)
            return lines.ask(socket, "status")["result"] == "ok"
        except (FileNotFoundError, ConnectionError):
            return False

    def promote(self, server: Server) -> None:
        """Makes a server active by hand, as it was before Tandem came."""
        answer = lines.ask(lines.service_control_socket(server.root), "promote")
        if answer["result"] != "ok":
            raise RuntimeError(f"{server.name} can't become active: {answer['text']}")

    def probe_arguments(self, summary: str) -> list[str]:
        """The probe over all service addresses; `summary` is its JSON file."""
        addresses = [f"{one.name}={address_text(one.service_address)}" for one in self.clusters]
        return [os.path.join(packages.HERE, "probe"), "--json", summary, *addresses]

    def end(self) -> None:
        """Powers everything off, in good order."""
        for child in self.inits.values():
            child.terminate()
        for child in self.inits.values():
            try:
                child.wait(READY_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.inits.clear()


def install(root: str, folder: str) -> None:
    """Installs all packages of a folder into a root; raises RuntimeError with dpkg's or rpm's words."""
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    if files and files[0].endswith(".rpm"):
        rpms.install(root, files)
        return
    done = subprocess.run(
        [*dpkg_arguments(root), "-i", *files],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": DPKG_PATH, "LC_ALL": "C.UTF-8", "HOME": root},
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dpkg failed in {root}:\n{done.stdout}")
