# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What libweft finds (find/find.h), at weftd, at other authoritative servers, and at a server that
lies; and what it finds while no registry answers."""

import pathlib
import re
import socket
import struct
import threading
import time

import pytest

import calling
import differ_peers
import leases
import services
import wire
from calling import Caller, call, found
from loopback import free_address
from waiting import LIMIT_S, wait_for

ZONE = leases.SOA + """
ns A 127.0.0.1
n1.nodes A 192.0.2.1
n2.nodes A 192.0.2.2
n2.nodes AAAA 2001:db8::2
www CNAME n1.nodes
_web._tcp PTR one._web._tcp
_web._tcp PTR two._web._tcp
_web._tcp PTR "a.b c"._web._tcp
_web._tcp PTR drains._web._tcp
_web._tcp PTR fails._web._tcp
_web._tcp PTR starts._web._tcp
one._web._tcp SRV 10 1 81 n1.nodes
one._web._tcp TXT "path=/one" "flag" "empty=" "=none" "PATH=/other"
two._web._tcp SRV 20 1 82 n2.nodes
two._web._tcp TXT ""
a\\.b\\032c._web._tcp SRV 30 1 83 www
a\\.b\\032c._web._tcp TXT "id=abc" "inc=7"
drains._web._tcp SRV 0 1 84 n1.nodes
drains._web._tcp TXT "state=draining"
fails._web._tcp SRV 0 1 85 n1.nodes
fails._web._tcp TXT "state=failed"
starts._web._tcp SRV 0 1 86 n1.nodes
starts._web._tcp TXT "state=starting"
_printer._sub._web._tcp PTR two._web._tcp
_plain._tcp SRV 0 1 5432 n1.nodes
_plain._tcp SRV 1 1 5433 n2.nodes
_none._tcp SRV 0 0 0 .
db SRV 0 0 5432 n2.nodes
_services._dns-sd._udp PTR _web._tcp
_services._dns-sd._udp PTR _plain._tcp
""".replace('"a.b c"', "a\\.b\\032c")
WEB = ["one", "two", "a\\.b\\032c", "drains"]


def labels(instances):
    return [re.split(r"(?<!\\)\.", instance.name)[0] for instance in instances]


def failure(events):
    """The name and the text of the error that a command has ended with."""
    assert [event.word for event in events] == ["error"], events
    name, _, text = events[0].text.partition(" ")[2].partition(" ")
    return name, text


@pytest.fixture(params=["weftd", "bind", "knot", "nsd"])
def server(request, make_weftd, tmp_path):
    """The options of a caller for an authoritative server with ZONE."""
    if request.param == "weftd":
        weftd = leases.open_zone(make_weftd, ZONE)
        weftd.start()
        yield calling.options(weftd)
        return
    if request.param in differ_peers.missing():
        pytest.skip(f"{request.param} is not installed")
    path = tmp_path / "lab.cloud.zone"
    path.write_text(ZONE)
    peer = differ_peers.Peer(request.param, tmp_path / request.param, [("lab.cloud", path)])
    try:
        address, port = peer.wait().where
        yield ["-r", f"{address}@{port}", "-d", "lab.cloud"]
    finally:
        peer.stop()


def test_all_servers_give_the_same_instances(server):
    all_found = found(call(server, "find", "_web._tcp"))
    assert labels(all_found) == WEB
    one, two, third, drains = all_found
    assert (one.host, one.port, one.priority, one.weight) == ("n1.nodes.lab.cloud.", 81, 10, 1)
    assert one.addresses == ["192.0.2.1"] and one.state == "up"
    assert one.txt == {"path": "/one", "flag": "", "empty": ""}
    assert sorted(two.addresses) == ["192.0.2.2", "2001:db8::2"]
    assert two.txt in ({}, {"": ""}, {"-": ""})
    # The target is an alias, which RFC 2782 does not allow and zones have all the same.
    assert third.addresses == ["192.0.2.1"]
    assert (third.id, third.inc) == ("abc", 7)
    assert drains.state == "draining"


@pytest.mark.parametrize("name, expected", [
    ("_WEB._TCP", WEB),
    ("_web._tcp.lab.cloud", WEB),
    ("_web._tcp.lab.cloud.", WEB),
    ("_printer._sub._web._tcp", ["two"]),
    ("one._web._tcp", ["one"]),
    ("fails._web._tcp", ["fails"]),
    (r"a\.b\032c._web._tcp", ["a\\.b\\032c"]),
    ("_plain._tcp", ["_plain", "_plain"]),
    ("db", ["db"]),
    ("www:80", ["www"]),
    ("n2.nodes:80", ["n2"]),
    ("192.0.2.9:80", ["192"]),
    ("[2001:db8::9]:80", ["2001:db8::9"]),
])
def test_names_of_each_kind(server, name, expected):
    assert labels(found(call(server, "find", name))) == expected


def test_hosts_and_names_have_ports_and_addresses(server):
    plain = found(call(server, "find", "_plain._tcp"))
    assert [(i.port, i.host) for i in plain] == [(5432, "n1.nodes.lab.cloud."),
                                                 (5433, "n2.nodes.lab.cloud.")]
    host, = found(call(server, "find", "n2.nodes:80"))
    assert sorted(host.addresses) == ["192.0.2.2", "2001:db8::2"]


@pytest.mark.parametrize("name, text", [
    ("_no._tcp", "_no._tcp.lab.cloud. has no instances"),
    ("no._web._tcp", "no._web._tcp.lab.cloud. does not exist: it has no SRV record"),
    ("_none._tcp", "_none._tcp.lab.cloud. is not available: its SRV record names no host"),
    ("no.nodes:80", "no.nodes.lab.cloud. has no addresses"),
    ("n1.nodes", "n1.nodes.lab.cloud. has no SRV records; a host is written HOST:PORT"),
])
def test_what_is_not_there_is_not_found(server, name, text):
    code, why = failure(call(server, "find", name))
    assert code == "WEFT_E_NOT_FOUND" and text in why


@pytest.mark.parametrize("name, text", [
    ("a..b", "empty label"),
    ("db:0", "is not a number from 1 to 65535"),
    ("_web._tcp:80", "its SRV records have the port"),
    ("x" * 64 + "._web._tcp", "longer than 63 octets"),
    (".".join(["x" * 60] * 5), "longer than 255 octets"),
    ("192.0.2.1", "an address needs a port"),
])
def test_names_that_are_wrong_are_refused_at_once(name, text):
    events = call(["-r", "127.0.0.1@1", "-d", "lab.cloud"], "find", name)
    assert text in failure(events)[1]


def test_types_are_listed(server):
    types = found(call(server, "types"))
    assert {i.name for i in types} == {"_web._tcp.lab.cloud.", "_plain._tcp.lab.cloud."}


def test_a_type_at_weftd_is_one_query(make_weftd):
    """All comes from the additional section, and the second time from the cache."""
    served = services.new_served(make_weftd)
    for number in range(5):
        services.register(served, f"web-{number}", port=8000 + number)
    before = served[0].count("queries-udp")
    with Caller(*calling.options(served[0])) as caller:
        for _ in range(3):
            caller.send("find _http._tcp")
            assert caller.wait("found|error").text == "found 5"
        instances = found(caller.end())
    assert {i.port for i in instances} == set(range(8000, 8005))
    assert all(i.addresses for i in instances)
    assert served[0].count("queries-udp") == before + 1


def test_many_instances_come_over_tcp(make_weftd):
    served = services.new_served(make_weftd)
    for number in range(60):
        services.register(served, f"web-{number}", port=8000 + number)
    instances = found(call(calling.options(served[0]), "find", "_http._tcp"))
    assert {i.port for i in instances} == set(range(8000, 8060))


def test_stale_instances_while_no_registry_answers(make_weftd):
    """They come as soon as it is known that no registry answers, and not for longer than is set."""
    weftd = leases.open_zone(make_weftd, ZONE.replace("$TTL 60", "$TTL 1"))
    weftd.start()
    with Caller(*calling.options(weftd), "-s", "600000") as caller, \
            Caller(*calling.options(weftd), "-s", "1") as strict:
        for one in (caller, strict):
            one.send("find _web._tcp")
            assert one.wait("found|error").text == "found 4"
        weftd.kill()

        def is_stale(one):
            one.send("find _web._tcp 2000")
            return "found 4" != one.wait("found|error").text

        wait_for(lambda: is_stale(caller), "end of the TTL")
        assert caller.passed("found")[-1].text == "found 4 stale"
        begin = time.monotonic()
        caller.send("find _web._tcp 5000")
        assert caller.wait("found|error").text == "found 4 stale"
        assert time.monotonic() - begin < 4, "as long as without an answer"
        wait_for(lambda: is_stale(strict), "end of the TTL")
        error = strict.passed("error")[-1]
        assert error.words[0] in ("WEFT_E_NO_REGISTRY", "WEFT_E_TIMEOUT"), error

        weftd.start()
        wait_for(lambda: not is_stale(caller), "an answer that is fresh")


# ---- a server that lies ----

class Liar:
    """A DNS server on UDP and TCP that answers each query with the records of `records`, which are
    (section, record) with sections from 0 on; `tweak` changes the message."""

    def __init__(self, records=lambda asked: [], rcode=0, tweak=lambda data: data, port=None):
        self.records, self.rcode, self.tweak = records, rcode, tweak
        address, free = free_address()
        self.where = address, port or free
        self.nasked = 0
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(self.where)
        self.tcp = socket.create_server(self.where)
        self.is_over = False
        self.threads = [threading.Thread(target=run, daemon=True)
                        for run in (self._serve_udp, self._serve_tcp)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.udp.sendto(b"", self.where)
        socket.create_connection(self.where).close()
        for thread in self.threads:
            thread.join(LIMIT_S)
        self.udp.close()
        self.tcp.close()

    @property
    def options(self):
        return ["-r", f"{self.where[0]}@{self.where[1]}", "-d", "lab.cloud"]

    def answer(self, query, limit):
        self.nasked += 1
        end = 12
        while query[end]:
            end += 1 + query[end]
        question = query[12:end + 5]
        sections = [[], [], []]
        for section, record in self.records(question):
            sections[section].append(record)
        body = b"".join(b"".join(s) for s in sections)
        flags = 0x8400 | self.rcode
        counts = [len(s) for s in sections]
        if 12 + len(question) + len(body) > limit:
            flags, counts, body = flags | 0x0200, [0, 0, 0], b""
        return self.tweak(query[:2] + struct.pack("!HHHHH", flags, 1, *counts) + question + body)

    def _serve_udp(self):
        while True:
            query, source = self.udp.recvfrom(65535)
            if self.is_over:
                return
            self.udp.sendto(self.answer(query, 1232), source)

    def _serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            if self.is_over:
                connection.close()
                return
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection):
        with connection:
            try:
                while True:
                    query = wire.read_frame(connection)
                    connection.sendall(wire.frame(self.answer(query, 65535)))
            except (OSError, ValueError, EOFError, AssertionError):
                return


def ptr(target, owner="_web._tcp.lab.cloud"):
    return wire.rr(owner, 12, rdata=wire.name(target))


def test_hosts_of_other_zones_are_asked_for_at_the_resolvers(make_weftd, tmp_path):
    """A target may be in anybody's zone. weftd refuses it; resolvers know it."""
    def records(asked):
        if asked.endswith(struct.pack("!HH", 1, 1)) and b"\7example" in asked:
            yield 0, wire.rr("www.example.org", 1, rdata=socket.inet_aton("192.0.2.80"))

    weftd = leases.open_zone(make_weftd, ZONE + "_far._tcp SRV 0 0 80 www.example.org.\n")
    weftd.start()
    with Liar(records, port=53) as resolver:
        conf = tmp_path / "resolv.conf"
        conf.write_text(f"nameserver {resolver.where[0]}\n")
        prefix = ["unshare", "-m", "sh", "-c",
                  f'mount --bind {conf} "$(realpath /etc/resolv.conf)" && exec "$0" "$@"']
        far, = found(call(calling.options(weftd), "find", "_far._tcp", prefix=prefix))
        assert far.host == "www.example.org." and far.addresses == ["192.0.2.80"]
        assert resolver.nasked == 2


def test_records_that_were_not_asked_for_are_not_believed():
    """Neither for this question, nor for a later one."""
    def records(asked):
        is_ptr = asked.endswith(struct.pack("!HH", 12, 1))
        srv = struct.pack("!HHH", 0, 0, 666) + wire.name("n9.nodes.lab.cloud")
        yield 0, ptr("evil._other._tcp.lab.cloud", "_other._tcp.lab.cloud")
        yield 2, wire.rr("evil._other._tcp.lab.cloud", 33, rdata=srv)
        yield 2, wire.rr("n9.nodes.lab.cloud", 1, rdata=socket.inet_aton("192.0.2.66"))
        if is_ptr and b"\4_web" in asked:
            yield 0, ptr("one._web._tcp.lab.cloud")
            yield 2, wire.rr("one._web._tcp.lab.cloud", 33,
                             rdata=struct.pack("!HHH", 0, 0, 80) + wire.name("n1.nodes.lab.cloud"))
            yield 2, wire.rr("one._web._tcp.lab.cloud", 16, rdata=b"\0")
            yield 2, wire.rr("n1.nodes.lab.cloud", 1, rdata=socket.inet_aton("192.0.2.1"))

    with Liar(records) as liar, Caller(*liar.options) as caller:
        caller.send("find _web._tcp", "find n9.nodes:80")
        assert caller.wait("found|error").text == "found 1"
        assert caller.wait("instance").words[0] == "one._web._tcp.lab.cloud."
        assert caller.wait("found|error").words[0] == "WEFT_E_NOT_FOUND"


@pytest.mark.limit(120)
def test_an_endless_list_of_instances_is_bounded():
    """64 KiB of PTR records, and no end of names that do not exist."""
    def records(asked):
        if asked.endswith(struct.pack("!HH", 12, 1)):
            for number in range(2000):
                yield 0, b"\xc0\x0c" + struct.pack("!HHIHB", 12, 1, 60, 8, 5) \
                    + f"{number:05}".encode() + b"\xc0\x0c"

    with Liar(records) as liar, Caller(*liar.options) as caller:
        caller.send("find _web._tcp 20000")
        assert caller.wait("found|error").words[0] in ("WEFT_E_NOT_FOUND", "WEFT_E_TIMEOUT")
        status = pathlib.Path(f"/proc/{caller.process.pid}/status").read_text()
        assert liar.nasked <= 2 * (1 + 2 * 1024)
        if "asan" not in pathlib.Path(f"/proc/{caller.process.pid}/maps").read_text():
            assert int(re.search(r"VmHWM:\s+(\d+)", status)[1]) < 64 << 10


def test_a_loop_of_aliases_ends():
    def records(asked):
        yield 0, wire.rr("n1.nodes.lab.cloud", 5, rdata=wire.name("n2.nodes.lab.cloud"))
        yield 0, wire.rr("n2.nodes.lab.cloud", 5, rdata=wire.name("n1.nodes.lab.cloud"))

    with Liar(records) as liar:
        code, text = failure(call(liar.options, "find", "n1.nodes:80"))
        assert "CNAME records are a loop" in text, (code, text)
        assert liar.nasked <= 2


@pytest.mark.parametrize("tweak", [
    lambda data: data[:12] + b"\4_evl" + data[17:],             # another question
    lambda data: data[:7] + b"\x40" + data[8:],                 # records that are missing
    lambda data: data[:4] + b"\0\1\0\1\0\0\0\0" + data[12:] + b"\xc0\xff" * 9,
    lambda data: data[:4] + b"\0\1\xff\xff\xff\xff\xff\xff" + data[12:] + bytes(60000),
], ids=["question", "missing", "pointer", "counts"])
def test_garbage_is_an_error_in_time(tweak):
    with Liar(tweak=tweak) as liar:
        code, _ = failure(call(liar.options, "find", "_web._tcp", "1500"))
        assert code in ("WEFT_E_TIMEOUT", "WEFT_E_NO_REGISTRY", "WEFT_E_ANSWER"), code
