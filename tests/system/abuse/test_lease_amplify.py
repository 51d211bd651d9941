# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What an update with leases costs stays in proportion to the update, however many services share how
many records."""

import leases
from updates import lookup, send, signed

SERVICES = [f"s{i}._http._tcp" for i in range(60)]


def registration(naddresses):
    return [f"{name} 60 IN SRV 0 0 80 n1.nodes" for name in SERVICES] + \
        [f"n1.nodes 60 IN A 10.0.{i // 250}.{i % 250}" for i in range(naddresses)]


def test_many_services_with_many_addresses(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    lines = registration(900)
    size = len(signed(lines, (), key("n1"), lease=7200)[0])
    before = weftd.json("stats")["store"]["commit-bytes"]
    assert send(weftd, updates=lines, key=key("n1"), tcp=True, lease=7200).rcode == "NOERROR"
    # The zone's changes and the leases: each record twice.
    assert weftd.json("stats")["store"]["commit-bytes"] - before < 4 * size
    held = weftd.json("lease", "list")
    assert len(held) == len(SERVICES) + 1
    # With few addresses each service holds them, and they live as long as one of it does.
    assert send(weftd, updates=["n1.nodes 0 ANY A"], key=key("n1")).rcode == "NOERROR"
    assert send(weftd, updates=registration(3), key=key("n1"), tcp=True, lease=7200).rcode == "NOERROR"
    assert len(weftd.json("lease", "list")) == len(SERVICES)
    weftd.kill()
    weftd.start()
    assert len(lookup(weftd, "n1.nodes.lab.cloud.", "A")) == 3
    assert len(weftd.json("lease", "list")) == len(SERVICES)


def test_shared_records_that_are_deleted_one_by_one(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    addresses = [f"10.0.{i // 250}.{i % 250}" for i in range(600)]
    lines = [f"{name}._http._tcp 60 IN SRV 0 0 80 n1.nodes" for name in ("a", "b")] + \
        [f"n1.nodes 60 IN A {address}" for address in addresses]
    assert send(weftd, updates=lines, key=key("n1"), tcp=True, lease=7200).rcode == "NOERROR"
    assert len(weftd.json("lease", "list")) == 2
    size = weftd.json("stats")["store"]["commit-bytes"]
    gone = [f"n1.nodes 0 NONE A {address}" for address in addresses[:-1]]
    assert send(weftd, updates=gone, key=key("n1"), tcp=True).rcode == "NOERROR"
    # Both leases are written once, not once for each record.
    assert weftd.json("stats")["store"]["commit-bytes"] - size < 64 * len(addresses)
    weftd.kill()
    weftd.start()
    assert lookup(weftd, "n1.nodes.lab.cloud.", "A") == {f"60 {addresses[-1]}"}
    for name in ("a", "b"):
        assert weftd.weft("lease", "drop", f"{name}._http._tcp.lab.cloud.").returncode == 0
        left = lookup(weftd, "n1.nodes.lab.cloud.", "A")
        assert len(left) == (1 if name == "a" else 0)
