"""The demo's network from nothing to the point where an operator can begin."""

import os
from collections.abc import Sequence

from tandem_demo.alarms import AlarmBook
from tandem_demo.cli import Tandem, private_environment, wait_until
from tandem_demo.console import Console
from tandem_demo.daemons import Controller, GapProbe
from tandem_demo.identities import HOST, PEOPLE, Identities
from tandem_demo.images import Pair, Release, configuration, make_pair
from tandem_demo.network import Cluster, Network, Server
from tandem_demo.programs import Programs

REPORT_SECONDS = 30.0


class Site:
    """Three clusters, their controller, the probe, and what an operator needs."""

    def __init__(self, folder: str, programs: Programs, console: Console) -> None:
        self.folder = folder
        self.programs = programs
        self.console = console
        self.tandem = Tandem(programs.tandem, folder, console)
        self.network = Network(folder, private_environment(folder))
        self.controller = Controller(folder)
        self.tandem.check = self.controller.check
        self.probe = GapProbe(folder)
        self.identities = Identities(self.tandem)
        self.alarms = AlarmBook(self.tandem, console)
        self.pairs: dict[str, Pair] = {}
        self.running: dict[str, Release] = {}
        """What each cluster should run."""
        self.page = ""
        """Where the pages are; empty until the controller runs."""
        self.at_work: Sequence[Cluster] = ()
        """The clusters whose logs tell more if something goes wrong now."""

    def make(self) -> None:
        """Everything; raises DemoError where it can't go on."""
        self.make_images()
        self.start_servers()
        self.start_controller()
        self.stage()

    def end(self) -> None:
        """Ends every process."""
        self.probe.end()
        self.network.end()
        self.controller.end()

    @property
    def servers(self) -> list[Server]:
        """All six."""
        return [server for cluster in self.network.clusters for server in cluster.servers]

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
        for server in self.servers:
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
        self.page = f"https://{HOST}:{api_port}"
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
        for server in self.servers:
            self.at_work = [
                cluster for cluster in self.network.clusters if server in cluster.servers
            ]
            self.network.start_agent(server)
        summary = os.path.join(self.folder, "gaps.json")
        self.probe.open(self.network.probe_arguments(summary), environment)
        self.probe.begin("set-up")
        self.wait_for_reports()

    def one_time_sign_in(self) -> str:
        """The path that signs the operator in, once."""
        return self.controller.people(
            self.programs.controller,
            private_environment(self.folder),
            "one-time-sign-in",
            next(iter(PEOPLE)),
        )

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
        # A server takes one image at a time; the six of them take theirs side by side.
        for is_new in (False, True):
            for cluster in self.network.clusters:
                pair = self.pairs[cluster.name]
                release = pair.new if is_new else pair.old
                self.tandem.do("image", "add", release.image)
                self.tandem.do("image", "stage", release.argument, cluster.name, "--no-wait")
            wait_until(
                self.is_all_held,
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

    def is_all_held(self) -> bool:
        """Whether every image that the controller has lies on both servers of its cluster."""
        return all(len(image["heldBy"]) == 2 for image in self.tandem.json("image", "list"))

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
