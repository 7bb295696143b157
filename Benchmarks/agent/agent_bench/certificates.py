"""A throw-away certificate authority, made by the `openssl` program."""

import os
import subprocess

from . import BenchmarkError

CONTROLLER = "subjectAltName=URI:urn:tandem:controller:bench,IP:127.0.0.1"


def _openssl(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["openssl", *arguments], check=False, capture_output=True)
    except FileNotFoundError as error:
        raise BenchmarkError("there is no openssl program: install openssl") from error
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise BenchmarkError(f"openssl {arguments[0]} failed: {words}")
    return done.stdout


class Authority:
    """Keys and certificates (P-256) in one folder: `NAME.key` and `NAME.crt`."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        _openssl(
            "req", "-x509", *self._new_key("ca"), "-subj", "/CN=bench", "-days", "2",
            "-out", self.certificate("ca"),
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip

    def certificate(self, name: str) -> str:
        """Path of a certificate."""
        return os.path.join(self.folder, f"{name}.crt")

    def key(self, name: str) -> str:
        """Path of a private key."""
        return os.path.join(self.folder, f"{name}.key")

    def issue(self, name: str, usage: str, alternative_name: str) -> None:
        """Makes a key and a certificate for it."""
        request = os.path.join(self.folder, f"{name}.csr")
        extensions = os.path.join(self.folder, f"{name}.ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write(
                "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                f"extendedKeyUsage={usage}\n{alternative_name}\n"
            )
        _openssl("req", "-new", *self._new_key(name), "-subj", f"/CN={name}", "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate("ca"),
            "-CAkey", self.key("ca"), "-CAcreateserial", "-days", "2", "-extfile", extensions,
            "-out", self.certificate(name),
        )  # fmt: skip

    def public_key(self, name: str) -> bytes:
        """The public key of a certificate: SPKI in DER."""
        return _openssl("pkey", "-in", self.key(name), "-pubout", "-outform", "DER")

    def _new_key(self, name: str) -> tuple[str, ...]:
        return (
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", self.key(name),
        )  # fmt: skip
