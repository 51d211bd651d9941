# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What clients see while registries die, on a LAN of network namespaces: of two registries one is
enough, and without any what is known is used for a bounded time."""

import contextlib
import pathlib
import re
import shutil
import signal
import socket
import threading

import pytest

import calling
from calling import Caller
from failover import PUSHES, TYPE, find, instances_of, make_world, reply    # noqa: F401: a fixture
from waiting import LIMIT_S, freeze, wait_for
from wire import NXDOMAIN, QR, SERVFAIL

WAYS = ["killed", "vanished", "stopped", "servfail"]


class Unwell:
    """Answers SERVFAIL, or with another RCODE, at port 53 of a host, by UDP and TCP."""

    def __init__(self, host, rcode=SERVFAIL):
        self.rcode, self.nasked = rcode, 0
        where = host.address, 53
        with host.inside():
            self.udp = socket.socket(type=socket.SOCK_DGRAM)
            self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.udp.bind(where)
        self.tcp.bind(where)
        self.tcp.listen()
        self.threads = [threading.Thread(target=serve, daemon=True)
                        for serve in (self._datagrams, self._connections)]
        for thread in self.threads:
            thread.start()

    def answer(self, query):
        self.nasked += 1
        flags = int.from_bytes(query[2:4], "big") & 0x7900 | QR | self.rcode
        end = query.index(b"\0", 12) + 5
        return query[:2] + flags.to_bytes(2, "big") + b"\0\1\0\0\0\0\0\0" + query[12:end]

    def _datagrams(self):
        with contextlib.suppress(OSError):
            while True:
                query, client = self.udp.recvfrom(4096)
                if client is None:
                    return
                with contextlib.suppress(ValueError):
                    self.udp.sendto(self.answer(query), client)

    def _connections(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.tcp.accept()
                with connection, contextlib.suppress(OSError, ValueError):
                    connection.settimeout(LIMIT_S)
                    answer = self.answer(connection.recv(4096)[2:])
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)

    def close(self):
        for sock in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(LIMIT_S)
        for sock in (self.udp, self.tcp):
            sock.close()


class Fault:
    """One way of a registry to be gone."""

    def __init__(self, world, weftd, how):
        self.world, self.weftd, self.how, self.unwell = world, weftd, how, None

    def begin(self):
        if self.how == "killed":
            self.weftd.kill()
        elif self.how == "vanished":
            self.weftd.host.vanish()
        elif self.how == "stopped":
            freeze(self.weftd.process.pid)
        else:
            self.weftd.kill()
            self.unwell = Unwell(self.weftd.host)

    def end(self):
        if self.unwell is not None:
            self.unwell.close()
            self.unwell = None
        if self.how in ("killed", "servfail"):
            self.world.start(self.weftd)
        elif self.how == "vanished":
            self.weftd.host.vanish(False)
        else:
            self.weftd.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def resolv_conf(host, text, hosts="127.0.0.1 localhost\n"):
    """The beginning of a command that runs on the host with files of its own in /etc."""
    etc = pathlib.Path("/etc/netns") / host.name
    etc.mkdir(parents=True)
    try:
        (etc / "resolv.conf").write_text(text)
        (etc / "hosts").write_text(hosts)
        yield ["ip", "netns", "exec", host.name]
    finally:
        shutil.rmtree(etc)


@pytest.fixture
def make_fault(make_world):
    """Makes a world of two registries, of which the first can be gone."""
    made = []

    def make(how, server=PUSHES):
        world = make_world(nregistries=2, server=server)
        made.append(Fault(world, world.registries[0], how))
        return made[-1]

    yield make
    for fault in made:
        if fault.unwell is not None:
            fault.unwell.close()


@pytest.fixture(params=WAYS)
def fault(request, make_fault):
    return make_fault(request.param)


def labels(instances):
    return sorted(i.name.split(".")[0] for i in instances)


def health(caller):
    """{address: health} of the registries."""
    position = len(caller.events)
    caller.send("registries", "echo listed")
    caller.wait("listed")
    return {event.words[0]: event.words[2] for event in caller.events[position:]
            if event.word == "registry"}


def test_resolving_and_connecting_go_on_with_the_other_registry(fault):
    world, host = fault.world, fault.world.hosts[0]
    instance = world.started("web-1", host)
    for n in range(5):
        world.register("one", 80 + n, host, of=f"_s{n}._tcp.lab.cloud")
    caller = world.caller()
    assert labels(find(caller)) == ["web-1"]
    fault.begin()
    for c in (caller, world.caller()):
        for n in range(5):     # none of them is in the cache
            assert [i.port for i in find(c, f"_s{n}._tcp")] == [80 + n]
        assert reply(c) == "web-1"
    # What has changed meanwhile is found: answers are those of the other registry.
    instance.kill()
    world.instance("web-2", world.hosts[1])
    world.register("web-2", world.instances[-1].port, world.hosts[1], to=world.registries[1:])
    world.remove("web-1", to=world.registries[1:])
    wait_for(lambda: labels(find(caller)) == ["web-2"], "the answer of the second registry")
    assert reply(caller) == "web-2"


def test_a_registry_that_is_back_is_used_again(fault):
    world = fault.world
    world.register("web-1", 80, world.hosts[0])
    caller, first = world.caller(), world.registries[0]
    find(caller)
    fault.begin()
    for n in range(3):
        world.register("one", 80, world.hosts[0], of=f"_s{n}._tcp.lab.cloud",
                       to=world.registries[1:])
        assert labels(find(caller, f"_s{n}._tcp")) == ["one"]
    fault.end()

    def is_well():
        caller.send(f"find {TYPE}", "wait 200")
        caller.wait("waited")
        return health(caller)[f"{first.address}@53"] == "1"

    wait_for(is_well, "healthy registry")
    # It is the first one again: it alone knows this.
    world.register("web-7", 80, world.hosts[0], to=[first])
    wait_for(lambda: "web-7" in labels(find(caller)), "answer of the first registry")


@pytest.mark.parametrize("how, server", [
    *(pytest.param(how, PUSHES, id=f"{how}-pushed") for how in WAYS),
    *(pytest.param(how, "", id=f"{how}-polled") for how in ("killed", "stopped"))])
def test_a_watch_goes_on_with_the_other_registry(make_fault, how, server):
    """A session whose server is silent ends after two keepalives, 30 s."""
    fault = make_fault(how, server)
    world, both = fault.world, fault.world.registries
    for n in range(20):
        world.register(f"web-{n}", 80, world.hosts[0], ttl=1)
    caller = world.caller()
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    assert len(caller.passed("added")) == 20
    fault.begin()
    world.register("web-20", 81, world.hosts[0], to=both[1:], ttl=1)
    caller.wait("added", "web-20")
    world.register("web-20", 82, world.hosts[0], to=both[1:], ttl=1)
    caller.wait("changed", " 82 ")
    fault.end()
    for n in (20, 21):
        world.register(f"web-{n}", 83, world.hosts[0], ttl=1)
    caller.wait("added", "web-21")
    # Only what has changed was reported: nothing was removed, and nothing added twice.
    added = [event.words[0] for event in caller.passed("added")]
    assert sorted(added) == sorted(set(added)) and len(added) == 22
    assert not caller.passed("removed")


@pytest.mark.parametrize("how", ["killed", "servfail"])
def test_a_connector_goes_on_with_the_other_registry(make_fault, how):
    fault = make_fault(how)
    world = fault.world
    world.started("web-1", world.hosts[0], txt="id=web inc=1")
    caller = world.caller()
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "web-1"
    fault.begin()
    moved = world.instance("moved", world.hosts[1])
    world.register("web-1", moved.port, world.hosts[1], txt="id=web inc=2",
                   to=world.registries[1:])
    caller.wait("event", "moved")
    assert caller.wait("reply").words == ["moved"]
    assert not caller.passed("error")


# ---- without a registry ----

@pytest.mark.parametrize("how", WAYS)
def test_without_any_registry_answers_are_stale_for_a_while(make_world, how):
    world = make_world(nregistries=2)
    faults = [Fault(world, weftd, how) for weftd in world.registries]
    world.started("web-1", world.hosts[0], ttl=1)
    caller = world.caller("-s", "8000")
    assert labels(find(caller)) == ["web-1"]
    assert not caller.events[0].text.endswith("stale")
    try:
        for fault in faults:
            fault.begin()
        caller.send("wait 1500")        # TTLs are 1 s, but for that of the address
        find(caller)
        assert caller.passed("found")[-1].text == "found 1 stale"
        assert reply(caller) == "web-1"

        def is_over():
            caller.send(f"find {TYPE} 1500", "wait 500")
            return caller.wait("found|error").word == "error"

        wait_for(is_over, "end of stale answers")
        assert caller.passed("error")[0].words[0] == "WEFT_E_NO_REGISTRY", caller.events
        for weftd in world.registries:
            assert weftd.address in caller.passed("error")[0].text
    finally:
        for fault in faults:
            fault.end()

    def is_found():
        caller.send(f"find {TYPE} 1500", "wait 200")
        return caller.wait("found|error").text == "found 1"

    wait_for(is_found, "an answer of a registry that is back")


def test_resolvers_are_not_believed_while_registries_are_gone(make_world):
    """The resolver of the host, which knows nothing of the zone, has no say."""
    world = make_world()
    host, weftd = world.hosts[0], world.registries[0]
    with resolv_conf(world.client, f"nameserver {world.hosts[1].address}\n") as prefix:
        resolver = Unwell(world.hosts[1], NXDOMAIN)
        try:
            instance = world.instance("web-1", host)
            world.send(f"n1.nodes.lab.cloud. 1 IN A {host.address}",
                       f"web-1.{TYPE}. 1 IN SRV 0 0 {instance.port} n1.nodes.lab.cloud.",
                       f"web-1.{TYPE}. 1 IN TXT a=b")
            caller = world.caller(prefix=prefix)
            assert reply(caller) == "web-1"
            weftd.kill()
            caller.send("wait 1500")
            assert reply(caller) == "web-1"
            find(caller, f"n1.nodes.lab.cloud:{instance.port}")
            assert caller.passed("found")[-1].text == "found 1 stale"
            fresh = world.caller(prefix=prefix)
            fresh.send(f"find n1.nodes.lab.cloud:{instance.port}")
            assert fresh.wait("found|error").words[0] == "WEFT_E_NO_REGISTRY"
            assert resolver.nasked > 0
        finally:
            resolver.close()


def test_without_stale_answers_the_error_comes_at_once(make_world):
    world = make_world(nregistries=2)
    world.started("web-1", world.hosts[0], ttl=1)
    caller = world.caller("-s", "0")
    find(caller)
    for weftd in world.registries:
        weftd.kill()

    def is_error():
        caller.send(f"find {TYPE}", "wait 200")
        return caller.wait("found|error").word == "error"

    wait_for(is_error, "error")
    assert caller.passed("error")[0].words[0] == "WEFT_E_NO_REGISTRY"
    assert not any("stale" in event.text for event in caller.passed("found"))


def test_a_watch_without_any_registry_is_lost_and_current_again(make_world):
    world = make_world(nregistries=2)
    world.register("web-1", 80, world.hosts[0])
    caller = world.caller()
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    for weftd in world.registries:
        weftd.kill()
    caller.wait("lost")
    assert not caller.passed("removed")
    world.start(world.registries[1])
    caller.wait("current")
    world.register("web-2", 80, world.hosts[0], to=world.registries[1:])
    caller.wait("added", "web-2")
    assert labels(instances_of(caller).values()) == ["web-1", "web-2"]
    assert not caller.passed("removed") and len(caller.passed("added")) == 2


# ---- registries by name, and by TLS ----

@pytest.fixture
def named(make_world):
    """A world whose registries serve TLS, too, and are in the client's hosts file."""
    world = make_world(nregistries=2)
    names = [f"ns{n}.lab.cloud" for n, _ in enumerate(world.registries, 1)]
    for weftd, name in zip(world.registries, names):
        weftd.stop()
        weftd.conf.write_text(weftd.conf.read_text().replace(
            "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@853"]'))
        path = weftd.folder / "lab.cloud.zone"
        path.write_text(path.read_text().replace("SOA ns ", f"SOA {name.split('.')[0]} ")
                        + f"{name}. A {weftd.address}\n")
        shutil.rmtree(weftd.folder / "state")
        (weftd.folder / "state").mkdir()
        world.start(weftd)
    world.names = names
    fabric = (world.registries[0].folder / "lab.cloud.fabric").read_text()
    world.public = re.search(r"^public\s+(\S+)$", fabric, re.M)[1]
    hosts = "".join(f"{weftd.address} {name}\n" for weftd, name in zip(world.registries, names))
    with resolv_conf(world.client, "", hosts) as world.prefix:
        yield world


@pytest.mark.parametrize("scheme", ["", "tcp://", "tls://"])
@pytest.mark.parametrize("has_names", [True, False])
def test_the_environment_names_registries(named, scheme, has_names):
    places = named.names if has_names else [weftd.address for weftd in named.registries]
    env = calling.environment(WEFT_REGISTRY=", ".join(scheme + place for place in places))
    trust = ["-p", named.public] if scheme == "tls://" else []
    named.started("web-1", named.hosts[0])
    named.register("web-2", 81, named.hosts[0], of="_other._tcp.lab.cloud")
    with named.client.inside():
        caller = Caller("-d", "lab.cloud", *trust, prefix=named.prefix, env=env)
    named.callers.append(caller)
    assert labels(find(caller)) == ["web-1"]
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    named.registries[0].kill()
    assert labels(find(caller, "_other._tcp")) == ["web-2"]
    assert reply(caller) == "web-1"
    named.register("web-3", 81, named.hosts[0], to=named.registries[1:])
    caller.wait("added", "web-3")
    assert len(health(caller)) == 2
