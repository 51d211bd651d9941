# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Connections while instances and hosts die, on a LAN of network namespaces: as long as one instance
lives, no connect fails."""

import random

import pytest

from failover import ADDRESS6, TYPE, find, make_world, reply    # noqa: F401: a fixture

SERVICE = "_dns._udp.lab.cloud"


@pytest.fixture
def world(make_world):
    return make_world(nhosts=3)


def test_a_process_that_was_killed_is_followed_by_another_instance(world):
    first = world.started("web-1", world.hosts[0])
    world.started("web-2", world.hosts[1], priority=10)
    caller = world.caller()
    assert reply(caller) == "web-1"
    first.kill()
    assert [reply(caller) for _ in range(3)] == ["web-2"] * 3
    # A client without a memory of it finds its way, too.
    assert reply(world.caller()) == "web-2"


def test_a_host_that_has_vanished_is_followed_by_another_instance(world):
    world.started("web-1", world.hosts[0])
    world.started("web-2", world.hosts[1], priority=10)
    caller = world.caller()
    assert reply(caller) == "web-1"
    world.hosts[0].vanish()
    assert [reply(caller) for _ in range(3)] == ["web-2"] * 3
    assert reply(world.caller()) == "web-2"


def test_all_but_the_last_may_be_gone(world):
    """Two hosts have vanished, and on the third one all processes but one were killed."""
    for n in range(6):
        world.started(f"web-{n}", world.hosts[n % 3])
    caller = world.caller()
    reply(caller)
    for host in world.hosts[:2]:
        host.vanish()
    world.instances[2].kill()
    assert [reply(caller) for _ in range(5)] == ["web-5"] * 5
    assert reply(world.caller()) == "web-5"


def test_a_host_dies_before_the_lease_of_its_instance_ends(world):
    world.register("web-0", 80, world.hosts[2], priority=20)    # refuses
    registrant = world.caller(host=world.hosts[0], key="n1")
    dead = world.instance("web-1", world.hosts[0])
    registrant.send(f"register web-1 _http._tcp {dead.port} -lease=600")
    registrant.wait("registration", "done")
    world.started("web-2", world.hosts[1], priority=10)
    caller = world.caller()
    assert reply(caller) == "web-1"
    world.hosts[0].vanish()
    for c in (caller, world.caller()):
        assert [reply(c) for _ in range(3)] == ["web-2"] * 3
    # The registry still shows it: nobody has reported it, and its lease has not ended.
    assert f"web-1.{TYPE}." in [i.name for i in find(caller)]


def test_priorities_are_tried_in_their_order(world):
    for n in range(3):
        world.started(f"web-{n}", world.hosts[n], priority=10 * n)
    caller = world.caller()
    for n in range(3):
        assert reply(caller) == f"web-{n}"
        world.instances[n].kill()
    caller.send(f"connect {TYPE}")
    error = caller.wait("error")
    assert error.words[0] == "WEFT_E_UNREACHABLE"
    assert all(f"web-{n} " in error.text for n in range(3)), error.text


@pytest.mark.parametrize("how", ["killed", "vanished"])
def test_an_instance_that_is_back_is_used_again(world, how):
    first = world.started("web-1", world.hosts[0])
    world.started("web-2", world.hosts[1], priority=10)
    caller = world.caller()
    assert reply(caller) == "web-1"
    if how == "killed":
        first.kill()
    else:
        world.hosts[0].vanish()
    assert reply(caller) == "web-2"
    if how == "killed":
        first.start()
    else:
        world.hosts[0].vanish(False)
    for _ in range(60):
        if reply(caller) == "web-1":
            break
        caller.send("wait 500")
    assert reply(caller) == "web-1"
    assert not caller.passed("error")


def test_a_key_goes_elsewhere_and_comes_back(world):
    for n in range(3):
        world.started(f"web-{n}", world.hosts[n])
    caller = world.caller()
    users = [f"user-{n}" for n in range(12)]
    before = {user: reply(caller, f"sticky {user} {TYPE}") for user in users}
    assert set(before.values()) == {"web-0", "web-1", "web-2"}
    gone = world.instances[1]
    gone.kill()
    during = {user: reply(caller, f"sticky {user} {TYPE}") for user in users}
    # Only those go elsewhere whose instance is gone; and another client has the same places.
    assert {u for u in users if during[u] != before[u]} == {u for u in users if before[u] == "web-1"}
    other = world.caller()
    assert {user: reply(other, f"sticky {user} {TYPE}") for user in users} == during
    gone.start()
    moved = next(user for user in users if before[user] == "web-1")
    for _ in range(60):
        if reply(caller, f"sticky {moved} {TYPE}") == "web-1":
            break
        caller.send("wait 500")
    assert {user: reply(caller, f"sticky {user} {TYPE}") for user in users} == before


def test_no_connect_fails_while_processes_come_and_go(world):
    for n in range(3):
        world.started(f"web-{n}", world.hosts[n])
    caller, draw = world.caller(), random.Random(12)
    for _ in range(25):
        running = [i for i in world.instances if i.is_running()]
        if len(running) > 1:
            draw.choice(running).kill()
        for instance in world.instances:
            if not instance.is_running() and draw.random() < 0.3:
                instance.start()
        running = [i.name for i in world.instances if i.is_running()]
        for _ in range(4):
            assert reply(caller) in running
    assert not caller.passed("error")


# ---- datagrams ----

def datagram_service(world, label, host, priority):
    instance = world.instance(label, host, kind="datagram")
    world.register(label, instance.port, host, priority, of=SERVICE)
    return instance


@pytest.mark.parametrize("how", ["killed", "vanished"])
def test_datagrams_go_elsewhere_once_a_failure_is_reported(world, how):
    first = datagram_service(world, "dns-1", world.hosts[0], 0)
    datagram_service(world, "dns-2", world.hosts[1], 10)
    caller = world.caller()
    assert reply(caller, f"datagram {SERVICE}") == "dns-1"
    if how == "killed":
        first.kill()
    else:
        world.hosts[0].vanish()
    caller.send(f"datagram {SERVICE}")
    caller.wait("silent")
    caller.send("failure no-answer")
    assert [reply(caller, f"datagram {SERVICE}") for _ in range(2)] == ["dns-2"] * 2


# ---- IPv6 ----

def test_a_service_and_a_registry_that_have_only_ipv6(world):
    six = ADDRESS6.format(world.hosts[0].number)
    first = world.instance("six-1", world.hosts[0], address=six)
    world.register("six-1", first.port, world.hosts[0], node="six")
    second = world.instance("six-2", world.hosts[1], address=ADDRESS6.format(world.hosts[1].number))
    world.register("six-2", second.port, world.hosts[1], node="six", priority=10)
    world.client.ip("addr", "del", f"{world.client.address}/24", "dev", "eth0")
    caller = world.caller(registry=ADDRESS6.format(world.registries[0].host.number))
    assert reply(caller) == "six-1"
    first.kill()
    assert reply(caller) == "six-2"


@pytest.mark.parametrize("hole", ["ipv6", "ipv4"])
def test_of_two_addresses_one_leads_nowhere(world, hole):
    """No host has the address; the client's kernel reports that only after seconds, or never."""
    host = world.hosts[0]
    six = ADDRESS6.format(host.number)
    instance = world.instance("web-1", host, address=six if hole == "ipv4" else None)
    world.register("web-1", instance.port, host, node="both")
    if hole == "ipv6":
        host.ip("addr", "del", f"{six}/64", "dev", "eth0")
    else:
        host.ip("addr", "del", f"{host.address}/24", "dev", "eth0")
    caller = world.caller()
    assert [reply(caller, f"connect {TYPE} 5000") for _ in range(3)] == ["web-1"] * 3
