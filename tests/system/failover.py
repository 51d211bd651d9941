# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of failover share: a LAN of network namespaces (lan.py) with a client, registries of
one fabric, and hosts with instances, which are processes (answerer.py). Each of them can be killed,
stopped, or vanish with its host.

The zone of each registry is its own: what a test sends goes to all of them, unless it names one."""

import contextlib
import itertools
import os
import pathlib
import signal
import subprocess
import sys

import pytest

import calling
import lan
import leases
import services
import updates
from calling import Caller
from waiting import LIMIT_S, wait_for

TYPE = "_http._tcp.lab.cloud"
ANSWERER = pathlib.Path(__file__).with_name("answerer.py")
ADDRESS6 = "2001:db8:78::{}"

# Derived records have a short TTL, so that what is cached does not hide what a registry does.
SERVED = services.options("ttl: 1, negative-ttl: 1")

_ports = itertools.count(8000)


# Changes are pushed without TLS to the whole LAN; without this option clients poll.
PUSHES = f"dso-plain: [{lan.NETWORK}.0/24]"


def zone(nhosts):
    """Host N is N.nodes with IPv4, N.six with IPv6, N.both with both."""
    hosts = "".join(
        f"{n}.nodes A {lan.NETWORK}.{n}\n{n}.six AAAA {ADDRESS6.format(n)}\n"
        f"{n}.both A {lan.NETWORK}.{n}\n{n}.both AAAA {ADDRESS6.format(n)}\n"
        for n in range(1, nhosts + 1))
    return leases.SOA + f"ns A {lan.NETWORK}.2\n" + hosts


class Instance:
    """A process that answers with its name."""

    def __init__(self, name, host, port, kind="stream", address=None):
        self.name, self.host, self.port, self.kind = name, host, port, kind
        self.address = address or host.address
        self.process = None
        self.start()

    def start(self):
        with self.host.inside():
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", ANSWERER, self.name, self.address, str(self.port),
                 self.kind], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self.process.stdout.readline() == b"ready\n"

    def is_running(self):
        return self.process.poll() is None

    def kill(self):
        """kill -9: from then on its port refuses."""
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()


class World:
    """A client on host 1, registries on the next ones, and hosts for instances."""

    def __init__(self, net, make_weftd, nregistries, lease, server):
        self.lan, self.callers, self.instances = net, [], []
        self.client = net.hosts[0]
        self.hosts = net.hosts[1 + nregistries:]
        self.registries = []
        for host in net.hosts:
            host.ip("addr", "add", f"{ADDRESS6.format(host.number)}/64", "dev", "eth0", "nodad")
        for host in net.hosts[1:1 + nregistries]:
            self._registry(make_weftd, host, lease, server)
        self.key = self.key_of("n1")

    def _registry(self, make_weftd, host, lease, server):
        weftd = make_weftd(f"r{host.number}")
        weftd.address, weftd.port, weftd.host = host.address, 53, host
        weftd.zone(zone(len(self.lan.hosts)))
        if self.registries:
            secret = weftd.folder / "lab.cloud.fabric"
            secret.write_bytes((self.registries[0].folder / secret.name).read_bytes())
            secret.chmod(0o600)
        else:
            leases.weft(weftd, "fabric", "init", "lab.cloud")
        weftd.configure({"lab.cloud": f"update: {{fabric: lab.cloud}}\nlease: {lease}"}, server,
                        more="fabric:\n  - {name: lab.cloud, key-file: lab.cloud.fabric}\n")
        weftd.conf.write_text(weftd.conf.read_text().replace(
            f'listen: ["{host.address}@53"]',
            f'listen: ["{host.address}@53", "{ADDRESS6.format(host.number)}@53"]'))
        self.registries.append(weftd)
        self.start(weftd)

    def start(self, weftd):
        with weftd.host.inside():
            weftd.start()

    def key_of(self, name):
        """A key of the fabric; its file is `key_path(name)`."""
        return leases.issue(self.registries[0], name)

    def key_path(self, name="n1"):
        return self.registries[0].folder / f"{name}.key"

    # ---- what is registered ----

    def send(self, *lines, to=None, **more):
        for weftd in to or self.registries:
            with weftd.host.inside():
                reply = updates.send(weftd, updates=list(lines), key=self.key, **more)
            assert reply.rcode == "NOERROR", reply

    def lookup(self, owner, rdtype, weftd=None):
        """The rdata that a registry has, sorted."""
        weftd = weftd or self.registries[0]
        with weftd.host.inside():
            return services.lookup(weftd, owner, rdtype)

    def register(self, label, port, host, priority=0, txt="a=b", ttl=60, of=TYPE, node="nodes",
                 to=None, **more):
        name = f"{label}.{of}."
        self.send(f"{name} 0 ANY SRV", f"{name} 0 ANY TXT",
                  f"{name} {ttl} IN SRV {priority} 0 {port} {host.number}.{node}.lab.cloud.",
                  f"{name} {ttl} IN TXT {txt}", to=to, **more)

    def remove(self, label, of=TYPE, to=None):
        self.send(f"{label}.{of}. 0 ANY ANY", to=to)

    # ---- processes ----

    def instance(self, name, host, **more):
        """A process that is not registered."""
        self.instances.append(Instance(name, host, next(_ports), **more))
        return self.instances[-1]

    def started(self, label, host, **more):
        """An instance that is registered."""
        instance = self.instance(label, host)
        self.register(label, instance.port, host, **more)
        return instance

    def where(self, registries=None):
        """The value of WEFT_REGISTRY."""
        return " ".join(weftd.address for weftd in registries or self.registries)

    def caller(self, *options, host=None, registry=None, key=None, prefix=(), env=None):
        options = ["-r", registry or self.where(), "-d", "lab.cloud", *options]
        if key is not None:
            options += ["-k", str(self.key_path(key))]
        with (host or self.client).inside():
            self.callers.append(Caller(*options, prefix=prefix, env=env))
        return self.callers[-1]

    def close(self):
        for weftd in self.registries:
            with contextlib.suppress(OSError):
                if weftd.is_running():
                    weftd.process.send_signal(signal.SIGCONT)
        for caller in self.callers:
            caller.close()
        for instance in self.instances:
            if instance.is_running():
                instance.kill()


@pytest.fixture
def make_world(make_weftd):
    """Makes a world of `nhosts` hosts for instances."""
    with contextlib.ExitStack() as stack:
        def make(nhosts=2, nregistries=1, lease=SERVED, server=PUSHES):
            net = stack.enter_context(lan.lan(1 + nregistries + nhosts))
            world = World(net, make_weftd, nregistries, lease, server)
            stack.callback(world.close)
            return world

        yield make


def reply(caller, command=f"connect {TYPE}"):
    """Connects. Returns the name of the instance that answers."""
    caller.send(command)
    event = caller.wait("reply|error|silent")
    assert event.word == "reply", (event, caller.events)
    return event.words[0]


def find(caller, name=TYPE):
    """Finds. Returns the instances; an error fails the test."""
    position = len(caller.events)
    caller.send(f"find {name}", "echo found-all")
    caller.wait("found-all")
    events = caller.events[position:]
    assert not [event for event in events if event.word == "error"], events
    return calling.found(events)


def instances_of(caller):
    """What the events of a caller's watch amount to: {name: Instance}."""
    now = {}
    for event in caller.events:
        if event.word in ("added", "changed", "moved", "draining", "removed"):
            instance = calling.instance_of(event.words)
            now[instance.name] = instance
            if event.word == "removed":
                del now[instance.name]
    return now


def rss_bytes(caller):
    fields = pathlib.Path(f"/proc/{caller.process.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_answers(host, weftd, owner="ns", rdtype="A"):
    """Waits until the registry answers this host."""
    def answers():
        with host.inside(), contextlib.suppress(OSError):
            return updates.lookup(weftd, f"{owner}.lab.cloud", rdtype)

    wait_for(answers, f"answer of {weftd.address}")
