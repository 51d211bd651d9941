# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge, from the registry to the LAN: what nsupdate registers at weftd, avahi-browse finds
on another host."""

import pytest

import bridging
import lan_hosts
import mdns
from bridging import HTTP, IPP, LABELS, browse, instance, names, wait_gone, wait_names, wait_seen
from waiting import wait_for

pytestmark = bridging.needs()

RULE = "  - {zone: lab.cloud, advertise: ['*']}\n"


@pytest.fixture(scope="module")
def lan(tmp_path_factory):
    with lan_hosts.Lan(2) as made:
        made.pcap = tmp_path_factory.mktemp("pcap") / "lan.pcap"
        made.switches[0].record(made.pcap)
        yield made


@pytest.fixture(scope="module")
def weftd(lan, tmp_path_factory):
    with bridging.serving(tmp_path_factory.mktemp("weftd"), lan.host(1), RULE) as made:
        yield made


@pytest.fixture(scope="module")
def peer(lan):
    return lan.host(2)


def test_a_registered_service_is_found_on_the_lan(weftd, peer):
    weftd.register("web-1", port=8080, txt='"path=/" "flag"')
    seen = wait_seen(peer, "web-1", host="n1-lab.local", port=8080, txt=("path=/", "flag"))
    assert seen.own_txt == ("path=/", "flag")
    assert any(part.startswith("weft-bridge=lab.cloud") for part in seen.txt)
    # Its node is a host of the LAN.
    for option, address in (("-4", "10.99.0.101"), ("-6", "fd99::101")):
        assert peer.output("avahi-resolve", "-n", option, "n1-lab.local").split() == \
            ["n1-lab.local", address]
    wait_for(lambda: weftd.json("bridge", "list"), "list")
    assert weftd.bridge_count("advertised") >= 1


def test_changes_follow(weftd, peer):
    weftd.register("changing", port=1, txt='"v=1"', node="n2.nodes")
    wait_seen(peer, "changing", port=1, txt=("v=1",), address="10.99.0.102")
    weftd.register("changing", port=1, txt='"v=2"', node="n2.nodes")
    seen = wait_seen(peer, "changing", port=1, txt=("v=2",))
    assert seen.own_txt == ("v=2",)
    weftd.register("changing", port=2, txt='"v=2"', node="n2.nodes")
    wait_seen(peer, "changing", port=2, txt=("v=2",))
    weftd.nsupdate("update delete n2.nodes.lab.cloud A",
                   "update add n2.nodes.lab.cloud 60 A 10.99.0.112")
    wait_seen(peer, "changing", port=2, address="10.99.0.112")
    weftd.register("changing", port=2, txt='"v=2"')
    wait_seen(peer, "changing", port=2, host="n1-lab.local")
    assert [name for name in names(peer, HTTP) if name.startswith(b"changing ")] == []


def test_a_removed_service_is_withdrawn_with_goodbyes(lan, weftd, peer):
    weftd.register("leaving")
    wait_seen(peer, "leaving")
    before = mdns.goodbyes(lan.pcap, instance("leaving", f"{HTTP}.local"))
    weftd.remove("leaving")
    wait_gone(peer, "leaving")
    wait_for(lambda: mdns.goodbyes(lan.pcap, instance("leaving", f"{HTTP}.local")) > before,
             "goodbye")


def test_a_service_whose_lease_ends_is_withdrawn(weftd, peer):
    weftd.register("leased")
    wait_seen(peer, "leased")
    weftd.weft("lease", "extend", f"leased.{HTTP}.lab.cloud.", "1")
    wait_gone(peer, "leased")


def test_a_service_is_found_at_its_subtypes(weftd, peer):
    weftd.register("plain", IPP)
    weftd.register("fancy", IPP, subtypes=["_color", "_duplex"])
    for subtype in ("_color", "_duplex"):
        wait_names(peer, ["fancy"], f"{subtype}._sub.{IPP}")
    wait_names(peer, ["plain", "fancy"], IPP)
    weftd.nsupdate(f"update delete _color._sub.{IPP}.lab.cloud PTR fancy.{IPP}.lab.cloud.")
    wait_names(peer, [], f"_color._sub.{IPP}")
    wait_names(peer, ["fancy"], f"_duplex._sub.{IPP}")
    weftd.remove("fancy", IPP)
    wait_names(peer, [], f"_duplex._sub.{IPP}")
    weftd.remove("plain", IPP)


def test_a_drained_service_is_withdrawn(weftd, peer):
    weftd.register("draining")
    wait_seen(peer, "draining")
    weftd.register("draining", txt='"state=draining"')
    wait_gone(peer, "draining")
    weftd.register("draining", txt='"state=up"')
    wait_seen(peer, "draining")
    weftd.weft("drain", f"draining.{HTTP}.lab.cloud.")
    wait_gone(peer, "draining")
    weftd.weft("undrain", f"draining.{HTTP}.lab.cloud.")
    wait_seen(peer, "draining")
    weftd.remove("draining")


def test_any_name_is_carried_over(weftd, peer):
    for port, label in enumerate(LABELS, 1):
        weftd.register(label, port=port)
    for port, label in enumerate(LABELS, 1):
        assert wait_seen(peer, label, port=port).own_txt == ("a=b",)
    for label in LABELS:
        weftd.remove(label)
    for label in LABELS:
        wait_gone(peer, label)


def test_a_large_txt_is_carried_over(weftd, peer):
    strings = [f"k{i}=" + chr(ord("a") + i) * 250 for i in range(5)]    # 1,275 octets
    weftd.register("large", txt=" ".join(f'"{string}"' for string in strings))
    assert wait_seen(peer, "large", txt=strings).own_txt == tuple(strings)
    weftd.remove("large")


def test_a_txt_that_is_too_large_does_no_harm(weftd, peer):
    """More than mDNS can carry, with SRV, in one packet (RFC 6762 section 17)."""
    weftd.register("huge", txt=" ".join(['"' + "x" * 255 + '"'] * 60))
    weftd.register("small", txt='"a=b"')
    wait_seen(peer, "small", txt=("a=b",))
    assert weftd.instances(HTTP, "lab.cloud") >= {b"huge", b"small"}
    weftd.remove("huge")
    weftd.remove("small")


def test_an_instance_comes_back_as_often_as_it_wants(weftd, peer):
    for port in range(1, 3):
        weftd.register("again", port=port)
        wait_seen(peer, "again", port=port)
        weftd.remove("again")
        wait_gone(peer, "again")
    # Also at once: goodbye and announcement are in one second.
    weftd.register("again", port=10)
    wait_seen(peer, "again", port=10)
    weftd.remove("again")
    weftd.register("again", port=11)
    wait_seen(peer, "again", port=11)
    weftd.remove("again")
    wait_gone(peer, "again")


def test_the_end_of_weftd_withdraws_all(lan, weftd, peer):
    weftd.register("last")
    wait_seen(peer, "last")
    assert weftd.stop() == 0
    wait_for(lambda: browse(peer, HTTP) == [], "end of all services")
    assert mdns.goodbyes(lan.pcap, instance("last", f"{HTTP}.local")) > 0
    weftd.start()
    wait_seen(peer, "last")
    weftd.remove("last")


def test_hosts_keep_their_names(lan):
    assert [host.avahi.name() for host in lan.hosts] == ["host1", "host2"]
