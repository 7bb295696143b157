"""Whether servers can boot on this machine, and if not, why not."""

import os

from tandem_lab import commands

TOOLS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "mkfs.btrfs": "btrfs-progs",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
}
MODULES = {"psycopg2": "python3-psycopg2"}
HYBRID = "/sys/fs/cgroup/unified"


def missing_packages() -> list[str]:
    """Debian packages that have to be installed first."""
    missing = {package for tool, package in TOOLS.items() if commands.ask("which", tool)[0] != 0}
    missing |= {
        package
        for module, package in MODULES.items()
        if commands.ask("/usr/bin/python3", "-c", f"import {module}")[0] != 0
    }
    return sorted(missing)


def cgroups() -> str:
    """Where cgroup v2 lies: each server is one group there."""
    return HYBRID if os.path.isdir(HYBRID) else "/sys/fs/cgroup"


def reasons_against() -> list[str]:
    """Why no server can boot here; empty if one can."""
    if os.geteuid() != 0:
        return ["only root can boot servers: namespaces, mounts and loop devices are made"]
    found = []
    if not os.path.exists(os.path.join(cgroups(), "cgroup.procs")):
        found.append("there is no cgroup v2 in which a server's processes could be counted")
    elif not os.access(cgroups(), os.W_OK):
        found.append(f"{cgroups()} can't be written: no group can be made for a server")
    with open("/proc/filesystems", encoding="ascii") as file:
        if "btrfs" not in file.read():
            found.append("the kernel has no btrfs, on which the servers' roots lie")
    if not os.path.exists("/dev/loop-control"):
        found.append("there are no loop devices for the file with the servers' roots")
    if (code := commands.ask("unshare", "-m", "true")[0]) != 0:
        found.append(f"mount namespaces are not allowed here (unshare -m ended with {code})")
    return found
