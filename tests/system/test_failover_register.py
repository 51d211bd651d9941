# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registrations that outlive registries, addresses, clocks and keys, on a LAN of network namespaces:
programs that use libweft, each on a host of its own."""

import glob
import shutil
import signal

import pytest

import calling
from failover import TYPE, make_world      # noqa: F401: a fixture
from waiting import freeze, wait_for

MANY = 100
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")


@pytest.fixture
def world(make_world):
    return make_world(nhosts=1)


@pytest.fixture
def two(make_world):
    """Two registries."""
    return make_world(nhosts=1, nregistries=2)


def registrant(world, key="n1", host=None, **more):
    world.key_of(key)
    return world.caller(host=host or world.hosts[0], key=key, **more)


def register(caller, label, *words, port=80):
    """Registers, and waits until that is done. Returns its incarnation."""
    caller.send(" ".join([f"register {label} _http._tcp {port}", *words]))
    return incarnation(caller.wait("registration", rf"^registration done {label}\."))


def incarnation(event):
    return int(event.words[3])


def register_many(caller, lease):
    caller.send(*(f"register web-{n} _http._tcp {1000 + n} -lease={lease}" for n in range(MANY)))
    wait_for(lambda: done(caller) >= labels(), "registrations")


def labels():
    return {f"web-{n}" for n in range(MANY)}


def done(caller):
    """The labels that are registered by their last event."""
    last = {event.words[1].split(".")[0]: event.words[0] for event in caller.passed("registration")}
    return {label for label, event in last.items() if event == "done"}


def listed(world, weftd=None):
    """The labels of instances that a registry shows."""
    return {rdata.split(".")[0] for rdata in world.lookup("_http._tcp", "PTR", weftd)}


def events(caller, *kinds):
    return [event for event in caller.passed("registration") if event.words[0] in kinds]


# ---- registries ----

@pytest.mark.parametrize("how", ["killed", "vanished", "stopped"])
def test_registrations_go_to_the_other_registry(two, how):
    first, second = two.registries
    caller = registrant(two)
    register_many(caller, 4)
    assert listed(two, first) == labels() and not listed(two, second)
    if how == "killed":
        first.kill()
    elif how == "vanished":
        first.host.vanish()
    else:
        freeze(first.process.pid)
    wait_for(lambda: listed(two, second) == labels(), "instances at the second registry")
    register(caller, "new")
    assert "new" in listed(two, second)
    assert not events(caller, "failed")


def test_registrations_wait_for_a_registry(two):
    for weftd in two.registries:
        weftd.kill()
    caller = registrant(two)
    caller.send(*(f"register web-{n} _http._tcp {1000 + n}" for n in range(MANY)))
    caller.wait("registration", "failed")
    two.start(two.registries[1])
    wait_for(lambda: done(caller) == labels(), "registrations")
    assert listed(two, two.registries[1]) == labels()


def test_a_registry_that_is_killed_and_started_loses_nothing(world):
    weftd, caller = world.registries[0], registrant(world)
    register_many(caller, 600)
    before = world.lookup("web-7._http._tcp", "TXT")
    weftd.kill()
    world.start(weftd)
    assert listed(world) == labels()
    first = register(caller, "web-100")
    assert world.lookup("web-7._http._tcp", "TXT") == before
    assert not events(caller, "lost", "failed") and first > 0


def test_refreshes_outlive_a_restart_without_a_new_incarnation(world):
    weftd, caller = world.registries[0], registrant(world)
    first = register(caller, "web-1", "-lease=5")
    weftd.kill()
    world.start(weftd)
    before = weftd.count("refreshed")
    wait_for(lambda: weftd.count("refreshed") >= before + 2, "two refreshes")
    assert f'"inc={first}"' in world.lookup("web-1._http._tcp", "TXT")[0]
    assert not events(caller, "lost")


def test_a_registry_that_has_lost_its_store_gets_all_again(world):
    weftd, caller = world.registries[0], registrant(world)
    register_many(caller, 3)
    weftd.kill()
    shutil.rmtree(weftd.folder / "state")
    (weftd.folder / "state").mkdir()
    world.start(weftd)
    assert listed(world) < labels()
    wait_for(lambda: listed(world) == labels(), "registrations made anew")
    assert world.lookup("n1.nodes", "A") == [world.hosts[0].address]


def test_a_lease_that_was_dropped_is_taken_again(world):
    caller = registrant(world)
    first = register(caller, "web-1", "-lease=5")
    register(caller, "web-2", "-lease=5")
    world.registries[0].weft("lease", "drop", f"web-1.{TYPE}")
    again = caller.wait("registration", r"^registration done web-1\.")
    assert incarnation(again) > first
    wait_for(lambda: listed(world) == {"web-1", "web-2"}, "both instances")
    assert not events(caller, "failed")


# ---- addresses ----

def test_addresses_that_change_are_registered(world):
    host, caller = world.hosts[0], registrant(world)
    six = [a for a in world.lookup(f"{host.number}.six", "AAAA")]
    first = register(caller, "web-1")

    def addresses():
        return world.lookup("n1.nodes", "A"), world.lookup("n1.nodes", "AAAA")

    assert addresses() == ([host.address], six)
    host.ip("addr", "add", "10.78.0.99/24", "dev", "eth0")
    wait_for(lambda: addresses() == (sorted([host.address, "10.78.0.99"]), six), "second address")
    host.ip("addr", "del", f"{six[0]}/64", "dev", "eth0")
    wait_for(lambda: addresses()[1] == [], "end of the IPv6 address")
    # The host moves to another address altogether.
    host.ip("addr", "flush", "dev", "eth0", "scope", "global")
    host.ip("addr", "add", "10.78.0.77/24", "dev", "eth0")
    wait_for(lambda: addresses() == (["10.78.0.77"], []), "the new address alone")
    assert listed(world) == {"web-1"}
    assert not events(caller, "failed", "lost")
    assert f'"inc={first}"' in world.lookup("web-1._http._tcp", "TXT")[0]


def test_a_host_that_was_off_the_network_is_registered_again(world):
    host, caller = world.hosts[0], registrant(world)
    register(caller, "web-1", "-lease=2")
    host.vanish()
    wait_for(lambda: listed(world) == set(), "end of the lease")
    host.vanish(False)
    wait_for(lambda: listed(world) == {"web-1"}, "the instance")
    assert world.lookup("n1.nodes", "A") == [host.address]


# ---- keys and names ----

def test_a_revoked_key_is_named_and_others_go_on(world):
    bad, good = registrant(world, "n2"), registrant(world, "n3")
    register(bad, "web-1", "-lease=5")
    register(good, "web-2", "-lease=5")
    world.registries[0].weft("key", "revoke", "n2.keys.lab.cloud")
    failed = bad.wait("registration", "^registration failed")
    assert failed.words[4] == "WEFT_E_KEY" and "revoked" in failed.text and "n2" in failed.text
    wait_for(lambda: listed(world) == {"web-2"}, "end of the lease")
    before = world.registries[0].count("refreshed")
    wait_for(lambda: world.registries[0].count("refreshed") >= before + 2, "refreshes")
    assert not events(good, "failed", "lost")
    # What needs no key still works.
    bad.send("find _http._tcp")
    assert bad.wait("found|error").word == "found"


def test_one_refused_name_does_not_disturb_others_of_its_context(world):
    taken, caller = registrant(world, "n2"), registrant(world)
    register(taken, "web-3")
    caller.send(*(f"register web-{n} _http._tcp {80 + n} -lease=30" for n in range(6)))
    failed = caller.wait("registration", "^registration failed")
    assert failed.words[1].startswith("web-3.") and failed.words[4] == "WEFT_E_CONFLICT"
    assert "n2" in failed.text
    wait_for(lambda: done(caller) == {f"web-{n}" for n in range(6) if n != 3}, "the others")
    assert len(events(caller, "done")) == 5
    assert "n2.nodes" in world.lookup("web-3._http._tcp", "SRV")[0]


def test_the_name_of_another_key_is_numbered(world):
    register(registrant(world, "n2"), "web")
    caller = registrant(world)
    caller.send("register web _http._tcp 80 -rename=1")
    renamed = caller.wait("registration", "renamed|failed")
    assert renamed.words[0] == "renamed" and "(2)" in renamed.words[1].replace("\\", "")
    assert len(listed(world)) == 2


def test_a_name_that_becomes_free_is_taken(world):
    other, caller = registrant(world, "n2"), registrant(world)
    register(other, "web", "-lease=2")
    caller.send("register web _http._tcp 80 -lease=2")
    caller.wait("registration", "failed")
    other.send("unregister web")
    other.wait("done")
    caller.wait("registration", "done")
    assert "n1.nodes" in world.lookup("web._http._tcp", "SRV")[0]


# ---- clocks ----

def with_clock(shift_s):
    """The environment of a program whose wall clock is wrong."""
    return calling.environment(LD_PRELOAD=FAKETIME[0], FAKETIME=f"{shift_s:+}",
                               FAKETIME_DONT_FAKE_MONOTONIC="1")


needs_faketime = pytest.mark.skipif(not FAKETIME, reason="needs faketime")


@needs_faketime
@pytest.mark.unsanitized
@pytest.mark.parametrize("shift_s", [400, -400])
def test_a_clock_that_is_wrong_by_minutes_is_corrected(world, shift_s):
    caller = registrant(world, env=with_clock(shift_s))
    register(caller, "web-1", "-lease=2")
    before = world.registries[0].count("refreshed")
    wait_for(lambda: world.registries[0].count("refreshed") >= before + 2, "refreshes")
    assert not events(caller, "failed")


@needs_faketime
@pytest.mark.unsanitized
def test_a_clock_that_is_wrong_by_hours_is_an_error(world):
    caller = registrant(world, env=with_clock(-7200))
    caller.send("register web-1 _http._tcp 80")
    failed = caller.wait("registration", "failed")
    assert failed.words[4] == "WEFT_E_CLOCK" and "clock" in failed.text
    caller.send("register-wait web-2 _http._tcp 80")
    assert caller.wait("error").words[0] == "WEFT_E_CLOCK"


def test_a_process_that_stood_still_for_longer_than_its_lease(world):
    """As after the host was suspended: it finds that its lease has ended, and registers anew."""
    caller = registrant(world)
    first = register(caller, "web-1", "-lease=2")
    freeze(caller.process.pid)
    wait_for(lambda: listed(world) == set(), "end of the lease")
    caller.process.send_signal(signal.SIGCONT)
    again = caller.wait("registration", "done")
    assert incarnation(again) > first
    wait_for(lambda: listed(world) == {"web-1"}, "the instance")
