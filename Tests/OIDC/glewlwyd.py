"""glewlwyd, the OpenID provider of Debian, with a database, keys and a port of its own.

It speaks TLS by itself (`use_secure_connection`), TLS 1.3 among it, and names no ALPN protocol. The
database is made from the SQL file of the package, which knows an administrator `admin` with the password
`password`; everything else is set up through its administration API.
"""

import gzip
import json
import os
import socket
import sqlite3
import subprocess
import urllib.parse

from rig import CLIENT, SECRET, Answer, Browser, make_certificate, openssl, until

from tandem_demo.daemons import Daemon
from tandem_demo.root import free_address

SCHEMA = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
MODULES = "/usr/lib/glewlwyd"
PLUGIN = "oidc"
PASSWORD = "a password at the provider"

CONFIGURATION = """\
port={port}
bind_address="{host}"
external_url="{address}"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="WARNING"
cookie_secure=1
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
use_secure_connection=true
secure_connection_key_file="{key}"
secure_connection_pem_file="{certificate}"
hash_algorithm="SHA512"
database={{ type="sqlite3" path="{database}" }}
"""


class Glewlwyd(Daemon):
    """A provider with one client, ours."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder)
        super().__init__(os.path.join(folder, "glewlwyd.log"))
        self.folder = folder
        self.host, self.port = free_address()
        self.address = f"https://{self.host}:{self.port}"
        self.issuer = f"{self.address}/api/{PLUGIN}"
        self.key, self.certificate = make_certificate(folder, self.host)
        database = os.path.join(folder, "glewlwyd.db")
        with gzip.open(SCHEMA, "rt", encoding="utf-8") as file, sqlite3.connect(database) as store:
            store.executescript(file.read())
        self.configuration = os.path.join(folder, "glewlwyd.conf")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                CONFIGURATION.format(
                    host=self.host,
                    port=self.port,
                    address=self.address,
                    modules=MODULES,
                    key=self.key,
                    certificate=self.certificate,
                    database=database,
                )
            )

    def run(self) -> None:
        """Starts the program."""
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        arguments = ["glewlwyd", "-c", self.configuration]
        self.start(arguments, environment, subprocess.DEVNULL)
        until(self._is_open, "glewlwyd opens its port")

    def _is_open(self) -> bool:
        self.check()
        with socket.socket() as trial:
            return trial.connect_ex((self.host, self.port)) == 0

    def set_up(self, redirect: str, people: tuple[str, ...]) -> None:
        """The plugin with a key of its own, our client, and people with one password."""
        admin = Browser()
        self._do(admin, "auth/", {"username": "admin", "password": "password"})
        key = openssl("genrsa", "2048")
        parameters = {
            "iss": self.issuer,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "key": key.decode(),
            "cert": openssl("rsa", "-pubout", data=key).decode(),
            "access-token-duration": 3600,
            "refresh-token-duration": 86400,
            "code-duration": 600,
            "auth-type-code-enabled": True,
            "auth-type-refresh-enabled": False,
            "pkce-allowed": True,
            "pkce-method-plain-allowed": False,
            "pkce-required": True,
            "jwks-show": True,
            "subject-type": "public",
            "oauth-as-iss-id": True,
            "allowed-scope": ["openid", "profile"],
            "claims": [
                {
                    "name": "preferred_username",
                    "user-property": "username",
                    "type": "string",
                    "mandatory": True,
                }
            ],
        }
        plugin = {"module": "oidc", "name": PLUGIN, "display_name": PLUGIN}
        self._do(admin, "mod/plugin/", {**plugin, "parameters": parameters})
        scope = {"name": "profile", "display_name": "profile", "description": "Who it is"}
        self._do(admin, "scope/", {**scope, "password_required": True})
        for name in people:
            person = {"username": name, "name": name, "password": PASSWORD, "enabled": True}
            self._do(admin, "user/", {**person, "scope": ["openid", "profile", "g_profile"]})
        client = {
            "client_id": CLIENT,
            "name": "Tandem",
            "confidential": True,
            "client_secret": SECRET,
            "redirect_uri": [redirect],
            "authorization_type": ["code"],
            "token_endpoint_auth_method": ["client_secret_basic"],
            "enabled": True,
            "scope": [],
        }
        self._do(admin, "client/", client)

    def _do(self, browser: Browser, path: str, value: object, method: str = "POST") -> None:
        answer = browser.post_json(f"{self.address}/api/{path}", value, method)
        if answer.status != 200:
            raise AssertionError(f"{path} {json.dumps(value)}: {answer.status} {answer.text}")

    def sign_in(self, browser: Browser, way: str, name: str) -> str:
        """A person follows the way to the provider and signs in; the address of the way back."""
        answer = self._follow(browser, way)
        # Its own login page; what its script would do is done here.
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.location).query)
        self._do(browser, "auth/", {"username": name, "password": PASSWORD})
        self._do(browser, f"auth/grant/{CLIENT}/", {"scope": "openid profile"}, "PUT")
        answer = self._follow(browser, query["callback_url"][0] + "&g_continue")
        return answer.location

    def _follow(self, browser: Browser, address: str) -> Answer:
        answer = browser.get(address, is_cross_site=True)
        if answer.status != 302:
            raise AssertionError(f"{address}: {answer.status} {answer.text}")
        return answer
