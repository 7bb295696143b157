"""What the demo shows: three clusters are upgraded in order, one is rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem_demo import lines
from tandem_demo.cli import REFUSED, DemoError, wait_until
from tandem_demo.findings import Findings
from tandem_demo.network import Cluster
from tandem_demo.pressure import Pressure
from tandem_demo.site import Site

POSITION_SECONDS = 10.0
ENDED = "Completed Successfully at"
UNSUITABLE = "TDM-3007"
"""The error code of a release that does not suit the network as it is."""


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
    """What an operator does with the demo's network, and what has to come of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.console = site.console
        self.tandem = site.tandem
        self.findings = Findings()

    def run(self) -> None:
        """Everything; raises DemoError where it can't go on."""
        cmp, front_end, database = self.site.network.clusters
        self.show_gate(front_end)
        self.upgrade(cmp, UPGRADE, ACCEPT)
        self.upgrade(front_end, UPGRADE)
        self.upgrade(database, UPGRADE, ACCEPT)
        self.roll_back(front_end)
        self.check_end()

    def show_gate(self, cluster: Cluster) -> None:
        """Out of order: refused, and nothing is changed."""
        release = self.site.pairs[cluster.name].new
        self.console.section(f"Not yet: {release.text} needs the new cmp first")
        self.site.at_work = [cluster]
        said = self.tandem.press(START_UPGRADE, cluster.name, *self.options(cluster, UPGRADE[0]))
        if said.code != REFUSED or UNSUITABLE not in said.text:
            raise DemoError(f"this had to be refused with {UNSUITABLE}, and ended with {said.code}")
        self.site.at_work = ()

    def options(self, cluster: Cluster, action: Action) -> list[str]:
        """What a button wants to know beside the cluster."""
        options = ["--reason", "CHG-4711"]
        if action.words == START_UPGRADE:
            options += ["--release", self.site.pairs[cluster.name].new.argument]
            if cluster.kind == "scef-fe":
                options.append("--acknowledge-notices")
        return options

    def upgrade(self, cluster: Cluster, actions: Sequence[Action], *last: Action) -> None:
        """The standby, failover, configuration, the other server; accepted or left open."""
        pair = self.site.pairs[cluster.name]
        self.console.section(f"Upgrade {cluster.name}: {pair.old.text} -> {pair.new.version}")
        for action in [*actions, *last]:
            self.act(cluster, action)
        self.site.running[cluster.name] = pair.new
        self.site.wait_for_release(cluster)

    def roll_back(self, cluster: Cluster) -> None:
        """From the new release on both servers to the old one on both."""
        pair = self.site.pairs[cluster.name]
        self.console.section(f"Roll back {cluster.name}: {pair.new.text} -> {pair.old.version}")
        for action in ROLLBACK:
            self.act(cluster, action)
        self.site.running[cluster.name] = pair.old
        self.findings.rollbacks += 1
        self.site.wait_for_release(cluster)

    def act(self, cluster: Cluster, action: Action) -> None:
        """One action, and everything that has to be so after it."""
        self.site.at_work = [cluster]
        label = f"{action.words[-1]} {cluster.name}"
        self.tandem.wait_for_button(action.button, cluster.name)
        interval = self.site.probe.begin(label)
        pressure = Pressure()
        said = self.tandem.press(action.words, cluster.name, *self.options(cluster, action))
        excuse = pressure.excuse()
        self.site.probe.begin("between actions")
        self.site.controller.check()
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
        self.site.alarms.wait_for_mixed(cluster.name, action.is_mixed)
        self.site.alarms.tell_news()
        addresses = self.site.probe.interval(interval)
        failed_over = cluster.name if action.is_failover else ""
        for text in self.findings.take_gaps(label, addresses, failed_over):
            self.console.say(text)
        log = self.tandem.json("log", cluster.name, "--limit", "200")
        for text in self.findings.take_own(label, log, excuse):
            self.console.say(text)
        self.site.at_work = ()

    def check_end(self) -> None:
        """Looks past Tandem at what is there, and that no alarm is left."""
        self.console.section("What is there now")
        self.console.say(self.tandem.do("cluster", "list"))
        for cluster in self.site.network.clusters:
            wanted = self.site.running[cluster.name].version
            roles = []
            for server in cluster.servers:
                facts = lines.ask(lines.service_control_socket(server.root), "status")
                roles.append(facts["role"])
                if facts["version"] != wanted:
                    self.findings.bad(f"{server.name} runs {facts['version']}, not {wanted}")
            if sorted(roles) != ["active", "standby"]:
                self.findings.bad(f"{cluster.name}: {' and '.join(roles)}")
        try:
            wait_until(lambda: not self.site.alarms.active(), lambda: "no alarm is left", 10.0)
        except DemoError:
            for words in self.site.alarms.active():
                self.findings.bad(f"still raised: {' '.join(words.split())}")
        self.site.alarms.tell_news()
