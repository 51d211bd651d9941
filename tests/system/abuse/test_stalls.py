# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""One request costs the registrar little, whatever it asks for: work that does not grow with its own
records is counted, and what needs too much of it is refused."""

import time

import pytest

import leases
from updates import send


@pytest.fixture
def fabric(make_weftd):
    weftd, key = leases.fabric(make_weftd, lease="{minimum: 1}\nquota: {instances: 0, records: 0, "
                                                 "octets: 0, leases: 0}")
    weftd.start()
    return weftd, key("n1")


def took(weftd, key, lines, lease=None):
    """The reply to an update, and the CPU seconds of weftd for it."""
    before, start = weftd.json("stats")["registrar"], time.monotonic()
    reply = send(weftd, updates=lines, key=key, tcp=True, lease=lease)
    seconds = time.monotonic() - start
    after = weftd.json("stats")["registrar"]
    return reply.rcode, after["refused-work"] - before["refused-work"], seconds


def instances(names, service):
    return [f"{name}.{service}._tcp 60 IN SRV 0 0 80 n1.nodes" for name in names]


def test_a_set_of_pointers_is_not_looked_through_for_each_delete(fabric):
    weftd, key = fabric
    for service in ("_a", "_b"):
        lines = instances([f"i{i}" for i in range(400)], service)
        assert took(weftd, key, lines)[:2] == ("NOERROR", 0)
    deletes = [f"{service}._tcp 0 ANY PTR" for service in ("_a", "_b") for _ in range(700)]
    # What is the same is looked at once.
    assert took(weftd, key, deletes + ["n9.nodes 60 IN A 192.0.2.1"])[:2] == ("REFUSED", 0)
    turns = [f"{'_ab'[0]}{'ab'[i % 2]}._tcp 0 ANY PTR" for i in range(1400)]
    assert took(weftd, key, turns)[:2] == ("NOERROR", 0)


def test_pointers_before_all_that_they_point_to(fabric):
    weftd, key = fabric
    names = [f"i{i}" for i in range(500)]
    lines = [f"_c._tcp 60 IN PTR {name}._c._tcp" for name in names] + instances(names, "_c")
    assert took(weftd, key, lines)[:2] == ("NOERROR", 0)
    # Also backwards.
    names = [f"j{i}" for i in range(400)]
    lines = [f"_c._tcp 60 IN PTR {name}._c._tcp" for name in names] + instances(names[::-1], "_c")
    assert took(weftd, key, lines)[:2] == ("NOERROR", 0)


def test_subtypes_of_many_instances(fabric):
    weftd, key = fabric
    names = [f"i{i}" for i in range(600)]
    assert took(weftd, key, instances(names, "_d"))[:2] == ("NOERROR", 0)
    lines = [f"_s._sub._d._tcp 60 IN PTR {name}._d._tcp" for name in names]
    assert took(weftd, key, lines)[:2] == ("NOERROR", 0)
    lines = [f"_s{i}._sub._d._tcp 60 IN PTR i0._d._tcp" for i in range(32)]
    assert took(weftd, key, lines)[0] == "REFUSED"
    assert took(weftd, key, lines[1:])[0] == "NOERROR"


def test_drained_texts_are_restored_for_their_owner_only_and_counted(make_weftd):
    weftd, key = leases.fabric(make_weftd, lease="{minimum: 1}\nquota: {instances: 0, records: 0, "
                                                 "octets: 0, leases: 0}")
    weftd.start()
    owner, other, count = key("n1"), key("n2"), 60
    names = [f"i{i}._f._tcp" for i in range(count)]
    text = " ".join(["x" * 255] * 235)
    for name in names:
        lines = [f"{name} 60 IN SRV 0 0 80 n1.nodes", f"{name} 60 IN TXT {text}"]
        assert took(weftd, owner, lines)[0] == "NOERROR"
        weftd.weft("drain", f"{name}.lab.cloud")
    # An update that only asks, or is refused, restores nothing.
    asked = [f"{name} 0 ANY TXT" for name in names]
    reply = send(weftd, prerequisites=asked, key=other, tcp=True)
    assert reply.rcode == "NOERROR"
    assert took(weftd, other, asked)[:2] == ("YXDOMAIN", 0)
    more = [f"{name} 60 IN SRV 0 0 81 n1.nodes" for name in names]
    assert took(weftd, owner, more)[:2] == ("REFUSED", 1)
    assert took(weftd, owner, more[:count // 2])[:2] == ("NOERROR", 0)


def test_many_services_with_long_names(fabric):
    weftd, key = fabric
    names = [f"{i:060}" for i in range(64)]
    lines = instances(names, "_g")
    lines += [f"{names[-1]}._g._tcp 60 IN SRV 0 0 {i % 900} n1.nodes" for i in range(400)]
    assert took(weftd, key, lines, lease=3600)[:2] == ("NOERROR", 0)
    assert took(weftd, key, lines, lease=3600)[:2] == ("NOERROR", 0)
    assert len(weftd.json("lease", "list")) == 64


def test_the_ttl_of_a_large_set_counts_by_its_octets(fabric):
    weftd, key = fabric
    text = " ".join(["x" * 255] * 235)
    names = [f"i{i}._h._tcp" for i in range(30)]
    for name in names:
        assert took(weftd, key, [f"{name} 60 IN TXT {text}"])[0] == "NOERROR"
    # A small record with another TTL changes that of the whole set, which is stored twice.
    small = [f"{name} 61 IN TXT a" for name in names]
    assert took(weftd, key, small)[:2] == ("REFUSED", 1)
    assert took(weftd, key, small[:15])[:2] == ("NOERROR", 0)
    assert took(weftd, key, [f"{name} 60 IN TXT a" for name in names[15:]])[:2] == ("NOERROR", 0)
