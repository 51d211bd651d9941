# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""An instance is live only while a target of its SRVs has an address: in any order of events, after
a restart and a reload, with more instances on a node than one batch takes."""

import pytest

import leases
import updates
from services import SUBTYPE, TYPE, WEB, check, lookup, options, register, registration, view
from waiting import wait_for

BARE = leases.SOA + "ns A 127.0.0.1\n"
ADDRESS = "n1.nodes 60 IN A 10.0.0.1"
WITHOUT, LIVE = (set(), set()), ({"web"}, {(0, 80)})


@pytest.fixture
def served(make_weftd):
    """A started weftd whose zone has no address but that of its name server, and the key n1."""
    weftd, key = leases.fabric(make_weftd, zone=BARE, lease=options())
    weftd.start()
    return weftd, key("n1")


def put(served, *lines, lease=None):
    weftd, key = served
    reply = updates.send(weftd, updates=list(lines), key=key, lease=lease, tcp=True)
    assert reply.rcode == "NOERROR", reply
    return reply


def unaddressed(weftd):
    return weftd.json("stats")["services"]["unaddressed"]


def is_live(weftd):
    """Whether web is live; the same after a restart. weftd's own check agrees."""
    found = []
    for is_last in (False, True):
        found.append(view(weftd))
        assert found[-1] in (WITHOUT, LIVE)
        assert lookup(weftd, WEB, "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
        assert bool(lookup(weftd, SUBTYPE, "PTR")) == (found[-1] == LIVE)
        assert unaddressed(weftd) == (found[-1] == WITHOUT)
        check(weftd)
        if not is_last:
            weftd.kill()
            weftd.start()
    assert found[0] == found[1]
    return found[0] == LIVE


WEB_LINES = [*registration("web"), f"{SUBTYPE} 60 IN PTR {WEB}"]


@pytest.mark.parametrize("steps", [
    [(WEB_LINES, False), ([ADDRESS], True)],
    [([ADDRESS], None), (WEB_LINES, True)],
    [([*WEB_LINES, ADDRESS], True)],
    [([ADDRESS, *WEB_LINES], True), (["n1.nodes 0 ANY A"], False), ([ADDRESS], True)],
    [([ADDRESS, *WEB_LINES], True), (["n1.nodes 60 IN AAAA 2001:db8::1", "n1.nodes 0 ANY A"], True),
     (["n1.nodes 0 ANY ANY"], False)],
    [([ADDRESS, *WEB_LINES], True), (["n1.nodes 0 ANY ANY", "n1.nodes 60 IN A 10.0.0.2"], True)],
    [([ADDRESS, *WEB_LINES], True), (["n1.nodes 0 ANY A", "n1.nodes 60 IN TXT x"], False)],
], ids=["instance first", "address first", "together", "address goes", "another type", "replaced",
        "other records"])
def test_an_instance_is_live_while_its_target_has_an_address(served, steps):
    for lines, expected in steps:
        reply = put(served, *lines)
        is_named = any(line in WEB_LINES for line in lines)
        assert bool(reply.why) == (is_named and expected is False), reply
        if expected is not None:
            assert is_live(served[0]) == expected, lines


def test_an_address_that_is_replaced_takes_no_record_away(served):
    """Not for a moment: the zone's history has the change of the address alone."""
    weftd, _ = served
    put(served, ADDRESS, *WEB_LINES)
    _, before = updates.transferred(weftd)
    put(served, "n1.nodes 0 ANY A", "n1.nodes 60 IN A 10.0.0.2")
    _, after = updates.transferred(weftd)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed <= {"n1.nodes.lab.cloud.", "lab.cloud."}, changed


def test_the_address_of_an_ended_lease_takes_the_service_of_another_key_with_it(make_weftd):
    """The case of a node whose address hangs on a service of its own."""
    weftd, key = leases.fabric(make_weftd, zone=BARE, lease=options())
    weftd.start()
    mine, other = (weftd, key("n1")), (weftd, key("websvc"))
    put(mine, *registration("first"), ADDRESS, lease=(2, 2))
    put(other, *registration("web"))
    assert view(weftd)[0] == {"first", "web"}
    wait_for(lambda: not lookup(weftd, "n1.nodes", "A"), "end of the lease")
    assert view(weftd) == WITHOUT
    wait_for(lambda: "node-unaddressed name=n1.nodes.lab.cloud. instances=" in weftd.log(), "log")
    answer = weftd.weft("zone", "check", "lab.cloud").stdout
    assert f"{WEB}.lab.cloud. is not live: n1.nodes.lab.cloud. has no address" in answer
    assert unaddressed(weftd) == 1
    put(mine, ADDRESS)
    assert view(weftd) == LIVE
    wait_for(lambda: "node-addressed name=n1.nodes.lab.cloud. instances=1" in weftd.log(), "log")
    assert "is not live" not in weftd.weft("zone", "check", "lab.cloud").stdout


def test_the_zone_file_brings_addresses_and_takes_them(served):
    weftd, _ = served
    register(served, "web")
    for lines, expected in (("n1.nodes A 10.0.0.1\n", LIVE), ("n1.nodes TXT x\n", WITHOUT),
                            ("*.nodes A 10.0.0.1\n", LIVE), ("", WITHOUT), ("nodes NS ns\n", LIVE),
                            ("*.other A 10.0.0.1\n", WITHOUT), ("* CNAME ns\n", LIVE), ("", WITHOUT),
                            ("nodes DNAME ns\n", LIVE), ("n1.nodes CNAME ns\n", LIVE)):
        weftd.zone(BARE + lines)
        weftd.weft("zone", "reload", "lab.cloud")
        assert view(weftd) == expected, lines
        check(weftd)


def test_targets_elsewhere_count_as_having_an_address(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=BARE, lease=options(), others={"other.cloud": ""})
    weftd.start()
    for name, target in (("a", "n1.example.net."), ("b", "n1.other.cloud."), ("c", ".")):
        put((weftd, key("n1")), f"{name}.{TYPE} 60 IN SRV 0 0 80 {target}")
    assert view(weftd)[0] == {"a", "b"}
    check(weftd)


def test_a_zone_below_that_comes_and_goes_is_elsewhere(make_weftd):
    """Even without a delegation in the zone above it."""
    weftd, key = leases.fabric(make_weftd, zone=BARE, lease=options(), others={"nodes.lab.cloud": ""})
    with_both = weftd.conf.read_text()
    without = with_both.replace("  - name: nodes.lab.cloud\n    file: nodes.lab.cloud.zone\n", "")
    assert without != with_both
    weftd.start()
    register((weftd, key("n1")), "web")
    for text, expected in ((with_both, LIVE), (without, WITHOUT), (with_both, LIVE)):
        weftd.conf.write_text(text)
        weftd.weft("reload")
        wait_for(lambda: view(weftd) == expected, "the view after the reload")
        check(weftd)


def test_an_srv_without_an_address_is_not_at_the_type(served):
    weftd, _ = served
    put(served, ADDRESS, f"{WEB} 60 IN SRV 0 0 80 n1.nodes", f"{WEB} 60 IN SRV 1 0 81 n2.nodes")
    assert view(weftd) == LIVE
    assert unaddressed(weftd) == 0
    check(weftd)


def test_a_node_of_thousands_of_instances_loses_its_address_and_gets_it_back(make_weftd):
    count = 2500
    weftd, key = leases.fabric(make_weftd, zone=BARE, lease=options(
        "srv: yes}\nquota: {instances: 5000, records: 20000"))
    weftd.start()
    served = weftd, key("n1")
    for first in range(0, count, 250):
        put(served, *(f"i{i}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for i in range(first, first + 250)))
    assert view(weftd) == WITHOUT
    assert unaddressed(weftd) == count
    for line, live in ((ADDRESS, count), ("n1.nodes 0 ANY A", 0), (ADDRESS, count)):
        put(served, line)
        wait_for(lambda: unaddressed(weftd) == count - live, "all instances")
        assert weftd.json("stats")["services"]["live"] == live
        check(weftd)
    # A crash on the way comes to the same end.
    put(served, "n1.nodes 0 ANY A")
    weftd.kill()
    weftd.start()
    assert unaddressed(weftd) == count
    check(weftd)
