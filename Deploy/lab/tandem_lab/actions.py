"""What each word of the command line does."""

import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tandem_lab import commands, databases, ground, machine, products, roots, tandem, wires
from tandem_lab.plan import Cluster, Plan, Server

FILLER = "filled-by-the-lab"


@dataclass(frozen=True)
class Verb:
    """A word, and how many may follow it; `most` below 0 means any number."""

    run: Callable[[Plan, Sequence[str]], int]
    least: int = 0
    most: int = 0


def say(text: str) -> None:
    """What takes time, and what was done."""
    print(f"lab: {text}", flush=True)


def up(plan: Plan, names: Sequence[str]) -> int:
    """Servers with fresh roots, booted side by side."""
    servers = with_stores(plan, [plan.server(name) for name in names] or plan.servers)
    running = [server.name for server in servers if machine.is_on(server)]
    if running:
        say(f"{', '.join(running)} run already; `lab down` first for fresh ones")
        return 1
    base = prepare_ground()
    site = tandem.Site(plan)
    site.stop_controller()
    say("certificates, packages and signed images")
    site.make()
    begin(plan, site, servers, base, say)
    return 0


def prepare_ground() -> str:
    """Tools, and the base of all servers; returns where that is."""
    if missing := ground.missing_packages():
        say(f"installing {' '.join(missing)}")
        commands.do("apt-get", "install", "-y", "-q", *missing, limit=600)
    return roots.base(say)


def begin(
    plan: Plan,
    site: tandem.Site,
    servers: Sequence[Server],
    base: str,
    tell: Callable[[str], None],
) -> None:
    """Boots fresh servers under a fresh controller; whole clusters then serve, and Tandem knows them."""
    wires.lay_switch(plan)
    certificates = {}
    for server in servers:
        prepare(plan, server, base)
        if plan.is_store(server):
            databases.put_on(plan, plan.cluster_of(server), server)
        else:
            products.put_on(plan, server, site.run)
            certificates[server.name] = site.put_agent(server)
        machine.power_on(plan, server)
    for server in servers:
        tell(f"{server.name} is up ({machine.wait_until_up(server)}) at {server.address}")
    site.start_controller()

    def join(cluster: Cluster) -> None:
        if cluster.is_database:
            databases.bring_up(cluster)
        site.add(cluster, certificates)
        site.wait_for_reports(cluster)
        site.stage(cluster)
        tell(f"{cluster.name}: agents report, both releases are staged")

    clusters = [
        one for one in plan.clusters if all(server.name in certificates for server in one.servers)
    ]
    with ThreadPoolExecutor(max(1, len(clusters))) as pool:
        list(pool.map(join, clusters))


def with_stores(plan: Plan, servers: Sequence[Server]) -> list[Server]:
    """Those servers, each behind what its HA system can't do without."""
    wanted = {one for server in servers for one in (*plan.cluster_of(server).store, server)}
    return [server for server in plan.servers if server in wanted]


def prepare(plan: Plan, server: Server, base: str) -> None:
    """A fresh root with its own name, and its place in the network."""
    roots.make(server, base)
    wires.lay(plan, server)
    machine.write(server, "/etc/hostname", f"{server.name}\n")
    hosts = [("127.0.0.1", "localhost"), (plan.controller, "controller")]
    hosts += [(one.address, one.name) for one in plan.servers]
    machine.write(server, "/etc/hosts", "".join(f"{where} {who}\n" for where, who in hosts))


def clear(plan: Plan) -> None:
    """The servers of a plan and its controller are gone; other plans on the switch go on."""
    tandem.Site(plan).stop_controller()
    wires.heal_all(plan)
    for server in plan.servers:
        if machine.is_frozen(server):
            machine.freeze(server, False)
        machine.power_off(plan, server)
        wires.cut(server)
    roots.mount()
    for server in plan.servers:
        roots.remove(server)


def down(plan: Plan, _: Sequence[str]) -> int:
    """Everything is gone but the cached base."""
    for one in (plan, *(plan.alone(cluster) for cluster in plan.clusters)):
        clear(one)
    wires.tear_down()
    roots.unmount()
    say("down; the base stays in " + roots.CACHE)
    return 0


def status(plan: Plan, _: Sequence[str]) -> int:
    """One line a server."""
    for cluster in plan.clusters:
        print(f"{cluster.name} ({cluster.driver}) {cluster.entry}")
        for server in (*cluster.store, *cluster.servers):
            print(f"  {server.name:14} {server.address:12} {state_of(server)}")
    return 0


def state_of(server: Server) -> str:
    """In a few words."""
    if not machine.is_on(server):
        return "off"
    if machine.is_frozen(server):
        return "frozen"
    return machine.ask(server, "systemctl", "is-system-running", limit=5)[1] or "booting"


def shell(plan: Plan, words: Sequence[str]) -> int:
    """On this terminal."""
    server = plan.server(words[0])
    return subprocess.run(
        [*machine.enter(server), *(words[1:] or ["bash", "-l"])], check=False
    ).returncode


def speak(plan: Plan, words: Sequence[str]) -> int:
    """`tandem`, on this terminal."""
    site = tandem.Site(plan)
    return subprocess.run(site.words(*words), env=site.environment, check=False).returncode


def each(act: Callable[[Plan, Server], None]) -> Verb:
    """A verb for one or more servers."""

    def run(plan: Plan, names: Sequence[str]) -> int:
        for name in names:
            act(plan, plan.server(name))
        return 0

    return Verb(run, 1, -1)


def power_on(plan: Plan, server: Server) -> None:
    """Boots it, and waits until it is up."""
    machine.power_on(plan, server)
    say(f"{server.name} is up ({machine.wait_until_up(server)})")


def reboot(_: Plan, server: Server) -> None:
    """Down and up in good order."""
    machine.reboot(server)
    say(f"{server.name} is up again ({machine.wait_until_up(server)})")


def partition(plan: Plan, names: Sequence[str]) -> int:
    """Between two of them."""
    wires.part(plan, names[0], names[1])
    return 0


def heal(plan: Plan, names: Sequence[str]) -> int:
    """One partition, or everything."""
    if len(names) == 2:
        wires.heal(names[0], names[1])
    else:
        wires.heal_all(plan)
    return 0


def slow(plan: Plan, words: Sequence[str]) -> int:
    """A line that carries little."""
    wires.slow(plan.server(words[0]), int(words[1]))
    return 0


def fill_disk(plan: Plan, words: Sequence[str]) -> int:
    """Leaves no room for the agent's journal and images; `--free` makes room again."""
    server = plan.server(words[0])
    if "--free" in words:
        empty(server)
    else:
        fill(server)
    return 0


def fill(server: Server) -> None:
    """To the last byte: dd ends with an error when nothing more goes in."""
    path = os.path.join(roots.state_of(server), FILLER)
    commands.ask("dd", "if=/dev/zero", f"of={path}", "bs=64k", "status=none")


def empty(server: Server) -> None:
    """Makes room again."""
    path = os.path.join(roots.state_of(server), FILLER)
    if os.path.exists(path):
        os.remove(path)


VERBS = {
    "up": Verb(up, 0, -1),
    "down": Verb(down),
    "status": Verb(status),
    "shell": Verb(shell, 1, -1),
    "tandem": Verb(speak, 1, -1),
    "power-off": each(machine.power_off),
    "power-on": each(power_on),
    "reboot": each(reboot),
    "freeze": each(lambda _, server: machine.freeze(server, True)),
    "thaw": each(lambda _, server: machine.freeze(server, False)),
    "partition": Verb(partition, 2, 2),
    "heal": Verb(heal, 0, 2),
    "unplug": each(lambda _, server: wires.plug(server, False)),
    "plug": each(lambda _, server: wires.plug(server, True)),
    "slow": Verb(slow, 2, 2),
    "fill-disk": Verb(fill_disk, 1, 2),
}
