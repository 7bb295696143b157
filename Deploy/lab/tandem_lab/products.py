"""What runs on the servers: the demo's product behind each kind of HA system."""

import os
import shutil
import sys

from tandem_lab import commands, machine, roots
from tandem_lab.plan import REPOSITORY, Cluster, Plan, Server

sys.path.insert(0, os.path.join(REPOSITORY, "Deploy/demo"))

from tandem_demo import packages, release  # noqa: E402

SERVICE_PORT = 9100
OWN_PORT = 9000
ADVERT_SECONDS = "0.2"
OLD, NEW = "12.5.0", "12.6.0"

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
    enable(server, cluster.kind)
    if cluster.driver == "keepalived":
        _keepalived(plan, cluster, server)


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


def enable(server: Server, service: str) -> None:
    """Lets systemd start a service at each boot."""
    wants = os.path.join(roots.root_of(server), "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    link = os.path.join(wants, f"{service}.service")
    if not os.path.islink(link):
        os.symlink(f"/usr/lib/systemd/system/{service}.service", link)


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
    enable(server, "keepalived")


def build_releases(plan: Plan, run: str) -> dict[str, tuple[str, str]]:
    """The release descriptions of the old and the new release, by kind."""
    found = {}
    for kind in sorted({cluster.kind for cluster in plan.clusters if is_supported(cluster)}):
        pair = []
        for version, previous, schema in ((OLD, [], "1"), (NEW, [OLD], "2")):
            recipe = packages.Recipe(kind, version)
            folder = os.path.join(run, "releases", f"{kind}-{version}")
            pair.append(release.write(recipe, release.Surroundings(previous, "", schema), folder))
        found[kind] = (pair[0], pair[1])
    return found


def is_supported(cluster: Cluster) -> bool:
    """Whether there is a product of this kind for this HA system."""
    return cluster.kind in packages.PRODUCTS and cluster.driver in ("keepalived", "standalone")
