"""Two ways to the controller: the command line for what people do, HTTPS for what tests wait for."""

import http.client
import json
import os
import ssl
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CALL_SECONDS = 180.0
REFUSED = 3
ACTION_FAILED = 6
WAITS_FOR_APPROVAL = 5
SEEN_CHANGED = "TDM-5003"
PRESS_ATTEMPTS = 5
POLL_SECONDS = 5

Status = dict[str, Any]


class Late(AssertionError):
    """Something did not happen in its time."""


@dataclass(frozen=True)
class Said:
    """What a program said."""

    code: int
    text: str
    """Standard output and standard error."""


class Person:
    """Somebody with a certificate."""

    def __init__(self, program: str, folder: str, name: str, address: tuple[str, int]) -> None:
        self.program = program
        self.address = address
        self.configuration = os.path.join(folder, f"{name}.conf")
        certificates = os.path.join(folder, "ca")
        certificate = f"{certificates}/people/{name}.pem"
        key = f"{certificates}/people/{name}.key"
        authority = f"{certificates}/operators-ca.pem"
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(f"controller = {address[0]}:{address[1]}\n")
            file.write(f"certificate = {certificate}\nkey = {key}\nauthority = {authority}\n")
        self.tls = ssl.create_default_context(cafile=authority)
        self.tls.load_cert_chain(certificate, key)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8"}
        self.environment["TANDEM_CONFIG"] = self.configuration

    # The command line.

    def ask(self, *words: str, seconds: float = CALL_SECONDS) -> Said:
        """Runs `tandem` to its end."""
        done = subprocess.run(
            [self.program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        return Said(done.returncode, done.stdout.strip())

    def do(self, *words: str) -> str:
        """Runs what has to work."""
        said = self.ask(*words)
        if said.code:
            raise AssertionError(f"tandem {' '.join(words)} ended with {said.code}:\n{said.text}")
        return said.text

    def json(self, *words: str) -> Any:
        """The answer as data."""
        return json.loads(self.do(*words, "--json"))

    def press(self, button: str, cluster: str, *options: str, no_wait: bool = False) -> Said:
        """Presses a button with the token of what is seen now, as often as that changes."""
        words = ["config", "reapply"] if button == "reapply-configuration" else ["upgrade", button]
        options = (*options, "--reason", "CHG-1", "--yes", *(["--no-wait"] if no_wait else []))
        said = Said(REFUSED, "")
        for _ in range(PRESS_ATTEMPTS):
            seen = self.cluster(cluster)["seen"]
            said = self.ask(*words, cluster, *options, "--seen", seen)
            if said.code != REFUSED or SEEN_CHANGED not in said.text:
                break
        return said

    # HTTPS.

    def get(self, path: str, seconds: float = 30.0) -> Any:
        """One answer of the API; raises OSError while the controller can't be reached."""
        link = http.client.HTTPSConnection(*self.address, timeout=seconds, context=self.tls)
        try:
            link.request("GET", f"/api/v1/{path}")
            answer = link.getresponse()
            body = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            link.close()
        if answer.status != 200:
            raise ConnectionError(f"GET {path}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    def cluster(self, name: str) -> Status:
        """Everything about a cluster."""
        status: Status = self.get(f"clusters/{name}")["status"]
        return status

    def wait(
        self,
        name: str,
        look: Callable[[Status], object],
        what: str,
        seconds: float = 60.0,
    ) -> Status:
        """The first status in which there is something to see, by the API's long poll."""
        deadline = time.monotonic() + seconds
        version = 0
        status: Status = {}
        while (left := deadline - time.monotonic()) > 0:
            wait = max(1, min(POLL_SECONDS, int(left)))
            try:
                snapshot = self.get(f"clusters/{name}?after={version}&wait={wait}")
            except OSError:
                time.sleep(0.1)  # The controller is being restarted.
                continue
            version, status = snapshot["version"], snapshot["status"]
            if look(status):
                return status
        raise Late(f"not in {seconds:g} s: {what}\n{brief(status)}")

    def alarms(self) -> set[tuple[int, str]]:
        """Number and instance of each raised alarm."""
        items = self.get("alarms")["items"]
        return {(entry["number"], entry["instance"]) for entry in items}

    def alarm_history(self) -> list[dict[str, Any]]:
        """Raised and cleared ones."""
        items: list[dict[str, Any]] = self.get("alarms?history=true")["items"]
        return items

    def log(self, cluster: str) -> list[dict[str, Any]]:
        """The upgrade log, the newest first."""
        items: list[dict[str, Any]] = self.get(f"log?cluster={cluster}")["items"]
        return items


def brief(status: Status) -> str:
    """A status in the few lines that matter."""
    if not status:
        return "never seen"
    offers = [
        f"{offer['button']} {offer.get('server', '')}: {offer['whyNot'] or 'enabled'}"
        for offer in status["buttons"]
    ]
    operation = dict(status.get("operation") or {})
    facts = {key: operation[key] for key in ("action", "failure", "lastResult") if key in operation}
    return json.dumps([*status["seenLines"], status["nextStep"], *offers, facts], indent=1)


def running(status: Status) -> Status | None:
    """The running action, within an operation or without one."""
    action: Status | None = status.get("action")
    return action


def failure(status: Status) -> Status | None:
    """What failed and was not dealt with."""
    operation = status.get("operation") or {}
    found: Status | None = operation.get("failure")
    return found


def enabled(status: Status) -> set[str]:
    """The buttons that can be pressed."""
    return {offer["button"] for offer in status["buttons"] if offer["isEnabled"]}


def server(status: Status, name: str) -> Status:
    """One server of a cluster."""
    found: Status = next(entry for entry in status["servers"] if entry["name"] == name)
    return found
