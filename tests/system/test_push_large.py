# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push of sets that fit no single message: initial records and changes in many PUSH messages,
each of 16,382 bytes at most (RFC 8765 section 6.3.1)."""

import pytest

import dso
from dso import LONGEST_PUSH
from pushing import (OPEN, TRANSPORTS, ZONE, agree, begin, change, follow, fresh, serving,
                     zone_records)
from waiting import attempts

# A name with 60,000 records, of 600 types.
MANY = "many.lab.cloud."
MANY_RECORDS = "".join(f"many 60 TYPE{64000 + n % 600} \\# 3 {n:06x}\n" for n in range(60000))
LIMITS = "limits: {rrsets: 10000, records: 5000, name-size: 16M}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("large"), zone=ZONE + MANY_RECORDS,
                 zones={"lab.cloud": f"{OPEN}\n{LIMITS}"}) as weftd:
        yield weftd


@pytest.fixture(params=TRANSPORTS)
def client(request, shared):
    with begin(shared, request.param) as client:
        yield client


def initial_sizes(client):
    """Subscribes the name, and returns the subscription and the sizes of its first messages."""
    number = client.ask_subscribe(MANY, "ANY")
    assert client.receive().number == number
    sizes = []
    for _ in attempts("60,000 records"):
        sizes.append(len(client.receive().wire))
        if len(client.records(number)) == 60000:
            return number, sizes


def test_large_sets_are_split(shared, client):
    """No PUSH has more than 16,382 bytes."""
    number, sizes = initial_sizes(client)
    assert max(sizes) <= LONGEST_PUSH
    assert client.keepalive().rcode == 0
    zone = zone_records(shared)[1]
    assert client.records(number) == dso.Subscription(MANY, "ANY").select(zone)


def test_messages_of_a_large_set_are_nearly_full(client):
    """SHOULD include as many changes as are available: only the last may be short."""
    _, sizes = initial_sizes(client)
    assert all(size >= LONGEST_PUSH - 100 for size in sizes[:-1]), sizes


def test_large_changes_are_split(shared, client):
    owner = fresh()
    follow(client, (owner, "TXT"), (owner, "ANY"))
    lines = [f"{owner} 60 IN TXT {'x' * 200}{n}" for n in range(250)]
    change(shared, *lines, tcp=True)
    serial, zone = zone_records(shared)
    expected = dso.Subscription(owner, "TXT").select(zone)
    assert len(expected) == 250
    number = list(client.rules.active)[1]
    client.until_records(number, 250)
    client.until_serial(client.soa, serial)
    agree(client, shared)
    assert sum(len(changes) > 1 for changes in client.rules.pushes) >= 4
    change(shared, f"{owner} 0 ANY TXT")
    client.until_records(number, 0)
    agree(client, shared)


def test_changes_while_a_large_set_is_sent_follow_it(shared, client):
    """What changes meanwhile is either in the initial records or pushed after them."""
    owner = MANY
    number = client.ask_subscribe(owner, "ANY")
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 0 NONE TYPE64000 \\#{600:06x}")
    change(shared, f"{owner} 0 NONE A 192.0.2.1", f"{owner} 60 IN TYPE64000 \\#{600:06x}")
    change(shared, f"{owner} 60 IN AAAA ::1")
    soa = client.subscribe("lab.cloud.", "SOA")
    client.until_serial(soa, change(shared, f"{owner} 0 ANY AAAA"))
    assert len(client.records(number)) == 60000
    assert client.records(number) == dso.Subscription(MANY, "ANY").select(zone_records(shared)[1])
