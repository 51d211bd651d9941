# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the service view looks at for one update does not grow with what else there is: suspects of
other types, instances of a type that share an SRV, types that were barred."""

import pathlib

import pytest

import leases
import services
import updates
from services import check, lookup

COUNT = 900


def options(more=""):
    return ("{minimum: 1}\nquota: {instances: 9000, records: 90000, octets: 64M, reports: 9000}\n"
            + more)


@pytest.fixture
def served(make_weftd):
    suspect = "suspect: {reports: 2, within: 3600, then: withdraw}"
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=options(suspect))
    weftd.start()
    return weftd, key


def send(served, who, lines):
    """The CPU seconds that an update took."""
    weftd, key = served
    before = cpu_s(weftd)
    reply = updates.send(weftd, updates=lines, key=key(who), tcp=True)
    assert reply.rcode == "NOERROR", reply
    return cpu_s(weftd) - before


def cpu_s(weftd):
    """Seconds of CPU that weftd has used."""
    return sum(int(path.read_text().split()[0]) for path in
               pathlib.Path(f"/proc/{weftd.process.pid}/task").glob("*/schedstat")) / 1e9


def each(count, line):
    return [line.replace("@", str(i)) for i in range(count)]


def test_suspects_of_other_types_are_not_looked_at(served):
    weftd, _ = served
    send(served, "n1", each(COUNT, "i._t@._tcp 60 IN SRV 0 0 80 n1.nodes"))
    add = each(COUNT, "i._t@._tcp 60 IN TXT a")
    remove = each(COUNT, "i._t@._tcp 0 ANY TXT")
    plain, suspect = [], []
    for number in range(3):
        send(served, "n1", add)
        plain.append(send(served, "n1", remove))
    for number in range(2):
        send(served, "n1", add)
        for who in ("n2", "n3"):
            reports = each(COUNT, f"_suspect.i._t@._tcp 60 IN TXT {who}-{number}")
            for first in range(0, COUNT, 300):
                send(served, who, reports[first:first + 300])
        assert weftd.json("stats")["services"]["suspect"] == COUNT
        suspect.append(send(served, "n1", remove))
    # A look at all suspects for each type took ten times as long.
    assert min(suspect) < 5 * max(plain)
    check(weftd)


def test_many_names_that_barred_are_one_walk(served):
    weftd, _ = served
    for letter in "abc":
        send(served, "n1", each(COUNT, f"{letter}@._one._tcp 60 IN SRV 0 0 80 n1.nodes"))
    added = send(served, "admin", each(1300, "_b@._tcp 60 IN NS ns"))
    send(served, "n1", ["i._b7._tcp 60 IN SRV 0 0 80 n1.nodes"])
    assert len(lookup(weftd, "_services._dns-sd._udp", "PTR")) == 1
    removed = send(served, "admin", each(1300, "_b@._tcp 0 ANY NS"))
    # A walk for each took a hundred times as long.
    assert removed < 20 * added
    assert lookup(weftd, "_b7._tcp", "PTR")
    check(weftd)


def test_a_type_with_too_many_instances_stays_barred(served):
    weftd, key = served
    send(served, "admin", ["_one._tcp 60 IN CNAME ns"])
    for first in range(0, 4000, 800):
        send(served, "n1", [f"i{i}._one._tcp 60 IN SRV 0 0 80 n1.nodes"
                            for i in range(first, first + 800)])
    before = weftd.json("stats")["registrar"]["refused-work"]
    reply = updates.send(weftd, updates=["_one._tcp 0 ANY CNAME"], key=key("admin"), tcp=True)
    assert reply.rcode == "REFUSED", reply
    assert weftd.json("stats")["registrar"]["refused-work"] == before + 1
    check(weftd)
    for first in range(0, 4000, 800):
        send(served, "n1", [f"i{i}._one._tcp 0 ANY ANY" for i in range(max(first, 9), first + 800)])
    send(served, "admin", ["_one._tcp 0 ANY CNAME"])
    assert len(lookup(weftd, "_one._tcp", "PTR")) == 9
    check(weftd)
