"""A folder with a copy of the demo, servers in it, and an end to every process that was begun."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(REPOSITORY, "Deploy/demo"))

from tandem_demo import lines  # noqa: E402
from tandem_demo.root import DPKG_PATH, dpkg_arguments  # noqa: E402

NOBODY = 65534
PRODUCT = "scef-fe"
T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str, seconds: float = 15.0) -> T:
    """Looks again and again until there is something; fails after that time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:g} s: {what}")
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Whether a process runs (a dead one that nobody took in does not)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Lab(unittest.TestCase):
    """A test with its own copy of the demo; as root everything runs as another user."""

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="tandem-demo-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.demo = os.path.join(self.folder, "demo")
        shutil.copytree(os.path.join(REPOSITORY, "Deploy/demo"), self.demo)
        os.mkdir(self.path("home"))
        self.identity: dict[str, Any] = {}
        if os.getuid() == 0:
            self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for folder, _, names in os.walk(self.folder):
                for name in [*names, "."]:
                    os.chown(os.path.join(folder, name), NOBODY, NOBODY)

    def path(self, name: str) -> str:
        """A path in the test's folder."""
        return os.path.join(self.folder, name)

    def environment(self, root: str = "") -> dict[str, str]:
        """What the agent would pass on."""
        found = {"PATH": DPKG_PATH, "HOME": self.path("home"), "LC_ALL": "C.UTF-8"}
        return found | ({"TANDEM_ROOT": root} if root else {})

    def begin(self, arguments: Sequence[str], **more: Any) -> "subprocess.Popen[str]":
        """Starts a program in its own session; it is ended with the test."""
        settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": self.environment()}
        child = subprocess.Popen(
            list(arguments),
            **(settings | {"start_new_session": True, "text": True} | self.identity | more),
        )
        self.addCleanup(self.finish, child)
        return child

    def finish(self, child: "subprocess.Popen[str]", seconds: float = 20.0) -> int:
        """Ends a program in good order, else hard."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream:
                stream.close()
        return child.returncode

    def run_program(
        self, arguments: Sequence[str], root: str = "", seconds: float = 60.0
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a program to its end."""
        return subprocess.run(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment(root),
            text=True,
            timeout=seconds,
            check=False,
            cwd=self.folder,
            **self.identity,
        )

    def release(self, version: str, variant: str = "sound", *more: str) -> str:
        """Builds a release; returns its folder."""
        folder = self.path(f"releases/{version}")
        done = self.run_program(
            [f"{self.demo}/make-packages", "--product", PRODUCT, "--version", version]
            + ["--variant", variant, "--previous", "12.5.0", "--output", folder, *more]
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        return folder

    def packages(self, release: str) -> list[str]:
        """The package files of a release, in the order of their names."""
        folder = os.path.join(release, "packages")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def make_roots(self, *servers: str) -> list[str]:
        """Makes the roots of a cluster."""
        done = self.run_program([f"{self.demo}/server-root", self.path("servers"), *servers])
        self.assertEqual(done.returncode, 0, done.stdout)
        return [self.path(f"servers/{server}") for server in servers]

    def settings(self, root: str) -> dict[str, str]:
        """The server's settings."""
        with open(f"{root}/etc/tandem-demo/server.conf", encoding="utf-8") as file:
            return dict(line.strip().split(" = ") for line in file)

    def dpkg(self, root: str, release: str) -> "subprocess.CompletedProcess[str]":
        """Installs a release into a root."""
        return self.run_program([*dpkg_arguments(root), "-i", *self.packages(release)])

    def install(self, root: str, release: str) -> None:
        """Installs a release that must install."""
        done = self.dpkg(root, release)
        self.assertEqual(done.returncode, 0, done.stdout)

    def states(self, root: str) -> dict[str, str]:
        """`VERSION STATE` of each package, by the part of its name behind the product's."""
        form = "${Package} ${Version} ${db:Status-Status}\\n"
        done = self.run_program(
            ["/usr/bin/dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", form]
        )
        words = [line.split() for line in done.stdout.splitlines()]
        return {name.removeprefix(f"{PRODUCT}-"): f"{v} {s}" for name, v, s in words}

    def start_init(self, root: str, *agent: str, **options: str) -> "subprocess.Popen[str]":
        """Starts a server's init and waits until it answers."""
        words = [word for key, text in options.items() for word in (f"--{key}", text)]
        child = self.begin([f"{self.demo}/demo-init", "--root", root, *words, "--", *agent])

        def answers() -> bool:
            try:
                return self.init(root, "status")["power"] == "on"
            except (FileNotFoundError, ConnectionRefusedError):
                return False

        eventually(answers, f"demo-init of {root}")
        return child

    def init(self, root: str, request: str) -> lines.Answer:
        """Asks a server's init."""
        return lines.ask(lines.init_control_socket(root), request, 20)

    def service(self, root: str, request: str) -> lines.Answer:
        """Asks a server's product."""
        return lines.ask(lines.service_control_socket(root), request)

    def service_is_up(self, root: str) -> bool:
        """Whether the product answers on its control socket."""
        try:
            return self.service(root, "status")["result"] == "ok"
        except (FileNotFoundError, ConnectionError):
            return False

    def start_cluster(self, *servers: str, version: str = "12.5.0") -> list[str]:
        """Installs a release on new servers and starts them."""
        release = self.release(version)
        roots = self.make_roots(*servers)
        for root in roots:
            self.install(root, release)
            self.start_init(root)
        for root in roots:
            eventually(partial(self.service_is_up, root), f"the service in {root}")
        return roots

    def kill_left_over(self, root: str) -> None:
        """Ends the daemon that a postinst has left."""
        try:
            with open(f"{root}/run/tandem-demo/leftover.pid", encoding="utf-8") as file:
                os.kill(int(file.read()), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass
