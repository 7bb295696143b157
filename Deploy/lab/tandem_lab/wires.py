"""The network: a switch in a namespace of its own, a namespace and a cable for each server."""

import itertools
import os

from tandem_lab import commands
from tandem_lab.plan import Plan, Server

SWITCH = "tandem-lab-switch"
SWITCH_MAC = "02:00:00:00:00:fe"
PREFIX = "tandem-lab-"
CONTROLLER = "controller"
"""Its name beside those of servers."""


def namespace(server: Server) -> str:
    """The network namespace that a server boots in."""
    return f"{PREFIX}{server.name}"


def _port(server: Server) -> str:
    """The switch's end of a server's cable; at most 15 letters."""
    return f"p{server.number}"


def exists(name: str) -> bool:
    """Whether there is such a namespace."""
    return os.path.exists(f"/run/netns/{name}")


def lay_switch(plan: Plan) -> None:
    """The switch; the operator and the controller sit on it."""
    if not exists(SWITCH):
        commands.do_all(
            [
                f"ip netns add {SWITCH}",
                f"ip -n {SWITCH} link set lo up",
                # Its own address, else it takes a port's, and another one when that port goes.
                f"ip -n {SWITCH} link add br0 address {SWITCH_MAC} type bridge",
                f"ip -n {SWITCH} link set br0 up",
                # The first controller's address may go without the others'.
                f"ip netns exec {SWITCH} sysctl -qw net.ipv4.conf.all.promote_secondaries=1",
            ]
        )
    seat_controller(plan, True)


def seat_controller(plan: Plan, is_there: bool) -> None:
    """The controller's address on the switch, or none: then nothing there answers, nor refuses."""
    address = f"{plan.controller}/{plan.subnet.prefixlen}"
    verb = "replace" if is_there else "del"
    commands.do("ip", "-n", SWITCH, "addr", verb, address, "dev", "br0")


def lay(plan: Plan, server: Server) -> None:
    """A server's cable; made anew, so that no address of an earlier life is left on it."""
    cut(server)
    name, port = namespace(server), _port(server)
    commands.do_all(
        [
            f"ip netns add {name}",
            f"ip link add {port} netns {SWITCH} type veth peer name eth0 netns {name}",
            f"ip -n {SWITCH} link set {port} master br0 up",
            f"ip -n {name} link set lo up",
            f"ip -n {name} link set eth0 address {server.mac}",
            f"ip -n {name} addr add {server.address}/{plan.subnet.prefixlen} dev eth0",
            f"ip -n {name} link set eth0 up",
        ]
    )


def cut(server: Server) -> None:
    """Takes a server's cable and namespace away."""
    if exists(namespace(server)):
        commands.do("ip", "netns", "del", namespace(server))
    commands.ask("ip", "-n", SWITCH, "link", "del", _port(server))


def tear_down() -> None:
    """Takes the switch away, with what still hangs on it."""
    if exists(SWITCH):
        commands.do("ip", "netns", "del", SWITCH)


def forget_addresses(plan: Plan, server: Server) -> None:
    """What a dead server leaves on its card is gone: no service address answers for it."""
    name = namespace(server)
    if not exists(name):
        return
    commands.do("ip", "-n", name, "link", "set", "eth0", "down")
    commands.do("ip", "-n", name, "addr", "flush", "dev", "eth0")
    length = plan.subnet.prefixlen
    commands.do("ip", "-n", name, "addr", "add", f"{server.address}/{length}", "dev", "eth0")
    # What an earlier life filtered is gone as well.
    commands.ask("ip", "netns", "exec", name, "nft", "flush", "ruleset")


def plug(server: Server, is_in: bool) -> None:
    """Plugs a server's cable in, or out: silence, not refusal."""
    commands.do("ip", "-n", SWITCH, "link", "set", _port(server), "up" if is_in else "down")


def bring_up(server: Server) -> None:
    """The server's own end; it was down while the server was off."""
    commands.do("ip", "-n", namespace(server), "link", "set", "eth0", "up")


def part(plan: Plan, one: str, other: str) -> None:
    """Lets nothing pass between two servers, or a server and the controller."""
    pairs = ((one, other), (other, one))
    rules = "\n".join(
        f"        ip saddr {_address(plan, a)} ip daddr {_address(plan, b)} drop" for a, b in pairs
    )
    text = f"table bridge {_table(one, other)} {{\n"
    for hook in ("forward", "input", "output"):
        text += f"    chain {hook} {{\n        type filter hook {hook} priority 0; policy accept;\n"
        text += f"{rules}\n    }}\n"
    text += "}\n"
    heal(one, other)
    commands.do("ip", "netns", "exec", SWITCH, "nft", "-f", "-", text=text)


def heal(one: str, other: str) -> None:
    """Ends `part` of these two; fine if there is none."""
    _nft("delete", "table", "bridge", _table(one, other))


def heal_all(plan: Plan) -> None:
    """Every cable is in, nothing is parted, nothing is slow."""
    if not exists(SWITCH):
        return
    for one, other in itertools.combinations([*(one.name for one in plan.servers), CONTROLLER], 2):
        heal(one, other)
    for server in plan.servers:
        if exists(namespace(server)):
            plug(server, True)
            slow(server, 0)


def slow(server: Server, kilobits: int) -> None:
    """Limits what a server may send, in kbit/s; 0 ends the limit."""
    target = ("ip", "netns", "exec", SWITCH, "tc", "qdisc")
    commands.ask(*target, "del", "dev", _port(server), "root")
    commands.ask("ip", "netns", "exec", namespace(server), "tc", "qdisc", "del", "dev", "eth0", "root")
    if not kilobits:
        return
    shape = ("root", "tbf", "rate", f"{kilobits}kbit", "burst", "16kb", "latency", "400ms")
    commands.do(*target, "add", "dev", _port(server), *shape)
    commands.do(
        "ip", "netns", "exec", namespace(server), "tc", "qdisc", "add", "dev", "eth0", *shape
    )


def _nft(*words: str) -> None:
    commands.ask("ip", "netns", "exec", SWITCH, "nft", *words)


def _table(one: str, other: str) -> str:
    # A server has one controller, so the pair names the partition in every plan.
    return "part_" + "_".join(sorted((one, other))).replace("-", "_")


def _address(plan: Plan, name: str) -> str:
    return plan.controller if name == CONTROLLER else plan.server(name).address
