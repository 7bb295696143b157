"""The way back below the packages, on servers that boot: snapshots of the root, reboots, a real zombie.

Each trial begins and ends with both servers on the old release. Somebody looks at the service address from
outside all the time: whatever is done to one server, its mate goes on serving.
"""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from typing import Any

from tandem_lab import actions, commands, machine, products, roots, tandem, wires
from tandem_lab.operator import enabled, is_acting
from tandem_lab.plan import HERE, Plan, Server
from tandem_lab.witness import Witness

from tandem_demo import packages, release  # isort: skip  (its folder is put on the path by products)

SOUND, RUINOUS = "12.6.5", "12.7.0"
OUTAGE_SECONDS = 3.0
"""What a failover may cost; no trial here should cost more."""
ZOMBIE, SILENT = 70508, 70582
FAILED = 6
"""The exit code of an action that failed."""
BOOT_UNIT = """\
[Service]
ExecStartPre=/bin/sh -c '[ -s /run/tandem-boot-id ] || cat /proc/sys/kernel/random/uuid >/run/tandem-boot-id'
"""
"""A container has the machine's boot id: without one of its own no reboot of it could be seen."""
LINES = """\
snapshots = /.snapshots
boot-select = /usr/lib/tandem/boot-select
boot-id-file = /run/tandem-boot-id
"""
SNAPSHOT_STEP = """\
  - name: Keep the root
    action: snapshot
    expected-seconds: 2
    limit-seconds: 60
    on-failure: stop
"""
REBOOT_STEP = """\
  - name: Reboot
    action: reboot
    expected-seconds: 20
    limit-seconds: 120
    on-failure: return
"""


class TrialError(Exception):
    """What was to be is not so."""


def equip(server: Server) -> None:
    """Gives a server that is off snapshots, a boot id of its own, and its trust outside of the root."""
    root = roots.root_of(server)
    # The folder of the file that keepalived tracks: whoever starts first has to find it.
    os.makedirs(os.path.join(roots.state_of(server), "ha"), mode=0o700, exist_ok=True)
    shutil.copy(os.path.join(HERE, "boot-select"), os.path.join(root, "usr/lib/tandem/boot-select"))
    machine.write(server, "/etc/systemd/system/tandem-agent.service.d/boot.conf", BOOT_UNIT)
    path = os.path.join(root, "etc/tandem/agent.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    shutil.move(os.path.join(root, "etc/tandem/trust"), os.path.join(roots.state_of(server), "trust"))
    machine.write(
        server,
        "/etc/tandem/agent.conf",
        text.replace("/etc/tandem/trust", "/var/lib/tandem/trust") + LINES,
    )


def write_release(run: str, version: str, variant: str, reboots: bool) -> str:
    """A release that keeps the root before it changes anything; returns its description."""
    recipe = packages.Recipe("scef-fe", version, variant)
    folder = os.path.join(run, "releases", f"scef-fe-{version}")
    path = release.write(recipe, release.Surroundings([products.OLD], "", "2"), folder)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    steps = SNAPSHOT_STEP + "  - name: Stop service\n"
    text = text.replace("  - name: Stop service\n", steps, 1)
    if reboots:
        head, tail = text.split("  - name: Write configuration\n", 1)
        text = f"{head}{REBOOT_STEP}  - name: Write configuration\n{tail}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Trials:
    """One pair, booted."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.site = tandem.Site(plan)
        self.cluster = plan.clusters[0]

    # What is seen.

    def status(self) -> Any:
        """The cluster."""
        return self.site.cluster(self.cluster.name)

    def server_status(self, server: Server) -> Any:
        """One server of it."""
        return next(one for one in self.status()["servers"] if one["name"] == server.name)

    def standby(self) -> Server:
        """Who is changed first."""
        found = next(one for one in self.status()["servers"] if one["role"] != "active")
        return self.plan.server(found["name"])

    def has_alarm(self, number: int) -> bool:
        """Whether it is raised."""
        return any(alarm["number"] == number for alarm in self.status()["alarms"])

    def snapshots(self, server: Server) -> list[str]:
        """Of Tandem's, on a server."""
        folder = roots.snapshots_of(server)
        return sorted(name for name in os.listdir(folder) if name.startswith("tandem-"))

    def journal(self, server: Server) -> bytes:
        """Its first record, which names it, and what the agent trusts."""
        found = b""
        for name, count in (("journal", 32), ("trust", 4096)):
            with open(os.path.join(roots.state_of(server), name), "rb") as file:
                found += file.read(count)
        return found

    def wait(self, what: str, look: Callable[[], bool], seconds: float = 180.0) -> None:
        """Until it is so."""

        def is_so() -> bool:
            try:
                return look()
            except (tandem.TandemError, ValueError, StopIteration):
                return False

        self.site.wait(is_so, what, seconds)

    # What is done.

    def press(self, button: str, *more: str, waits: bool = True) -> tuple[int, str]:
        """Presses a button once it can be pressed; exit code and words."""
        self.wait(f"{button} can be pressed", lambda: button in enabled(self.status()))
        words = ["upgrade", button] if button != "recovered" else ["server", "recovered"]
        words += [] if button == "recovered" else [self.cluster.name]
        words += [*more, "--reason", "trial", "--yes", "--seen", self.status()["seen"]]
        return self.site.ask(*words, *([] if waits else ["--no-wait"]), limit=600)

    def start(self, version: str, waits: bool = True) -> tuple[int, str]:
        """Start Upgrade to that version."""
        name = f"scef-fe-{version}"
        return self.press("start-upgrade", "--release", name, "--acknowledge-notices", waits=waits)

    def go_back(self) -> None:
        """Presses until both run the old release and nothing is open."""

        def is_back() -> bool:
            status = self.status()
            runs = {one["runningRelease"] for one in status["servers"]}
            if status["position"] == "idle" and runs == {f"scef-fe {products.OLD}"}:
                return True
            if not is_acting(status):
                offers = enabled(status)
                wanted = ("continue-rollback", "start-rollback", "close", "release")
                if button := next((one for one in wanted if one in offers), ""):
                    self.press(button)
            return False

        self.wait("both servers run the old release", is_back, 600)

    def check(self, is_so: bool, what: str) -> None:
        """One thing that has to be so."""
        actions.say(f"{'ok' if is_so else 'NOT SO'}: {what}")
        if not is_so:
            raise TrialError(what)

    def runs(self, server: Server, version: str) -> bool:
        """Whether it runs that release, by its agent's word."""
        return str(self.server_status(server)["runningRelease"]) == f"scef-fe {version}"

    def ask_for(self, server: Server, name: str) -> None:
        """Asks the boot loader for a snapshot, past the agent."""
        with open(os.path.join(roots.snapshots_of(server), "boot"), "w", encoding="ascii") as file:
            file.write(f"{name}\n")

    def boot_by_hand(self, server: Server, name: str) -> None:
        """A server that is off comes up with the root of that snapshot."""
        self.ask_for(server, name)
        machine.power_on(self.plan, server)
        machine.wait_until_up(server)

    # The trials.

    def sound(self) -> None:
        """A release with snapshot and reboot; packages lead back, and the snapshot is kept until then."""
        server = self.standby()
        before = machine.boot_id(server)
        code, said = self.start(SOUND)
        self.check(code == 0, f"the upgrade with snapshot and reboot succeeds ({said[-200:]})")
        self.check(machine.boot_id(server) != before, f"{server.name} has rebooted")
        self.check(self.runs(server, SOUND), f"{server.name} runs {SOUND}")
        self.check(len(self.snapshots(server)) == 1, "its root is kept, as nothing was accepted")
        way_back = self.server_status(server)["wayBack"]
        self.check("a snapshot of the root is possible" in way_back, f"shown: {way_back}")
        self.go_back()
        self.check(len(self.snapshots(server)) == 1, "its root is kept until another one is")

    def ruinous(self) -> None:
        """A release that ruins the package database and Python: nothing but the old root leads back."""
        server = self.standby()
        before, boot = self.journal(server), machine.boot_id(server)
        code, said = self.start(RUINOUS)
        self.check(code == FAILED, f"the upgrade fails ({said[-400:]})")
        self.check("by the snapshot of its root" in said, "and says by what it returned")
        self.check(machine.boot_id(server) != boot, f"{server.name} has booted its old root")
        self.check(self.runs(server, products.OLD), f"{server.name} runs {products.OLD}")
        self.check(self.journal(server) == before, "journal and trust are those of before")
        self.check(not self.has_alarm(ZOMBIE), "it is no zombie")
        self.go_back()

    def zombie(self) -> None:
        """The same, and the boot loader refuses too."""
        server = self.standby()
        refuses = "#!/bin/sh\necho 'boot-select: the boot partition is gone' >&2\nexit 1\n"
        good = os.path.join(HERE, "boot-select")
        machine.write(server, "/usr/lib/tandem/boot-select", refuses, 0o755)
        code, said = self.start(RUINOUS)
        self.check(code == FAILED, f"the upgrade fails ({said[-400:]})")
        status = self.server_status(server)
        self.check(status["isZombie"], f"{server.name} is a zombie")
        self.check(status["operation"] == "Zombie", "and is shown as one")
        self.check(self.has_alarm(ZOMBIE), "70508 is raised")
        changes = self.changes(server)
        time.sleep(30)
        self.check(self.changes(server) == changes, "nothing is done to it for 30 s")
        self.check(self.has_alarm(ZOMBIE), "and it stays one")
        # A person boots the old root by hand, and says so.
        kept = self.snapshots(server)[-1]
        machine.power_off(self.plan, server)
        self.wait("it is lost, and still a zombie", lambda: self.has_alarm(SILENT), 90)
        self.check(self.has_alarm(ZOMBIE), "silence does not end it")
        self.boot_by_hand(server, kept)
        shutil.copy(good, os.path.join(roots.root_of(server), "usr/lib/tandem/boot-select"))
        self.wait("it runs the old release", lambda: self.runs(server, products.OLD))
        self.check(self.server_status(server)["isZombie"], "it stays one until a person says otherwise")
        code, said = self.press("recovered", server.name)
        self.check(code == 0, f"`server recovered` is taken ({said[-200:]})")
        self.wait("70508 is cleared", lambda: not self.has_alarm(ZOMBIE), 30)
        self.go_back()

    def changes(self, server: Server) -> str:
        """What would show that somebody did something to it."""
        look = "ls -l --time-style=full-iso /var/lib/dpkg/status /var/lib/dpkg/lock /var/log/dpkg.log"
        return machine.ask(server, "sh", "-c", look)[1] + machine.boot_id(server)

    def old_root(self) -> None:
        """The plug is pulled in the middle of an installation, and the old root is booted by hand."""
        server = self.standby()
        before = self.journal(server)
        known = self.snapshots(server)
        self.start(SOUND, waits=False)
        self.wait("the root is kept", lambda: self.snapshots(server) not in (known, []))
        fresh = [name for name in self.snapshots(server) if name not in known]
        self.wait("packages are installed", lambda: _step(self.status()) >= 4)
        machine.power_off(self.plan, server)
        self.boot_by_hand(server, fresh[-1])
        self.check(self.journal(server) == before, "journal and trust are those of before")
        self.check_truth(server)
        self.go_back()

    def swapped_reboot(self) -> None:
        """The release's own reboot brings the old root up: the journal knows more than the root does."""
        server = self.standby()
        before, boot = self.journal(server), machine.boot_id(server)
        known = self.snapshots(server)
        self.start(SOUND, waits=False)
        self.wait("the root is kept", lambda: self.snapshots(server) not in (known, []))
        self.ask_for(server, next(name for name in self.snapshots(server) if name not in known))
        self.wait("it has rebooted", lambda: machine.boot_id(server) not in (boot, ""))
        machine.wait_until_up(server)
        self.check_truth(server)
        self.check(self.runs(server, products.OLD), f"{server.name} runs {products.OLD}")
        self.check("Failed" in self.last_result(), "and the upgrade has failed")
        self.check(self.journal(server) == before, "journal and trust are those of before")
        self.go_back()

    def last_result(self) -> str:
        """Of the operation."""
        return str((self.status().get("operation") or {}).get("lastResult"))

    def check_truth(self, server: Server) -> None:
        """What is told in the end is what is there, and the operation is open still."""
        self.wait("the action comes to its end", lambda: not is_acting(self.status()), 300)
        status = self.status()
        ended = self.server_status(server)["runningRelease"]
        installed = machine.do(server, "dpkg-query", "-W", "-f", "${Version}", "scef-fe-server")
        self.check(
            ended == f"scef-fe {installed.removesuffix('-1')}",
            f"what is told, {ended}, is what is there, {installed}",
        )
        self.check(status["position"] != "idle", "the operation is open still")
        actions.say(f"it ended with: {self.last_result()}")


def _step(status: Any) -> int:
    """The number of the running step."""
    step = (status.get("action") or {}).get("step") or {}
    return int(step.get("index", 0))


def boot(plan: Plan) -> Trials:
    """The pair with the old release, and both releases that keep the root staged."""
    actions.down(plan, ())
    base = roots.base(actions.say)
    trials = Trials(plan)
    site = trials.site
    wires.lay_switch(plan)
    site.stop_controller()
    site.make()
    certificates = {}
    for server in plan.servers:
        actions.prepare(plan, server, base)
        products.put_on(plan, server, site.run)
        certificates[server.name] = site.put_agent(server)
        equip(server)
        machine.power_on(plan, server)
    for server in plan.servers:
        actions.say(f"{server.name} is up ({machine.wait_until_up(server)})")
    site.start_controller()
    cluster = trials.cluster
    site.add(cluster, certificates)
    site.wait_for_reports(cluster)
    site.do("image", "add", site.images[cluster.kind][0])
    site.do("image", "stage", f"{cluster.kind}-{products.OLD}", cluster.name, "--wait", "120")
    for version, variant, reboots in ((SOUND, "sound", True), (RUINOUS, "ruinous", False)):
        image = os.path.join(site.run, f"scef-fe-{version}.iso")
        path = write_release(site.run, version, variant, reboots)
        site.do("image", "build", path, "--output", image)
        site.do("image", "sign", image, "--key", site.signing_key)
        site.do("image", "add", image)
        site.do("image", "stage", f"{cluster.kind}-{version}", cluster.name, "--wait", "120")
    return trials


def test(plan: Plan, words: Sequence[str]) -> int:
    """Runs all trials, or those that are named; 0 if all hold."""
    names = list(words) or ["sound", "ruinous", "zombie", "old_root", "swapped_reboot"]
    trials = boot(plan)
    held = 0
    for name in names:
        actions.say(f"trial {name}")
        witness = Witness(trials.cluster, os.path.join(trials.site.run, f"witness-{name}"))
        witness.begin()
        try:
            witness.mark(name)
            getattr(trials, name)()
            witness.close_interval()
            outage = witness.outage_seconds()
            trials.check(outage <= OUTAGE_SECONDS, f"nobody answered for {outage:.1f} s at most")
            held += 1
        except (TrialError, tandem.TandemError, commands.CommandError, machine.MachineError) as error:
            actions.say(f"FAILED {name}: {error}")
            break  # The next would begin on what this one has left.
        finally:
            witness.end()
    actions.say(f"{held} of {len(names)} trials hold")
    if held < len(names):
        return 1  # What it has left is there to be looked at.
    return actions.down(plan, ())
