"""Makes the private root of one server: an empty package database and the server's settings."""

import os
import random
import socket
from dataclasses import dataclass

from tandem_demo import rpms

DPKG_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
"""dpkg refuses to run where it can't find ldconfig and start-stop-daemon."""

Address = tuple[str, int]


@dataclass(frozen=True)
class ServerSettings:
    """What the set-up, not the package, tells the product of one server."""

    server: str
    own_address: Address
    service_address: Address
    mate_address: Address | None = None
    """The mate's own address; None in a one-server cluster."""

    def text(self) -> str:
        """The file `etc/tandem-demo/server.conf`."""
        pairs = [("server", self.server)]
        pairs.append(("own-address", address_text(self.own_address)))
        pairs.append(("service-address", address_text(self.service_address)))
        if self.mate_address:
            pairs.append(("mate-address", address_text(self.mate_address)))
        else:
            pairs.append(("serve-at-start", "yes"))
        return "".join(f"{key} = {value}\n" for key, value in pairs)


def address_text(address: Address) -> str:
    """`IP:PORT`."""
    return f"{address[0]}:{address[1]}"


def free_address() -> Address:
    """A random loopback address with a port that is free on it right now.

    The port is below the kernel's ephemeral range, where no outgoing connection takes it later.
    """
    while True:
        host = f"127.{random.randint(16, 250)}.{random.randint(0, 250)}.{random.randint(2, 250)}"
        port = random.randint(12000, 31999)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return host, port


def make_root(root: str, settings: ServerSettings, package_format: str = "deb") -> None:
    """Creates the root, or renews the settings of one that is there; installs nothing."""
    for folder in ("var/log", "run", "etc", "tmp"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    if package_format == "rpm":
        rpms.make_root(root)
    else:
        _make_dpkg_database(root)
    folder = os.path.join(root, "etc/tandem-demo")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "server.conf"), "w", encoding="utf-8") as file:
        file.write(settings.text())


def _make_dpkg_database(root: str) -> None:
    for folder in ("var/lib/dpkg/updates", "var/lib/dpkg/info"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    status = os.path.join(root, "var/lib/dpkg/status")
    if not os.path.exists(status):
        with open(status, "w", encoding="utf-8"):
            pass


def dpkg_arguments(root: str) -> list[str]:
    """dpkg for a private root without root's rights, never asking a question."""
    return [
        "/usr/bin/dpkg",
        f"--root={root}",
        "--force-script-chrootless",
        "--force-not-root",
        "--force-confdef",
        "--force-confold",
        f"--log={root}/var/log/dpkg.log",
    ]
