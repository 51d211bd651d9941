# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A lease cannot grow beyond what the store can hold of one: the update that would make it is at
fault, at its own turn, and nobody else's."""

import leases
import updates

COUNT = 180      # records of one update
FILLER = "x" * 250


def grow(weftd, key, turn):
    """Adds 45 kB, at names of their own, to the lease of one service."""
    lines = ["web._x._tcp 60 IN SRV 0 0 80 ns"]
    lines += [f"t{turn}-{i} 60 IN TXT {FILLER}" for i in range(COUNT)]
    return updates.send(weftd, updates=lines, key=key, tcp=True, lease=3600)


def test_a_lease_over_the_bound_is_refused_alone(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.ZONE)
    weftd.start()
    admin, honest, turn = key("admin"), key("n2"), 0
    while (reply := grow(weftd, admin, turn)).rcode == "NOERROR":
        turn += 1
        assert turn < 30
    assert 8 <= turn <= 12
    assert reply.rcode == "REFUSED", reply
    assert reply.why == "the lease of web._x._tcp.lab.cloud. would hold more than 524288 octets of " \
                        "records"
    assert weftd.json("stats")["registrar"]["batches-failed"] == 0
    for i in range(20):
        assert grow(weftd, admin, turn).rcode == "REFUSED"
        lines = [f"n2.nodes 60 IN A 10.0.0.{i}"]
        assert updates.send(weftd, updates=lines, key=honest).rcode == "NOERROR"
    # What the lease has can be refreshed, and comes back after a crash.
    assert grow(weftd, admin, turn - 1).rcode == "NOERROR"
    weftd.kill()
    weftd.start()
    assert updates.lookup(weftd, f"t0-{COUNT - 1}.lab.cloud", "TXT")
    weftd.weft("lease", "drop", "web._x._tcp.lab.cloud")
    assert not updates.lookup(weftd, f"t0-{COUNT - 1}.lab.cloud", "TXT")


def test_an_update_that_deletes_and_adds_too_much_is_refused_alone(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.ZONE)
    weftd.start()
    node, honest = key("n1"), key("n2")
    types = [f"n1.nodes 60 IN TYPE{300 + i} \\#" for i in range(101)]
    assert updates.send(weftd, updates=types[:90], key=node, tcp=True).rcode == "NOERROR"
    for i in range(20):
        reply = updates.send(weftd, updates=["n1.nodes 0 ANY TYPE300", *types], key=node, tcp=True)
        assert reply.rcode == "REFUSED" and "limits: rrsets" in reply.why, reply
        lines = [f"n2.nodes 60 IN A 10.0.0.{i}"]
        assert updates.send(weftd, updates=lines, key=honest).rcode == "NOERROR"
    # Nothing of it was done, and as much as fits can be.
    assert len(updates.transferred(weftd)[1]["n1.nodes.lab.cloud."]) == 90
    lines = ["n1.nodes 0 ANY TYPE300", *types[1:]]
    assert updates.send(weftd, updates=lines, key=node, tcp=True).rcode == "NOERROR"
