"""What the lab consists of, read from one declarative file."""

import ipaddress
import itertools
import os
import tomllib
from dataclasses import dataclass, replace
from typing import Any

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
DEFAULT_FILE = os.path.join(HERE, "network.toml")
DRIVERS = ("keepalived", "postgresql", "patroni", "standalone")


class PlanError(Exception):
    """The file does not describe a network; says where and what to do."""


@dataclass(frozen=True)
class Server:
    """One server that boots."""

    name: str
    address: str
    number: int
    """Counts all servers of the network, from 1."""

    @property
    def mac(self) -> str:
        """Always the same, so that no neighbour keeps an old one after a server is made anew."""
        parts = [int(part) for part in self.address.split(".")]
        return "02:00:" + ":".join(f"{part:02x}" for part in parts)


@dataclass(frozen=True)
class Cluster:
    """One or two servers that serve together."""

    name: str
    kind: str
    driver: str
    is_primary: bool
    service_address: str
    """Moves between the servers; empty for a single server."""
    servers: tuple[Server, ...]
    store: tuple[Server, ...] = ()
    """Where its HA system keeps who leads: etcd, on servers without an agent."""

    @property
    def is_database(self) -> bool:
        """Whether the service is PostgreSQL itself: clients know both servers, no address moves."""
        return self.driver in ("postgresql", "patroni")

    @property
    def entry(self) -> str:
        """The address on which the product answers; of databases there is no such one."""
        return self.service_address or (self.servers[0].address if len(self.servers) == 1 else "")

    def mate(self, server: Server) -> Server | None:
        """The other server."""
        return next((one for one in self.servers if one != server), None)


@dataclass(frozen=True)
class Plan:
    """The whole network."""

    site: str
    subnet: ipaddress.IPv4Network
    controller: str
    clusters: tuple[Cluster, ...]
    label: str = "network"
    """The folder in which what belongs to its controller lies."""

    def alone(self, cluster: Cluster) -> "Plan":
        """One cluster with a controller of its own, beside the others on the same switch."""
        number = 1 + self.clusters.index(cluster)
        address = str(ipaddress.IPv4Address(self.controller) - number)
        return replace(self, controller=address, clusters=(cluster,), label=cluster.name)

    @property
    def servers(self) -> list[Server]:
        """All of them, in the order of the file; a cluster's store comes before its servers."""
        return [one for cluster in self.clusters for one in (*cluster.store, *cluster.servers)]

    def server(self, name: str) -> Server:
        """The server of that name; raises PlanError."""
        for server in self.servers:
            if server.name == name:
                return server
        known = ", ".join(server.name for server in self.servers)
        raise PlanError(f"there is no server {name}; the network has {known}")

    def cluster_of(self, server: Server) -> Cluster:
        """The cluster to which a server belongs."""
        return next(one for one in self.clusters if server in one.servers or server in one.store)

    def is_store(self, server: Server) -> bool:
        """Whether it carries the store of a cluster, and nothing else."""
        return server in self.cluster_of(server).store


def load(path: str = DEFAULT_FILE) -> Plan:
    """Reads a network; raises PlanError that names what is wrong."""
    try:
        with open(path, "rb") as file:
            return _plan(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanError(f"{path}: {error!r} is missing or of another form") from error
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error


def _plan(data: dict[str, Any]) -> Plan:
    network = data["network"]
    count = itertools.count(1)

    def servers(table: dict[str, str]) -> tuple[Server, ...]:
        return tuple(Server(name, address, next(count)) for name, address in table.items())

    clusters = []
    for entry in data["cluster"]:
        clusters.append(
            Cluster(
                entry["name"],
                entry["kind"],
                entry["driver"],
                entry.get("primary", False),
                entry.get("service-address", ""),
                servers(entry["servers"]),
                servers(entry.get("store", {})),
            )
        )
    plan = Plan(
        network["site"],
        ipaddress.IPv4Network(network["subnet"]),
        network["controller"],
        tuple(clusters),
    )
    _check(plan)
    return plan


def _check(plan: Plan) -> None:
    names = [server.name for server in plan.servers]
    addresses = [server.address for server in plan.servers] + [plan.controller]
    addresses += [cluster.service_address for cluster in plan.clusters if cluster.service_address]
    for words in (names, addresses, [cluster.name for cluster in plan.clusters]):
        doubles = sorted({word for word in words if words.count(word) > 1})
        if doubles:
            raise PlanError(f"{', '.join(doubles)} stands there more than once")
    for address in addresses:
        if ipaddress.IPv4Address(address) not in plan.subnet:
            raise PlanError(f"{address} is not in {plan.subnet}")
    for cluster in plan.clusters:
        if cluster.driver not in DRIVERS:
            raise PlanError(f"{cluster.name}: driver {cluster.driver} is none of {DRIVERS}")
        if len(cluster.servers) not in (1, 2):
            raise PlanError(f"{cluster.name} has {len(cluster.servers)} servers; 1 or 2 are known")
        if (cluster.driver == "patroni") != bool(cluster.store):
            raise PlanError(f"{cluster.name}: Patroni needs a `store`, and nobody else has one")
