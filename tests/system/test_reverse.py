# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Reverse PTRs: addresses of nodes that run services, in the reverse zones that weftd serves."""

import pytest

import leases
import updates
from services import TYPE, WEB, ZONE, check, options, reconfigure, registration
from updates import send, serial
from waiting import wait_for

V4, V6 = "0.10.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"
OPTIONS = "transfer: {address: [127.0.0.0/8]}"
NODE = "n1.nodes.lab.cloud."
ADDRESSES = ["n1.nodes 60 IN A 10.0.0.1", "n1.nodes 60 IN AAAA 2001:db8::1"]
BOTH = ["10.0.0.1", "2001:db8::1"]


@pytest.fixture
def new(make_weftd):
    """Starts a weftd. Returns it, and a function that sends updates with the key of a node."""
    def make(rule="", others=None):
        others = {V4: OPTIONS, V6: OPTIONS} if others is None else others
        weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=options(rule), others=others)
        weftd.start()

        def put(*lines, name="n1", lease=None):
            reply = send(weftd, updates=lines, key=key(name), lease=lease)
            assert reply.rcode == "NOERROR", reply
        return weftd, put
    return make


def pointed(weftd, *addresses):
    """The names that dig -x finds."""
    return [weftd.dig("-x", address).split() for address in addresses]


ON, OFF = [[NODE], [NODE]], [[], []]


def test_the_addresses_of_a_services_node_point_back_to_it(new):
    weftd, put = new()
    before = [serial(weftd, zone) for zone in ("lab.cloud", V4, V6)]
    put(*registration("web"), *ADDRESSES)
    assert pointed(weftd, *BOTH) == ON
    assert [serial(weftd, zone) for zone in ("lab.cloud", V4, V6)] == [n + 1 for n in before]
    check(weftd)
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == OFF
    assert [serial(weftd, zone) for zone in ("lab.cloud", V4, V6)] == [n + 2 for n in before]
    check(weftd)


def test_whichever_comes_first(new):
    weftd, put = new()
    put(*ADDRESSES)
    assert pointed(weftd, *BOTH) == OFF
    put(*registration("web"))
    assert pointed(weftd, *BOTH) == ON
    put("n1.nodes 0 ANY A")
    assert pointed(weftd, *BOTH) == [[], [NODE]]
    put("n1.nodes 0 ANY AAAA", "n1.nodes 60 IN A 10.0.0.2")
    assert pointed(weftd, *BOTH, "10.0.0.2") == [[], [], [NODE]]
    put("n1.nodes 0 ANY ANY")
    assert pointed(weftd, *BOTH, "10.0.0.2") == [[], [], []]
    put(*ADDRESSES)
    assert pointed(weftd, *BOTH) == ON
    check(weftd)


def test_they_stay_as_long_as_one_service_is_there(new):
    weftd, put = new()
    put(*registration("web"), *registration("other", kind="_ipp._tcp"), *ADDRESSES)
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == ON
    put("other._ipp._tcp 0 ANY ANY")
    assert pointed(weftd, *BOTH) == OFF


def test_a_service_that_moves_takes_them_along(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    put("n2.nodes 60 IN A 10.0.0.2", name="n2")
    put(f"{WEB} 0 ANY SRV", f"{WEB} 60 IN SRV 0 0 80 n2.nodes")
    assert pointed(weftd, *BOTH, "10.0.0.2") == [[], [], ["n2.nodes.lab.cloud."]]
    check(weftd)


def test_an_address_of_two_nodes_has_both(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    put("n2.nodes 60 IN A 10.0.0.1", f"b.{TYPE} 60 IN SRV 0 0 80 n2.nodes", name="n2")
    assert sorted(pointed(weftd, "10.0.0.1")[0]) == [NODE, "n2.nodes.lab.cloud."]
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == [["n2.nodes.lab.cloud."], []]


@pytest.mark.parametrize("state", ["starting", "draining", "failed"])
def test_an_instance_that_is_not_up_has_none(new, state):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    put(*registration("web", txt=f"state={state}"))
    assert pointed(weftd, *BOTH) == OFF
    put(*registration("web"))
    assert pointed(weftd, *BOTH) == ON
    check(weftd)


def test_they_end_with_the_lease(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES, lease=1)
    assert pointed(weftd, *BOTH) == ON
    wait_for(lambda: pointed(weftd, *BOTH) == OFF, "end of the lease")
    check(weftd)


@pytest.mark.parametrize("how", ["stop", "kill", "checkpoint"])
def test_they_survive_restarts(new, how):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)

    def restart():
        # Until the baseline is in the store, weftd cannot know whether the file has changed since:
        # it would move the serial.
        wait_for(lambda: (weftd.folder / "state" / f"{V4}.base").exists(), "the baseline")
        if how == "checkpoint":
            weftd.weft("zone", "checkpoint")
        weftd.stop() if how == "stop" else weftd.kill()
        weftd.start()
        check(weftd)

    before = serial(weftd, V4)
    restart()
    assert (pointed(weftd, *BOTH), serial(weftd, V4)) == (ON, before)
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == OFF
    restart()
    assert pointed(weftd, *BOTH) == OFF


def test_records_in_the_reverse_zones_file_stay(new):
    weftd, put = new()
    text = (weftd.folder / f"{V4}.zone").read_text()
    weftd.zone(text + "1.0 PTR static.lab.cloud.\n2.0 PTR static.lab.cloud.\n", V4)
    weftd.weft("zone", "reload")
    put(*registration("web"), *ADDRESSES)
    assert pointed(weftd, "10.0.0.1") == [["static.lab.cloud."]]
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, "10.0.0.1", "10.0.0.2") == [["static.lab.cloud."]] * 2


def test_an_edited_reverse_zone_keeps_them(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    text = (weftd.folder / f"{V4}.zone").read_text()
    weftd.zone(text + "2.0 PTR static.lab.cloud.\n", V4)
    weftd.weft("zone", "reload")
    assert pointed(weftd, *BOTH, "10.0.0.2") == [[NODE], [NODE], ["static.lab.cloud."]]


def test_the_closest_reverse_zone_has_them(new):
    weftd, put = new(others={"10.in-addr.arpa": OPTIONS, V4: OPTIONS})
    put(*registration("web"), "n1.nodes 60 IN A 10.0.0.1", "n1.nodes 60 IN A 10.9.0.1")
    assert pointed(weftd, "10.0.0.1", "10.9.0.1") == [[NODE], [NODE]]
    assert serial(weftd, "10.in-addr.arpa") == serial(weftd, V4) == 2
    assert "1.0.0.10.in-addr.arpa." in updates.transferred(weftd, V4)[1]


def test_without_a_reverse_zone_or_with_reverse_off_there_are_none(new):
    weftd, put = new("reverse: no")
    put(*registration("web"), *ADDRESSES)
    assert pointed(weftd, *BOTH) == OFF
    check(weftd)


def test_an_address_that_no_reverse_zone_has_is_left_out(new):
    weftd, put = new(others={V4: OPTIONS})
    put(*registration("web"), *ADDRESSES, "n1.nodes 60 IN A 192.0.2.1")
    assert pointed(weftd, "10.0.0.1", "192.0.2.1") == [[NODE], []]
    check(weftd)


def test_targets_elsewhere_have_none(new):
    weftd, put = new()
    put(f"{WEB} 60 IN SRV 0 0 80 host.example.", "n1.nodes 60 IN A 10.0.0.1")
    assert pointed(weftd, "10.0.0.1") == [[]]
    check(weftd)


@pytest.mark.parametrize("how", ["reload", "restart"])
def test_a_reverse_zone_added_later_has_them(new, how):
    weftd, put = new(others={V4: OPTIONS})
    put(*registration("web"), *ADDRESSES)
    text = weftd.conf.read_text()
    weftd.zone((weftd.folder / f"{V4}.zone").read_text().replace(V4, V6), V6)
    weftd.conf.write_text(text.replace("fabric:\n", f"  - name: {V6}\n    file: {V6}.zone\nfabric:\n", 1))
    if how == "reload":
        weftd.weft("reload")
    else:
        weftd.stop()
        weftd.start()
    wait_for(lambda: pointed(weftd, *BOTH) == ON, "PTR in the new zone", 5)
    check(weftd)


def write(weftd, *lines, zone=V4):
    """Writes the file of the reverse zone, with these additional records."""
    path = weftd.folder / f"{zone}.zone"
    weftd.zone(path.read_text() + "\n".join(lines) + "\n", zone)
    weftd.weft("zone", "reload")


def test_what_the_administrator_points_to_a_node_stays(new):
    """Also when a service on the node is removed, and when there never was one."""
    weftd, put = new()
    write(weftd, f"1.0 PTR {NODE}", "5.0 PTR host.lab.cloud.")
    put("host 60 IN A 10.0.0.5", name="admin")
    put(*registration("web"), *ADDRESSES)
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == [[NODE], []]
    put("n1.nodes 0 ANY ANY")
    put("host 60 IN A 10.0.0.6", name="admin")
    put("host 0 NONE A 10.0.0.5", name="admin")
    assert pointed(weftd, "10.0.0.1", "10.0.0.5") == [[NODE], ["host.lab.cloud."]]
    check(weftd)


def test_nothing_is_made_beside_a_cname(new):
    weftd, put = new()
    write(weftd, "1.0 CNAME 1.sub")
    put(*registration("web"), *ADDRESSES)
    assert updates.lookup(weftd, f"1.0.{V4}", "PTR") == set()
    assert f"1.0.{V4}." in updates.transferred(weftd, V4)[1]
    assert len(updates.transferred(weftd, V4)[1][f"1.0.{V4}."]) == 1
    assert pointed(weftd, "2001:db8::1") == [[NODE]]
    check(weftd)


def test_reverse_off_takes_them_away_and_on_brings_them_back(new):
    weftd, put = new("reverse: yes")
    put(*registration("web"), *ADDRESSES)
    put("n2.nodes 60 IN A 10.0.0.2", f"b.{TYPE} 60 IN SRV 0 0 80 n2.nodes", name="n2")
    reconfigure(weftd, ("reverse: yes", "reverse: no"))
    put(f"{WEB} 0 ANY ANY")
    reconfigure(weftd, ("reverse: no", "reverse: yes"))
    assert pointed(weftd, *BOTH, "10.0.0.2") == [[], [], ["n2.nodes.lab.cloud."]]
    check(weftd)


def test_a_reverse_zone_that_was_away_follows(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    before = weftd.conf.read_text()
    i = before.index(f"  - name: {V4}")
    reconfigure(weftd, (before[i:before.index("  - name:", i + 1)], ""))
    put(f"{WEB} 0 ANY ANY")
    weftd.conf.write_text(before)
    weftd.weft("reload")
    assert pointed(weftd, *BOTH) == OFF
    check(weftd)


def test_two_zones_with_services_on_one_node(make_weftd):
    """The reverse PTR remains as long as one instance of its own zone runs on the node."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=options(),
                               others={V4: OPTIONS, "other.cloud": "update: {fabric: lab.cloud}"})
    weftd.start()
    for zone, lines in (("lab.cloud", [*registration("web"), "n1.nodes 60 IN A 10.0.0.1"]),
                        ("other.cloud", ["web._http._tcp 60 IN SRV 0 0 80 n1.nodes",
                                         "n1.nodes 60 IN A 10.0.0.1"])):
        reply = send(weftd, updates=lines, key=key("n1"), zone=zone, below=f"{zone}.")
        assert reply.rcode == "NOERROR", reply
    assert sorted(pointed(weftd, "10.0.0.1")[0]) == [NODE, "n1.nodes.other.cloud."]
    assert send(weftd, updates=[f"{WEB} 0 ANY ANY"], key=key("n1")).rcode == "NOERROR"
    assert pointed(weftd, "10.0.0.1") == [["n1.nodes.other.cloud."]]


def test_a_zone_that_was_purged_points_no_more(new):
    weftd, put = new()
    put(*registration("web"), *ADDRESSES)
    before = weftd.conf.read_text()
    i, j = before.index("  - name: lab.cloud\n"), before.index(f"  - name: {V4}")
    reconfigure(weftd, (before[i:j], ""))
    weftd.weft("zone", "purge", "--yes", "lab.cloud")
    weftd.conf.write_text(before)
    weftd.weft("reload")
    assert pointed(weftd, *BOTH) == OFF
    check(weftd)
    put(*registration("web"), *ADDRESSES)
    assert pointed(weftd, *BOTH) == ON
    put(f"{WEB} 0 ANY ANY")
    assert pointed(weftd, *BOTH) == OFF
    check(weftd)
