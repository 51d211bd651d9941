# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The library's watches (follow/watch.h) at real registries and at servers that a test scripts: what is
reported when instances come, change, move, drain and go, and when registries do.

tests/client/watcher also holds what the library lists against the events, after each of them."""

import os
import pathlib
import signal
import socket
import struct
import threading
import typing

import pytest

import differ_peers
import leases
import push_server
import services
import updates
from client_lines import LineClient
from loopback import free_port
from push_server import A, ANY, PTR, REMOVE, SRV, TXT, notice, push, srv, txt
from waiting import LIMIT_S, freeze
from wire import name

ZONE = leases.SOA + "ns A 127.0.0.1\nn1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\n" \
    "n2.nodes AAAA 2001:db8::2\nwww CNAME n1.nodes\n" \
    "_old._tcp 60 SRV 0 0 1 n1.nodes\n_old._tcp 60 SRV 1 0 2 n2.nodes\n"
TYPE = "_http._tcp.lab.cloud."
WEB = f"web-1.{TYPE}"


class Event(typing.NamedTuple):
    kind: str
    of: str                 # the name that is watched
    name: str = ""          # the first label of the instance; of CURRENT and LOST: how it is followed
    target: str = ""        # its first label
    port: int = 0
    addresses: str = ""
    state: str = ""
    before: str = ""        # the first label of the target there was
    ttl: int = 0


class Watcher(LineClient):
    """A watcher that runs."""

    def __init__(self, *args):
        super().__init__("watcher", *args)

    def event(self, limit_s=LIMIT_S):
        """The next event; None if there is none within the limit."""
        line = self.line(limit_s)
        if line is None:
            return None
        kind, of, instance, *more = line.split("\t")
        if not more:
            return Event(kind, of, instance)
        target, port, addresses, state, before, ttl = more
        return Event(kind, of, instance.split(".")[0], target.split(".")[0], int(port), addresses,
                     state, before.split(".")[0], int(ttl))

    def events(self, count):
        return [self.event() for _ in range(count)]

    def expect(self, *kinds):
        """The next events, which are of these kinds in this order."""
        found = self.events(len(kinds))
        assert tuple(event.kind for event in found) == kinds, found
        return found[0] if len(found) == 1 else found

    def rss_bytes(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def watch():
    """Starts a watcher; it is gone after the test."""
    watchers = []

    def start(*args):
        watchers.append(Watcher(*args))
        return watchers[-1]

    yield start
    for watcher in watchers:
        watcher.kill()


@pytest.fixture
def served(make_weftd):
    """A started weftd whose zone has a service view, and the key n1."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    weftd.start()
    return weftd, key("n1")


def at(*servers):
    return ",".join("@".join(map(str, weftd.where)) for weftd in servers)


def send(served, *lines, **more):
    weftd, key = served
    assert updates.send(weftd, updates=list(lines), key=key, **more).rcode == "NOERROR"


def register(served, label, port=8080, node="n1", text="path=/", of=TYPE):
    send(served, f"{label}.{of} 0 ANY SRV", f"{label}.{of} 0 ANY TXT",
         f"{label}.{of} 60 IN SRV 0 0 {port} {node}.nodes.lab.cloud.",
         f"{label}.{of} 60 IN TXT {text}")


# ---- weftd, which pushes ----

def test_instances_come_change_move_and_go(served, watch):
    weftd, _ = served
    register(served, "web-1", text="id=1 inc=1")
    watcher = watch(at(weftd), TYPE)
    assert watcher.event() == Event("added", TYPE, "web-1", "n1", 8080, "192.0.2.1@8080", "up", "", 60)
    assert watcher.event() == Event("current", TYPE, "pushed")
    register(served, "web-2", 80, "n2")
    found = watcher.event()
    assert found[:6] == ("added", TYPE, "web-2", "n2", 80, "2001:db8::2@80,192.0.2.2@80")
    register(served, "web-1", text="id=1 inc=1 a=b")
    assert watcher.event()[:4] == ("changed", TYPE, "web-1", "n1")
    register(served, "web-1", 8080, "n2", "id=1 inc=2")
    moved = watcher.event()
    assert (moved.kind, moved.target, moved.before) == ("moved", "n2", "n1")
    register(served, "web-1", 8080, "n2", "id=1 inc=3")
    assert watcher.event().kind == "moved"
    register(served, "web-2", 80, "n1")         # without an id nothing moves
    assert watcher.event()[:4] == ("changed", TYPE, "web-2", "n1")
    send(served, f"web-2.{TYPE} 0 ANY ANY")
    assert watcher.event()[:4] == ("removed", TYPE, "web-2", "n1")
    watcher.stop()


def test_an_instance_that_drains_is_reported_as_that_and_remains_until_it_goes(served, watch):
    weftd, _ = served
    register(served, "web-1")
    register(served, "web-2")
    watcher = watch(at(weftd), TYPE)
    watcher.expect("added", "added", "current")
    weftd.weft("drain", WEB)
    event = watcher.expect("draining")
    assert (event.name, event.state, event.before) == ("web-1", "draining", "n1")
    assert services.view(weftd)[0] == {"web-2"}
    weftd.weft("undrain", WEB)
    assert watcher.expect("changed")[2:7] == ("web-1", "n1", 8080, "192.0.2.1@8080", "up")
    register(served, "web-1", text="state=draining")
    assert watcher.expect("draining").name == "web-1"
    send(served, f"{WEB} 0 ANY ANY")
    assert watcher.expect("removed").name == "web-1"
    register(served, "web-2", text="state=failed")
    assert watcher.expect("removed").name == "web-2"


def test_srv_records_alone_are_shown_while_a_type_has_no_instances(served, watch):
    weftd, _ = served
    kind = "_old._tcp.lab.cloud."
    watcher = watch(at(weftd), kind)
    found = watcher.events(2)
    assert {event[:6] for event in found} == {
        ("added", kind, "_old", "n1", 1, "192.0.2.1@1"),
        ("added", kind, "_old", "n2", 2, "2001:db8::2@2,192.0.2.2@2")}
    watcher.expect("current")
    empty = watch(at(weftd), "_none._tcp.lab.cloud.")
    assert empty.expect("current").name == "pushed"
    register(served, "a", of="_none._tcp.lab.cloud.")       # and SRV records derived at the type
    assert empty.expect("added").name == "a"
    send(served, "a._none._tcp.lab.cloud. 0 ANY ANY")
    assert empty.expect("removed").name == "a"
    register(served, "b", of="_none._tcp.lab.cloud.")
    assert empty.expect("added").name == "b"


def test_instances_names_and_hosts_are_followed(served, watch):
    weftd, _ = served
    watcher = watch(at(weftd), WEB, "n2.nodes.lab.cloud.:99", "www.lab.cloud.:1", "192.0.2.9:5")
    found = {event[:6] for event in watcher.events(7)}
    assert found == {
        ("current", WEB, "pushed", "", 0, ""),
        ("added", "n2.nodes.lab.cloud.:99", "n2", "n2", 99, "2001:db8::2@99,192.0.2.2@99"),
        ("current", "n2.nodes.lab.cloud.:99", "pushed", "", 0, ""),
        ("added", "www.lab.cloud.:1", "www", "www", 1, "192.0.2.1@1"),
        ("current", "www.lab.cloud.:1", "pushed", "", 0, ""),
        ("added", "192.0.2.9:5", "192", "192", 5, "192.0.2.9@5"),
        ("current", "192.0.2.9:5", "polled", "", 0, "")}
    register(served, "web-1")
    assert watcher.expect("added")[:3] == ("added", WEB, "web-1")
    send(served, f"{WEB} 60 IN SRV 1 0 8081 n2.nodes.lab.cloud.")
    second = watcher.expect("added")
    assert (second.name, second.target, second.port) == ("web-1", "n2", 8081)
    send(served, f"{WEB} 0 ANY ANY")
    assert {event[3:5] for event in watcher.expect("removed", "removed")} == {("n1", 8080), ("n2", 8081)}


def test_a_watch_may_be_freed_and_made_from_within_its_event(served, watch):
    weftd, _ = served
    register(served, "web-1")
    watcher = watch("-a", at(weftd), TYPE, WEB)
    found = watcher.events(8)
    assert sorted(event.kind for event in found) == ["added"] * 4 + ["current"] * 4
    register(served, "web-1", 81)
    assert {event[:2] for event in watcher.events(2)} == {("changed", TYPE), ("changed", WEB)}
    watcher.stop()


def test_after_a_restart_by_force_only_differences_are_reported(served, watch):
    weftd, _ = served
    for i in range(20):
        register(served, f"web-{i}", 8000 + i)
    watcher = watch(at(weftd), TYPE)
    watcher.expect(*["added"] * 20, "current")
    weftd.kill()
    freeze(watcher.process.pid)     # what happens now happens while it is away
    weftd.start()
    send(served, f"web-0.{TYPE} 0 ANY ANY")
    register(served, "web-1", 9001)
    register(served, "web-99", 8099)
    watcher.process.send_signal(signal.SIGCONT)
    found = {(event.kind, event.name, event.port) for event in watcher.events(3)}
    assert found == {("removed", "web-0", 8000), ("changed", "web-1", 9001), ("added", "web-99", 8099)}
    send(served, f"web-2.{TYPE} 0 ANY ANY")
    assert watcher.expect("removed").name == "web-2"


def test_when_no_registry_answers_the_watch_is_lost_until_one_does(served, watch):
    weftd, _ = served
    register(served, "web-1")
    watcher = watch(at(weftd), TYPE)
    watcher.expect("added", "current")
    weftd.kill()
    watcher.expect("lost")
    weftd.start()
    watcher.expect("current")
    register(served, "web-2")
    assert watcher.expect("added").name == "web-2"


def test_without_a_registry_a_watch_is_lost_from_its_beginning(make_weftd, watch):
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    watcher = watch(at(weftd), TYPE)
    watcher.expect("lost")
    weftd.start()
    watcher.expect("current")
    register((weftd, key("n1")), "web-1")
    watcher.expect("added")


def test_a_type_with_more_instances_than_a_session_may_subscribe_to(served, watch):
    weftd, _ = served
    for first in range(0, 600, 100):
        send(served, *[f"inst-{i}.{TYPE} 60 IN {rdata}" for i in range(first, first + 100)
                       for rdata in (f"SRV 0 0 {1000 + i} n1.nodes.lab.cloud.", f"TXT i={i}")])
    watcher = watch(at(weftd), TYPE)
    found = watcher.events(600)
    assert {event.port for event in found} == set(range(1000, 1600))
    watcher.expect("current")
    send(served, f"inst-0.{TYPE} 0 ANY ANY")
    assert watcher.expect("removed").name == "inst-0"


def test_by_tls_the_fabric_is_trusted_by_its_key(make_weftd, watch):
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    port = free_port(weftd.address)
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]'))
    weftd.start()
    served = weftd, key("n1")
    register(served, "web-1")
    public = weftd.json("fabric", "show", "-f", str(weftd.folder / "lab.cloud.fabric"))["public"]
    watcher = watch("-k", public, f"tls://{weftd.address}@{port}", TYPE)
    assert watcher.expect("added", "current")[1].name == "pushed"
    register(served, "web-1", 81)
    assert watcher.expect("changed").port == 81
    wrong = watch("-k", "A" * 43 + "=", f"tls://{weftd.address}@{port}", TYPE)
    wrong.expect("lost")


def test_two_registries_fail_over(make_weftd, watch):
    first, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    first.start()
    second, second_key = leases.fabric(lambda: make_weftd("second"), zone=ZONE, lease=services.options())
    second.start()
    for served in ((first, key("n1")), (second, second_key("n1"))):
        register(served, "web-1")
    watcher = watch(at(first, second), TYPE)
    watcher.expect("added", "current")
    first.kill()
    register((second, second_key("n1")), "web-1", 81)
    assert watcher.expect("changed").port == 81
    register((second, second_key("n1")), "web-2")
    assert watcher.expect("added").name == "web-2"


# ---- servers that do not push ----

@pytest.mark.parametrize("peer_name", ["nsd", "bind", "knot"])
def test_a_server_without_push_is_polled_by_ttl(tmp_path, watch, peer_name):
    if peer_name in differ_peers.missing():
        pytest.skip(f"needs {peer_name}")
    text = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 1\n@ NS ns\nns A 127.0.0.1\n" \
        "n1.nodes A 192.0.2.1\n_http._tcp 1 PTR web-1._http._tcp\n" \
        "_http._tcp 1 PTR web-2._http._tcp\nweb-2._http._tcp 1 SRV 0 0 82 n1.nodes\n" \
        "web-1._http._tcp 1 SRV 0 0 80 n1.nodes\nweb-1._http._tcp 1 TXT a=b\n" \
        "web-2._http._tcp 60 TXT a=b\n"
    path = tmp_path / "lab.cloud.zone"
    path.write_text("$ORIGIN lab.cloud.\n" + text)
    peer = differ_peers.Peer(peer_name, tmp_path / peer_name, [("lab.cloud", str(path))])
    try:
        peer.wait()
        watcher = watch("@".join(map(str, peer.where)), TYPE)
        assert watcher.expect("added", "added", "current")[2].name == "polled"
        # The PTR goes, and the TXT, whose TTL has not passed, explains why.
        path.write_text(path.read_text().replace("SRV 0 0 80", "SRV 0 0 81").replace(
            "hostmaster 1", "hostmaster 2").replace("_http._tcp 1 PTR web-2._http._tcp\n", "")
            .replace("60 TXT a=b", "60 TXT state=draining"))
        peer.process.send_signal(signal.SIGHUP)
        assert {(event.kind, event.name, event.port) for event in watcher.events(2)} == {
            ("changed", "web-1", 81), ("draining", "web-2", 82)}
    finally:
        peer.stop()


def test_a_registry_by_tcp_is_polled_over_tcp_alone(watch):
    server = push_server.Server()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(server.where)
        watch(f"tcp://{server.text}", TYPE)
        queries = 0
        while queries < 3:
            session = server.accept()
            data = push_server.read_frame(session.sock)
            opcode = data[2] >> 3 & 15
            if opcode == push_server.DSO:
                session.answer(push_server.parse(data), rcode=4)
            else:
                queries += 1
                session.send(Registry.answer(data))
        udp.setblocking(False)
        with pytest.raises(BlockingIOError):
            udp.recv(1)
    server.close()


# ---- a registry that a test scripts ----

class Registry(push_server.Server):
    """A DNS Push server whose messages are a test's, and which answers queries, by UDP, with nothing
    but that the zone is lab.cloud."""

    def __init__(self):
        super().__init__()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(self.where)
        self.thread = threading.Thread(target=self.answer_all, daemon=True)
        self.thread.start()

    @staticmethod
    def answer(query):
        soa = name("lab.cloud.") + struct.pack("!HHIH", 6, 1, 60, 22) + b"\0\0" + bytes(20)
        end = query.index(b"\0", 12) + 5
        return query[:2] + struct.pack("!HHHHH", 0x8580, 1, 0, 1, 0) + query[12:end] + soa

    def answer_all(self):
        while True:
            try:
                query, client = self.sock.recvfrom(4096)
                self.sock.sendto(self.answer(query), client)
            except OSError:
                return

    def close(self):
        self.sock.close()
        super().close()


PTR_1 = notice(TYPE, PTR, 60, name(WEB))
SRV_1, UP_1 = notice(WEB, SRV, 60, srv(80, "n1.lab.cloud.")), notice(WEB, TXT, 60, txt("a=b"))
A_1 = notice("n1.lab.cloud.", A, 60, bytes([192, 0, 2, 1]))
SRV_0 = notice(TYPE, SRV, 60, srv(99, "n1.lab.cloud."))
PTR_GONE = notice(TYPE, PTR, REMOVE, name(WEB))


@pytest.fixture
def scripted(watch):
    """Returns a watcher of TYPE, and the session of its follower."""
    registry = Registry()
    watcher = watch(registry.text, TYPE)
    yield watcher, registry.session(interval_ms=10000)
    registry.close()


def read(session, kind):
    """The next message of this kind; UNSUBSCRIBEs before it are passed over."""
    message = session.read()
    while message.kind == push_server.UNSUBSCRIBE or message.kind != kind == push_server.SUBSCRIBE:
        if message.kind == push_server.KEEPALIVE:
            session.answer(message, push_server.keepalive(**session.timeouts))
        message = session.read()
    assert message.kind == kind
    return message


def accept(session, owner, *notices):
    """Accepts the next SUBSCRIBE, which is for this name, and sends the records."""
    request = read(session, push_server.SUBSCRIBE)
    assert request.question()[:2] == (name(owner).decode("latin-1"), ANY)
    session.answer(request)
    for one in notices:         # each in a message of its own
        session.send(push(one))
    session.answer(read(session, push_server.KEEPALIVE), push_server.keepalive(**session.timeouts))


def accept_one(session):
    accept(session, TYPE, PTR_1)
    accept(session, WEB, SRV_1, UP_1)
    accept(session, "n1.lab.cloud.", A_1)


def test_a_listing_that_ends_before_it_is_known_why_is_asked_about(scripted):
    watcher, session = scripted
    accept_one(session)
    watcher.expect("added", "current")
    session.send(push(PTR_GONE))
    accept(session, TYPE)
    accept(session, WEB, SRV_1, notice(WEB, TXT, 60, txt("state=draining")))
    assert watcher.expect("draining").name == "web-1"
    session.send(push(notice(TYPE, PTR, 60, name(WEB))))
    session.send(push(notice(WEB, TXT, REMOVE, txt("state=draining")), UP_1))
    assert watcher.expect("changed").state == "up"
    session.send(push(PTR_GONE))
    accept(session, TYPE)
    accept(session, WEB, SRV_1, UP_1)
    assert watcher.expect("removed").name == "web-1"


def test_srv_records_of_a_type_are_not_shown_before_its_ptr_records_are_known(scripted):
    watcher, session = scripted
    accept(session, TYPE, SRV_0, PTR_1)
    accept(session, WEB, SRV_1, UP_1)
    accept(session, "n1.lab.cloud.", A_1)
    assert watcher.expect("added", "current")[0].name == "web-1"
    session.send(push(PTR_GONE, notice(WEB, SRV, REMOVE, srv(80, "n1.lab.cloud."))))
    assert watcher.expect("removed").name == "web-1"
    accept(session, TYPE, SRV_0)
    accept(session, "n1.lab.cloud.", A_1)
    assert watcher.expect("added")[2:5] == ("_http", "n1", 99)
    session.send(push(PTR_1))
    assert watcher.expect("removed").port == 99
    accept(session, WEB, SRV_1)
    accept(session, "n1.lab.cloud.", A_1)
    assert watcher.expect("added").name == "web-1"


def test_a_record_that_goes_and_comes_within_a_turn_is_not_reported(scripted):
    watcher, session = scripted
    accept_one(session)
    watcher.expect("added", "current")
    session.send(push(notice(WEB, SRV, REMOVE, srv(80, "n1.lab.cloud.")), SRV_1))
    session.send(push(notice(WEB, TXT, REMOVE, txt("a=b")), notice(WEB, TXT, 60, txt("a=c"))))
    assert watcher.expect("changed").name == "web-1"


def test_what_a_registry_pushes_without_end_is_bounded(scripted):
    watcher, session = scripted
    accept_one(session)
    watcher.expect("added", "current")
    before = watcher.rss_bytes()
    with pytest.raises(OSError):        # the client ends it
        for first in range(0, 1 << 24, 1500):
            session.send(push(*[notice("n1.lab.cloud.", A, 60, struct.pack("!I", 0x0a000000 + i))
                                for i in range(first, first + 1500)]))
    assert watcher.rss_bytes() - before < 100 << 20


def test_a_message_that_never_ends_and_one_that_makes_no_sense(scripted):
    watcher, session = scripted
    accept_one(session)
    watcher.expect("added", "current")
    session.sock.sendall(struct.pack("!H", 65535) + bytes(65534))
    session.sock.sendall(b"\xff" + struct.pack("!H", 100) + b"\x55" * 50)
    assert session.is_aborted()
    assert watcher.expect("removed").name == "web-1"        # queries find nothing
