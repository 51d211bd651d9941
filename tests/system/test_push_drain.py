# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft drain INSTANCE --wait`: it returns when all subscribers have the change and what others may
have cached has expired, and it names those that are outstanding."""

import threading
import time

import dso
import leases
import netns
import services
import updates
from netns import pair      # noqa: F401 (a fixture)
from services import TYPE, WEB, new_served, options, registration
from pushing import agree, begin, follow
from waiting import LIMIT_S, wait_for

FULL = f"{WEB}.lab.cloud"


def register(served, name):
    """Registers a service whose records have a TTL of a second."""
    weftd, key = served
    lines = [line.replace(" 60 IN ", " 1 IN ") for line in registration(name, txt="state=up")]
    assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"


def browsing(client):
    return follow(client, (f"{TYPE}.lab.cloud.", "PTR"), (f"{FULL}.", "TXT"))


def test_it_returns_when_the_subscribers_know(make_weftd):
    """And not before the TTL has passed for those who poll."""
    served = weftd, _ = new_served(make_weftd, "ttl: 1")
    register(served, "web")
    with begin(weftd) as one, begin(weftd) as two:
        for client in (one, two):
            browsing(client)
        begun = time.monotonic()
        done = weftd.weft("drain", FULL, "--wait")
        assert done.returncode == 0
        assert time.monotonic() - begun >= 1
        for client in (one, two):
            assert client.is_ready()
            agree(client, weftd)
    assert services.view(weftd) == (set(), set())


def test_it_returns_without_subscribers(make_weftd):
    served = weftd, _ = new_served(make_weftd, "ttl: 1")
    register(served, "web")
    assert weftd.weft("drain", FULL, "--wait").returncode == 0
    assert services.view(weftd) == (set(), set())


def test_a_subscriber_that_cannot_be_reached_is_named(make_weftd, pair):
    """Until the cable is back, or the subscriber's session has ended."""
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=options("ttl: 1"),
                               server="dso-plain: [127.0.0.0/8, 10.77.0.0/24]")
    text = weftd.conf.read_text()
    here = f'"{weftd.address}@{weftd.port}"'
    weftd.conf.write_text(text.replace(here, f'{here}, "0.0.0.0@{weftd.port + 1}"'))
    with pair.here.inside():
        weftd.start()
        register((weftd, key("n1")), "web")
    with pair.there.inside():
        far = dso.open_tcp((netns.HERE, weftd.port + 1)).begin()
    with pair.here.inside(), far:
        browsing(far)
        agree(far, weftd)
        pair.set_down()
        done = weftd.weft("drain", FULL, "--wait", "--timeout", "3", check=False)
        assert done.returncode != 0
        assert netns.THERE in done.stdout + done.stderr
        assert services.view(weftd) == (set(), set())
        waiter = threading.Thread(target=lambda: results.append(
            weftd.weft("drain", FULL, "--wait", "--timeout", str(LIMIT_S), check=False)))
        results = []
        waiter.start()
        pair.set_down(False)
        waiter.join()
        assert results[0].returncode == 0, results[0].stderr
        agree(far, weftd)


def test_subscribers_of_other_sets_are_not_waited_for(make_weftd):
    served = weftd, _ = new_served(make_weftd, "ttl: 1")
    register(served, "web")
    with begin(weftd) as client:
        client.subscribe("ns.lab.cloud.", "A")
        assert weftd.weft("drain", FULL, "--wait", "--timeout", "30").returncode == 0


def test_a_session_that_ends_is_not_waited_for(make_weftd):
    served = weftd, _ = new_served(make_weftd, "ttl: 1")
    register(served, "web")
    client = browsing(begin(weftd))
    client.close()
    assert weftd.weft("drain", FULL, "--wait", "--timeout", "30").returncode == 0
    wait_for(lambda: services.view(weftd) == (set(), set()), "drained instance")
