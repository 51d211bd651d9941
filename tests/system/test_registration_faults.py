# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registrations on a network that loses answers, and at registries of other makers."""

import errno
import socket
import threading

import pytest

import leases
import services
from loopback import free_address, free_port
from registering import PROGRAM, Host
from resolvers import NAMED, Resolver, needs, program
from test_registration import ADDRESS, TYPE, WEB, register, text
from waiting import wait_for

ZONE = leases.SOA + "ns A 127.0.0.1\n"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/client/registering is not built")


class Relay:
    """Passes datagrams to a server, and its answers back, but for as many answers to updates as are
    to be lost."""

    def __init__(self, to):
        self.where, self.to = free_address(), to
        self.losses = self.lost = self.passed = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(self.where)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                asked, whence = self.socket.recvfrom(65535)
                if not asked:
                    return
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
                    there.settimeout(2)
                    there.sendto(asked, self.to)
                    answer = there.recv(65535)
            except OSError:
                continue
            is_success = answer[2] >> 3 & 15 == 5 and answer[3] & 15 == 0
            if is_success and self.lost < self.losses:
                self.lost += 1
                continue
            self.passed += 1
            self.socket.sendto(answer, whence)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", self.where)


@pytest.fixture
def lossy(make_weftd):
    """A started weftd, and a relay before it."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    key("n1"), key("n2")
    relay = Relay(weftd.start().where)
    yield weftd, relay
    relay.close()


def test_an_answer_that_is_lost_is_not_another_hosts(lossy):
    weftd, relay = lossy
    host = Host([relay.where], weftd.folder / "n1.key")
    register(host, WEB, "lease=2")
    first = host.show(WEB)[2]
    other = Host([weftd.where], weftd.folder / "n1.key")
    assert other.do("remove", WEB)[0] == 0
    relay.losses = 1  # of the new registration, which is made
    host.expect("lost", WEB)
    host.expect("done", WEB)
    assert relay.lost == 1
    assert host.show(WEB)[2] > first
    assert text((weftd,))["inc"] == str(host.show(WEB)[2])
    assert not any(line.startswith("failed") for line in host.kept)
    assert [h.quit() for h in (host, other)] == [0, 0]


def test_answers_that_are_lost_are_asked_for_again(lossy):
    weftd, relay = lossy
    host = Host([relay.where], weftd.folder / "n1.key")
    relay.losses = 2
    register(host)
    relay.losses = 3
    host.tell("change", WEB, ADDRESS, "port=81", "state=draining")
    host.tell("end", WEB)
    host.expect("ended", WEB)
    assert services.lookup(weftd, f"web-1.{TYPE}", "ANY") == []
    assert host.quit() == 0


# ---- servers of other makers ----

KEY = 'key "bench" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
SECRET = "c2VjcmV0IG9mIHRoZSBiZW5jaCwgMzIgb2N0ZXRzIGxvbmc="
FOREIGN = """\
$TTL 60
@ SOA ns.lab.cloud. admin.lab.cloud. 1 3600 600 86400 5
@ NS ns.lab.cloud.
ns.lab.cloud. A 127.0.0.1
"""

KNOT = """\
server:
    listen: {address}@{port}
    rundir: {folder}
key:
  - id: bench
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: updates
    key: bench
    action: update
database:
    storage: {folder}
template:
  - id: default
    storage: {folder}
{acl}
zone:
  - domain: {domain}
    file: zone
"""

NSD = """\
server:
    ip-address: {address}@{port}
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zones.list"
    xfrdfile: "{folder}/xfrd.state"
    pidfile: ""
    database: ""
remote-control:
    control-enable: no
zone:
    name: lab.cloud
    zonefile: zone
"""


def foreign(folder, where=None):
    server = Resolver(folder, where)
    (server.folder / "zone").write_text(FOREIGN)
    (server.folder / "bench.key").write_text(KEY.format(secret=SECRET))
    return server


def bind(folder):
    server = foreign(folder, ("127.0.0.1", free_port("127.0.0.1")))  # BIND wants an interface's
    server.conf.write_text(
        KEY.format(secret=SECRET) +
        NAMED.format(address=server.address, port=server.port, folder=server.folder, options="",
                     more='zone "lab.cloud" { type primary; file "zone"; allow-update { key bench; }; };'))
    return server.start(program("named"), "-g", "-c", server.conf)


def knot(folder, acl="    acl: [updates]", domain="lab.cloud"):
    return knot_start(foreign(folder), acl, domain)


def knot_start(server, acl="    acl: [updates]", domain="lab.cloud"):
    server.conf.write_text(KNOT.format(address=server.address, port=server.port, domain=domain,
                                       folder=server.folder, secret=SECRET, acl=acl))
    return server.start(program("knotd"), "-c", server.conf)


def nsd(folder):
    server = foreign(folder)
    server.conf.write_text(NSD.format(address=server.address, port=server.port,
                                      folder=server.folder))
    return server.start(program("nsd"), "-d", "-c", server.conf)


@pytest.fixture
def running():
    """Servers and hosts, which end after the test."""
    found = []
    yield lambda it: found.append(it) or it
    for it in reversed(found):
        it.stop() if isinstance(it, Resolver) else it.kill()


def answer(server, owner, rdtype):
    return server.dig(f"{owner}.lab.cloud", rdtype, "+short", "+tcp").splitlines()


@pytest.mark.parametrize("make", [pytest.param(bind, marks=needs("named")),
                                  pytest.param(knot, marks=needs("knotd"))])
def test_registers_at_other_servers(make, running, tmp_path):
    server = running(make(tmp_path / "server"))
    host = running(Host([(server.address, server.port)], server.folder / "bench.key"))
    register(host, WEB, "host=n1.nodes.lab.cloud", "lease=2", "subtypes=_printer", "txt=a=b")
    register(host, "n1.nodes.lab.cloud", "node", "lease=2")
    service = f"web-1.{TYPE}"
    assert answer(server, service, "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    assert answer(server, TYPE, "PTR") == [f"{WEB}."]
    assert answer(server, f"_printer._sub.{TYPE}", "PTR") == [f"{WEB}."]
    assert answer(server, "n1.nodes", "A") == ["192.0.2.1"]
    first = host.show(WEB)[2]
    host.tell("change", WEB, "host=n1.nodes.lab.cloud", "lease=2", "state=draining", "port=81")
    wait_for(lambda: answer(server, TYPE, "PTR") == [], "withdrawn instance")
    assert answer(server, service, "SRV") == ["0 0 81 n1.nodes.lab.cloud."]
    assert answer(server, f"_printer._sub.{TYPE}", "PTR") == []
    assert host.do("state", WEB, "up")[0] == 0
    wait_for(lambda: answer(server, TYPE, "PTR") == [f"{WEB}."], "instance that takes the state over")
    assert not any("draining" in line for line in answer(server, service, "TXT"))
    # Another process follows, which this one notices by a refresh.
    other = running(Host([(server.address, server.port)], server.folder / "bench.key"))
    register(other, WEB, "host=n1.nodes.lab.cloud", "lease=2", "port=82")
    assert other.show(WEB)[2] > first
    assert "another process" in host.expect("failed", WEB)
    other.tell("end", WEB)
    other.expect("ended", WEB)
    assert answer(server, service, "ANY") == [] == answer(server, TYPE, "PTR")


@pytest.mark.parametrize("make", [pytest.param(nsd, marks=needs("nsd")),
                                  pytest.param(lambda folder: knot(folder, ""),
                                               marks=needs("knotd"))])
def test_a_registry_that_only_answers_is_passed_over_by_updates(make, lossy, running, tmp_path):
    weftd, _ = lossy
    server = running(make(tmp_path / "server"))
    host = running(Host([(server.address, server.port), weftd.where], weftd.folder / "n1.key"))
    register(host)
    assert text((weftd,))["id"] == "web-1"


@needs("nsd")
def test_a_registry_that_only_answers_is_named(running, tmp_path):
    server = running(nsd(tmp_path / "server"))
    host = running(Host([(server.address, server.port)], server.folder / "bench.key"))
    host.tell("new", WEB, ADDRESS)
    why = host.expect("failed", WEB)
    assert f"{server.address}@{server.port}: NOTIMP" in why


@needs("knotd")
def test_a_zone_that_the_registry_has_no_more_is_looked_for_anew(running, tmp_path):
    server = running(knot(tmp_path / "server", domain="cloud"))
    host = running(Host([(server.address, server.port)], server.folder / "bench.key"))
    register(host, WEB, "lease=2")
    server.stop()
    (server.folder / "zone").write_text(FOREIGN)
    knot_start(server)
    wait_for(lambda: answer(server, TYPE, "PTR") == [f"{WEB}."], "instance in the other zone")


def test_of_processes_that_begin_at_once_the_last_has_the_name(lossy, running):
    weftd, _ = lossy
    hosts = [running(Host([weftd.where], weftd.folder / "n1.key")) for _ in range(4)]
    for port, host in enumerate(hosts, 8080):
        host.tell("new", WEB, ADDRESS, "lease=2", f"port={port}")
    for host in hosts:
        host.expect("done", WEB)
    incarnations = [host.show(WEB)[2] for host in hosts]
    last = incarnations.index(max(incarnations))
    assert incarnations.count(incarnations[last]) == 1
    for number, host in enumerate(hosts):
        if number != last:
            assert "another process" in host.expect("failed", WEB)
    assert text((weftd,))["inc"] == str(incarnations[last])
    assert services.lookup(weftd, f"web-1.{TYPE}", "SRV") == [
        f"0 0 {8080 + last} n1.nodes.lab.cloud."]
    assert not any(line.startswith("failed") for line in hosts[last].kept)


def test_a_key_that_is_revoked_and_issued_again(lossy, running):
    weftd, _ = lossy
    host = running(Host([weftd.where], weftd.folder / "n1.key"))
    register(host, WEB, "lease=2")
    weftd.weft("key", "revoke", "n1")
    assert "is revoked" in host.expect("failed", WEB, -errno.ENOKEY)
    host.expect("lost", WEB)
    weftd.weft("key", "restore", "n1")
    host.expect("done", WEB)
