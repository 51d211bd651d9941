# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Types with thousands of instances: what an answer has no room for waits, and nobody is trimmed
silently."""

import socket

import dns.flags
import dns.message
import pytest

import updates
from conftest import LIMIT_S
from services import TYPE, check, lookup, new_served, register, registration, remove, view
from updates import lookup as lookup_full

MOST = 65535
NAME = "instance-%04d-of-many"      # 21 octets: a PTR is 36 in an answer
COUNT = 2000


@pytest.fixture
def served(make_weftd):
    return new_served(make_weftd)


def register_many(served, numbers):
    """Registers many behind each other; the number of each that was told something, and what."""
    weftd, key = served
    told = {}
    with socket.create_connection((weftd.address, weftd.port), LIMIT_S) as sock:
        numbers = list(numbers)
        for first in range(0, len(numbers), 100):
            some = numbers[first:first + 100]
            signed = [key.sign(updates.update(updates=[updates.record(line) for line in
                                                       registration(NAME % i, port=1000 + i)],
                                              additional=[updates.opt()])) for i in some]
            sock.sendall(b"".join(updates.frame(wire) for wire, _ in signed))
            for i, (_, mac) in zip(some, signed):
                reply = updates.Reply(updates.read_frame(sock), key, mac)
                assert reply.rcode == "NOERROR", reply
                if reply.why:
                    told[i] = reply.why
    return told


def browsed(weftd):
    return {p.split(".")[0] for p in lookup(weftd, TYPE, "PTR")}


@pytest.mark.parametrize("how", ["", "kill"])
def test_who_finds_no_room_is_told_and_waits_for_it(served, how):
    weftd, _ = served
    told = register_many(served, range(COUNT))
    full = {i: why for i, why in told.items() if "no answer holds more instances" in why}
    assert [i for i in told if "no longer fits" in told[i]] and full
    nbrowsed = min(full)
    assert sorted(full) == list(range(nbrowsed, COUNT))
    assert browsed(weftd) == {NAME % i for i in range(nbrowsed)}
    assert weftd.log().count("is full") >= 1
    assert weftd.json("stats")["services"]["waiting"] == COUNT - nbrowsed
    # All of it in one answer, which is nearly as large as any.
    query = dns.message.make_query(f"{TYPE}.lab.cloud", "PTR", use_edns=0)
    nbytes = len(updates.exchange(weftd, query.to_wire(), tcp=True))
    assert MOST - 1000 < nbytes <= MOST
    # Who waits is found by name.
    assert len(lookup(weftd, f"{NAME % (COUNT - 1)}.{TYPE}", "SRV")) == 1
    check(weftd)
    if how:
        weftd.kill()
        weftd.start()
        assert browsed(weftd) == {NAME % i for i in range(nbrowsed)}
        check(weftd)
    # As many as go, come.
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
