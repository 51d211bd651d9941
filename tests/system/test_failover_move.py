# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Services that move from one host to another, on a LAN of network namespaces: clients that watch or
use a connector go after them, by DNS Push and by polling."""

import pytest

import calling
from failover import PUSHES, TYPE, make_world, reply    # noqa: F401: a fixture
from waiting import wait_for

FOLLOWERS = 200


def move(world, label, to, inc):
    """By one UPDATE. Returns the instance at the new place."""
    instance = world.instance(f"{label}-{inc}", to)
    world.register(label, instance.port, to, txt=f"id={label} inc={inc}", ttl=1)
    return instance


@pytest.mark.parametrize("server", [PUSHES, ""], ids=["pushed", "polled"])
def test_clients_go_after_a_service_that_moves(make_world, server):
    world = make_world(server=server)
    first = move(world, "db", world.hosts[0], 1)
    watcher, connector = world.caller(), world.caller()
    watcher.send(f"watch {TYPE}")
    watcher.wait("current")
    connector.send(f"connector {TYPE}", "follow")
    assert reply(connector, "go") == "db-1"
    for inc, host in ((2, world.hosts[1]), (3, world.hosts[0])):
        second = move(world, "db", host, inc)
        first.kill()
        event = watcher.wait("moved")
        found = calling.instance_of(event.words)
        assert (found.host, found.port, found.inc) == (f"{host.number}.nodes.lab.cloud.",
                                                       second.port, inc)
        assert found.addresses == [host.address]
        connector.wait("event", "^event moved")
        assert connector.wait("reply").words == [f"db-{inc}"]
        first = second
    assert not connector.passed("error")
    assert not watcher.passed("removed") and len(watcher.passed("added")) == 1


def test_the_host_from_which_a_service_moves_may_be_gone_before(make_world):
    world = make_world()
    move(world, "db", world.hosts[0], 1)
    caller = world.caller()
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "db-1"
    world.hosts[0].vanish()
    caller.send("go 20000")     # tries, and learns of the new place meanwhile
    move(world, "db", world.hosts[1], 2)
    assert caller.wait("reply|error").text == "reply db-2"


def test_a_restart_in_the_same_place_is_a_move(make_world):
    world = make_world()
    first = move(world, "db", world.hosts[0], 1)
    caller = world.caller()
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "db-1"
    first.kill()
    first.start()
    world.register("db", first.port, world.hosts[0], txt="id=db inc=2")
    caller.wait("event", "^event moved")
    assert caller.wait("reply").words == ["db-1"]


def test_a_registrant_that_moves_is_followed(make_world):
    """The same name and key, registered by a process on another host."""
    world = make_world()
    clients = []
    for n in (1, 2):
        world.key_of(f"n{n}")
        instance = world.instance(f"place-{n}", world.hosts[n - 1])
        clients.append((world.caller(host=world.hosts[n - 1], key="n1"), instance))
    caller = world.caller()
    registrant, instance = clients[0]
    registrant.send(f"register db _http._tcp {instance.port} -addresses={world.hosts[0].address}")
    registrant.wait("registration", "done")
    caller.send(f"connector {TYPE}", "follow")
    assert reply(caller, "go") == "place-1"
    registrant.close()          # without a word
    registrant, instance = clients[1]
    registrant.send(f"register db _http._tcp {instance.port} -addresses={world.hosts[1].address}")
    registrant.wait("registration", "done")
    caller.wait("event", "^event moved")
    assert caller.wait("reply").words == ["place-2"]


def test_two_hundred_followers_follow_at_once(make_world):
    """Each with a subscription of its own; some share a process, as on hosts with many clients."""
    world = make_world(server=PUSHES)
    move(world, "db", world.hosts[0], 1)
    callers, each = [world.caller() for _ in range(8)], FOLLOWERS // 8
    for caller in callers:
        caller.send(f"repeat {each} 0 watch {TYPE}")
    wait_for(lambda: all(len(c.passed("current")) == each for c in callers), "followers")
    for inc in (2, 3):
        move(world, "db", world.hosts[inc - 2], inc)
        wait_for(lambda: all(len(c.passed("moved")) == each * (inc - 1) for c in callers),  # noqa: B023
                 "followers that have moved")
    for caller in callers:
        assert {calling.instance_of(e.words).inc for e in caller.passed("moved")[-each:]} == {3}
        assert not caller.passed("removed|error|lost")


@pytest.mark.parametrize("server", [PUSHES, ""], ids=["pushed", "polled"])
def test_a_drained_instance_is_left_and_taken_again(make_world, server):
    world = make_world(server=server)
    for n in range(2):
        instance = world.instance(f"web-{n}", world.hosts[n])
        world.register(f"web-{n}", instance.port, world.hosts[n], priority=10 * n, ttl=1,
                       txt=f"id=web-{n} inc=1")
    watcher, connector, finder = world.caller(), world.caller(), world.caller()
    watcher.send(f"watch {TYPE}")
    watcher.wait("current")
    connector.send(f"connector {TYPE}", "follow")
    assert reply(connector, "go") == "web-0"
    world.registries[0].weft("drain", f"web-0.{TYPE}.")
    assert watcher.wait("draining").words[0].startswith("web-0.")
    connector.wait("event", "draining")
    assert connector.wait("reply").words == ["web-1"]
    wait_for(lambda: reply(finder) == "web-1", "a connect to the other instance")
    world.registries[0].weft("undrain", f"web-0.{TYPE}.")
    connector.wait("event", "better")
    assert connector.wait("reply").words == ["web-0"]
    wait_for(lambda: reply(finder) == "web-0", "a connect to the better instance")
    assert not connector.passed("error") and not finder.passed("error")
