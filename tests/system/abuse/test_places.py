# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""One key cannot displace the instances of another: the places among the SRVs at a type, the PTRs at
a type and a subtype and the list of types are shared among owners."""

import pytest

import leases
import services
import updates
from services import SUBTYPE, TYPE, TYPES, check, lookup

LONG = "a" * 56     # an instance's name: a PTR is 75 octets in an answer


@pytest.fixture
def served(make_weftd):
    quota = "{minimum: 1}\nquota: {instances: 9000, records: 90000, octets: 64M}"
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=quota)
    weftd.start()
    return weftd, key


def send(served, who, lines):
    weftd, key = served
    for first in range(0, len(lines), 400):
        reply = updates.send(weftd, updates=lines[first:first + 400], key=key(who), tcp=True)
        assert reply.rcode == "NOERROR", reply


def srv(name, who, port, priority=0, kind=TYPE):
    return f"{name}.{kind} 60 IN SRV {priority} 0 {port} {who}.nodes"


def restarted(weftd):
    check(weftd)
    weftd.kill()
    weftd.start()
    check(weftd)


def of_nodes(weftd):
    """How many SRVs at the type target which node."""
    found = [line.split()[3].split(".")[0] for line in lookup(weftd, TYPE, "SRV")]
    return {node: found.count(node) for node in set(found)}


def test_srvs_of_the_best_priority_do_not_displace_another_owners(served):
    weftd, _ = served
    send(served, "n2", [srv(f"web-{i}", "n2", 80 + i, 10) for i in range(5)])
    send(served, "n1", [srv(f"x{i}", "n1", 1000 + i) for i in range(300)])
    expected = {"n1": 59, "n2": 5}
    assert of_nodes(weftd) == expected
    assert {line.split()[0] for line in lookup(weftd, TYPE, "SRV") if "n2.nodes" in line} == {"10"}
    restarted(weftd)
    assert of_nodes(weftd) == expected
    # What n2 removes n1 gets, and gives back.
    send(served, "n2", [f"web-{i}.{TYPE} 0 ANY ANY" for i in range(5)])
    assert of_nodes(weftd) == {"n1": 64}
    send(served, "n2", [srv(f"web-{i}", "n2", 80 + i, 10) for i in range(50)])
    assert of_nodes(weftd) == {"n1": 32, "n2": 32}
    check(weftd)


@pytest.mark.parametrize("where", [TYPE, SUBTYPE])
def test_a_full_set_of_pointers_has_places_for_another_owner(served, where):
    weftd, _ = served
    many = [f"{LONG}{i}" for i in range(1000)]
    lines = [line for name in many for line in (srv(name, "n1", 80), f"{where} 60 IN PTR {name}.{TYPE}")]
    send(served, "n1", lines)
    full = len(updates.lookup(weftd, f"{where}.lab.cloud", "PTR", tcp=True))
    assert 500 < full < 1000
    few = [f"{LONG}-late-{i}" for i in range(7)]
    lines = [line for name in few for line in (srv(name, "n2", 80), f"{where} 60 IN PTR {name}.{TYPE}")]
    send(served, "n2", lines)

    def found():
        return {line.split(" ", 1)[1].split(".")[0]
                for line in updates.lookup(weftd, f"{where}.lab.cloud", "PTR", tcp=True)}

    before = found()
    assert set(few) <= before and len(before) >= full - 7
    restarted(weftd)
    assert found() == before


def test_the_list_of_types_has_places_for_another_owner(served):
    weftd, _ = served
    send(served, "n1", [srv("i", "n1", 80, kind=f"_type-{i:04}-of-many._tcp") for i in range(3000)])
    full = len(updates.lookup(weftd, f"{TYPES}.lab.cloud", "PTR", tcp=True))
    assert full < 3000
    send(served, "n2", [srv("i", "n2", 80, kind="_type-late-of-many._tcp")])

    def found():
        return set(updates.lookup(weftd, f"{TYPES}.lab.cloud", "PTR", tcp=True))

    before = found()
    assert any("_type-late-of-many" in line for line in before) and len(before) == full
    restarted(weftd)
    assert found() == before
    # A type stays as long as one of its owners has a place for it.
    send(served, "n1", [srv("also", "n1", 80, kind="_type-late-of-many._tcp")])
    send(served, "n2", ["i._type-late-of-many._tcp 0 ANY ANY"])
    assert not any("_type-late-of-many" in line for line in found())
    check(weftd)
