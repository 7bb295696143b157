"""PostgreSQL on the servers: a pair that streams, Patroni with its store, and what a client is told."""

import json
import time
from collections.abc import Callable

from tandem_lab import commands, machine, roots
from tandem_lab.plan import Cluster, Plan, Server

PORT = 5432
REST_PORT = 8008
STORE_PORT, STORE_PEER_PORT = 2379, 2380
PROGRAMS = "/usr/lib/postgresql/15/bin"
DATA = "/var/lib/postgresql/15/main"
FOLDER = "/etc/postgresql/15/main"
READY_SECONDS = 60.0
TABLE = "create table if not exists rows (id bigint primary key, server text not null)"

CONFIGURATION = f"""\
data_directory = '{DATA}'
hba_file = '{FOLDER}/pg_hba.conf'
ident_file = '{FOLDER}/pg_ident.conf'
external_pid_file = '/run/postgresql/15-main.pid'
"""
SHARED = {
    "listen_addresses": "*",
    "unix_socket_directories": "/var/run/postgresql",
    "shared_buffers": "16MB",
    "wal_log_hints": "on",
    "wal_keep_size": "256MB",
    "wal_retrieve_retry_interval": "200ms",
    "wal_receiver_timeout": "5s",
    "wal_sender_timeout": "5s",
    "tcp_user_timeout": "5s",
}
"""What both kinds of pairs set beside PostgreSQL's usual values."""
RELEASE = "include_if_exists = '/usr/share/database/postgresql.conf'\n"
"""What the product's package says of the release that PostgreSQL runs."""
DRIVER = """\
data = {data}
config-file = {folder}/postgresql.conf
mate = host={mate} port={port} user=postgres
replication = host={mate} port={port} user=postgres connect_timeout=2 tcp_user_timeout=5000
service = postgresql@15-main
synchronous = *
reduce-synchronous = automatic
"""
BEFORE_START = """\
[Service]
ExecStartPre=+/usr/lib/tandem/ha/postgresql before-start
"""
PATRONI = """\
scope: {cluster}
name: {server}
restapi:
  listen: {own}:{rest}
  connect_address: {own}:{rest}
  allowlist: [{own}, {mate}]
etcd3:
  hosts: {store}
bootstrap:
  dcs:
    ttl: 10
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {parameters}
postgresql:
  listen: 0.0.0.0:{port}
  connect_address: {own}:{port}
  data_dir: {data}
  bin_dir: {programs}
  custom_conf: /etc/patroni/postgresql.conf
  pgpass: /var/lib/postgresql/pgpass
  remove_data_directory_on_diverged_timelines: true
  authentication:
    superuser: {{username: postgres}}
    replication: {{username: postgres}}
  pg_hba: {access}
tags:
  nofailover: false
"""


def put_on(plan: Plan, cluster: Cluster, server: Server) -> None:
    """A database on a server that is off; both servers of a pair begin with the same one."""
    if plan.is_store(server):
        return _store(server)
    root = roots.root_of(server)
    _copy(root, roots.DATABASE_TEMPLATE, DATA)
    mate = cluster.mate(server)
    assert mate
    if cluster.driver == "patroni":
        _patroni(plan, cluster, server, mate)
    else:
        _pair(plan, server, mate)
    return None


def _copy(root: str, source: str, target: str) -> None:
    # Names of users are those of the server's own root.
    commands.do("chroot", root, "cp", "-a", source, target)
    commands.do("chroot", root, "mkdir", "-p", FOLDER)


def _access(plan: Plan) -> list[str]:
    return [
        "local all all trust",
        "host all all 127.0.0.1/32 trust",
        f"host all all {plan.subnet} trust",
        "host replication all 127.0.0.1/32 trust",
        f"host replication all {plan.subnet} trust",
    ]


def _pair(plan: Plan, server: Server, mate: Server) -> None:
    settings = "".join(f"{key} = '{value}'\n" for key, value in SHARED.items())
    machine.write(server, f"{FOLDER}/postgresql.conf", CONFIGURATION + settings + RELEASE)
    machine.write(server, f"{FOLDER}/pg_hba.conf", "\n".join(_access(plan)) + "\n")
    machine.write(server, f"{FOLDER}/pg_ident.conf", "")
    machine.write(server, f"{FOLDER}/start.conf", "auto\n")
    commands.do("chroot", roots.root_of(server), "chown", "-R", "postgres:postgres", FOLDER)
    text = DRIVER.format(data=DATA, folder=FOLDER, mate=mate.address, port=PORT)
    machine.write(server, "/etc/tandem/ha/postgresql.conf", text)
    path = "/etc/systemd/system/postgresql@15-main.service.d/tandem.conf"
    machine.write(server, path, BEFORE_START)
    machine.enable(server, "postgresql")


def _patroni(plan: Plan, cluster: Cluster, server: Server, mate: Server) -> None:
    machine.write(server, "/etc/patroni/postgresql.conf", RELEASE)
    text = PATRONI.format(
        cluster=cluster.name,
        server=server.name,
        own=server.address,
        mate=mate.address,
        rest=REST_PORT,
        port=PORT,
        store=f"{cluster.store[0].address}:{STORE_PORT}",
        data=DATA,
        programs=PROGRAMS,
        parameters=json.dumps({key: SHARED[key] for key in SHARED if key != "listen_addresses"}),
        access=json.dumps(_access(plan)),
    )
    machine.write(server, "/etc/patroni/config.yml", text)
    machine.enable(server, "patroni")


def _store(server: Server) -> None:
    """An etcd of one member; in memory, so that the machine's disk does not delay an election."""
    pairs = {
        "NAME": server.name,
        "DATA_DIR": "/run/etcd/data",
        "LISTEN_CLIENT_URLS": f"http://0.0.0.0:{STORE_PORT}",
        "ADVERTISE_CLIENT_URLS": f"http://{server.address}:{STORE_PORT}",
        "LISTEN_PEER_URLS": f"http://{server.address}:{STORE_PEER_PORT}",
        "INITIAL_ADVERTISE_PEER_URLS": f"http://{server.address}:{STORE_PEER_PORT}",
        "INITIAL_CLUSTER": f"{server.name}=http://{server.address}:{STORE_PEER_PORT}",
    }
    text = "".join(f"ETCD_{key}={value}\n" for key, value in pairs.items())
    machine.write(server, "/etc/default/etcd", text)
    path = "/etc/systemd/system/etcd.service.d/memory.conf"
    machine.write(server, path, "[Service]\nRuntimeDirectory=etcd\n")
    machine.enable(server, "etcd")


# What runs.


def driver_lines(cluster: Cluster, server: Server) -> list[str]:
    """What the agent's configuration says of its HA driver."""
    if cluster.driver != "patroni":
        return []
    return [f"ha.address = {server.address}:{REST_PORT}", "ha.service = patroni", f"ha.data = {DATA}"]


def bring_up(cluster: Cluster) -> None:
    """One of two that have booted becomes writable; raises MachineError."""
    first = cluster.servers[0]
    if cluster.driver == "postgresql":
        # A pair without a referee starts as two standbys: who leads is an operator's word.
        _until(lambda: ask(first, "select pg_is_in_recovery()")[1] == "t", f"{first.name} answers")
        machine.do(first, "/usr/lib/tandem/ha/postgresql", "promote")
    _until(lambda: len(writable(cluster)) == 1, f"one server of {cluster.name} takes writes")
    active = writable(cluster)[0]
    _until(lambda: ask(active, TABLE)[0] == 0, f"{active.name} has a table")
    if cluster.driver == "postgresql":
        _until(
            lambda: drive(active, "restore-synchronous")[0] == 0,
            f"the standby of {active.name} streams",
        )
    else:
        _until(lambda: is_synchronous(active), f"the standby of {active.name} is synchronous")


def drive(server: Server, verb: str, limit: float = 30.0) -> tuple[int, str]:
    """Calls what the driver of a pair offers to operators."""
    return machine.ask(server, "/usr/lib/tandem/ha/postgresql", verb, limit=limit)


def ask(server: Server, statement: str, limit: float = 5.0) -> tuple[int, str]:
    """One statement over the server's own socket."""
    words = ("-XAtqw", "-h", "/var/run/postgresql", "-U", "postgres", "-d", "postgres")
    return machine.ask(server, f"{PROGRAMS}/psql", *words, "-c", statement, limit=limit)


def is_synchronous(active: Server) -> bool:
    """Whether commits wait for a standby that streams."""
    return ask(
        active,
        "select count(*) > 0 and current_setting('synchronous_standby_names') <> '' "
        "from pg_stat_replication where sync_state in ('sync', 'quorum')",
    ) == (0, "t")


def is_followed(active: Server) -> bool:
    """Whether a standby receives what that server writes; the standby itself would say so too soon."""
    return ask(
        active, "select count(*) > 0 from pg_stat_replication where state = 'streaming'"
    ) == (0, "t")


def writable(cluster: Cluster) -> list[Server]:
    """The servers whose database takes writes, as far as they answer."""
    return [
        server
        for server in cluster.servers
        if not machine.is_frozen(server) and ask(server, "select pg_is_in_recovery()") == (0, "f")
    ]


def rows(server: Server) -> set[int]:
    """The rows that a database has; raises MachineError."""
    code, said = ask(server, "select id from rows", limit=30.0)
    if code:
        raise machine.MachineError(f"{server.name} does not show its rows: {said}")
    return {int(word) for word in said.split()}


def _until(look: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise machine.MachineError(f"not so after {seconds:.0f} s: {what}")
        time.sleep(0.1)
