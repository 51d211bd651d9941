# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Whatever changes a zone is pushed: updates, leases, the service view, drains, suspicion, the
zone's file. One commit is one PUSH, and what subscribers know is what the zone has."""

import pytest

import dso
import leases
import services
import updates
from services import SUBTYPE, TYPE, TYPES, WEB, new_served, options, register, registration, remove
from pushing import (OPEN, TRANSPORTS, ZONE, agree, begin, change, differences, follow, mixed,
                     prepare, serials, take, zone_records)
from updates import send
from waiting import attempts, wait_for

ALL = [(f"{owner}.lab.cloud.", rdtype) for owner in (WEB, TYPE, SUBTYPE, TYPES, "other." + TYPE)
       for rdtype in ("ANY", "PTR", "SRV", "TXT")]
FULL = f"{WEB}.lab.cloud"


@pytest.fixture
def served(make_weftd):
    return new_served(make_weftd)


@pytest.fixture
def client(served):
    """Follows all the sets of a service."""
    with begin(served[0]) as client:
        follow(client, *ALL)
        agree(client, served[0])
        yield client


def told(client, weftd):
    """How many commits are pushed to the client now: it agrees, and each is pushed once."""
    before = len(serials(client))
    agree(client, weftd)
    new = serials(client)[before:]
    assert new == sorted(set(new))
    return len(new)


def catch_up(client, weftd):
    """Waits until the client knows what the zone has, although the zone changes meanwhile."""
    for _ in attempts("current records"):
        serial, zone = zone_records(weftd)
        client.until_serial(client.soa, serial)
        if updates.serial(weftd) == serial:
            assert differences(client, zone) == []
            return


# ---- updates ----

@pytest.mark.parametrize("tcp", [False, True])
def test_a_signed_update(served, client, tcp):
    weftd, key = served
    for _ in range(3):
        assert send(weftd, updates=registration("web"), key=key, tcp=tcp).rcode == "NOERROR"
    assert told(client, weftd) == 1
    remove(served, "web")
    assert told(client, weftd) == 1


def test_an_update_on_the_session_itself(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, ("self.lab.cloud.", "A"))
        agree(client, weftd)
        messages = [updates.signed([f"self 60 IN A 192.0.2.{n}"])[0] for n in range(1, 30)]
        client.send(*messages)
        answers = 0
        while answers < len(messages):
            answers += isinstance(client.receive(), bytes)
        catch_up(client, weftd)
        assert len(client.records(list(client.rules.active)[1])) == 29
        assert len(serials(client)) - 1 == client.serial(client.soa) - serials(client)[0]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_subscriptions_and_updates_of_their_names_in_one_segment(make_weftd, transport):
    """Each record is pushed once, whether it is initial or new."""
    weftd = prepare(make_weftd(), tls=transport == "tls").start()
    with begin(weftd, transport) as client:
        messages = []
        for number in range(1, 101):
            owner = f"s{number}.lab.cloud."
            client.expect_subscribed(number, owner, "A")
            pair = [dso.subscribe(number, owner, "A"),
                    updates.signed([f"{owner} 60 IN A 192.0.2.1"], number=1000 + number)[0]]
            messages += pair if number % 2 else pair[::-1]
        client.send(*messages)
        for number in range(1, 101):
            client.until_records(number, 1)
        client.settle()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_pushes_among_messages_of_all_kinds(make_weftd, transport):
    weftd = prepare(make_weftd(), tls=transport == "tls").start()
    with begin(weftd, transport) as client:
        data, requests, others = mixed(1000, 40)
        for number in requests:
            client.rules.sent(number, dso.KEEPALIVE if number % 5 == 0 else dso.UNKNOWN)
        follow(client, *[(f"m{number}.lab.cloud.", "A") for number in range(1000, 1200, 5)])
        client.send(*data)
        take(client, requests, others)
        agree(client, weftd)
        assert sum(len(one.records) for one in client.rules.active.values()) == 41


def test_updates_of_many_clients_at_once(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client, begin(weftd) as one, begin(weftd) as two:
        follow(client, *[(f"m{n}.lab.cloud.", "ANY") for n in range(40)])
        for n in range(40):
            for sender in (one, two):
                sender.send(updates.signed([f"m{n} 60 IN TXT {n}{sender is one}"])[0])
        for sender in (one, two):
            for _ in range(40):
                sender.receive()
        catch_up(client, weftd)
        new = serials(client)
        assert new == list(range(new[0], new[-1] + 1))
        assert sum(len(sub.records) for sub in client.rules.active.values()) == 81


# ---- the service view ----

def test_what_a_registration_implies_is_told_with_it(served, client):
    """One PUSH: SRV and TXT of the instance, and PTR and SRV at its type."""
    register(served, "web")
    before = len(client.rules.pushes)
    assert told(client, served[0]) == 1
    owners = {change.owner for change in client.rules.pushes[before]}
    assert len(owners) == 4     # instance, type, list of types, SOA


def test_a_state_that_hides_an_instance(served, client):
    register(served, "web")
    for state in ("state=draining", "state=up", "state=failed", "a=b"):
        register(served, "web", txt=state)
    assert told(client, served[0]) == 5


def test_subtypes(served, client):
    weftd, key = served
    register(served, "web")
    assert send(weftd, updates=[f"{SUBTYPE} 60 IN PTR {WEB}"], key=key).rcode == "NOERROR"
    assert told(client, weftd) == 2
    remove(served, "web")
    assert told(client, weftd) >= 1


def test_a_view_that_is_configured_otherwise(served, client):
    weftd, _ = served
    for n in range(6):
        register(served, f"i{n}", port=1000 + n)
    agree(client, weftd)
    services.reconfigure(weftd, ("enable: yes}", "enable: yes, srv-max: 2, ttl: 33}"))
    catch_up(client, weftd)
    assert len(services.lookup(weftd, TYPE, "SRV")) == 2
    services.reconfigure(weftd, ("enable: yes, srv-max: 2, ttl: 33}", "enable: no}"))
    catch_up(client, weftd)


def test_many_instances_of_a_type(served, client):
    for n in range(20):
        register(served, f"i{n}", port=1000 + n)
    assert told(client, served[0]) == 20
    for n in range(0, 20, 2):
        remove(served, f"i{n}")
    assert told(client, served[0]) == 10


# ---- leases ----

def test_the_end_of_a_lease(served, client):
    weftd, _ = served
    register(served, "web", lease=1)
    agree(client, weftd)
    number = list(client.rules.active)[1]
    client.until_records(number, 0)
    catch_up(client, weftd)
    assert not leases.is_there(weftd, "web")


def test_a_lease_that_is_dropped(served, client):
    weftd, _ = served
    register(served, "web", lease=1000)
    weftd.weft("lease", "drop", FULL)
    wait_for(lambda: not services.lookup(weftd, WEB, "SRV"), "end of the instance")
    catch_up(client, weftd)


def test_a_refresh_that_changes_nothing_tells_nothing(served, client):
    weftd, _ = served
    register(served, "web", lease=1000)
    assert told(client, weftd) == 1
    for _ in range(5):
        register(served, "web", lease=1000)
    assert told(client, weftd) == 0


# ---- operators ----

def test_a_drain(served, client):
    weftd, _ = served
    register(served, "web", txt="state=up")
    register(served, "web2")
    assert told(client, weftd) == 2
    weftd.weft("drain", FULL)
    assert told(client, weftd) == 1
    assert services.view(weftd)[0] == {"web2"}
    weftd.weft("undrain", FULL)
    assert told(client, weftd) == 1


def test_the_drain_of_a_node(served, client):
    weftd, _ = served
    register(served, "web")
    register(served, "web2", port=81)
    weftd.weft("node", "drain", "n1")
    wait_for(lambda: services.view(weftd)[0] == set(), "drained node")
    assert told(client, weftd) >= 1
    weftd.weft("node", "undrain", "n1")
    wait_for(lambda: len(services.view(weftd)[0]) == 2, "node in use")
    assert told(client, weftd) >= 1


def test_suspicion(make_weftd):
    """A report and what it changes are one commit."""
    rule = "reports: 1, within: 600, then: withdraw, panic: all"
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=options(suspect=rule))
    weftd.start()
    served = weftd, key("n1")
    register(served, "web", lease=1000)
    register(served, "other", lease=1000, port=81)
    with begin(weftd) as client:
        follow(client, *ALL)
        agree(client, weftd)
        line = f"_suspect.{WEB} 30 IN TXT by=n2 x"
        assert send(weftd, updates=[line], key=key("n2")).rcode == "NOERROR"
        assert told(client, weftd) == 1
        assert services.view(weftd)[0] == {"other"}


def test_a_zone_file_that_is_edited(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, *[(f"{owner}.lab.cloud.", "ANY")
                         for owner in ("f1", "f2", "n1.nodes", "*.wild")])
        agree(client, weftd)

        def edit(text):
            weftd.zone(text)
            weftd.weft("zone", "reload")
            return told(client, weftd)

        assert edit(ZONE + "f1 A 192.0.2.1\nf1 TXT x\nf2 A 192.0.2.1\n") == 1
        change(weftd, "f1 60 IN A 192.0.2.77")
        assert edit(ZONE + "f1 5 TXT x\nf2 5 A 192.0.2.2\n") == 2
        assert edit(ZONE.replace("n1.nodes A 192.0.2.1\n", "").replace("star", "other")) == 1
        assert edit(ZONE.replace("n1.nodes A 192.0.2.1\n", "").replace("star", "other")) == 0


def test_a_reload_of_the_configuration_tells_nothing(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, ("x.lab.cloud.", "A"))
        agree(client, weftd)
        for _ in range(3):
            weftd.weft("reload")
        before = len(client.rules.pushes)
        change(weftd, "x 60 IN A 192.0.2.1")
        agree(client, weftd)
        assert len(client.rules.pushes) == before + 1


def test_zones_are_independent(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE.replace("lab.cloud", "other.test"), "other.test")
    prepare(weftd, zones={"lab.cloud": OPEN, "other.test": OPEN}, tls=False).start()
    with begin(weftd) as client:
        one, two = client.subscribe("x.lab.cloud.", "A"), client.subscribe("x.other.test.", "A")
        change(weftd, "x 60 IN A 192.0.2.1")
        client.until_records(one, 1)
        assert client.records(two) == {}
        reply = send(weftd, updates=["x.other.test. 60 IN A 192.0.2.2"], zone="other.test")
        assert reply.rcode == "NOERROR"
        client.until_records(two, 1)
        assert len(client.rules.pushes) == 2


@pytest.mark.parametrize("nsubdomains", [1, 3])
def test_a_zone_inside_another_has_its_own_names(make_weftd, nsubdomains):
    """A name belongs to the closest zone that the server has."""
    weftd = make_weftd()
    inner = ".".join("abc"[:nsubdomains]) + ".lab.cloud"
    weftd.zone(ZONE.replace("lab.cloud", inner), inner)
    prepare(weftd, zones={"lab.cloud": OPEN, inner: OPEN}, tls=False).start()
    with begin(weftd) as client:
        number = client.subscribe(f"x.{inner}.", "A")
        apex = client.subscribe(f"{inner}.", "SOA")
        client.until_records(apex, 1)
        assert send(weftd, updates=[f"x.{inner}. 60 IN A 192.0.2.2"], zone=inner).rcode == "NOERROR"
        client.until_records(number, 1)
