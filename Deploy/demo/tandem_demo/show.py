"""What the demo shows: a network is made, upgraded, and rolled back in part."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from tandem_demo import lines
from tandem_demo.alarms import AlarmBook
from tandem_demo.cli import REFUSED, DemoError, Tandem, private_environment, wait_until
from tandem_demo.console import Console
from tandem_demo.daemons import Controller, GapProbe
from tandem_demo.findings import Findings
from tandem_demo.identities import Identities
from tandem_demo.images import Pair, Release, configuration, make_pair
from tandem_demo.network import Cluster, Network
from tandem_demo.pressure import Pressure
from tandem_demo.programs import Programs

REPORT_SECONDS = 30.0
POSITION_SECONDS = 10.0
ENDED = "Completed Successfully at"


@dataclass(frozen=True)
class Action:
    """One press of a button, and what has to be so when it has ended."""

    words: Sequence[str]
    position: str
    """As `cluster show --json` tells it: release of the active and of the standby server."""
    is_mixed: bool
    """Whether 70501 is raised then."""
    is_failover: bool = False

    @property
    def button(self) -> str:
        """As `cluster show` names it."""
        return "reapply-configuration" if self.words[0] == "config" else self.words[-1]


START_UPGRADE = ("upgrade", "start-upgrade")
CONTINUE_UPGRADE = ("upgrade", "continue-upgrade")
CONTINUE_ROLLBACK = ("upgrade", "continue-rollback")
UPGRADE = (
    Action(START_UPGRADE, "on", True),
    Action(CONTINUE_UPGRADE, "no", True, is_failover=True),
    Action(("config", "reapply"), "no", True),
    Action(CONTINUE_UPGRADE, "nn", False),
)
ACCEPT = Action(("upgrade", "accept"), "idle", False)
ROLLBACK = (
    Action(("upgrade", "start-rollback"), "no", True),
    Action(CONTINUE_ROLLBACK, "on", True, is_failover=True),
    Action(CONTINUE_ROLLBACK, "oo", False),
    Action(CONTINUE_ROLLBACK, "idle", False),
)


class Show:
    """The demo's network and what is done with it."""

    def __init__(self, folder: str, programs: Programs, console: Console) -> None:
        self.folder = folder
        self.programs = programs
        self.console = console
        self.tandem = Tandem(programs.tandem, folder, console)
        self.network = Network(folder, private_environment(folder))
        self.controller = Controller(folder)
        self.probe = GapProbe(folder)
        self.identities = Identities(self.tandem)
        self.alarms = AlarmBook(self.tandem, console)
        self.findings = Findings()
        self.pairs: dict[str, Pair] = {}
        self.running: dict[str, Release] = {}
        """What each cluster should run."""
        self.at_work: Sequence[Cluster] = ()
        """The clusters whose logs tell more if something goes wrong now."""

    def run(self) -> None:
        """Everything; raises DemoError where it can't go on."""
        self.make_images()
        self.start_servers()
        self.start_controller()
        self.stage()
        cmp, front_end, database = self.network.clusters
        self.show_gate(front_end)
        self.upgrade(cmp, UPGRADE, ACCEPT)
        self.upgrade(front_end, UPGRADE)
        self.upgrade(database, UPGRADE, ACCEPT)
        self.roll_back(front_end)
        self.check_end()

    def end(self) -> None:
        """Ends every process."""
        self.probe.end()
        self.network.end()
        self.controller.end()

    # Setting up.

    def make_images(self) -> None:
        """Authorities, packages, images."""
        self.console.section("Certificates, packages and signed images")
        self.identities.make()
        self.console.say("tandem ca: two authorities, a controller, two people; a signing key")
        for cluster in self.network.clusters:
            pair = make_pair(cluster.kind, self.network, self.identities, self.tandem)
            self.pairs[cluster.name] = pair
            self.running[cluster.name] = pair.old
            for release in (pair.old, pair.new):
                size = os.path.getsize(release.image) // 1000
                self.console.say(f"{release.text}: packages, image of {size} kB signed, verified")

    def start_servers(self) -> None:
        """Six servers with the old release, as they were before Tandem came."""
        self.console.section("Six servers in three clusters, the old release installed by dpkg")
        for cluster in self.network.clusters:
            self.network.make_cluster(cluster, self.pairs[cluster.name].old.description)
        for server in [server for cluster in self.network.clusters for server in cluster.servers]:
            agent = [self.programs.agent, "run", "--config", server.agent_configuration]
            self.network.start(server, agent, agent_waits=True)
        for cluster in self.network.clusters:
            self.network.promote(cluster.servers[0])
            names = " and ".join(server.name for server in cluster.servers)
            host, port = cluster.service_address
            self.console.say(f"{cluster.name}: {names}, service address {host}:{port}")

    def start_controller(self) -> None:
        """The controller, the clusters in it, the agents, the probe."""
        self.console.section("Controller and six agents")
        environment = private_environment(self.folder)
        agent_port, api_port = self.controller.open(
            self.programs.controller, self.identities, environment
        )
        self.identities.write_configurations(api_port)
        self.console.say(f"controller: agents on 127.0.0.1:{agent_port}, people on {api_port}")
        drivers = os.path.join(self.folder, "ha")
        os.mkdir(drivers)
        os.symlink(self.programs.local_driver, os.path.join(drivers, "local"))
        for cluster in self.network.clusters:
            words = ["cluster", "add", cluster.name, "--kind", cluster.kind]
            words += ["--site", "north", "--primary"]
            for server in cluster.servers:
                identity = self.identities.agent(server.name)
                words += ["--server", f"{server.name}={identity.certificate}"]
                self.network.configure_agent(server, identity, [f"127.0.0.1:{agent_port}"], drivers)
            self.console.say(self.tandem.do(*words))
            self.set_configurations(cluster)
        for server in [server for cluster in self.network.clusters for server in cluster.servers]:
            self.at_work = [
                cluster for cluster in self.network.clusters if server in cluster.servers
            ]
            self.network.start_agent(server)
        summary = os.path.join(self.folder, "gaps.json")
        self.probe.open(self.network.probe_arguments(summary), environment)
        self.probe.begin("set-up")
        self.wait_for_reports()

    def set_configurations(self, cluster: Cluster) -> None:
        """A version for each form of the cluster's configuration."""
        pair = self.pairs[cluster.name]
        releases = {release.schema: release for release in (pair.old, pair.new)}
        for schema, release in releases.items():
            path = os.path.join(self.folder, f"{schema}.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write(configuration(release))
            self.tandem.do(
                "config", "set", cluster.name, path, "--schema", schema, "--reason", "first one"
            )

    def wait_for_reports(self) -> None:
        """Every agent is connected and has told its role."""
        self.at_work = self.network.clusters

        def missing() -> list[str]:
            self.controller.check()
            return [
                server["name"]
                for cluster in self.network.clusters
                for server in self.tandem.cluster(cluster.name)["servers"]
                if not server["isConnected"] or server["role"] not in ("active", "standby")
            ]

        wait_until(
            lambda: not missing(),
            lambda: f"all servers report; still missing: {', '.join(missing())}",
            REPORT_SECONDS,
        )
        self.console.say("all six servers report")
        self.at_work = ()

    def stage(self) -> None:
        """Both images of each product to its cluster: the way forward and the way back."""
        self.console.section("Images to the controller, and on to the servers")
        self.at_work = self.network.clusters
        for cluster in self.network.clusters:
            pair = self.pairs[cluster.name]
            for release in (pair.old, pair.new):
                self.tandem.do("image", "add", release.image)
                self.tandem.do("image", "stage", release.argument, cluster.name, "--no-wait")
        wait_until(
            lambda: all(len(image["heldBy"]) == 2 for image in self.tandem.json("image", "list")),
            lambda: f"every server holds its images:\n{self.tandem.do('image', 'list')}",
            REPORT_SECONDS,
        )
        self.console.command(["tandem", "image", "list"])
        self.console.say(self.tandem.do("image", "list"))
        for cluster in self.network.clusters:
            self.wait_for_release(cluster)
        self.at_work = ()
        self.alarms.tell_news()
        self.console.command(["tandem", "cluster", "list"])
        self.console.say(self.tandem.do("cluster", "list"))

    def wait_for_release(self, cluster: Cluster) -> None:
        """Tandem sees on both servers what should run there."""
        wanted = self.running[cluster.name].text

        def others() -> list[str]:
            servers = self.tandem.cluster(cluster.name)["servers"]
            return [
                f"{server['name']} runs {server['runningRelease']}"
                for server in servers
                if server["runningRelease"] != wanted
            ]

        wait_until(
            lambda: not others(),
            lambda: f"{cluster.name} runs {wanted}; {', '.join(others())}",
            REPORT_SECONDS,
        )

    # The operator's work.

    def show_gate(self, cluster: Cluster) -> None:
        """Out of order: refused, and nothing is changed."""
        release = self.pairs[cluster.name].new
        self.console.section(f"Not yet: {release.text} needs the new cmp first")
        self.at_work = [cluster]
        said = self.tandem.press(START_UPGRADE, cluster.name, *self.options(cluster, UPGRADE[0]))
        if said.code != REFUSED:
            raise DemoError(f"this had to be refused, and ended with {said.code}")

    def options(self, cluster: Cluster, action: Action) -> list[str]:
        """What a button wants to know beside the cluster."""
        options = ["--reason", "CHG-4711"]
        if action.words == START_UPGRADE:
            options += ["--release", self.pairs[cluster.name].new.argument]
            if cluster.kind == "scef-fe":
                options.append("--acknowledge-notices")
        return options

    def upgrade(self, cluster: Cluster, actions: Sequence[Action], *last: Action) -> None:
        """The standby, failover, configuration, the other server; accepted or left open."""
        pair = self.pairs[cluster.name]
        self.console.section(f"Upgrade {cluster.name}: {pair.old.text} -> {pair.new.version}")
        for action in [*actions, *last]:
            self.act(cluster, action)
        self.running[cluster.name] = pair.new
        self.wait_for_release(cluster)

    def roll_back(self, cluster: Cluster) -> None:
        """From the new release on both servers to the old one on both."""
        pair = self.pairs[cluster.name]
        self.console.section(f"Roll back {cluster.name}: {pair.new.text} -> {pair.old.version}")
        for action in ROLLBACK:
            self.act(cluster, action)
        self.running[cluster.name] = pair.old
        self.findings.rollbacks += 1
        self.wait_for_release(cluster)

    def act(self, cluster: Cluster, action: Action) -> None:
        """One action, and everything that has to be so after it."""
        self.at_work = [cluster]
        label = f"{action.words[-1]} {cluster.name}"
        self.tandem.wait_for_button(action.button, cluster.name)
        interval = self.probe.begin(label)
        pressure = Pressure()
        said = self.tandem.press(action.words, cluster.name, *self.options(cluster, action))
        busy_percent = pressure.percent()
        self.probe.begin("between actions")
        self.controller.check()
        if said.code or ENDED not in said.text:
            raise DemoError(f"`{label}` ended with {said.code}, without `{ENDED}`")
        self.findings.completed += said.text.count(ENDED)
        wait_until(
            lambda: self.tandem.cluster(cluster.name)["position"] == action.position,
            lambda: (
                f"{cluster.name} is at `{action.position}`; it is at "
                f"`{self.tandem.cluster(cluster.name)['position']}`"
            ),
            POSITION_SECONDS,
        )
        self.alarms.wait_for_mixed(cluster.name, action.is_mixed)
        self.alarms.tell_news()
        addresses = self.probe.interval(interval)
        failed_over = cluster.name if action.is_failover else ""
        for text in self.findings.take_gaps(label, addresses, failed_over):
            self.console.say(text)
        log = self.tandem.json("log", cluster.name, "--limit", "200")
        for text in self.findings.take_own(label, log, busy_percent):
            self.console.say(text)
        self.at_work = ()

    # The end.

    def check_end(self) -> None:
        """Looks past Tandem at what is there, and that no alarm is left."""
        self.console.section("What is there now")
        self.console.say(self.tandem.do("cluster", "list"))
        for cluster in self.network.clusters:
            wanted = self.running[cluster.name].version
            roles = []
            for server in cluster.servers:
                facts = lines.ask(lines.service_control_socket(server.root), "status")
                roles.append(facts["role"])
                if facts["version"] != wanted:
                    self.findings.bad(f"{server.name} runs {facts['version']}, not {wanted}")
            if sorted(roles) != ["active", "standby"]:
                self.findings.bad(f"{cluster.name}: {' and '.join(roles)}")
        try:
            wait_until(lambda: not self.alarms.active(), lambda: "no alarm is left", 10.0)
        except DemoError:
            for words in self.alarms.active():
                self.findings.bad(f"still raised: {' '.join(words.split())}")
        self.alarms.tell_news()
