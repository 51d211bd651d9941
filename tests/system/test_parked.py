# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Parked zones: those that are in the store but not in the configuration. They are kept but not
served, until they are configured again or purged."""

import subprocess

import pytest

from conftest import WEFT, ZONE
from updates import lookup, send, serial
from waiting import LIMIT_S, wait_for

OTHER = ZONE.replace("lab.cloud", "other.cloud")
OPEN = "update: {key: bench}"
BOTH = {"lab.cloud": OPEN, "other.cloud": OPEN}
ONE = {"lab.cloud": OPEN}


@pytest.fixture
def both(make_weftd):
    """A weftd with two zones, the second with a registration."""
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(OTHER, "other.cloud")
    weftd.configure(BOTH).start()
    register(weftd, "dyn")
    return weftd


def register(weftd, owner):
    assert send(weftd, [], [f"{owner} 60 IN A 192.0.2.1"], zone="other.cloud",
                below="other.cloud.").rcode == "NOERROR"


def has(weftd, owner):
    return lookup(weftd, f"{owner}.other.cloud", "A") == {"60 192.0.2.1"}


def state_of(weftd, zone="other.cloud."):
    """The state of a zone: "served" or "parked"; None if it is unknown."""
    states = {one["zone"]: one["state"] for one in weftd.json("zone", "status")}
    return states.get(zone)


def park(weftd, how):
    """Removes the second zone from the configuration."""
    weftd.configure(ONE)
    if how == "reload":
        weftd.weft("reload")
    else:
        weftd.kill()
        weftd.start()
    assert state_of(weftd) == "parked"
    assert "REFUSED" in weftd.dig("dyn.other.cloud", "A", "+noall", "+comments")


def configure_both(weftd, how):
    weftd.configure(BOTH)
    if how == "reload":
        weftd.weft("reload")
    else:
        weftd.kill()
        weftd.start()
    assert state_of(weftd) == "served"


@pytest.mark.parametrize("parked", ["reload", "restart"])
@pytest.mark.parametrize("back", ["reload", "restart"])
def test_a_parked_zone_is_restored_whole(both, parked, back):
    park(both, parked)
    configure_both(both, back)
    assert has(both, "dyn")
    register(both, "more")


@pytest.mark.parametrize("parked", ["reload", "restart"])
@pytest.mark.parametrize("back", ["reload", "restart"])
@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_a_purged_zone_is_gone_for_good(both, parked, back, is_checkpointed):
    if is_checkpointed:
        both.weft("zone", "checkpoint")
        register(both, "dyn2")
    park(both, parked)
    both.weft("zone", "purge", "--yes", "other.cloud")
    assert state_of(both) is None
    assert list((both.folder / "state").glob("other.cloud.*")) == []
    # A crash does not bring the purged zone back, and its name is free for a new zone.
    both.kill()
    both.start()
    assert state_of(both) is None
    configure_both(both, back)
    assert not has(both, "dyn") and not has(both, "dyn2")
    register(both, "new")
    # Without its baseline the zone's serial would grow with the next start.
    wait_for((both.folder / "state/other.cloud.base").exists, "base")
    before = serial(both, "other.cloud")
    both.kill()
    both.start()
    assert has(both, "new") and not has(both, "dyn")
    assert serial(both, "other.cloud") == before
    assert both.stop() == 0
    done = subprocess.run([WEFT, "store", "check", str(both.folder / "state")],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


def test_only_a_parked_zone_is_purged(both):
    for name, why in (("other.cloud", "is configured"), ("no.cloud", "is not a zone")):
        done = both.weft("zone", "purge", "--yes", name, check=False)
        assert done.returncode == 1
        assert why in done.stderr
    assert has(both, "dyn")
    park(both, "reload")
    both.weft("zone", "purge", "--yes", "other.cloud")
    assert both.weft("zone", "purge", "--yes", "other.cloud", check=False).returncode == 1


@pytest.fixture
def orphaned(both):
    """A weftd whose log has changes to the second zone but no baseline of it: weftd ended before it
    was written. Then the zone was removed from the configuration."""
    base = both.folder / "state/other.cloud.base"
    wait_for(base.exists, "base")
    both.kill()
    base.unlink()
    both.configure(ONE).start()
    return both


def test_changes_without_a_base_wait_for_their_file(orphaned):
    assert state_of(orphaned) == "parked"
    assert "its stored changes wait" in orphaned.log()
    assert send(orphaned, [], ["here 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    orphaned.weft("zone", "checkpoint")
    orphaned.kill()
    orphaned.start()
    assert state_of(orphaned) == "parked"


@pytest.mark.parametrize("back", ["reload", "restart"])
def test_changes_without_a_base_find_their_file_again(orphaned, back):
    configure_both(orphaned, back)
    assert has(orphaned, "dyn")
    assert lookup(orphaned, "n1.nodes.other.cloud", "A") == {"60 127.0.0.1"}
    register(orphaned, "more")
    orphaned.weft("zone", "checkpoint")
    register(orphaned, "last")
    orphaned.kill()
    orphaned.start()
    assert has(orphaned, "dyn") and has(orphaned, "more") and has(orphaned, "last")


def test_changes_without_a_base_go_on_waiting_when_the_file_is_wrong(orphaned):
    path = orphaned.zone("no zone file\n", "other.cloud")
    orphaned.configure(BOTH)
    assert orphaned.weft("reload", check=False).returncode == 1
    assert str(path.name) in orphaned.log()
    assert state_of(orphaned) == "parked"
    orphaned.zone(OTHER, "other.cloud")
    orphaned.weft("reload")
    assert has(orphaned, "dyn")


def test_changes_without_a_base_can_be_purged(orphaned):
    orphaned.weft("zone", "purge", "--yes", "other.cloud")
    configure_both(orphaned, "reload")
    assert not has(orphaned, "dyn")


def test_a_log_that_waits_makes_no_checkpoints_without_end(make_weftd):
    """Changes that wait in the log stay there; a checkpoint does not remove them."""
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(OTHER, "other.cloud")
    small = "store: {segment-size: 1M, history-size: 1M, checkpoint-size: 1M}\n"
    weftd.configure(BOTH, more=small).start()
    for i in range(300):
        register(weftd, f"n{i}")
    weftd.kill()
    for path in (weftd.folder / "state").glob("other.cloud.*"):
        path.unlink()
    weftd.configure(ONE, more=small).start()
    before = count(weftd)
    for i in range(100):
        assert send(weftd, [], [f"n{i} 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    assert count(weftd) - before <= 3


def count(weftd):
    return weftd.json("stats")["store"]["checkpoints"]


def leased(weftd):
    """The names that have a lease."""
    return {one["name"] for one in weftd.json("lease", "list")}


def test_a_purge_takes_the_leases_along(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(OTHER, "other.cloud")
    lease = OPEN + "\nlease: {minimum: 30, maximum: 7200}"
    weftd.configure({**BOTH, "other.cloud": lease}).start()
    assert send(weftd, [], ["l1 60 IN A 192.0.2.1"], zone="other.cloud", below="other.cloud.",
                lease=60).rcode == "NOERROR"
    assert leased(weftd) == {"l1.other.cloud."}
    park(weftd, "reload")
    weftd.weft("zone", "purge", "--yes", "other.cloud")
    assert leased(weftd) == set()
    weftd.kill()
    weftd.start()
    assert leased(weftd) == set()
