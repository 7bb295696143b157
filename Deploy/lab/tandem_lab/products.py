"""What runs on the servers: the demo's product, or PostgreSQL, behind each kind of HA system."""

import os
import shutil
import sys
from dataclasses import replace

from tandem_lab import commands, databases, machine, roots
from tandem_lab.plan import HERE, REPOSITORY, Cluster, Plan, Server

sys.path.insert(0, os.path.join(REPOSITORY, "Deploy/demo"))

from tandem_demo import packages, release  # noqa: E402

SERVICE_PORT = 9100
OWN_PORT = 9000
ADVERT_SECONDS = "0.5"
"""Three of them missing make a new master: a busy machine must not lose so many."""
OLD, NEW = "12.5.0", "12.6.0"
APART, CARRYING = "13.0.0", "13.1.0"
"""Releases of the database that may not replicate with the ones before; the second carries the data itself."""
TEMPLATES = os.path.join(HERE, "release")
HOOKS = os.path.join(HERE, "hooks")
BUILD = """\
# PostgreSQL takes this over only as it starts, and on Linux it means nothing else.
event_source = '{build}'
"""

UNIT_ADDITION = os.path.join(REPOSITORY, "Deploy/systemd/keepalived-tandem.conf")
"""As it ships."""

KEEPALIVED = """\
# Two servers without preemption: who has the address keeps it. Tandem speaks by the tracked file.
global_defs {{
    router_id {server}
    enable_script_security
    script_user root
    vrrp_version 3
}}
track_file tandem {{
    file /var/lib/tandem/ha/keepalived-standing
    weight 1
    init_file 0
}}
vrrp_instance {name} {{
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id {number}
    priority 100
    advert_int {advert}
    unicast_src_ip {own}
    unicast_peer {{
        {mate}
    }}
    virtual_ipaddress {{
        {service}/{length} dev eth0
    }}
    track_file {{
        tandem
    }}
    notify "/usr/lib/tandem/ha/keepalived notify"
}}
"""


def put_on(plan: Plan, server: Server, run: str) -> None:
    """The old release and its HA system, as a server is before Tandem comes; nothing is started."""
    cluster = plan.cluster_of(server)
    _settings(server)
    _install(server, os.path.join(run, "releases", f"{cluster.kind}-{OLD}", "packages"))
    machine.enable(server, cluster.kind)
    if cluster.driver == "keepalived":
        _keepalived(plan, cluster, server)
    elif cluster.is_database:
        databases.put_on(plan, cluster, server)


def _settings(server: Server) -> None:
    pairs = {
        "server": server.name,
        "own-address": f"{server.address}:{OWN_PORT}",
        # On every address: who has the cluster's service address is for the HA system to say.
        "service-address": f"0.0.0.0:{SERVICE_PORT}",
        "serve-at-start": "yes",
    }
    text = "".join(f"{key} = {value}\n" for key, value in pairs.items())
    machine.write(server, "/etc/tandem-demo/server.conf", text)


def _install(server: Server, folder: str) -> None:
    root = roots.root_of(server)
    target = os.path.join(root, "tmp/first")
    shutil.copytree(folder, target)
    names = [os.path.join("/tmp/first", name) for name in sorted(os.listdir(target))]
    commands.do("chroot", root, "dpkg", "--force-confold", "-i", *names)
    shutil.rmtree(target)


def _keepalived(plan: Plan, cluster: Cluster, server: Server) -> None:
    mate = cluster.mate(server)
    assert mate
    text = KEEPALIVED.format(
        server=server.name,
        name=cluster.name,
        number=cluster.servers[0].number,
        advert=ADVERT_SECONDS,
        own=server.address,
        mate=mate.address,
        service=cluster.service_address,
        length=plan.subnet.prefixlen,
    )
    machine.write(server, "/etc/keepalived/keepalived.conf", text)
    with open(UNIT_ADDITION, encoding="utf-8") as file:
        machine.write(server, "/etc/systemd/system/keepalived.service.d/tandem.conf", file.read())
    machine.enable(server, "keepalived")


def build_releases(plan: Plan, run: str, isolated: bool = False) -> dict[str, list[str]]:
    """The release descriptions of each kind, the old release first; `isolated`: also those that don't replicate."""
    found = {}
    for kind in sorted({cluster.kind for cluster in plan.clusters}):
        is_database = any(one.kind == kind and one.is_database for one in plan.clusters)
        releases = [
            (OLD, release.Surroundings([], schema="1")),
            (NEW, release.Surroundings([OLD], schema="2")),
        ]
        if is_database and isolated:
            apart = release.Surroundings([OLD], schema="2", replicates_with_previous=False)
            releases += [(APART, apart), (CARRYING, replace(apart, carries_data=True))]
        found[kind] = [
            _build(packages.Recipe(kind, version), surroundings, run, is_database)
            for version, surroundings in releases
        ]
    return found


def _build(
    recipe: packages.Recipe, surroundings: release.Surroundings, run: str, is_database: bool
) -> str:
    folder = os.path.join(run, "releases", f"{recipe.product}-{recipe.version}")
    own = os.path.join(TEMPLATES, f"{recipe.product}.yaml.in")
    templates = TEMPLATES if os.path.exists(own) else release.TEMPLATES
    if is_database:
        text = BUILD.format(build=recipe.build_id)
        recipe = replace(recipe, files=(("/usr/share/database/postgresql.conf", text),))
    path = release.write(recipe, surroundings, folder, templates)
    if is_database:
        for name in os.listdir(HOOKS):
            shutil.copy(os.path.join(HOOKS, name), os.path.join(folder, "hooks", name))
    return path
