"""The line protocol of the demo's control sockets: one request line, `key=value` lines back."""

import os
import socket

Answer = dict[str, str]


def encode(answer: Answer) -> bytes:
    """Lines of `key=value`, then an empty one."""
    return "".join(f"{key}={value}\n" for key, value in answer.items()).encode() + b"\n"


def ask(path: str, request: str, seconds: float = 5.0) -> Answer:
    """One request to a control socket.

    Raises FileNotFoundError or ConnectionRefusedError where nobody listens, other OSErrors where
    the answer breaks off or does not come in time.
    """
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(seconds)
            # By way of the folder: the name of a socket is limited to 107 bytes, a root's is not.
            channel.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
            channel.sendall(f"{request}\n".encode())
            answer: Answer = {}
            for line in channel.makefile(encoding="utf-8"):
                if line == "\n":
                    return answer
                key, _, value = line.rstrip("\n").partition("=")
                answer[key] = value
    finally:
        os.close(folder)
    raise ConnectionError("the answer breaks off")


def service_control_socket(root: str) -> str:
    """The control socket of the product in a root."""
    return os.path.join(root, "run/tandem-demo/control.sock")


def init_control_socket(root: str) -> str:
    """The control socket of a root's `demo-init`."""
    return os.path.join(root, "run/demo-init/control.sock")
