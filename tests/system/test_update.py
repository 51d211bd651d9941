# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Updates (RFC 2136, 3007): each form and RCODE, atomicity, serials, transports, policy, audit."""

import itertools
import json
import random
import re
import socket
import subprocess
import threading

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.update
import pytest

from conftest import WEFT, ZONE, Weftd
from updates import BENCH, Key, Reply, exchange, is_newer, lookup, opt, record, send, serial, update
from waiting import LIMIT_S, wait_for
from wire import IN, connect, frame, name, read_frame, rr


_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A weftd with four workers for tests that only need names of their own."""
    server = Weftd(tmp_path_factory.mktemp("shared"))
    server.zone(ZONE + "sub NS ns.sub\nns.sub A 192.0.2.9\n")
    server.configure(server="workers: 4").start()
    yield server
    assert server.stop() == 0, server.log()
    assert "Sanitizer" not in server.log(), server.log()


@pytest.fixture
def below():
    """The name below which the names of one test are."""
    return f"t{next(_numbers)}.lab.cloud."


# ---- prerequisites ----

GIVEN = ["a 60 IN A 10.0.0.1", "a 60 IN A 10.0.0.2", "a 60 IN TXT x", "c.ent 60 IN A 10.0.0.3",
         "alias 60 IN CNAME a"]

PREREQUISITES = [
    # RFC 2136 section 2.4.4: name is in use
    ("a 0 ANY ANY", "NOERROR"),
    ("A 0 ANY ANY", "NOERROR"),
    ("b 0 ANY ANY", "NXDOMAIN"),
    ("ent 0 ANY ANY", "NXDOMAIN"),
    # 2.4.5: name is not in use
    ("b 0 NONE ANY", "NOERROR"),
    ("a 0 NONE ANY", "YXDOMAIN"),
    ("ent 0 NONE ANY", "NOERROR"),
    # 2.4.1: RRset exists, whatever its values
    ("a 0 ANY A", "NOERROR"),
    ("a 0 ANY AAAA", "NXRRSET"),
    ("b 0 ANY A", "NXRRSET"),
    ("alias 0 ANY A", "NXRRSET"),
    ("alias 0 ANY CNAME", "NOERROR"),
    # 2.4.3: RRset does not exist
    ("a 0 NONE AAAA", "NOERROR"),
    ("b 0 NONE A", "NOERROR"),
    ("a 0 NONE A", "YXRRSET"),
    ("a 0 NONE TXT", "YXRRSET"),
    # 2.4.2: RRset exists with these values
    (["a 0 IN A 10.0.0.1", "a 0 IN A 10.0.0.2"], "NOERROR"),
    (["a 0 IN A 10.0.0.2", "a 0 IN A 10.0.0.1"], "NOERROR"),
    (["a 0 IN A 10.0.0.1", "a 0 IN TXT x", "a 0 IN A 10.0.0.2"], "NOERROR"),
    (["a 0 IN A 10.0.0.1", "a 0 IN A 10.0.0.2", "a 0 IN A 10.0.0.1"], "NOERROR"),
    ("a 0 IN A 10.0.0.1", "NXRRSET"),
    (["a 0 IN A 10.0.0.1", "a 0 IN A 10.0.0.2", "a 0 IN A 10.0.0.3"], "NXRRSET"),
    ("a 0 IN TXT x", "NOERROR"),
    ("a 0 IN TXT X", "NXRRSET"),
    ("b 0 IN A 10.0.0.1", "NXRRSET"),
    ("alias 0 IN CNAME A", "NOERROR"),
    # the first failing prerequisite decides
    (["b 0 ANY ANY", "a 0 NONE ANY"], "NXDOMAIN"),
    (["a 0 NONE ANY", "b 0 ANY ANY"], "YXDOMAIN"),
    (["a 0 IN A 10.0.0.9", "a 0 NONE ANY"], "YXDOMAIN"),
    # malformed prerequisites
    ("a 1 ANY ANY", "FORMERR"),
    ("a 1 NONE A", "FORMERR"),
    ("a 1 IN A 10.0.0.1", "FORMERR"),
    ("a 0 ANY A 10.0.0.1", "FORMERR"),
    ("b 0 NONE A 10.0.0.1", "FORMERR"),
    ("a 0 CH A", "FORMERR"),
    ("a 0 IN ANY", "FORMERR"),
    ("a 0 ANY AXFR", "NXRRSET"),
    ("a 0 IN A \\#0a0000", "FORMERR"),
    ("a 0 IN A", "FORMERR"),
    ("a.other.cloud. 0 ANY ANY", "NOTZONE"),
    ("cloud. 0 ANY ANY", "NOTZONE"),
    ("alab.cloud. 0 NONE ANY", "NOTZONE"),
]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_each_form_of_prerequisite(shared, below, tcp):
    assert send(shared, [], GIVEN, below=below).rcode == "NOERROR"
    before = serial(shared)
    for number, (prerequisites, rcode) in enumerate(PREREQUISITES):
        if isinstance(prerequisites, str):
            prerequisites = [prerequisites]
        added = f"p{number} 60 IN A 192.0.2.1"
        reply = send(shared, prerequisites, [added], tcp, below=below)
        assert reply.rcode == rcode, (prerequisites, reply)
        assert reply.is_signed
        assert (reply.why == "") == (rcode == "NOERROR"), (prerequisites, reply)
        found = lookup(shared, f"p{number}.{below}", "A")
        assert bool(found) == (rcode == "NOERROR"), prerequisites
    good = sum(rcode == "NOERROR" for _, rcode in PREREQUISITES)
    assert serial(shared) == before + good


# ---- updates ----

# records before, the update, the RCODE, records after (None: as before)
UPDATES = [
    # RFC 2136 section 2.5.1: add
    ([], ["a 60 IN A 10.0.0.1"], "NOERROR", {"a A": {"60 10.0.0.1"}}),
    (["a 60 IN A 10.0.0.1"], ["a 60 IN A 10.0.0.2"], "NOERROR",
     {"a A": {"60 10.0.0.1", "60 10.0.0.2"}}),
    (["a 60 IN A 10.0.0.1"], ["A 60 IN A 10.0.0.1"], "NOERROR", {"a A": {"60 10.0.0.1"}}),
    # an RRset has one TTL (RFC 2181 section 5.2); a duplicate sets it
    (["a 60 IN A 10.0.0.1"], ["a 90 IN A 10.0.0.1"], "NOERROR", {"a A": {"90 10.0.0.1"}}),
    (["a 60 IN A 10.0.0.1"], ["a 90 IN A 10.0.0.2"], "NOERROR",
     {"a A": {"90 10.0.0.1", "90 10.0.0.2"}}),
    ([], ["a 0 IN A 10.0.0.1"], "NOERROR", {"a A": {"0 10.0.0.1"}}),
    ([], ["a 2147483647 IN A 10.0.0.1"], "NOERROR", {"a A": {"2147483647 10.0.0.1"}}),
    ([], ["a 2147483648 IN A 10.0.0.1"], "NOERROR", {"a A": {"0 10.0.0.1"}}),
    ([], ["a 60 IN TYPE65400 \\#0102", "a 60 IN TYPE65400 \\#"], "NOERROR",
     {"a TYPE65400": {"60 \\# 2 0102", "60 \\# 0"}}),
    ([], ["*.w 60 IN TXT star"], "NOERROR", {"x.w TXT": {'60 "star"'}}),
    # 2.5.2: delete an RRset
    (["a 60 IN A 10.0.0.1", "a 60 IN A 10.0.0.2", "a 60 IN TXT x"], ["a 0 ANY A"], "NOERROR",
     {"a A": set(), "a TXT": {'60 "x"'}}),
    (["a 60 IN TXT x"], ["a 0 ANY A"], "NOERROR", {"a TXT": {'60 "x"'}}),
    ([], ["a 0 ANY A"], "NOERROR", {"a A": set()}),
    # 2.5.3: delete all RRsets
    (["a 60 IN A 10.0.0.1", "a 60 IN TXT x", "b.a 60 IN A 10.0.0.2"], ["a 0 ANY ANY"], "NOERROR",
     {"a A": set(), "a TXT": set(), "b.a A": {"60 10.0.0.2"}}),
    # 2.5.4: delete one record; its TTL is ignored
    (["a 60 IN A 10.0.0.1", "a 60 IN A 10.0.0.2"], ["a 0 NONE A 10.0.0.1"], "NOERROR",
     {"a A": {"60 10.0.0.2"}}),
    (["a 60 IN A 10.0.0.1"], ["a 0 NONE A 10.0.0.2"], "NOERROR", {"a A": {"60 10.0.0.1"}}),
    (["a 60 IN A 10.0.0.1"], ["A 0 NONE A 10.0.0.1"], "NOERROR", {"a A": set()}),
    (["p 60 IN PTR X.example."], ["p 0 NONE PTR x.EXAMPLE."], "NOERROR", {"p PTR": set()}),
    # in their order
    (["a 60 IN A 10.0.0.1"], ["a 0 ANY ANY", "a 30 IN A 10.0.0.2", "a 30 IN TXT y"], "NOERROR",
     {"a A": {"30 10.0.0.2"}, "a TXT": {'30 "y"'}}),
    ([], ["a 60 IN A 10.0.0.1", "a 0 ANY ANY"], "NOERROR", {"a A": set()}),
    (["a 60 IN A 10.0.0.1"], ["a 0 NONE A 10.0.0.1", "a 60 IN A 10.0.0.1"], "NOERROR",
     {"a A": {"60 10.0.0.1"}}),
    # CNAME (3.4.2.2)
    ([], ["c 60 IN CNAME a"], "NOERROR", {"c CNAME": {"60 a.BELOW"}}),
    (["c 60 IN CNAME a"], ["c 60 IN CNAME b"], "NOERROR", {"c CNAME": {"60 b.BELOW"}}),
    (["c 60 IN CNAME a"], ["c 60 IN A 10.0.0.1"], "NOERROR",
     {"c CNAME": {"60 a.BELOW"}, "c A": set()}),
    (["c 60 IN A 10.0.0.1"], ["c 60 IN CNAME a"], "NOERROR",
     {"c CNAME": set(), "c A": {"60 10.0.0.1"}}),
    (["c 60 IN CNAME a"], ["c 0 ANY CNAME", "c 60 IN A 10.0.0.1"], "NOERROR",
     {"c CNAME": set(), "c A": {"60 10.0.0.1"}}),
    (["c 60 IN A 10.0.0.1"], ["c 60 IN CNAME a", "c 0 ANY A", "c 60 IN CNAME b"], "NOERROR",
     {"c CNAME": {"60 b.BELOW"}}),
    ([], ["c 60 IN CNAME a", "c 60 IN CNAME b"], "NOERROR", {"c CNAME": {"60 b.BELOW"}}),
    ([], ["c 60 IN A 10.0.0.1", "c 60 IN CNAME b"], "NOERROR", {"c A": {"60 10.0.0.1"}}),
    # DNAME is single (RFC 6672), beside other data
    (["d 60 IN DNAME a"], ["d 60 IN DNAME b"], "NOERROR", {"d DNAME": {"60 b.BELOW"}}),
    (["d 60 IN A 10.0.0.1"], ["d 60 IN DNAME a"], "NOERROR",
     {"d DNAME": {"60 a.BELOW"}, "d A": {"60 10.0.0.1"}}),
    (["d 60 IN DNAME a"], ["d 60 IN CNAME a"], "NOERROR",
     {"d DNAME": {"60 a.BELOW"}, "d CNAME": set()}),
    # WKS is single for an address and protocol (3.4.2.2)
    (["w 60 IN WKS 10.0.0.1 6 25"], ["w 60 IN WKS 10.0.0.1 6 80", "w 60 IN WKS 10.0.0.1 17 53"],
     "NOERROR", {"w WKS": {"60 10.0.0.1 6 80", "60 10.0.0.1 17 53"}}),
    # a SOA elsewhere than at the zone is ignored (3.4.2.2)
    ([], ["s 60 IN SOA a b 1 2 3 4 5"], "NOERROR", {"s SOA": set()}),
    # prescan (3.4.1.3)
    ([], ["a 60 IN A 10.0.0.1", "a 60 CH A"], "FORMERR", None),
    ([], ["a 60 IN ANY"], "FORMERR", None),
    ([], ["a 60 IN AXFR"], "FORMERR", None),
    ([], ["a 60 IN MAILA"], "FORMERR", None),
    ([], ["a 60 IN OPT"], "FORMERR", None),
    ([], ["a 60 IN TSIG"], "FORMERR", None),
    ([], ["a 1 ANY A"], "FORMERR", None),
    ([], ["a 1 ANY ANY"], "FORMERR", None),
    ([], ["a 0 ANY A 10.0.0.1"], "FORMERR", None),
    ([], ["a 0 ANY AXFR"], "FORMERR", None),
    ([], ["a 1 NONE A 10.0.0.1"], "FORMERR", None),
    ([], ["a 0 NONE ANY"], "FORMERR", None),
    ([], ["a 0 NONE A \\#0a00"], "FORMERR", None),
    ([], ["a 60 IN A \\#0a0000"], "FORMERR", None),
    ([], ["a 60 IN A \\#0a00000001"], "FORMERR", None),
    ([], ["a 60 IN A"], "FORMERR", None),
    ([], ["a 60 IN TXT \\#"], "FORMERR", None),
    ([], ["a 60 IN MX \\#000a0161"], "FORMERR", None),
    ([], ["a 60 IN A 10.0.0.1", "a.other.cloud. 60 IN A 10.0.0.2"], "NOTZONE", None),
    ([], ["a 60 IN A 10.0.0.1", "cloud. 0 ANY ANY"], "NOTZONE", None),
    # types that only the server makes (RFC 3007 section 3.1.1)
    ([], ["a 60 IN A 10.0.0.1", "a 60 IN NSEC b A"], "REFUSED", None),
    # delegations: data below a cut is accepted, and hidden
    ([], ["z 60 IN NS ns.z", "ns.z 60 IN A 192.0.2.1"], "NOERROR", {}),
]


def found(weftd, texts, below):
    return {text: lookup(weftd, f"{text.split()[0]}.{below}", text.split()[1]) for text in texts}


@pytest.mark.parametrize("given,sent,rcode,then", UPDATES,
                         ids=[f"{', '.join(case[1])[:60]}" for case in UPDATES])
def test_each_form_of_update(shared, below, given, sent, rcode, then):
    if given:
        assert send(shared, [], given, below=below).rcode == "NOERROR"
    before = serial(shared)
    reply = send(shared, [], sent, below=below)
    assert reply.rcode == rcode, reply
    assert (reply.why == "") == (rcode == "NOERROR"), reply
    if rcode != "NOERROR":
        assert lookup(shared, f"a.{below}", "A") == set()
        assert serial(shared) == before
        return
    wanted = {text: {value.replace("BELOW", below) for value in values}
              for text, values in then.items()}
    assert found(shared, then, below) == wanted


@pytest.mark.parametrize("given,sent", [
    (["a 60 IN A 10.0.0.1"], ["a 60 IN A 10.0.0.1"]),
    (["a 60 IN A 10.0.0.1"], ["a 0 NONE A 10.0.0.2"]),
    ([], ["a 0 ANY ANY"]),
    ([], ["a 60 IN A 10.0.0.1", "a 0 ANY ANY"]),
    (["a 60 IN A 10.0.0.1"], ["a 0 ANY ANY", "a 60 IN A 10.0.0.1"]),
    (["a 60 IN A 10.0.0.1", "a 60 IN A 10.0.0.2"],
     ["a 0 ANY A", "a 60 IN A 10.0.0.2", "a 60 IN A 10.0.0.1"]),
    (["c 60 IN CNAME a"], ["c 60 IN A 10.0.0.1"]),
    (["c 60 IN CNAME a"], ["c 60 IN CNAME a"]),
    ([], ["s 60 IN SOA a b 1 2 3 4 5"]),
    ([], []),
], ids=str)
def test_what_changes_nothing_moves_no_serial(shared, below, given, sent):
    if given:
        assert send(shared, [], given, below=below).rcode == "NOERROR"
    before = serial(shared)
    assert send(shared, [], sent, below=below).rcode == "NOERROR"
    assert serial(shared) == before


def test_updates_are_all_or_nothing(shared, below):
    many = [f"n{i} 60 IN A 10.0.{i // 250}.{i % 250}" for i in range(300)]
    for last, rcode in (("a.other.cloud. 60 IN A 10.0.0.1", "NOTZONE"),
                        ("n1 60 CH A", "FORMERR"), ("n1 60 IN NSEC n2 A", "REFUSED")):
        assert send(shared, [], [*many, last], below=below).rcode == rcode
        assert all(not lookup(shared, f"n{i}.{below}", "A") for i in (0, 1, 150, 299))
    assert send(shared, [], many, below=below).rcode == "NOERROR"
    assert all(lookup(shared, f"n{i}.{below}", "A") for i in (0, 1, 150, 299))


# ---- the zone section and the header ----

@pytest.mark.parametrize("more,rcode", [
    ({"zone_type": 1}, "FORMERR"),
    ({"zone_type": 255}, "FORMERR"),
    ({"zone": "other.cloud"}, "NOTAUTH"),
    ({"zone": "a.lab.cloud"}, "NOTAUTH"),
    ({"zone": "cloud"}, "NOTAUTH"),
    ({"zone_class": 3}, "NOTAUTH"),
    ({"zone": "LAB.Cloud"}, "NOERROR"),
], ids=str)
def test_the_zone_section_names_a_zone_of_ours(shared, below, more, rcode):
    reply = send(shared, [], ["a 60 IN A 10.0.0.1"], below=below, **more)
    assert reply.rcode == rcode
    assert bool(reply.why) == (rcode != "NOERROR")
    assert bool(lookup(shared, f"a.{below}", "A")) == (rcode == "NOERROR")


@pytest.mark.parametrize("nzones", [0, 2])
def test_the_zone_section_has_one_entry(shared, below, nzones):
    wire = update(updates=[record("a 60 IN A 10.0.0.1", below)])
    header, zone = wire[:12], name("lab.cloud") + b"\0\6\0\1"
    assert wire[12:].startswith(zone)
    wire = header[:4] + bytes([0, nzones]) + header[6:] + zone * nzones + wire[12 + len(zone):]
    assert Reply(exchange(shared, BENCH.sign(wire)[0])).rcode == "FORMERR"
    assert not lookup(shared, f"a.{below}", "A")


def test_an_answer_has_the_request_s_id_and_opcode_and_no_records(shared, below):
    reply = send(shared, [], ["a 60 IN A 10.0.0.1"], below=below, number=4711)
    assert reply.id == 4711
    assert reply.flags == dns.flags.QR | 5 << 11
    assert reply.counts[1:3] == [0, 0]


def test_a_message_cut_short_changes_nothing(shared, below):
    whole = update(updates=[record(f"n{i} 60 IN A 10.0.0.1", below) for i in range(3)])
    for length in range(12, len(whole)):
        wire, _ = BENCH.sign(whole[:length])
        # The missing octets are taken from the TSIG record, which is then absent or invalid.
        assert Reply(exchange(shared, wire)).rcode in ("FORMERR", "NOTAUTH"), length
    assert not lookup(shared, f"n0.{below}", "A")


# ---- the zone's own records ----

def apex(weftd, *updates):
    reply = send(weftd, [], updates)
    assert reply.rcode == "NOERROR"
    return lookup(weftd, "lab.cloud", "SOA"), lookup(weftd, "lab.cloud", "NS")


def test_soa_and_the_last_ns_stay_at_the_apex(weftd):
    soa, ns = apex(weftd)
    assert ns == {"60 ns.lab.cloud."}
    for text in ("@ 0 ANY ANY", "@ 0 ANY SOA", "@ 0 ANY NS", "@ 0 NONE NS ns",
                 "@ 0 NONE SOA ns hostmaster 1 3600 600 86400 10"):
        assert apex(weftd, text) == (soa, ns), text
    assert apex(weftd, "@ 60 IN NS ns2")[1] == {"60 ns.lab.cloud.", "60 ns2.lab.cloud."}
    assert apex(weftd, "@ 0 ANY NS")[1] == {"60 ns.lab.cloud.", "60 ns2.lab.cloud."}
    assert apex(weftd, "@ 0 NONE NS ns", "@ 0 NONE NS ns2")[1] == {"60 ns2.lab.cloud."}
    assert apex(weftd, "@ 60 IN TXT x", "@ 0 ANY ANY")[1] == {"60 ns2.lab.cloud."}
    assert lookup(weftd, "lab.cloud", "TXT") == set()
    assert apex(weftd, "@ 60 IN CNAME ns")[1] == {"60 ns2.lab.cloud."}
    assert lookup(weftd, "lab.cloud", "CNAME") == set()


def test_a_client_s_soa_counts_if_its_serial_is_newer(weftd):
    def sent(number, more="3600 600 86400 10"):
        return next(iter(apex(weftd, f"@ 60 IN SOA ns hostmaster {number} {more}")[0]))

    old = next(iter(lookup(weftd, "lab.cloud", "SOA")))
    for number in (0, 1, 2**31 + 1, 2**32 - 1):
        assert sent(number, "9 9 9 9") == old, number
    assert sent(100, "7 7 7 7") == "60 ns.lab.cloud. hostmaster.lab.cloud. 100 7 7 7 7"
    assert serial(weftd) == 100
    reply = send(weftd, [], ["@ 60 IN SOA ns hostmaster 200 3600 600 86400 10",
                             "a 60 IN A 10.0.0.1"])
    assert reply.rcode == "NOERROR"
    assert serial(weftd) == 200
    assert send(weftd, [], ["a 60 IN A 10.0.0.2"]).rcode == "NOERROR"
    assert serial(weftd) == 201
    weftd.kill()
    weftd.start()
    assert serial(weftd) == 201


@pytest.mark.parametrize("start", [2**31 - 2, 2**32 - 3])
def test_the_serial_moves_on_around_its_ends(make_weftd, start):
    weftd = make_weftd()
    weftd.zone(ZONE.replace("hostmaster 1", f"hostmaster {start}"))
    weftd.configure().start()
    before = serial(weftd)
    assert before == start
    for i in range(6):
        assert send(weftd, [], [f"a{i} 60 IN A 10.0.0.1"]).rcode == "NOERROR"
        now = serial(weftd)
        assert is_newer(now, before) and now != 0
        before = now
        if i == 3:
            weftd.kill()
            weftd.start()
            assert serial(weftd) == before


# ---- transports ----

def octets_of(records):
    return sum(map(len, records))


def test_a_large_update_comes_by_udp(shared, below):
    records = [rr(f"big{i}.{below}", 16, IN, 60, b"\xc8" + b"x" * 200) for i in range(100)]
    assert 20000 < octets_of(records) < 30000
    wire, mac = BENCH.sign(update(updates=records, additional=[opt()]))
    reply = Reply(exchange(shared, wire), BENCH, mac)
    assert reply.rcode == "NOERROR"
    assert lookup(shared, f"big84.{below}", "TXT")


def test_an_update_fills_64_kib_by_tcp(shared, below):
    room = 65535 - 200
    records = []
    while octets_of(records) < room - 300:
        records.append(rr(f"big{len(records)}.{below}", 16, IN, 60, b"\xc8" + b"x" * 200))
    message = update(updates=records, additional=[opt()])
    padding = 65535 - len(BENCH.sign(message)[0]) - len(rr(f"last.{below}", 65400))
    records.append(rr(f"last.{below}", 65400, IN, 60, b"y" * padding))
    wire, mac = BENCH.sign(update(updates=records, additional=[opt()]))
    assert len(wire) == 65535
    assert Reply(exchange(shared, wire, tcp=True), BENCH, mac).rcode == "NOERROR"
    assert lookup(shared, f"last.{below}", "TYPE65400")
    assert lookup(shared, f"big{len(records) - 2}.{below}", "TXT")


def test_updates_are_pipelined_on_one_connection(shared, below):
    count = 200
    macs, wires = {}, []
    for i in range(count):
        wire, macs[i + 1] = BENCH.sign(update(updates=[record(f"n{i} 60 IN A 10.0.0.1", below)],
                                              number=i + 1))
        wires.append(frame(wire))
    with connect(shared.where, LIMIT_S) as sock:
        sender = threading.Thread(target=sock.sendall, args=(b"".join(wires),))
        sender.start()
        for _ in range(count):
            wire = read_frame(sock)
            number = int.from_bytes(wire[:2], "big")
            assert Reply(wire, BENCH, macs.pop(number)).rcode == "NOERROR"
        sender.join()
    assert not macs
    assert all(lookup(shared, f"n{i}.{below}", "A") for i in range(count))


def test_updates_in_one_batch_see_each_other(shared, below):
    """Each update requires the result of the one before it."""
    wires = [frame(BENCH.sign(update([record(f"n{i - 1} 0 ANY A", below)] if i else [],
                                     [record(f"n{i} 60 IN A 10.0.0.1", below)], number=i + 1))[0])
             for i in range(50)]
    with connect(shared.where, LIMIT_S) as sock:
        sock.sendall(b"".join(wires))
        answers = {int.from_bytes(wire[:2], "big"): wire[3] & 15
                   for wire in (read_frame(sock) for _ in wires)}
    assert answers == {i + 1: 0 for i in range(50)}


def test_of_many_that_claim_a_name_one_gets_it(shared, below):
    """First come, first served: the prerequisite is checked against the newest state."""
    nsockets, rounds = 8, 10
    socks = []
    for _ in range(nsockets):
        sock = socket.socket(type=socket.SOCK_DGRAM)
        sock.settimeout(LIMIT_S)
        sock.connect(shared.where)
        socks.append(sock)
    for number in range(rounds):
        for i, sock in enumerate(socks):
            sock.send(BENCH.sign(update([record(f"claim{number} 0 NONE ANY", below)],
                                        [record(f"claim{number} 60 IN A 10.0.0.{i}", below)]))[0])
        rcodes = [sock.recv(65535)[3] & 15 for sock in socks]
        assert sorted(rcodes) == [0] + [6] * (nsockets - 1)
        assert lookup(shared, f"claim{number}.{below}", "A") == {
            f"60 10.0.0.{rcodes.index(0)}"}
    for sock in socks:
        sock.close()


def test_a_retransmitted_update_is_harmless(shared, below):
    wire, mac = BENCH.sign(update([], [record("a 0 ANY ANY", below),
                                       record("a 60 IN A 10.0.0.1", below)]))
    assert Reply(exchange(shared, wire), BENCH, mac).rcode == "NOERROR"
    before = serial(shared)
    for tcp in (False, True, False):
        assert Reply(exchange(shared, wire, tcp), BENCH, mac).rcode == "NOERROR"
    assert serial(shared) == before
    assert lookup(shared, f"a.{below}", "A") == {"60 10.0.0.1"}


def test_the_next_query_on_any_worker_sees_the_change(shared, below):
    """Each query comes from a port of its own, so that the kernel gives it to any worker."""
    query = dns.message.make_query(f"a.{below}", "A").to_wire()
    for number in range(100):
        text = f"10.1.{number}.1"
        assert send(shared, [], ["a 0 ANY A", f"a 60 IN A {text}"],
                    below=below).rcode == "NOERROR"
        for _ in range(6):
            answer = dns.message.from_wire(exchange(shared, query))
            assert [rdata.to_text() for rdata in answer.answer[0]] == [text]


def test_serials_of_updates_in_flight_never_go_back(shared, below):
    seen, stop = [], threading.Event()

    def watch():
        while not stop.is_set():
            seen.append(serial(shared))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(150):
            assert send(shared, [], [f"n{number} 60 IN A 10.0.0.1"],
                        below=below).rcode == "NOERROR"
    finally:
        stop.set()
        watcher.join()
    assert len(seen) > 10
    assert all(a == b or is_newer(b, a) for a, b in zip(seen, seen[1:]))


# ---- access ----

@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_an_unsigned_update_is_refused_with_a_reason(shared, below, tcp):
    reply = send(shared, [], ["a 60 IN A 10.0.0.1"], tcp, key=None, below=below)
    assert (reply.rcode, reply.ede, reply.is_signed) == ("REFUSED", 18, False)
    assert "signed" in reply.why
    assert not lookup(shared, f"a.{below}", "A")


def test_an_unknown_key_or_a_wrong_secret_is_notauth(shared, below):
    for key, word in ((Key("stranger"), "stranger"), (Key(secret="d3Jvbmc="), "MAC")):
        wire = update(updates=[record("a 60 IN A 10.0.0.1", below)], additional=[opt()])
        reply = Reply(exchange(shared, key.sign(wire)[0]))
        assert reply.rcode == "NOTAUTH"
        assert word in reply.why, reply
    assert not lookup(shared, f"a.{below}", "A")


def generate(weftd, key_name, *algorithm):
    """Makes a key file with `weft key generate` that the configuration includes. Returns the
    key."""
    path = weftd.folder / f"{key_name}.key"
    done = subprocess.run([WEFT, "key", "generate", key_name, *algorithm], capture_output=True,
                          text=True, timeout=LIMIT_S, check=True)
    path.write_text(done.stdout)
    path.chmod(0o600)
    secret = re.search(r'secret "([^"]+)"', done.stdout).group(1)
    # The format that knsupdate reads.
    algorithm_name = algorithm[0] if algorithm else "hmac-sha256"
    path.with_suffix(".knot").write_text(f"{algorithm_name}:{key_name}:{secret}\n")
    return path, Key(key_name, secret, *algorithm)


HOST = "h1.keys.lab.cloud"
OTHER = "h2.keys.lab.cloud"
# rules, key, record, whether it is allowed
POLICY = [
    ("grant KEY name n1.nodes.lab.cloud. A", "n1.nodes 60 IN A 10.0.0.1", True),
    ("grant KEY name n1.nodes.lab.cloud. A", "n1.nodes 60 IN AAAA ::1", False),
    ("grant KEY name n1.nodes.lab.cloud. A", "n2.nodes 60 IN A 10.0.0.1", False),
    ("grant KEY name n1.nodes.lab.cloud. A", "a.n1.nodes 60 IN A 10.0.0.1", False),
    ("grant KEY subdomain nodes.lab.cloud.", "nodes 60 IN A 10.0.0.1", True),
    ("grant KEY subdomain nodes.lab.cloud.", "a.b.nodes 60 IN A 10.0.0.1", True),
    ("grant KEY subdomain nodes.lab.cloud.", "anodes 60 IN A 10.0.0.1", False),
    ("grant KEY subdomain nodes.lab.cloud.", "a.nodes 60 IN NS ns", False),
    ("grant KEY subdomain nodes.lab.cloud. ANY", "a.nodes 60 IN NS ns", True),
    ("grant KEY zonesub", "x 60 IN TXT x", True),
    ("grant KEY zonesub", "@ 60 IN TXT x", True),
    ("grant KEY zonesub", "@ 60 IN NS ns", False),
    ("grant KEY zonesub ANY", "@ 60 IN NS ns", True),
    ("grant KEY zonesub A", "x 60 IN TXT x", False),
    ("grant KEY wildcard *._tcp.lab.cloud. SRV", "_http._tcp 60 IN SRV 0 0 1 ns", True),
    ("grant KEY wildcard *._tcp.lab.cloud. SRV", "a._http._tcp 60 IN SRV 0 0 1 ns", True),
    ("grant KEY wildcard *._tcp.lab.cloud. SRV", "_tcp 60 IN SRV 0 0 1 ns", False),
    ("grant KEY wildcard *._tcp.lab.cloud. SRV", "a._udp 60 IN SRV 0 0 1 ns", False),
    ("grant KEY self . A", "h1.keys 60 IN A 10.0.0.1", True),
    ("grant KEY self . A", "H1.Keys 60 IN A 10.0.0.1", True),
    ("grant KEY self . A", "a.h1.keys 60 IN A 10.0.0.1", False),
    ("grant KEY self . A", "h2.keys 60 IN A 10.0.0.1", False),
    ("grant *.keys.lab.cloud. selfsub . A", "h1.keys 60 IN A 10.0.0.1", True),
    ("grant *.keys.lab.cloud. selfsub . A", "a.h1.keys 60 IN A 10.0.0.1", True),
    ("grant *.keys.lab.cloud. selfsub . A", "h2.keys 60 IN A 10.0.0.1", False),
    ("grant *.keys.lab.cloud. selfsub . A", "ah1.keys 60 IN A 10.0.0.1", False),
    ("grant *.other.lab.cloud. selfsub . A", "h1.keys 60 IN A 10.0.0.1", False),
    ("grant KEY selfwild . A", "a.h1.keys 60 IN A 10.0.0.1", True),
    ("grant KEY selfwild . A", "h1.keys 60 IN A 10.0.0.1", False),
    ("grant OTHER zonesub ANY", "h1.keys 60 IN A 10.0.0.1", False),
    # the first matching rule decides
    ("deny KEY name ns.lab.cloud.; grant KEY zonesub", "ns 60 IN A 10.0.0.1", False),
    ("deny KEY name ns.lab.cloud.; grant KEY zonesub", "x 60 IN A 10.0.0.1", True),
    ("grant KEY zonesub; deny KEY name ns.lab.cloud.", "ns 60 IN A 10.0.0.1", True),
    ("deny KEY zonesub TXT; grant KEY zonesub", "x 60 IN TXT x", False),
    ("deny KEY zonesub TXT; grant KEY zonesub", "x 60 IN A 10.0.0.1", True),
    ("grant OTHER zonesub; deny KEY zonesub; grant KEY zonesub", "x 60 IN A 10.0.0.1", False),
]


def test_policy_rules_of_each_type(make_weftd):
    """One zone for each set of rules, with a key whose name is in it."""
    weftd = make_weftd()
    rules_of = {rules: f"z{number}" for number, rules in
                enumerate(dict.fromkeys(rules for rules, _, _ in POLICY))}
    zones, keys = {}, {}
    generate(weftd, OTHER)
    for rules, zone in rules_of.items():
        weftd.zone(ZONE.replace("lab.cloud", f"{zone}.cloud"), f"{zone}.cloud")
        keys[zone] = generate(weftd, HOST.replace("lab", zone))[1]
        text = rules.replace("OTHER", f"{OTHER}.").replace("KEY", f"{HOST}.").replace(
            "lab.cloud", f"{zone}.cloud")
        zones[f"{zone}.cloud"] = f"update: {{policy: {json.dumps(text.split('; '))}}}"
    weftd.configure(zones, "workers: 4", more="include: [h*.key]\n").start()
    for rules, text, is_allowed in POLICY:
        zone = rules_of[rules]
        reply = send(weftd, [], [text.replace("@", f"{zone}.cloud.")], key=keys[zone],
                     below=f"{zone}.cloud.", zone=f"{zone}.cloud")
        assert reply.rcode == ("NOERROR" if is_allowed else "REFUSED"), (rules, text, reply)
        assert bool(reply.why) != is_allowed, (rules, text, reply)
        if not is_allowed:
            assert reply.ede == 18, (rules, text, reply)


def test_a_policy_is_asked_for_each_record_and_for_all_that_a_delete_takes(make_weftd):
    weftd = make_weftd()
    _, key = generate(weftd, HOST)
    weftd.zone(ZONE + "h A 10.0.0.1\nh TXT x\nk A 10.0.0.1\n")
    weftd.configure({"lab.cloud": f'update: {{policy: ["grant {HOST}. zonesub A AAAA"]}}'},
                    more=f"include: [{HOST}.key]\n").start()
    before = serial(weftd)
    for updates in (["h 60 IN A 10.0.0.2", "h 60 IN TXT y"], ["h 0 ANY ANY"], ["h 0 ANY TXT"],
                    ["h 0 NONE TXT x"], ["k 0 ANY ANY", "h 0 ANY ANY"]):
        reply = send(weftd, [], updates, key=key)
        assert (reply.rcode, reply.ede) == ("REFUSED", 18), updates
    assert serial(weftd) == before
    assert lookup(weftd, "h.lab.cloud", "A") == {"60 10.0.0.1"}
    assert send(weftd, [], ["k 0 ANY ANY"], key=key).rcode == "NOERROR"
    assert lookup(weftd, "k.lab.cloud", "A") == set()
    # Prerequisites come first (RFC 2136 section 3).
    assert send(weftd, ["k 0 ANY ANY"], ["h 0 ANY TXT"], key=key).rcode == "NXDOMAIN"


# ---- the tools ----

ALGORITHMS = ["hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"]


def test_nsupdate_and_knsupdate_register_with_generated_keys(make_weftd):
    weftd = make_weftd()
    paths = [generate(weftd, f"k{i}.lab.cloud", algorithm)[0]
             for i, algorithm in enumerate(ALGORITHMS)]
    names = ", ".join(f"k{i}.lab.cloud" for i in range(len(paths)))
    weftd.zone()
    weftd.configure({"lab.cloud": f"update: {{key: [{names}]}}"}, "workers: 4",
                    more="include: [k*.key]\n").start()
    number = 0
    for path in paths:
        knot_path = path.with_suffix(".knot")
        for command in (["nsupdate", "-k", path], ["nsupdate", "-v", "-k", path],
                        ["knsupdate", "-k", knot_path], ["knsupdate", "-v", "-k", knot_path]):
            number += 1
            text = (f"server {weftd.address} {weftd.port}\nzone lab.cloud.\n"
                    f"prereq nxdomain w{number}.lab.cloud.\n"
                    f"update add w{number}.lab.cloud. 60 A 10.0.0.{number}\nsend\n")
            done = subprocess.run(command, input=text, capture_output=True,
                                  text=True, timeout=LIMIT_S)
            assert done.returncode == 0, (command, done.stderr, done.stdout)
            assert lookup(weftd, f"w{number}.lab.cloud", "A") == {f"60 10.0.0.{number}"}
            done = subprocess.run(command, input=text, capture_output=True,
                                  text=True, timeout=LIMIT_S)
            assert "YXDOMAIN" in done.stderr + done.stdout


def test_nsupdate_finds_the_zone_by_itself(weftd):
    """nsupdate asks for the SOA of the name, and takes the zone from the answer."""
    text = (f"server {weftd.address} {weftd.port}\n"
            "update add a.b.lab.cloud 60 A 10.0.0.1\nsend\n")
    done = subprocess.run(["nsupdate", "-k", str(weftd.key_path)], input=text,
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert weftd.dig("a.b.lab.cloud", "A") == "10.0.0.1\n"


def test_dnspython_updates_too(shared, below):
    owner = dns.name.from_text(f"py.{below}")
    for ask, rcode in ((dns.query.udp, 0), (dns.query.tcp, 6)):
        change = dns.update.UpdateMessage("lab.cloud.", keyring=BENCH.dns)
        change.absent(owner)
        change.add(owner, 60, "TXT", '"from dnspython"')
        change.add(owner, 60, "SRV", "0 0 80 ns.lab.cloud.")
        answer = ask(change, shared.address, LIMIT_S, shared.port)
        assert answer.rcode() == rcode
        assert answer.had_tsig
    assert lookup(shared, f"py.{below}", "TXT") == {'60 "from dnspython"'}


# ---- the audit ----

def audit_of(weftd, word):
    """The audit line that contains the word; it is written soon after the answer."""
    return wait_for(lambda: [line for line in weftd.log().splitlines()
                             if " update client=" in line and word in line],
                    f"audit line with {word}")


def test_each_update_has_one_audit_line(shared, below):
    owner = f"aud.{below}"
    assert send(shared, [], ["aud 60 IN A 10.0.0.1", "aud 60 IN TXT x"],
                below=below).rcode == "NOERROR"
    line, = audit_of(shared, owner)
    assert re.search(r"client=127\.\d+\.\d+\.\d+@\d+ ", line)
    assert "key=bench. rule=1 added=2 removed=0 result=NOERROR" in line
    assert f'changed="{owner} +A +TXT"' in line
    assert send(shared, [], ["aud 0 ANY ANY"], below=below).rcode == "NOERROR"
    wait_for(lambda: len(audit_of(shared, owner)) == 2, "second line")
    assert "added=0 removed=2" in audit_of(shared, owner)[1]
    assert send(shared, ["aud 0 ANY A"], ["b 60 IN A 10.0.0.1"], below=below).rcode == "NXRRSET"
    wait_for(lambda: len(audit_of(shared, owner)) == 3, "third line")
    assert "result=NXRRSET" in audit_of(shared, owner)[2]
    assert "why=" in audit_of(shared, owner)[2]


def test_names_cannot_forge_a_log_line(shared, below):
    evil = b"\nevil\" update client=x"
    labels = bytes([len(evil)]) + evil + name(below)
    wire = update(updates=[labels + record("a 60 IN A 10.0.0.1", below)[len(name(f"a.{below}")):]])
    wire, mac = BENCH.sign(wire)
    assert Reply(exchange(shared, wire), BENCH, mac).rcode == "NOERROR"
    line, = audit_of(shared, "evil")
    assert line.count('"') - line.count('\\"') == 2
    assert "\\010evil" in line


# ---- at random ----

def test_random_updates_give_the_zone_of_a_model(shared, below):
    """Compares adds and deletes with a dictionary of sets."""
    chance = random.Random(2136)
    model = {}
    for _ in range(150):
        updates = []
        for _ in range(chance.randint(1, 6)):
            owner, kind = chance.choice("abc"), chance.choice(["A", "TXT"])
            value = (f"10.0.0.{chance.randint(1, 4)}" if kind == "A"
                     else f'"{chance.randint(1, 4)}"')
            what = chance.random()
            records = model.setdefault((owner, kind), set())
            if what < 0.5:
                updates.append(f"{owner} 60 IN {kind} {value}")
                records.add(value)
            elif what < 0.7:
                updates.append(f"{owner} 0 NONE {kind} {value}")
                records.discard(value)
            elif what < 0.9:
                updates.append(f"{owner} 0 ANY {kind}")
                records.clear()
            else:
                updates.append(f"{owner} 0 ANY ANY")
                for other in ("A", "TXT"):
                    model.setdefault((owner, other), set()).clear()
        assert send(shared, [], updates, below=below).rcode == "NOERROR"
        for (owner, kind), records in model.items():
            assert lookup(shared, f"{owner}.{below}", kind) == {f"60 {r}" for r in records}
