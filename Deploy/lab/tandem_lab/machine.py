"""One server's life: power on and off, freeze, a command inside, its disk."""

import os
import subprocess
import time
from collections.abc import Sequence

from tandem_lab import commands, ground, roots, wires
from tandem_lab.plan import HERE, REPOSITORY, Plan, Server

BUILD = os.environ.get("TANDEM_BUILD") or os.path.join(REPOSITORY, ".build/debug")
"""Where the programs are that go onto the servers."""
BOOT_SECONDS = 90.0
END_SECONDS = 10.0
GUEST_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": os.environ.get("TERM", "dumb"),
}


class MachineError(Exception):
    """A server does not do what it should."""


def group(server: Server) -> str:
    """The control group with all of a server's processes."""
    return os.path.join(ground.cgroups(), f"tandem-lab-{server.name}")


def log(server: Server) -> str:
    """What its console said."""
    return os.path.join(roots.folder_of(server), "console.log")


def is_on(server: Server) -> bool:
    """Whether any process of it lives, frozen ones too."""
    try:
        with open(os.path.join(group(server), "cgroup.events"), encoding="ascii") as file:
            return "populated 1" in file.read()
    except FileNotFoundError:
        return False


def is_frozen(server: Server) -> bool:
    """Whether it hangs by `freeze`."""
    try:
        with open(os.path.join(group(server), "cgroup.freeze"), encoding="ascii") as file:
            return file.read().strip() == "1"
    except FileNotFoundError:
        return False


def power_on(plan: Plan, server: Server) -> None:
    """Starts to boot; see `wait_until_up`."""
    if is_on(server):
        return
    wires.forget_addresses(plan, server)
    wires.bring_up(server)
    netns = wires.namespace(server)
    options = [f"--bind-ro={path}" for path in _shared_folders()]
    with open(log(server), "ab") as output:
        subprocess.Popen(
            ["unshare", "-m", os.path.join(HERE, "boot-server")]
            + [server.name, roots.folder_of(server), netns, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=commands.ENVIRONMENT,
            start_new_session=True,
        )


def _shared_folders() -> list[str]:
    """A debug build finds the Swift runtime where the toolchain lies, on the servers too."""
    code, said = commands.ask("ldd", os.path.join(BUILD, "tandem-agent"))
    folders = {
        os.path.dirname(word)
        for line in said.splitlines()
        for word in line.split()
        if code == 0 and word.startswith("/") and "/swift/" in word
    }
    return sorted(folders)


def wait_until_up(server: Server, seconds: float = BOOT_SECONDS) -> str:
    """`running` or `degraded`, as systemd says; raises MachineError."""
    deadline = time.monotonic() + seconds
    state = ""
    while time.monotonic() < deadline:
        code, state = ask(server, "systemctl", "is-system-running")
        if state in ("running", "degraded"):
            return state
        time.sleep(0.1)
    raise MachineError(f"{server.name} is not up after {seconds:.0f} s ({state}); see {log(server)}")


def power_off(plan: Plan, server: Server) -> None:
    """As if its plug were pulled: nothing is written any more, no address of it answers."""
    if is_on(server):
        _write(server, "cgroup.kill", "1")
        deadline = time.monotonic() + END_SECONDS
        while is_on(server):
            if time.monotonic() > deadline:
                raise MachineError(f"{server.name} has processes that do not end: {group(server)}")
            time.sleep(0.02)
    wires.forget_addresses(plan, server)
    if wires.exists(wires.namespace(server)):
        commands.do("ip", "-n", wires.namespace(server), "link", "set", "eth0", "down")
    _remove_group(group(server))


def freeze(server: Server, is_frozen_now: bool) -> None:
    """Lets it hang, or go on: its kernel still answers pings and takes connections."""
    _write(server, "cgroup.freeze", "1" if is_frozen_now else "0")


def reboot(server: Server) -> None:
    """In good order; returns when it is on its way down."""
    before = boot_id(server)
    ask(server, "systemctl", "reboot")
    deadline = time.monotonic() + BOOT_SECONDS
    while boot_id(server) in (before, "") and time.monotonic() < deadline:
        time.sleep(0.1)


def boot_id(server: Server) -> str:
    """When it was booted, in a form that is new at each boot; empty while it is not up.

    /proc's boot_id is the host's in a container; PID 1's start is the server's own.
    """
    leader = _leader(server)
    if leader is None:
        return ""
    try:
        with open(f"/proc/{leader}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def enter(server: Server) -> list[str]:
    """The beginning of a command line that runs inside; raises MachineError if it is off."""
    leader = _leader(server)
    if leader is None:
        raise MachineError(f"{server.name} is off")
    words = [f"{key}={value}" for key, value in GUEST_ENVIRONMENT.items()]
    return ["nsenter", "-t", str(leader), *"-m -u -i -n -p -C -r -w env -i".split(), *words]


def ask(server: Server, *words: str, limit: float = 30.0, text: str | None = None) -> tuple[int, str]:
    """Exit code and output of a command inside; 255 while the server is off."""
    try:
        return commands.ask(*enter(server), *words, limit=limit, text=text)
    except MachineError as error:
        return 255, str(error)


def do(server: Server, *words: str, limit: float = 60.0, text: str | None = None) -> str:
    """What a command inside says; raises MachineError."""
    code, said = ask(server, *words, limit=limit, text=text)
    if code:
        raise MachineError(f"{server.name}: {' '.join(words)[:120]} ended with {code}: {said}")
    return said


def write(server: Server, path: str, text: str, mode: int = 0o644) -> None:
    """A file in a server's root, whether it is on or off."""
    full = roots.root_of(server) + path
    if path.startswith("/var/lib/tandem/"):
        full = roots.state_of(server) + path.removeprefix("/var/lib/tandem")
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(full, mode)


def enable(server: Server, service: str) -> None:
    """Lets systemd start a service at each boot."""
    wants = os.path.join(roots.root_of(server), "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    link = os.path.join(wants, f"{service}.service")
    if not os.path.islink(link):
        os.symlink(f"/usr/lib/systemd/system/{service}.service", link)


def _leader(server: Server) -> int | None:
    """The server's PID 1, as we number it."""
    path = os.path.join(group(server), "payload/init.scope/cgroup.procs")
    try:
        with open(path, encoding="ascii") as file:
            numbers: Sequence[str] = file.read().split()
    except OSError:
        return None
    return int(numbers[0]) if numbers else None


def _write(server: Server, name: str, text: str) -> None:
    try:
        with open(os.path.join(group(server), name), "w", encoding="ascii") as file:
            file.write(text)
    except FileNotFoundError as error:
        raise MachineError(f"{server.name} is off") from error


def _remove_group(path: str) -> None:
    for folder, names, _ in os.walk(path, topdown=False):
        for name in names:
            try:
                os.rmdir(os.path.join(folder, name))
            except OSError:
                pass  # It is tried again at the next boot; an empty group does no harm.
    if os.path.isdir(path):
        try:
            os.rmdir(path)
        except OSError:
            pass
