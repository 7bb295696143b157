"""A provider that can be told to lie: its own TLS, its own keys, one spoilt thing at a time."""

import base64
import hashlib
import hmac
import json
import os
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rig import CLIENT, make_certificate, openssl

SECRET = "s&cret of the client %"
"""With letters that must be escaped; glewlwyd takes those as they come, against the rule."""
Members = dict[str, Any]
Spoil = Callable[[Members], None]


def base64url(data: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An elliptic key that signs tokens."""

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self.path = os.path.join(folder, f"{name}.pem")
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", self.path)
        self.public = openssl("ec", "-in", self.path, "-pubout", "-outform", "DER")

    @property
    def shown(self) -> Members:
        """As it stands in the set of keys; a DER public key ends in both coordinates."""
        x, y = self.public[-64:-32], self.public[-32:]
        members = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.name}
        return {**members, "x": base64url(x), "y": base64url(y)}

    def sign(self, text: bytes) -> bytes:
        """r and s, 32 bytes each."""
        der = openssl("dgst", "-sha256", "-sign", self.path, data=text)
        numbers, rest = [], der[2:]
        while rest:
            count = rest[1]
            numbers.append(rest[2 : 2 + count].lstrip(b"\0").rjust(32, b"\0"))
            rest = rest[2 + count :]
        return b"".join(numbers)


class HostileProvider:
    """Answers as it should, unless `spoil_...` changes what it says."""

    def __init__(self, folder: str, host: str) -> None:
        self.tls_key, self.certificate = make_certificate(folder, host)
        self.key = Key(folder, "k1")
        self.other_key = Key(folder, "k2")
        self.lock = threading.Lock()
        self.forget()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
                """Discovery and keys."""
                provider.answer(self, b"")

            def do_POST(self) -> None:  # noqa: N802
                """The redeeming of a code."""
                length = int(self.headers.get("content-length") or 0)
                provider.answer(self, self.rfile.read(length))

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.tls_key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://{host}:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """No more answers."""
        self.server.shutdown()
        self.server.server_close()

    def forget(self) -> None:
        """Nothing is spoilt, and nobody has asked."""
        self.spoil_document: Spoil = lambda _: None
        self.spoil_claims: Spoil = lambda _: None
        self.spoil_header: Spoil = lambda _: None
        self.spoil_answer: Spoil = lambda _: None
        self.signs: Callable[[bytes], bytes] = self.key.sign
        self.raw: dict[str, tuple[int, bytes]] = {}
        """Bytes that are answered for a path, whatever was asked."""
        self.delay_seconds = 0.0
        self.asked: list[str] = []
        self.nonces: dict[str, tuple[str, str]] = {}
        """Nonce and challenge by code."""

    # What a browser does.

    def sign_in(self, way: str) -> str:
        """The person was let in at once; the address of the way back."""
        query = {
            name: values[0]
            for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(way).query).items()
        }
        assert query["code_challenge_method"] == "S256", way
        assert query["response_type"] == "code" and query["client_id"] == CLIENT, way
        code = base64url(os.urandom(16))
        self.nonces[code] = (query["nonce"], query["code_challenge"])
        back = urllib.parse.urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    # What the controller asks.

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """One answer."""
        path = urllib.parse.urlsplit(request.path).path
        with self.lock:
            self.asked.append(path)
        time.sleep(self.delay_seconds)
        if path in self.raw:
            status, data = self.raw[path]
        elif path == "/.well-known/openid-configuration":
            status, data = 200, json.dumps(self.document()).encode()
        elif path == "/keys":
            status, data = 200, json.dumps({"keys": [self.key.shown]}).encode()
        elif path == "/auth":
            back = self.sign_in(request.path).replace("&", "&amp;")
            status, data = 200, f'<!DOCTYPE html><a href="{back}">Let me in</a>'.encode()
        elif path == "/token":
            status, data = self.redeem(request, body)
        else:
            status, data = 404, b""
        try:
            request.send_response(status)
            if path == "/auth":
                request.send_header("Content-Type", "text/html")
            if status == 302:
                request.send_header("Location", f"{self.issuer}/token")
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)
        except OSError:
            pass  # The controller has given up.

    def document(self) -> Members:
        """The discovery document."""
        members: Members = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        self.spoil_document(members)
        return members

    def redeem(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        """A token for a code, if the controller proves itself."""
        fields = {name: v[0] for name, v in urllib.parse.parse_qs(body.decode()).items()}
        pair = f"{urllib.parse.quote(CLIENT, safe='')}:{urllib.parse.quote(SECRET, safe='')}"
        proof = f"Basic {base64.b64encode(pair.encode()).decode()}"
        nonce, challenge = self.nonces.pop(fields["code"])
        verifier = hashlib.sha256(fields["code_verifier"].encode()).digest()
        if request.headers["authorization"] != proof or base64url(verifier) != challenge:
            return 400, b'{"error":"invalid_grant"}'
        answer: Members = {"token_type": "Bearer", "id_token": self.token(nonce)}
        self.spoil_answer(answer)
        return 200, json.dumps(answer).encode()

    def token(self, nonce: str) -> str:
        """A token for `ada`."""
        now = int(time.time())
        claims: Members = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "preferred_username": "ada",
        }
        self.spoil_claims(claims)
        header: Members = {"alg": "ES256", "kid": self.key.name}
        self.spoil_header(header)
        parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
        signed = ".".join(parts).encode()
        return f"{signed.decode()}.{base64url(self.signs(signed))}"

    def sign_with_public_key(self, signed: bytes) -> bytes:
        """HS256 whose secret is what everybody knows: the public key."""
        text = openssl("ec", "-in", self.key.path, "-pubout")
        return hmac.new(text, signed, hashlib.sha256).digest()
