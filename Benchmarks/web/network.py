"""A controller of its own with many clusters, whose agents never call: the fullest board there is."""

import http.client
import json
import os
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Sequence
from typing import Any

PERSON = "bench"
START_LIMIT_SECONDS = 30.0


class BenchmarkError(Exception):
    """Nothing could be measured; the text says why."""


def run(*words: str) -> str:
    """What a program prints; it has to work."""
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(words[:4])} failed: {done.stderr.strip()}")
    return done.stdout


class Network:
    """The controller, its people and their API."""

    def __init__(self, programs: str, folder: str) -> None:
        self.controller_program = os.path.join(programs, "tandem-controller")
        self.folder = folder
        self.authority = os.path.join(folder, "ca/operators-ca.pem")
        self.certificate = os.path.join(folder, f"ca/people/{PERSON}.pem")
        self.key = os.path.join(folder, f"ca/people/{PERSON}.key")
        self.configuration = os.path.join(folder, "controller.conf")
        self.child: "subprocess.Popen[bytes] | None" = None

    def open(self, tandem: str) -> None:
        """Certificates, an account, and a controller that answers."""
        authority = os.path.join(self.folder, "ca")
        run(tandem, "ca", "init", authority)
        run(tandem, "ca", "issue", "controller", "c1", "--host", "127.0.0.1", "--dir", authority)
        run(tandem, "ca", "issue", "person", PERSON, "--dir", authority)
        trust = os.path.join(self.folder, "trust")
        key = json.loads(run(tandem, "image", "key", os.path.join(self.folder, "k"), "--json"))
        with open(trust, "w", encoding="utf-8") as file:
            file.write(f"version 1\nthreshold 1\n{key['trustLine']}\n")
        self.agent_port, self.port = _free_ports()
        stem = os.path.join(authority, "controllers/c1")
        lines = {
            "name": "c1",
            "agent-address": f"127.0.0.1:{self.agent_port}",
            "api-address": f"127.0.0.1:{self.port}",
            "agent-certificate": f"{stem}-agents.pem",
            "agent-key": f"{stem}-agents.key",
            "agent-authority": f"{authority}/agents-ca.pem",
            "api-certificate": f"{stem}-api.pem",
            "api-key": f"{stem}-api.key",
            "api-authority": self.authority,
            "trust-file": trust,
            "state-folder": os.path.join(self.folder, "state"),
        }
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in lines.items())
        roles = [word for role in ("operator", "administrator") for word in ("--role", role)]
        run(
            self.controller_program, "people", "add", PERSON, *roles,
            "--config", self.configuration,
        )  # fmt: skip
        log = open(os.path.join(self.folder, "controller.log"), "wb")  # noqa: SIM115
        self.child = subprocess.Popen(
            [self.controller_program, "run", "--config", self.configuration],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._await()

    def one_time_sign_in(self) -> str:
        """The path that signs the person in, once."""
        said = run(
            self.controller_program, "people", "one-time-sign-in", PERSON,
            "--config", self.configuration,
        )  # fmt: skip
        return said.strip()

    def _await(self) -> None:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < deadline:
            try:
                with Connection(self) as one:
                    one.ask("GET", "/api/v1/network")
                return
            except OSError:
                time.sleep(0.1)
        raise BenchmarkError(f"the controller does not answer: see {self.folder}/controller.log")

    def fill(self, count: int) -> None:
        """Adds clusters of two servers each."""
        with Connection(self) as one:
            for number in range(count):
                one.ask("POST", "/api/v1/clusters", self._cluster(number))

    def _cluster(self, number: int) -> dict[str, Any]:
        name = f"c{number:04d}"
        servers = [
            {"name": f"{name}-{letter}", "certificate": self._agent(f"{name}-{letter}")}
            for letter in "ab"
        ]
        return {
            "name": name,
            "kind": "scef-fe",
            "site": f"site-{number % 20}",
            "isPrimarySite": number % 20 == 0,
            "servers": servers,
        }

    def _agent(self, name: str) -> str:
        """A certificate that names an agent; who signed it is asked when the agent calls."""
        return run(
            "openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null",
            "-subj", f"/CN={name}", "-days", "2",
            "-addext", f"subjectAltName=URI:urn:tandem:agent:{uuid.uuid4()}",
        )  # fmt: skip

    def end(self) -> None:
        """Ends the controller."""
        if self.child:
            self.child.kill()
            self.child.wait()


class Connection:
    """One kept connection of the person with the certificate."""

    def __init__(self, network: Network) -> None:
        tls = ssl.create_default_context(cafile=network.authority)
        tls.load_cert_chain(network.certificate, network.key)
        self.link = http.client.HTTPSConnection(
            "127.0.0.1", network.port, timeout=30, context=tls
        )

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer's JSON; raises OSError while nobody answers."""
        text = json.dumps(body) if body is not None else None
        self.link.request(method, path, text, {"content-type": "application/json"})
        answer = self.link.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise BenchmarkError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return json.loads(data)


def _free_ports() -> Sequence[int]:
    """Two that are free at the same time."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
