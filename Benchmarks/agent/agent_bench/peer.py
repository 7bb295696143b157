"""The other end: a TLS 1.3 server that demands certificates and answers like an idle controller."""

import socket
import ssl
import threading

from . import frames
from .certificates import Authority


class Peer:
    """Listens on loopback; counts what agents send. A client that says nothing is left alone."""

    def __init__(self, authority: Authority, heartbeat_milliseconds: int) -> None:
        self._heartbeat_milliseconds = heartbeat_milliseconds
        self._mate_public_key = authority.public_key("mate")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.certificate("ca"))
        context.load_cert_chain(authority.certificate("controller"), authority.key("controller"))
        context.set_alpn_protocols(["tandem/1"])
        context.num_tickets = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # How many TLS connections came about, and what the agent sent: (kind, bytes of the frame).
        self.handshakes = threading.Semaphore(0)
        self.heartbeat = threading.Semaphore(0)
        self.received: list[tuple[int, int]] = []
        self.problems: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def heartbeat_sizes(self) -> list[int]:
        """Bytes of the plaintext frame of each heartbeat so far."""
        return [size for kind, size in list(self.received) if kind == frames.HEARTBEAT]

    def close(self) -> None:
        """Lets nobody in any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as channel:
                self.handshakes.release()
                self._converse(channel)
        except EOFError:
            return
        except (OSError, ssl.SSLError) as error:
            self.problems.append(str(error))

    def _converse(self, channel: ssl.SSLSocket) -> None:
        stream = channel.makefile("rb")

        def read_exactly(count: int) -> bytes:
            found = stream.read(count)
            if len(found) < count:
                raise EOFError
            return found

        def send(kind: int, payload: bytes, correlation: int = 0) -> None:
            channel.sendall(frames.frame(kind, payload, correlation))

        while True:
            kind, correlation, payload = frames.read_frame(read_exactly)
            self.received.append((kind, frames.HEADER.size + len(payload)))
            if kind == frames.HELLO:
                send(frames.WELCOME, frames.welcome(self._heartbeat_milliseconds), correlation)
                send(frames.CLUSTER_VIEW, frames.cluster_view(self._mate_public_key))
            elif kind == frames.HEARTBEAT:
                send(frames.HEARTBEAT_ACK, frames.heartbeat_ack(payload), correlation)
                self.heartbeat.release()
            elif kind == frames.ALARM:
                send(frames.ALARM_ACK, frames.alarm_ack(*frames.alarm_event(payload)), correlation)
            elif kind == frames.ALARM_SNAPSHOT:
                boot, sequence = payload[:16], int.from_bytes(payload[16:20], "big")
                send(frames.ALARM_ACK, frames.alarm_ack(boot, sequence), correlation)
            elif kind in (frames.ERROR, frames.BYE):
                self.problems.append(payload.decode(errors="replace"))
