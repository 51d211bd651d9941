# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registries with TLS alone, on a LAN of network namespaces: which ones are trusted, and what a restart with
another certificate does to those that watch."""

import re

import pytest

import leases
from failover import TYPE, find, make_world, reply      # noqa: F401: a fixture


@pytest.fixture
def secure(make_world):
    """Two registries that are reached over TLS only: there is nothing at port 53 of the LAN."""
    world = make_world(nregistries=2)
    for weftd in world.registries:
        weftd.stop()
        weftd.conf.write_text(re.sub(
            r"  listen: .*", f'  listen: ["127.0.0.1@53"]\n  listen-tls: ["{weftd.address}@853"]',
            weftd.conf.read_text()))
        weftd.address = "127.0.0.1"     # of the updates of this test
        world.start(weftd)
    fabric = (world.registries[0].folder / "lab.cloud.fabric").read_text()
    world.public = re.search(r"^public\s+(\S+)$", fabric, re.M)[1]
    world.tls = " ".join(f"tls://{weftd.host.address}" for weftd in world.registries)
    return world


def test_all_goes_over_tls_if_there_is_nothing_else(secure):
    secure.started("web-1", secure.hosts[0])
    caller = secure.caller("-p", secure.public, registry=secure.tls)
    assert len(find(caller)) == 1
    assert reply(caller) == "web-1"
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    registrant = secure.caller("-p", secure.public, registry=secure.tls, key="n1",
                               host=secure.hosts[1])
    registrant.send("register web-2 _http._tcp 80")
    registrant.wait("registration", "done")
    caller.wait("added", "web-2")
    secure.registries[0].kill()
    secure.register("web-3", 80, secure.hosts[0], to=secure.registries[1:])
    caller.wait("added", "web-3")


def test_the_key_of_another_fabric_is_refused(secure):
    secure.started("web-1", secure.hosts[0])
    other = secure.registries[1]
    leases.weft(other, "fabric", "init", "other.cloud")
    key = re.search(r"^public\s+(\S+)$", (other.folder / "other.cloud.fabric").read_text(), re.M)[1]
    caller = secure.caller("-p", key, registry=secure.tls)
    caller.send(f"find {TYPE}", f"connect {TYPE}")
    for _ in range(2):
        error = caller.wait("error|found|connected")
        assert error.words[0] == "WEFT_E_TLS" and "certificate" in error.text, error
    caller.send(f"watch {TYPE}")
    caller.wait("lost")
    assert not caller.passed("added")


def test_a_registry_that_is_not_trusted_is_passed_over(secure):
    """The first one of the list has the certificate of another fabric."""
    first, second = secure.registries
    secure.started("web-1", secure.hosts[0], to=[second])
    first.stop()
    (first.folder / "lab.cloud.fabric").unlink()
    leases.weft(first, "fabric", "init", "lab.cloud")
    secure.start(first)
    caller = secure.caller("-p", secure.public, registry=secure.tls)
    assert len(find(caller)) == 1
    assert reply(caller) == "web-1"
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    assert len(caller.passed("added")) == 1


def test_a_watch_outlives_another_certificate(secure):
    """A weftd makes its certificate anew when it starts."""
    for n in range(10):
        secure.register(f"web-{n}", 80, secure.hosts[0])
    caller = secure.caller("-p", secure.public, registry=secure.tls)
    caller.send(f"watch {TYPE}")
    caller.wait("current")
    for n, weftd in enumerate(secure.registries):
        weftd.stop()
        secure.start(weftd)
        secure.register(f"new-{n}", 80, secure.hosts[0])
        caller.wait("added", f"new-{n}")
    assert len(caller.passed("added")) == 12 and not caller.passed("removed")
