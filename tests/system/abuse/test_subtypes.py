# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What a change of an instance costs does not grow with what its client has registered before."""

import os
import pathlib

import pytest

import leases
import services
import updates
from services import TYPE, check, lookup

COUNT = 300


@pytest.fixture
def served(make_weftd):
    quota = "{minimum: 1}\nquota: {instances: 9000, records: 200000, octets: 256M}"
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=quota)
    weftd.start()
    return weftd, key("n1")


def send(served, lines):
    weftd, key = served
    reply = updates.send(weftd, updates=lines, key=key, tcp=True)
    assert reply.rcode == "NOERROR", reply


def committed(weftd):
    return weftd.json("stats")["store"]["commit-bytes"]


def pointers(number, count=COUNT):
    return [f"_s{number:03}{'x' * 40}._sub.{TYPE} 60 IN PTR i{i}.{TYPE}" for i in range(count)]


def test_a_subtype_that_comes_is_written_alone(served):
    weftd, _ = served
    send(served, [f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(COUNT)])
    costs = []
    for number in range(24):
        before = committed(weftd)
        send(served, pointers(number))
        costs.append(committed(weftd) - before)
    # The list of an instance with 24 subtypes would be 24 times that of one.
    assert max(costs) < 1.5 * min(costs)
    send(served, [f"i7.{TYPE} 0 ANY ANY"])
    check(weftd)
    weftd.kill()
    weftd.start()
    check(weftd)
    send(served, [f"i7.{TYPE} 60 IN SRV 0 0 80 n1.nodes"])
    assert len(lookup(weftd, pointers(3)[0].split()[0], "PTR")) == COUNT - 1


def test_too_many_subtypes_change_in_smaller_updates(served):
    weftd, _ = served
    send(served, [f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(COUNT)])
    for number in range(32):
        send(served, pointers(number))
    deletes = [f"i{i}.{TYPE} 0 ANY ANY" for i in range(COUNT)]
    reply = updates.send(weftd, updates=deletes, key=served[1], tcp=True)
    assert reply.rcode == "REFUSED", reply
    check(weftd)
    for start in range(0, COUNT, 100):
        send(served, deletes[start : start + 100])
    assert not lookup(weftd, pointers(3)[0].split()[0], "PTR")
    check(weftd)


def in_parts(served, lines, count):
    """Sends what is too much for one update in parts of `count` lines."""
    weftd, key = served
    reply = updates.send(weftd, updates=lines, key=key, tcp=True)
    assert reply.rcode == "REFUSED" and "divide it" in reply.why, reply
    check(weftd)
    for start in range(0, len(lines), count):
        send(served, lines[start : start + count])
    check(weftd)


def test_whole_subtypes_are_removed_in_smaller_updates(served):
    weftd, _ = served
    send(served, [f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(COUNT)])
    for number in range(32):
        send(served, pointers(number))
    in_parts(served, [f"{pointers(number)[0].split()[0]} 0 ANY PTR" for number in range(32)], 8)
    assert not lookup(weftd, pointers(3)[0].split()[0], "PTR")
    assert len(lookup(weftd, TYPE, "PTR")) == COUNT


def test_instances_with_subtypes_are_reported_in_smaller_updates(make_weftd):
    quota = "{minimum: 1}\nsuspect: {reports: 1, then: withdraw}"
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=quota)
    weftd.start()
    served = weftd, key("n1")
    send(served, [f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(COUNT)])
    for number in range(32):
        send(served, pointers(number))
    in_parts((weftd, key("n2")), [f"_suspect.i{i}.{TYPE} 60 IN TXT x" for i in range(COUNT - 1)], 100)
    assert lookup(weftd, pointers(3)[0].split()[0], "PTR") == [f"i{COUNT - 1}.{TYPE}.lab.cloud."]


def test_more_subtypes_than_one_update_may_add_are_served_and_removed(make_weftd):
    """A zone file, or the state of an earlier version, may have them."""
    many = "".join(line.replace("i0.", "fat.") + "\n" for n in range(120) for line in pointers(n, 1))
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE + f"fat.{TYPE} SRV 0 0 80 ns\n" + many,
                               lease="{minimum: 1}")
    weftd.start()
    served = weftd, key("admin")
    owner = pointers(77)[0].split()[0]
    for _ in range(2):
        assert lookup(weftd, owner, "PTR") == [f"fat.{TYPE}.lab.cloud."]
        reply = updates.send(weftd, updates=[f"_more._sub.{TYPE} 60 IN PTR fat.{TYPE}"], key=key("admin"))
        assert reply.rcode == "REFUSED" and "one subtype too many" in reply.why
        check(weftd)
        weftd.kill()
        weftd.start()
    send(served, [f"fat.{TYPE} 60 IN TXT state=starting"])
    assert not lookup(weftd, owner, "PTR")
    send(served, [f"fat.{TYPE} 0 ANY TXT"])
    assert lookup(weftd, owner, "PTR")
    send(served, [f"{owner} 0 NONE PTR fat.{TYPE}"])
    assert not lookup(weftd, owner, "PTR")
    send(served, [f"fat.{TYPE} 0 ANY ANY"])
    assert not lookup(weftd, pointers(3)[0].split()[0], "PTR")
    check(weftd)


def test_subtypes_of_an_instance_that_waits_survive_a_restart(served):
    weftd, _ = served
    send(served, [f"web.{TYPE} 60 IN SRV 0 0 80 n1.nodes", f"web.{TYPE} 60 IN TXT state=starting",
                  *[line.replace("i0.", "web.") for n in range(5) for line in pointers(n, 1)]])
    send(served, [f"_s003{'x' * 40}._sub.{TYPE} 0 NONE PTR web.{TYPE}"])
    weftd.kill()
    weftd.start()
    send(served, [f"web.{TYPE} 0 ANY TXT", f"web.{TYPE} 60 IN TXT state=up"])
    found = [number for number in range(5) if lookup(weftd, pointers(number)[0].split()[0], "PTR")]
    assert found == [0, 1, 2, 4]
    check(weftd)


def cpu_s(weftd):
    """Seconds of CPU that weftd has used."""
    fields = pathlib.Path(f"/proc/{weftd.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_what_one_update_repeats_is_looked_at_once(served):
    """Each would look at all of the type's instances, or at the whole update."""
    weftd, _ = served
    for first in range(0, 1200, 600):
        send(served, [f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(first, first + 600)])
    refused = "n9.nodes 60 IN A 192.0.2.1"
    for lines in ([f"{TYPE} 0 ANY PTR"] * 1500,
                  [f"{TYPE} 60 IN PTR new.{TYPE}"] * 900 + [f"new.{TYPE} 60 IN SRV 0 0 80 n1.nodes"],
                  [f"_a._sub.{TYPE} 60 IN PTR i{i}.{TYPE}" for i in range(800)]):
        key = served[1]
        before = cpu_s(weftd)
        reply = updates.send(weftd, updates=[*lines, refused], key=key, tcp=True)
        assert reply.rcode == "REFUSED" and "n9.nodes" in reply.why, reply
        assert cpu_s(weftd) - before < 0.3
