# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Types with thousands of instances: instances that do not fit in an answer wait, and none is left
out silently."""


import dns.flags
import dns.message
import pytest

import updates
from services import (TYPE, TYPES, ZONE, check, lookup, new_served, register, registration, remove,
                      view)
from updates import lookup as lookup_full
from waiting import LIMIT_S
from wire import connect, frame, read_frame

MOST = 65535
NAME = "instance-%04d-of-many"      # 21 octets: a PTR is 36 in an answer
COUNT = 2000


@pytest.fixture
def served(make_weftd):
    return new_served(make_weftd)


def lines_of(number, where):
    pointer = [f"{where} 60 IN PTR {NAME % number}.{TYPE}"] if where else []
    return registration(NAME % number, port=1000 + number) + pointer


def register_many(served, numbers, where=None):
    """Registers many instances on one connection, with a PTR of their own at `where`. Returns the
    reasons that updates were answered with, by number."""
    weftd, key = served
    told = {}
    with connect(weftd.where, LIMIT_S) as sock:
        numbers = list(numbers)
        for first in range(0, len(numbers), 100):
            some = numbers[first:first + 100]
            signed = [updates.signed(lines_of(i, where), key=key) for i in some]
            sock.sendall(b"".join(frame(message) for message, _ in signed))
            for i, (_, mac) in zip(some, signed):
                reply = updates.Reply(read_frame(sock), key, mac)
                assert reply.rcode == "NOERROR", reply
                if reply.why:
                    told[i] = reply.why
    return told


def browsed(weftd):
    return {p.split(".")[0] for p in lookup(weftd, TYPE, "PTR")}


@pytest.mark.parametrize("how", ["", "kill"])
def test_an_instance_without_room_is_reported_and_waits(served, how):
    weftd, _ = served
    told = register_many(served, range(COUNT))
    full = {i: why for i, why in told.items() if "no answer holds more instances" in why}
    assert [i for i in told if "no longer fits" in told[i]] and full
    nbrowsed = min(full)
    assert sorted(full) == list(range(nbrowsed, COUNT))
    assert browsed(weftd) == {NAME % i for i in range(nbrowsed)}
    assert weftd.log().count("type-full") >= 1
    assert weftd.json("stats")["services"]["waiting"] == COUNT - nbrowsed
    # All of it is in one answer, of nearly the largest size.
    query = dns.message.make_query(f"{TYPE}.lab.cloud", "PTR", use_edns=0)
    nbytes = len(updates.exchange(weftd, query.to_wire(), tcp=True))
    assert MOST - 1100 < nbytes <= MOST
    # A waiting instance is found by its name.
    assert len(lookup(weftd, f"{NAME % (COUNT - 1)}.{TYPE}", "SRV")) == 1
    check(weftd)
    if how:
        weftd.kill()
        weftd.start()
        assert browsed(weftd) == {NAME % i for i in range(nbrowsed)}
        check(weftd)
    # As many are added as were removed.
    for i in range(3):
        remove(served, NAME % i)
    after = browsed(weftd)
    assert len(after) == nbrowsed and not after & {NAME % i for i in range(3)}
    check(weftd)
    register(served, NAME % nbrowsed, port=1000 + nbrowsed, txt="state=draining")
    assert NAME % nbrowsed not in browsed(weftd)
    check(weftd)


def test_a_large_set_is_whole_by_tcp_and_truncated_by_udp(served):
    weftd, _ = served
    register_many(served, range(60))
    query = dns.message.make_query(f"{TYPE}.lab.cloud", "PTR", use_edns=0, payload=1232)
    answer = dns.message.from_wire(updates.exchange(weftd, query.to_wire()))
    assert answer.flags & dns.flags.TC
    assert len(lookup_full(weftd, f"{TYPE}.lab.cloud", "PTR", tcp=True)) == 60
    # The SRVs at the type fit: the best of them are enough.
    assert len(view(weftd)[1]) == 60


def whole(weftd, owner, rdtype="PTR"):
    """The number of records in the answer over TCP, which must not be cut."""
    query = dns.message.make_query(f"{owner}.lab.cloud", rdtype, use_edns=0)
    answer = dns.message.from_wire(updates.exchange(weftd, query.to_wire(), tcp=True))
    assert not answer.flags & dns.flags.TC
    return sum(len(rrset) for rrset in answer.answer)


@pytest.mark.parametrize("where", [TYPE, f"_{'s' * 50}._sub.{TYPE}"])
def test_pointers_that_clients_add_themselves_find_no_more_room(served, where):
    """PTRs in the update itself, as usual tools of DNS-SD send them."""
    weftd, _ = served
    told = register_many(served, range(COUNT), where)
    full = [i for i in told if "no answer holds more instances" in told[i]]
    found = whole(weftd, where)
    assert full and 1000 < found < COUNT
    check(weftd)
    weftd.kill()
    weftd.start()
    assert whole(weftd, where) == found
    check(weftd)


def test_the_most_srvs_with_long_targets_fit_an_answer(make_weftd):
    weftd, key = served = new_served(make_weftd, "srv-max: 200")
    node = f"{'a' * 60}.{'b' * 60}.{'c' * 60}"
    lines = [f"i{i}.{TYPE} 60 IN SRV 0 0 {1000 + i} {node}" for i in range(220)]
    weftd.zone(ZONE + f"{node} A 192.0.2.1\n")
    weftd.weft("zone", "reload")
    for first in range(0, len(lines), 110):
        assert updates.send(weftd, updates=lines[first:first + 110], key=key, tcp=True).rcode == "NOERROR"
    assert whole(weftd, TYPE, "SRV") == 200
    register(served, "one", port=1)
    assert whole(weftd, TYPE, "SRV") == 200


def test_the_list_of_types_is_whole_however_many_there_are(make_weftd):
    weftd, key = new_served(make_weftd, "srv: yes}\nquota: {instances: 5000, records: 20000")
    for first in range(0, 4500, 250):
        lines = [f"i._type-number-{i:06}._tcp 60 IN SRV 0 0 80 n1.nodes" for i in range(first, first + 250)]
        assert updates.send(weftd, updates=lines, key=key, tcp=True).rcode == "NOERROR"
    assert whole(weftd, TYPES) > 1000
    check(weftd)


def test_an_instance_has_32_subtypes(served):
    weftd, key = served
    register(served, "web")
    lines = [f"_s{i}._sub.{TYPE} 60 IN PTR web.{TYPE}" for i in range(33)]
    assert updates.send(weftd, updates=lines[:32], key=key, tcp=True).rcode == "NOERROR"
    for _ in range(2):
        reply = updates.send(weftd, updates=lines[32:], key=key)
        assert reply.rcode == "REFUSED" and reply.why, reply
        assert sum(bool(lookup(weftd, line.split()[0], "PTR")) for line in lines) == 32
    check(weftd)
