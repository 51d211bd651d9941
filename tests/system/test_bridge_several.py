# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge beside others: bridges of the same zone and of other zones, nodes that announce their
services themselves, and strangers that have a name already."""

import contextlib

import pytest

import bridging
import lan_hosts
from bridging import HTTP, IPP, names, published, serving, wait_gone, wait_names, wait_seen
from waiting import wait_for

pytestmark = bridging.needs()

RULE = bridging.RULE


@pytest.fixture(scope="module")
def lan():
    with lan_hosts.Lan(3) as made:
        yield made


@pytest.fixture
def bridge(lan, tmp_path):
    """Makes weftds on hosts."""
    with contextlib.ExitStack() as stack:
        yield lambda host, *args, **more: stack.enter_context(
            serving(tmp_path / f"weftd-{host}-{len(list(tmp_path.iterdir()))}", lan.host(host),
                    *args, **more))
    names_of_hosts_are_kept(lan)


def names_of_hosts_are_kept(lan):
    """Whatever is on the LAN, no host was renamed."""
    assert [host.avahi.name() for host in lan.hosts] == ["host1", "host2", "host3"]


def wait_standby(weftd, count):
    wait_for(lambda: weftd.bridge_count("standby") == count, f"{count} instances on standby")


# ---- bridges ----

def test_two_bridges_of_one_zone_advertise_each_service_once(lan, bridge):
    """And when one dies, the other takes over."""
    labels = [f"shared-{i}" for i in range(5)]
    one, two = bridge(1), bridge(3)
    for weftd in (one, two):
        for port, label in enumerate(labels, 80):
            weftd.register(label, port=port)
    wait_names(lan.host(2), labels)
    wait_for(lambda: one.bridge_count("standby") + two.bridge_count("standby") == len(labels),
             "each on standby at one of the bridges")
    wait_names(lan.host(2), labels)
    for weftd in (one, two):
        assert weftd.bridge_count("renamed") == 0
        assert weftd.instances(HTTP) == set()       # nothing comes back from the LAN
    one.kill()
    wait_standby(two, 0)
    wait_names(lan.host(2), labels)
    for port, label in enumerate(labels, 80):
        wait_seen(lan.host(2), label, port=port)
    # It is back, and leaves them to the other one, or shares them: each is there once.
    one.start()
    wait_for(lambda: one.bridge_count("standby") + two.bridge_count("standby") == len(labels),
             "standby again")
    wait_names(lan.host(2), labels)
    assert two.bridge_count("renamed") == one.bridge_count("renamed") == 0
    for weftd in (one, two):
        weftd.remove("shared-0")
    wait_names(lan.host(2), labels[1:])


def test_two_bridges_of_one_zone_follow_a_change(lan, bridge):
    one, two = bridge(1), bridge(3)
    for weftd in (one, two):
        weftd.register("common", port=1, txt='"v=1"')
    wait_seen(lan.host(2), "common", port=1, txt=("v=1",))
    for weftd in (one, two):
        weftd.register("common", port=2, txt='"v=2"')
    wait_seen(lan.host(2), "common", port=2, txt=("v=2",))
    wait_names(lan.host(2), ["common"])


def test_bridges_of_two_zones_do_not_echo(lan, bridge):
    """Each discovers all; what the other one advertises is in the other's zone already."""
    one = bridge(1)
    two = bridge(3, RULE.replace("lab.cloud", "other.cloud"), name="other.cloud")
    one.register("of-one", port=1)
    two.register("of-two", port=2)
    with published(lan.host(2), "of-none", HTTP, 3):
        wait_names(lan.host(2), ["of-one", "of-two", "of-none"])
        wait_for(lambda: one.instances(HTTP) == {b"of-none"}, "the LAN's in one")
        wait_for(lambda: two.instances(HTTP, "lan.other.cloud") == {b"of-none"}, "the LAN's in two")
        before = one.serial(), two.serial()
        wait_names(lan.host(2), ["of-one", "of-two", "of-none"])
        assert (one.serial(), two.serial()) == before
        assert one.instances(HTTP) == {b"of-none"}
        # Their nodes have the same host name, and other addresses: both are reached.
        wait_seen(lan.host(2), "of-one", port=1, address="10.99.0.101")
        wait_seen(lan.host(2), "of-two", port=2, address="10.99.0.151")


# ---- nodes ----

def test_a_node_that_announces_itself_is_left_to_it(lan, bridge):
    """Same name, port and address: it is advertised once, by the node; by the bridge when the node
    does not do so any more."""
    weftd = bridge(1)
    weftd.nsupdate("update add host2.nodes.lab.cloud 60 A 10.99.0.2")
    with published(lan.host(2), "own", HTTP, 8080, "by=node"):
        wait_names(lan.host(3), ["own"])
        weftd.register("own", port=8080, node="host2.nodes", txt='"by=registry"')
        wait_standby(weftd, 1)
        wait_names(lan.host(3), ["own"])
        assert wait_seen(lan.host(3), "own").own_txt == ("by=node",)
        # It may have been discovered before; the registry has it now.
        wait_for(lambda: weftd.instances(HTTP) == set(), "not discovered any more")
    wait_seen(lan.host(3), "own", port=8080, address="10.99.0.2", txt=("by=registry",))
    wait_standby(weftd, 0)
    wait_names(lan.host(3), ["own"])


def test_a_node_that_announces_itself_later_takes_over(lan, bridge):
    """Its own Avahi renames it, as the bridge was first: in the end it is there once all the same."""
    weftd = bridge(1)
    weftd.nsupdate("update add host2.nodes.lab.cloud 60 A 10.99.0.2",
                   "update add host2.nodes.lab.cloud 60 AAAA fd99::2")
    weftd.register("late", port=8080, node="host2.nodes")
    wait_seen(lan.host(3), "late", port=8080, address="10.99.0.2")
    with published(lan.host(2), "late", HTTP, 8080, "by=node"):
        wait_standby(weftd, 1)
        wait_names(lan.host(3), ["late #2"])
        assert wait_seen(lan.host(3), "late #2", port=8080).own_txt == ("by=node",)
        assert weftd.instances(HTTP) == set()       # the registry has it already
        assert "alternative" in weftd.weft("bridge", "list").stdout
        assert weftd.lookup(f"late.{HTTP}.lab.cloud", "SRV")[0][0].port == 8080
    wait_seen(lan.host(3), "late", port=8080, address="10.99.0.2")
    wait_standby(weftd, 0)
    wait_names(lan.host(3), ["late"])
    assert weftd.bridge_count("renamed") == 0


def test_another_service_by_an_alternative_of_the_name_is_left_beside_it(lan, bridge):
    weftd = bridge(1)
    weftd.nsupdate("update add host2.nodes.lab.cloud 60 A 10.99.0.2")
    weftd.register("twin", port=8080, node="host2.nodes")
    with published(lan.host(2), "twin #2", HTTP, 8081):
        wait_for(lambda: weftd.instances(HTTP) == {b"twin #2"}, "the other one")
        wait_names(lan.host(3), ["twin", "twin #2"])
        assert weftd.bridge_count("standby") == 0


def test_the_host_name_of_a_node_stays_the_nodes(lan, bridge):
    """The registry has a node of the name that the node's own daemon has on the LAN."""
    weftd = bridge(1)
    weftd.nsupdate("update add host2.nodes.lab.cloud 60 A 10.99.0.2")
    weftd.register("beside", port=8081, node="host2.nodes")
    wait_seen(lan.host(3), "beside", port=8081, address="10.99.0.2")
    names_of_hosts_are_kept(lan)
    # Also if it has another address there.
    weftd.nsupdate("update add host3.nodes.lab.cloud 60 A 10.99.0.133")
    weftd.register("astray", port=8082, node="host3.nodes")
    wait_seen(lan.host(2), "astray", port=8082, address="10.99.0.133")
    names_of_hosts_are_kept(lan)
    # And after the node has started its daemon again.
    lan.host(3).avahi.restart()
    names_of_hosts_are_kept(lan)


def test_a_node_of_the_same_name_and_address_is_the_same_host(lan, bridge):
    """Without a suffix: both announce the very same record, without a conflict."""
    weftd = bridge(1, "  - {zone: lab.cloud, advertise: ['*'], host-suffix: ''}\n")
    weftd.nsupdate("update add host2.nodes.lab.cloud 60 A 10.99.0.2",
                   "update add host2.nodes.lab.cloud 60 AAAA fd99::2")
    weftd.register("same", port=8083, node="host2.nodes")
    wait_seen(lan.host(3), "same", port=8083, host="host2.local")
    names_of_hosts_are_kept(lan)


# ---- strangers ----

def test_a_name_that_a_stranger_has_is_renamed_for_the_lan_only(lan, bridge):
    weftd = bridge(1, "  - {zone: lab.cloud, advertise: ['*']}\n")
    with published(lan.host(2), "web-1", HTTP, 99, "stranger"):
        wait_names(lan.host(3), ["web-1"])
        weftd.register("web-1", port=80)
        wait_seen(lan.host(3), "web-1 (2)", port=80, host="n1-lab.local")
        wait_seen(lan.host(3), "web-1", port=99, txt=("stranger",))
        assert weftd.instances(HTTP, "lab.cloud") == {b"web-1"}
        assert "(2)" not in weftd.dump() and r"\(2\)" not in weftd.dump()
        wait_for(lambda: weftd.bridge_count("renamed") == 1, "figure")
        assert weftd.bridge_count("conflicts") >= 1
        assert r"web-1\032\(2\)._http._tcp.local." in weftd.weft("bridge", "list").stdout
    # Remembered: also when the stranger is gone, and weftd is another process.
    wait_gone(lan.host(3), "web-1")
    assert weftd.stop() == 0
    wait_names(lan.host(3), [])
    weftd.start()
    wait_names(lan.host(3), ["web-1 (2)"])
    weftd.remove("web-1")
    wait_names(lan.host(3), [])


def test_a_name_that_is_taken_twice_gets_the_next_number(lan, bridge):
    weftd = bridge(1, "  - {zone: lab.cloud, advertise: ['*']}\n")
    label = "x" * 62 + "y"
    with published(lan.host(2), label, IPP, 1), published(lan.host(2), "x" * 59 + " (2)", IPP, 2):
        wait_names(lan.host(3), [label, "x" * 59 + " (2)"], IPP)
        weftd.register(label, IPP, port=80)
        wait_seen(lan.host(3), "x" * 59 + " (3)", IPP, port=80)


def test_a_stranger_is_discovered_beside_the_renamed_one(lan, bridge):
    weftd = bridge(1)
    weftd.register("both", port=80)
    with published(lan.host(2), "both-2", HTTP, 99), published(lan.host(2), "other", IPP, 98):
        wait_for(lambda: weftd.instances(HTTP) == {b"both-2"}, "the stranger")
        wait_for(lambda: weftd.instances(IPP) == {b"other"}, "the other one")
        wait_names(lan.host(3), ["both", "both-2"])
