# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Connecting by libweft (tests/client/caller): to another instance when processes or hosts are gone,
after a service that has moved, and by a connector that follows. Two hosts, HERE with the registry
and the client, and THERE, are network namespaces with a cable between."""

import contextlib
import os
import resource
import socket
import threading
from pathlib import Path

import pytest

import calling
import leases
import netns
import services
import updates
from calling import Caller
from netns import HERE, THERE, pair
from waiting import wait_for

TYPE = "_http._tcp.lab.cloud"
NODES = f"ns A 127.0.0.1\nhere.nodes A {HERE}\nthere.nodes A {THERE}\n" \
    f"both.nodes A {HERE}\nboth.nodes AAAA 2001:db8::1\n"


class Service:
    """Answers each line with its name, until it is killed: then its port refuses."""

    def __init__(self, name, host, address, port=0, kind=socket.SOCK_STREAM):
        self.name, self.kind = name, kind
        with host.inside():
            self.socket = socket.socket(type=kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]
        if kind == socket.SOCK_STREAM:
            self.socket.listen(64)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                if self.kind == socket.SOCK_DGRAM:
                    _, client = self.socket.recvfrom(512)
                    if client is None:  # was shut down
                        return
                    self.socket.sendto(self.name.encode() + b"\n", client)
                    continue
                connection, _ = self.socket.accept()
                with connection, contextlib.suppress(OSError):
                    if connection.recv(512):
                        connection.sendall(self.name.encode() + b"\n")

    def kill(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        if self.kind == socket.SOCK_DGRAM:
            self.socket.close()
        self.thread.join(10)
        self.socket.close()


class World:
    """The hosts, a weftd on HERE, and services."""

    def __init__(self, hosts, weftd, key):
        self.hosts, self.weftd, self.key = hosts, weftd, key
        self.services = []
        self.callers = []

    def service(self, name, address=HERE, **more):
        host = self.hosts.there if address == THERE else self.hosts.here
        self.services.append(Service(name, host, address, **more))
        return self.services[-1]

    def send(self, *lines):
        with self.hosts.here.inside():
            assert updates.send(self.weftd, updates=list(lines), key=self.key).rcode == "NOERROR"

    def register(self, label, port, node="here", priority=0, txt="a=b", proto=TYPE):
        name = f"{label}.{proto}."
        self.send(f"{name} 0 ANY SRV", f"{name} 0 ANY TXT",
                  f"{name} 60 IN SRV {priority} 0 {port} {node}.nodes.lab.cloud.",
                  f"{name} 60 IN TXT {txt}")

    def started(self, label, address=HERE, priority=0, txt="a=b"):
        """A service that is registered."""
        service = self.service(label, address)
        self.register(label, service.port, "there" if address == THERE else "here", priority, txt)
        return service

    def caller(self, key=None):
        """A caller, which sends reports if it has a key."""
        with self.hosts.here.inside():
            self.callers.append(Caller(*calling.options(self.weftd, key=key)))
        return self.callers[-1]

    def lose_there(self):
        """THERE drops all packets, as a host without power does."""
        self.hosts.there.ip("addr", "del", f"{THERE}/24", "dev", "cable")

    def close(self):
        for caller in self.callers:
            caller.close()
        for service in self.services:
            service.kill()


@pytest.fixture
def world(pair, make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.SOA + NODES, lease=services.options())
    with pair.here.inside():
        weftd.start()
    made = World(pair, weftd, key("n1"))
    yield made
    made.close()


def reply(caller, command=f"connect {TYPE}"):
    """Connects. Returns the name of the service that answers."""
    caller.send(command)
    event = caller.wait("reply|error|silent")
    assert event.word == "reply", (event, caller.events)
    return event.words[0]


# ---- from one instance to another ----

def test_a_process_that_is_gone_is_followed_by_another_instance(world):
    first = world.started("web-1", priority=0)
    world.started("web-2", priority=10)
    caller = world.caller()
    assert reply(caller) == "web-1"
    first.kill()
    for _ in range(3):
        assert reply(caller) == "web-2"
    assert not caller.passed("error")


def test_a_host_that_is_gone_is_followed_by_another(world):
    world.started("web-1", THERE, priority=0)
    world.started("web-3", THERE, priority=0)
    world.started("web-2", priority=10)
    caller = world.caller()
    assert reply(caller) in ("web-1", "web-3")
    world.lose_there()
    for _ in range(3):
        assert reply(caller) == "web-2"
    assert not caller.passed("error")


def test_an_instance_that_failed_is_reported(world):
    first = world.started("web-1", priority=0)
    world.started("web-2", priority=10)
    caller = world.caller(key=world.weftd.folder / "n1.key")
    first.kill()
    assert reply(caller) == "web-2"
    caller.send("wait 60000")

    def is_suspect():
        with world.hosts.here.inside():
            return updates.lookup(world.weftd, f"_suspect.web-1.{TYPE}", "TXT")

    wait_for(is_suspect, "report of web-1")


def test_an_instance_that_is_there_again_is_used_again(world):
    first = world.started("web-1", priority=0)
    world.started("web-2", priority=10)
    caller = world.caller()
    first.kill()
    assert reply(caller) == "web-2"
    world.service("web-1", port=first.port)
    assert reply(caller) == "web-2"       # it has failed a moment ago
    caller.send("wait 1000")
    assert reply(caller) == "web-1"


def test_without_a_registry_connecting_goes_on(world):
    world.started("web-1")
    caller = world.caller()
    assert reply(caller) == "web-1"
    world.weftd.kill()
    assert reply(caller) == "web-1"


def test_a_thousand_instances_that_refuse_are_one_error(world):
    with world.hosts.here.inside(), socket.socket() as refusing:
        refusing.bind((HERE, 0))
        for first in range(0, 1000, 100):
            world.send(*(f"web-{n}.{TYPE}. 60 IN {rdata}" for n in range(first, first + 100)
                         for rdata in (f"SRV 0 0 {refusing.getsockname()[1]} here.nodes.lab.cloud.",
                                       "TXT a=b")))
        caller = world.caller()
        caller.send(f"connect {TYPE}")
        error = caller.wait("error")
        assert error.words[0] == "WEFT_E_UNREACHABLE"
        assert ": refused; web-" in error.text and " more" in error.text
        assert len(error.text) < 600


def test_one_deadline_ends_it_if_all_hosts_are_gone(world):
    world.started("web-1", THERE)
    world.started("web-2", THERE)
    world.lose_there()
    caller = world.caller()
    caller.send(f"connect {TYPE} 600")
    error = caller.wait("error")
    assert error.words[0] == "WEFT_E_TIMEOUT"
    assert {f"web-{n} {THERE}@{service.port}: silent" for n, service in
            enumerate(world.services, 1)} <= set(error.text.split(" ", 2)[2].split("; "))


def test_a_host_without_free_descriptors_is_an_error_of_its_own(world):
    world.started("web-1")
    caller = world.caller()
    assert reply(caller) == "web-1"
    used = set(map(int, os.listdir(f"/proc/{caller.process.pid}/fd")))
    least = min(set(range(len(used) + 1)) - used)
    limits = resource.prlimit(caller.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(caller.process.pid, resource.RLIMIT_NOFILE, (least, limits[1]))
    caller.send(f"connect {TYPE}")
    assert caller.wait("error").text.startswith("error WEFT_E_SYSTEM web-1: Too many open files")
    resource.prlimit(caller.process.pid, resource.RLIMIT_NOFILE, limits)
    assert reply(caller) == "web-1"


def test_one_key_reaches_one_instance_while_it_is_there(world):
    for n in range(4):
        world.started(f"web-{n}")
    caller = world.caller()
    first = reply(caller, f"sticky alice {TYPE}")
    others = {reply(caller, f"sticky user-{n} {TYPE}") for n in range(40)}
    assert len(others) == 4
    for _ in range(5):
        assert reply(caller, f"sticky alice {TYPE}") == first
    next(s for s in world.services if s.name == first).kill()
    second = reply(caller, f"sticky alice {TYPE}")
    assert second != first
    assert reply(caller, f"sticky alice {TYPE}") == second


# ---- a service that moves ----

def test_a_service_that_has_moved_within_its_ttl_is_found(world):
    first = world.started("web-1")
    caller = world.caller()
    assert reply(caller) == "web-1"
    first.kill()
    second = world.service("moved")
    world.register("web-1", second.port)
    assert reply(caller) == "moved"


def test_a_service_that_has_moved_from_a_host_that_is_gone_is_found(world):
    world.started("web-1", THERE)
    caller = world.caller()
    assert reply(caller) == "web-1"
    world.lose_there()
    second = world.service("moved")
    world.register("web-1", second.port)
    assert reply(caller) == "moved"


# ---- datagrams ----

def test_a_datagram_goes_to_the_address_that_has_a_route(world):
    service = world.service("dns-1", kind=socket.SOCK_DGRAM)
    world.register("dns-1", service.port, "both", proto="_dns._udp.lab.cloud")
    assert reply(world.caller(), "datagram _dns._udp.lab.cloud") == "dns-1"


def test_a_datagram_that_was_refused_goes_elsewhere_next_time(world):
    """The service is at the IPv4 address alone, while there is a route to the IPv6 one."""
    world.hosts.here.ip("addr", "add", "2001:db8::1/128", "dev", "lo", "nodad")
    service = world.service("dns-1", kind=socket.SOCK_DGRAM)
    world.register("dns-1", service.port, "both", proto="_dns._udp.lab.cloud")
    caller = world.caller()
    caller.send("datagram _dns._udp.lab.cloud")
    assert "refused" in caller.wait("silent").text
    caller.send("failure refused")
    assert reply(caller, "datagram _dns._udp.lab.cloud") == "dns-1"


# ---- a connector ----

def test_a_connector_goes_after_a_service_that_moves(world):
    world.started("web-1", THERE, txt="id=db inc=1")
    caller = world.caller()
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "web-1"
    caller.send("wait 60000")
    second = world.service("moved")
    world.register("web-1", second.port, txt="id=db inc=2")
    event = caller.wait("event", "moved")
    assert f"here.nodes.lab.cloud. {second.port}" in event.text
    assert caller.wait("reply").words == ["moved"]
    # What was started anew has moved, too.
    world.register("web-1", second.port, txt="id=db inc=3")
    caller.wait("event", "moved")
    assert caller.wait("reply").words == ["moved"]
    assert not caller.passed("error")


def is_connecting(host):
    """Whether a SYN of the host is not answered yet (st 02 in /proc/net/tcp)."""
    with host.inside():
        lines = Path("/proc/thread-self/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[3] == "02" for line in lines)


def test_a_connection_in_flight_goes_after_a_service_that_moves(world):
    world.started("web-1", THERE, txt="id=db inc=1")
    caller = world.caller()
    caller.send(f"connector {TYPE}")
    assert reply(caller, "go") == "web-1"
    world.lose_there()
    caller.send("go 60000")
    wait_for(lambda: is_connecting(world.hosts.here), "a connection in flight")
    second = world.service("moved")
    world.register("web-1", second.port, txt="id=db inc=2")
    assert caller.wait("reply|error").words == ["moved"]


def test_a_better_instance_is_reported_when_it_can_be_connected_to(world):
    first = world.started("web-1")
    world.started("web-2", priority=10)
    caller = world.caller()
    caller.send(f"connector {TYPE}")
    assert reply(caller, "go") == "web-1"
    first.kill()
    assert reply(caller, "go") == "web-2"
    caller.send("wait 60000")
    world.service("again", port=first.port)
    assert f"web-1.{TYPE}." in caller.wait("event", "better").text


def test_a_connector_leaves_what_is_drained_or_gone(world):
    world.started("web-1")
    world.started("web-2", priority=10)
    caller = world.caller()
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "web-1"
    caller.send("wait 60000")
    world.weftd.weft("drain", f"web-1.{TYPE}.")
    assert f"web-2.{TYPE}." in caller.wait("event", "draining|gone").text
    assert caller.wait("reply").words == ["web-2"]
    world.weftd.weft("undrain", f"web-1.{TYPE}.")
    assert f"web-1.{TYPE}." in caller.wait("event", "better").text
    assert caller.wait("reply").words == ["web-1"]
    world.send(f"web-1.{TYPE}. 0 ANY ANY")
    caller.wait("event", "gone")
    assert caller.wait("reply").words == ["web-2"]
    assert not caller.passed("error")


def test_a_connector_needs_no_registry_once_it_knows_the_service(world):
    first = world.started("web-1")
    world.started("web-2", priority=10)
    caller = world.caller()
    caller.send(f"connector {TYPE}")
    assert reply(caller, "go") == "web-1"
    world.weftd.kill()
    first.kill()
    assert reply(caller, "go") == "web-2"
    assert reply(caller, "go") == "web-2"


def test_a_connector_waits_for_instances_until_the_deadline(world):
    caller = world.caller()
    caller.send(f"connector {TYPE}", "go 3000")
    assert caller.wait("error").words[0] == "WEFT_E_NOT_FOUND"
    world.started("web-1")
    caller.send("wait 60000")
    caller.wait("event", "ready")
