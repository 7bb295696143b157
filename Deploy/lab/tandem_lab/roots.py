"""The servers' roots: one btrfs file, one base that is made once, a snapshot for each server.

    debian        minbase, by debootstrap
    base-DIGEST   debian with the packages below: what a server is snapshotted from
    servers/NAME/root        what the server boots
    servers/NAME/snapshots   /.snapshots: roots that it may boot instead

/var/lib/tandem is a small file system of its own (state/NAME.ext4): a way back by snapshot leaves it
alone, and it can be filled without harm to any other server.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator

from tandem_lab import commands
from tandem_lab.plan import Server

CACHE = os.environ.get("TANDEM_LAB_CACHE", "/var/cache/tandem-lab")
FILE_SIZE = "12G"
"""Sparse: it takes what is written, about 1 GB."""
STATE_SIZE = "512M"
RELEASE = "bookworm"
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "libpam-systemd", "udev"),
    *("iproute2", "iputils-ping", "iputils-arping", "procps", "nftables", "ca-certificates"),
    *("openssh-server", "rsyslog", "python3", "python3-psycopg2", "faketime"),
    *("libssl3", "libarchive-tools", "btrfs-progs", "curl"),
    *("keepalived", "postgresql-15", "patroni", "etcd-server", "etcd-client"),
)
"""One base for all kinds of servers; which services run is decided for each server."""
DATABASE_TEMPLATE = "/var/lib/postgresql/15/template"
AFTERWARDS = """
set -e
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update -q
apt-get install -y -q --no-install-recommends {packages}
apt-get clean
pg_dropcluster 15 main || true
# One database that both servers of a pair begin with: a copy of it at rest is as good as a base backup.
runuser -u postgres -- /usr/lib/postgresql/15/bin/initdb -k -A trust -E UTF8 --locale=C.UTF-8 \\
    -D {template}
systemctl disable keepalived postgresql patroni etcd etcd-server ssh rsyslog 2>/dev/null || true
systemctl mask systemd-networkd-wait-online systemd-timesyncd apt-daily.timer apt-daily-upgrade.timer \\
    dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service 2>/dev/null || true
rm -f /usr/sbin/policy-rc.d /etc/ssh/ssh_host_* /etc/machine-id
: >/etc/machine-id
"""


def mirror() -> str:
    """The mirror of this machine's own apt sources."""
    code, said = commands.ask(
        "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"
    )
    if code == 0:
        for line in said.splitlines():
            if line.startswith("http") and "security" not in line:
                return line.rstrip("/")
    raise commands.CommandError(
        "no Debian mirror stands in this machine's apt sources: add one, then run `apt-get update`"
    )


def mount() -> str:
    """Mounts the file with all roots, made if it is not there; returns where it is mounted."""
    os.makedirs(CACHE, exist_ok=True)
    file, folder = os.path.join(CACHE, "lab.btrfs"), os.path.join(CACHE, "mnt")
    os.makedirs(folder, exist_ok=True)
    if os.path.ismount(folder):
        return folder
    if not os.path.exists(file):
        commands.do("truncate", "-s", FILE_SIZE, f"{file}.new")
        commands.do("mkfs.btrfs", "-q", f"{file}.new")
        os.replace(f"{file}.new", file)
    commands.do("mount", "-o", "loop,compress=zstd:1,noatime", file, folder)
    return folder


def unmount() -> None:
    """Takes the file away again, and its loop device with it."""
    folder = os.path.join(CACHE, "mnt")
    if os.path.ismount(folder):
        commands.do("umount", folder)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """One process at a time makes the base."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def base(tell: Callable[[str], None]) -> str:
    """The base from which servers are snapshotted; made if it is not there or if the packages changed."""
    with _only_one():
        folder = mount()
        seed = f"{RELEASE} {' '.join(PACKAGES)} {DATABASE_TEMPLATE} {AFTERWARDS}".encode()
        path = os.path.join(folder, f"base-{hashlib.sha256(seed).hexdigest()[:12]}")
        if os.path.isdir(path):
            return path
        debian = os.path.join(folder, "debian")
        if not os.path.isdir(debian):
            tell(f"making a Debian {RELEASE} root (once; a minute or two)")
            _fresh(f"{debian}.new")
            commands.do(
                "debootstrap", "--variant=minbase", RELEASE, f"{debian}.new", mirror(), limit=900
            )
            os.replace(f"{debian}.new", debian)
        tell(f"installing {len(PACKAGES)} packages into the servers' base (once)")
        new = f"{path}.new"
        _remove(new)
        commands.do("btrfs", "-q", "subvolume", "snapshot", debian, new)
        _install(new)
        os.replace(new, path)
        return path


def _fresh(path: str) -> None:
    _remove(path)
    commands.do("btrfs", "-q", "subvolume", "create", path)


def _remove(path: str) -> None:
    if os.path.isdir(path):
        # A server's systemd may have made subvolumes of its own (var/lib/machines and the like).
        code, _ = commands.ask("btrfs", "-q", "subvolume", "delete", path)
        if code:
            shutil.rmtree(path)


def _install(root: str) -> None:
    shutil.copyfile("/etc/resolv.conf", os.path.join(root, "etc/resolv.conf"))
    sources = f"deb {mirror()} {RELEASE} main\ndeb {mirror()} {RELEASE}-updates main\n"
    with open(os.path.join(root, "etc/apt/sources.list"), "w", encoding="ascii") as file:
        file.write(sources)
    inside = ["unshare", "-m", "-p", "-f", "-u", "-i", "--kill-child", "chroot", root]
    script = "mount -t proc proc /proc\n" + AFTERWARDS.format(
        packages=" ".join(PACKAGES), template=DATABASE_TEMPLATE
    )
    commands.do(*inside, "bash", "-c", script, limit=1200)


def folder_of(server: Server) -> str:
    """Where a server's root and state lie."""
    return os.path.join(CACHE, "mnt/servers", server.name)


def root_of(server: Server) -> str:
    """What a server boots."""
    return os.path.join(folder_of(server), "root")


def state_of(server: Server) -> str:
    """What is mounted at a server's /var/lib/tandem."""
    return os.path.join(folder_of(server), "state")


def make(server: Server, base_path: str) -> None:
    """A fresh root and a fresh state for a server."""
    remove(server)
    os.makedirs(state_of(server))
    commands.do("btrfs", "-q", "subvolume", "snapshot", base_path, root_of(server))
    commands.do("btrfs", "-q", "subvolume", "create", snapshots_of(server))
    os.makedirs(os.path.join(CACHE, "state"), exist_ok=True)
    commands.do("truncate", "-s", STATE_SIZE, _state_file(server))
    commands.do("mkfs.ext4", "-q", "-m", "0", _state_file(server))
    commands.do("mount", "-o", "loop", _state_file(server), state_of(server))
    os.rmdir(os.path.join(state_of(server), "lost+found"))
    os.chmod(state_of(server), 0o700)


def snapshots_of(server: Server) -> str:
    """What is mounted at a server's /.snapshots."""
    return os.path.join(folder_of(server), "snapshots")


def _state_file(server: Server) -> str:
    return os.path.join(CACHE, "state", f"{server.name}.ext4")


def remove(server: Server) -> None:
    """Takes a server's root and state away; fine if there are none."""
    folder = folder_of(server)
    if os.path.ismount(state_of(server)):
        commands.do("umount", state_of(server))
    if os.path.exists(_state_file(server)):
        os.remove(_state_file(server))
    if not os.path.isdir(folder):
        return
    for name in ("root", "root.failed"):
        _remove(os.path.join(folder, name))
    if os.path.isdir(snapshots_of(server)):
        for name in os.listdir(snapshots_of(server)):
            _remove(os.path.join(snapshots_of(server), name))
        _remove(snapshots_of(server))
    shutil.rmtree(folder)
