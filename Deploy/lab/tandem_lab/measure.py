"""Measures the gap of a failover: by the HA system's own means, and by Tandem, on the same servers."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tandem_lab import actions, databases, gaps, machine, record, roots, witness, wires
from tandem_lab.operator import Operator
from tandem_lab.plan import Cluster, Plan, Server
from tandem_lab.tandem import Site, TandemError
from tandem_lab.witness import Witness

MOVE_SECONDS = 60.0
SETTLE_SECONDS = 3.0


def measure(plan: Plan, words: Sequence[str]) -> int:
    """`lab gaps [COUNT]`: so many failovers each way, one cluster of each driver, onto the page."""
    count = int(words[0]) if words else 4
    base = actions.prepare_ground()
    actions.down(plan, [])
    roots.mount()
    wires.lay_switch(plan)
    clusters = {one.driver: one for one in plan.clusters if len(one.servers) == 2}
    with ThreadPoolExecutor(len(clusters)) as pool:
        lanes = [
            pool.submit(_lane, plan.alone(cluster), base, count) for cluster in clusters.values()
        ]
    actions.down(plan, [])
    gaps.add(sample for lane in lanes if not lane.exception() for sample in lane.result())
    record.write_page([one.driver for one in plan.clusters])
    print(gaps.table(gaps.read()))
    failed = [error for lane in lanes if (error := lane.exception())]
    for error in failed:
        print(f"lab: not measured: {error}")
    return 1 if failed else 0


def _lane(plan: Plan, base: str, count: int) -> list[gaps.Sample]:
    cluster = plan.clusters[0]
    site = Site(plan)
    actions.clear(plan)
    wires.lay_switch(plan)
    site.make()
    actions.begin(plan, site, plan.servers, base, lambda _: None)
    looker = witness.of(cluster, os.path.join(site.run, "witness"))
    looker.begin()
    try:
        alone = [_by_itself(plan, cluster, looker) for _ in range(count)]
        _wait(lambda: _is_agreed(site, cluster), "Tandem sees the roles as they are")
        ours = _by_tandem(site, cluster, looker, count)
    finally:
        looker.end()
    actions.clear(plan)
    date = time.strftime("%Y-%m-%d")
    return [
        gaps.Sample(date, cluster.driver, by, gap)
        for by, seconds in ((gaps.ITSELF, alone), (gaps.TANDEM, ours))
        for gap in seconds
    ]


def _by_tandem(site: Site, cluster: Cluster, looker: Witness, count: int) -> list[float]:
    """Upgrades the standby, fails over and back, and rolls back, until there are enough."""
    operator = Operator(site, cluster)
    found: list[float] = []
    while len(found) < count:
        operator.do("start-upgrade")
        for button in ("continue-upgrade", "start-rollback"):
            time.sleep(SETTLE_SECONDS)
            looker.mark(button)
            operator.do(button)
            found.append(looker.outage_seconds())
        if not operator.pursue(("continue-rollback", "close")):
            raise TandemError(f"the rollback of {cluster.name} does not end")
    return found[:count]


def _by_itself(plan: Plan, cluster: Cluster, looker: Witness) -> float:
    """The role moves by the HA system's own command."""
    active = next(one for one in cluster.servers if one.name in looker.bearers())
    mate = cluster.mate(active)
    assert mate
    _wait(lambda: looker.answers(), f"{cluster.name} answers")
    time.sleep(SETTLE_SECONDS)
    looker.mark("by itself")
    {"keepalived": _keepalived, "postgresql": _postgresql, "patroni": _patroni}[cluster.driver](
        cluster, active, mate
    )
    _wait(lambda: looker.bearers() == [mate.name] and looker.answers(), f"{mate.name} serves")
    gap = looker.outage_seconds()
    if cluster.driver == "keepalived":
        machine.do(active, "systemctl", "start", "keepalived")
    elif cluster.driver == "postgresql":
        machine.do(active, "systemctl", "start", "postgresql@15-main")
        _wait(lambda: databases.drive(mate, "restore-synchronous")[0] == 0, "the pair is whole")
    else:
        _wait(lambda: databases.is_synchronous(mate), "the pair is whole")
    return gap


def _keepalived(_: Cluster, active: Server, __: Server) -> None:
    """A stop in good order: the last word of the master lets its mate begin at once."""
    machine.do(active, "systemctl", "stop", "keepalived")


def _postgresql(_: Cluster, active: Server, mate: Server) -> None:
    """What an administrator types: stop here, promote there."""
    databases.ask(mate, "alter system set synchronous_standby_names = ''")
    machine.do(active, "systemctl", "stop", "postgresql@15-main")
    databases.ask(mate, "select pg_reload_conf()")
    databases.ask(mate, "select pg_promote()")


def _patroni(cluster: Cluster, active: Server, mate: Server) -> None:
    """Patroni's own switchover."""
    words = ("patronictl", "-c", "/etc/patroni/config.yml", "switchover", cluster.name, "--force")
    machine.do(active, *words, "--master", active.name, "--candidate", mate.name)


def _is_agreed(site: Site, cluster: Cluster) -> bool:
    servers = site.cluster(cluster.name)["servers"]
    roles = sorted(server["role"] for server in servers)
    return roles == ["active", "standby"] and all(server["isConnected"] for server in servers)


def _wait(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + MOVE_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise TandemError(f"not so after {MOVE_SECONDS:.0f} s: {what}")
        time.sleep(0.1)
