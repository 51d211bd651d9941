# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge, from the LAN to the registry: what avahi-publish announces on another host, dig
finds at weftd, below the name that the rule has for it."""

import contextlib

import dns.name
import pytest

import bridging
import dso
import lan_hosts
import mdns
from bridging import HTTP, IPP, LABELS, instance, published
from waiting import wait_for

pytestmark = bridging.needs()

RULE = ("  - {zone: lab.cloud, discover: ['*', _printer._sub._ipp._tcp], exclude: [_secret._tcp], "
        "into: lan.lab.cloud}\n")
LAN = "lan.lab.cloud"
ZONE = bridging.ZONE + f"""\
zoned.{IPP}.lan SRV 0 0 1 n1.nodes
zoned.{IPP}.lan TXT "of=the-file"
"""


@pytest.fixture(scope="module")
def lan(tmp_path_factory):
    with lan_hosts.Lan(2, bare=1) as made:
        made.pcap = tmp_path_factory.mktemp("pcap") / "lan.pcap"
        made.switches[0].record(made.pcap)
        yield made


@pytest.fixture(scope="module")
def weftd(lan, tmp_path_factory):
    with bridging.serving(tmp_path_factory.mktemp("weftd"), lan.host(1), RULE, ZONE,
                          "dso-plain: [10.99.0.0/16]") as made:
        yield made


@pytest.fixture(scope="module")
def peer(lan):
    return lan.host(2)


def wait_found(weftd, label, kind=HTTP, port=None):
    """Waits until the registry has an instance, at a port. Returns its SRV record."""
    owner = instance(label, f"{kind}.{LAN}")

    def found():
        srv = weftd.lookup(owner, "SRV")[0]
        return srv[0] if len(srv) == 1 and port in (None, srv[0].port) else None

    srv = wait_for(found, f"{label} in the registry")
    wait_for(lambda: owner.labels[0] in weftd.instances(kind), f"PTR of {label}")
    return srv


def wait_lost(weftd, label, kind=HTTP):
    owner = instance(label, f"{kind}.{LAN}")
    wait_for(lambda: owner.labels[0] not in weftd.instances(kind) and
             weftd.ask(owner, "SRV") == weftd.ask(owner, "TXT") == [], f"end of {label}")


def test_a_service_of_the_lan_is_found_in_the_registry(weftd, peer):
    with published(peer, "printer", IPP, 631, "rp=ipp/print", "flag", subtypes=["_color"]):
        srv = wait_found(weftd, "printer", IPP, 631)
        owner = f"printer.{IPP}.{LAN}"
        assert srv.target.to_text() == f"host2.{LAN}."
        assert weftd.ask(owner, "TXT") == ['"rp=ipp/print" "flag"']
        wait_for(lambda: weftd.ask(f"host2.{LAN}", "A") == ["10.99.0.2"], "A")
        wait_for(lambda: "fd99::2" in weftd.ask(f"host2.{LAN}", "AAAA"), "AAAA")
        assert not any(text.startswith("fe80") for text in weftd.ask(f"host2.{LAN}", "AAAA"))
        assert f"{IPP}.{LAN}." in weftd.ask(f"_services._dns-sd._udp.{LAN}", "PTR")
        # For as short a time as RFC 8766 section 5.5.1 has it, and no longer than a lease.
        for name, rdtype in ((owner, "SRV"), (owner, "TXT"), (f"{IPP}.{LAN}", "PTR"),
                             (f"host2.{LAN}", "A")):
            assert weftd.lookup(name, rdtype)[1] <= 10, (name, rdtype)
        assert owner in weftd.weft("lease", "list").stdout
        assert weftd.bridge_count("discovered") >= 1
        wait_for(lambda: _row(weftd, "printer")["state"] == "active", "its row")
    wait_lost(weftd, "printer", IPP)
    wait_for(lambda: _row(weftd, "printer") is None, "the end of its row")
    wait_for(lambda: weftd.ask(f"host2.{LAN}", "A") == [], "end of the host")
    wait_for(lambda: f"{IPP}.{LAN}." not in weftd.ask(f"_services._dns-sd._udp.{LAN}", "PTR"),
             "end of the type")


def test_a_subtype_is_found_if_the_rule_names_it(weftd, peer):
    owners = [f"{subtype}._sub.{IPP}.{LAN}" for subtype in ("_printer", "_color")]
    with published(peer, "sub", IPP, 631, subtypes=["_printer", "_color"]):
        wait_for(lambda: weftd.ask(owners[0], "PTR") == [f"sub.{IPP}.{LAN}."], "the subtype")
        assert weftd.ask(owners[1], "PTR") == []
    wait_for(lambda: weftd.ask(owners[0], "PTR") == [], "the end of the subtype")
    wait_lost(weftd, "sub", IPP)


def test_changes_follow(weftd, peer):
    owner = f"changing.{HTTP}.{LAN}"
    for port, strings in ((1, ["v=1"]), (2, ["v=2", "more"])):
        with published(peer, "changing", HTTP, port, *strings):
            wait_found(weftd, "changing", HTTP, port)
            wanted = [" ".join(f'"{string}"' for string in strings)]
            wait_for(lambda: weftd.ask(owner, "TXT") == wanted, "TXT")      # noqa: B023
    wait_lost(weftd, "changing")


def test_a_change_without_a_gap_follows(lan, weftd):
    """A TXT and a port that are announced anew, as when a program updates them."""
    with mdns.Peer(lan.bare[0]) as sender:
        for port in (10, 11, 12):
            sender.announce(mdns.service("updated", HTTP, port, strings=[f"port={port}"]))
            wait_found(weftd, "updated", HTTP, port)
            wait_for(lambda: weftd.ask(f"updated.{HTTP}.{LAN}", "TXT") == [f'"port={port}"'], "TXT")
        wait_for(lambda: weftd.ask(f"peer.{LAN}", "A") == ["10.99.0.200"], "address")
        # A cache is not flushed of what is younger than a second: the old one needs a goodbye.
        address = "10.99.0.201"
        sender.announce([mdns.service("updated", HTTP, 12, ttl=0)[-1], *mdns.service(
            "updated", HTTP, 12, address=address, strings=["port=12"])])
        wait_for(lambda: weftd.ask(f"peer.{LAN}", "A") == [address], "address")
        sender.announce(mdns.service("updated", HTTP, 12, ttl=0, address=address,
                                     strings=["port=12"]))
        wait_lost(weftd, "updated")


def test_the_address_of_a_host_follows(weftd, peer):
    with published(peer, "moving"):
        wait_found(weftd, "moving")
        wait_for(lambda: weftd.ask(f"host2.{LAN}", "A") == ["10.99.0.2"], "address")
        peer.ip("addr", "add", "10.99.0.222/24", "dev", "eth0")
        wait_for(lambda: "10.99.0.222" in weftd.ask(f"host2.{LAN}", "A"), "new address")
        peer.ip("addr", "del", "10.99.0.222/24", "dev", "eth0")
        wait_for(lambda: weftd.ask(f"host2.{LAN}", "A") == ["10.99.0.2"], "old address")


def test_a_host_that_vanishes_is_gone_with_its_ttl(lan, weftd):
    with mdns.Peer(lan.bare[0]) as sender:
        sender.announce(mdns.service("vanishing", HTTP, 80, ttl=3))
        wait_found(weftd, "vanishing")
        lan.bare[0].interfaces[0].cut()
    try:
        wait_lost(weftd, "vanishing")
    finally:
        lan.bare[0].interfaces[0].join()


def test_any_name_is_carried_over(weftd, peer):
    with contextlib.ExitStack() as stack:
        for port, label in enumerate(LABELS, 1):
            stack.enter_context(published(peer, label, HTTP, port, "a=b", is_awaited=False))
        for port, label in enumerate(LABELS, 1):
            wait_found(weftd, label, HTTP, port)
            assert weftd.ask(instance(label, f"{HTTP}.{LAN}"), "TXT") == ['"a=b"']
    for label in LABELS:
        wait_lost(weftd, label)


def test_a_large_txt_is_carried_over(weftd, peer):
    strings = [f"k{i}=" + chr(ord("a") + i) * 250 for i in range(5)]
    with published(peer, "large", HTTP, 80, *strings):
        wait_found(weftd, "large")
        wanted = [" ".join(f'"{string}"' for string in strings)]
        wait_for(lambda: weftd.ask(f"large.{HTTP}.{LAN}", "TXT") == wanted, "TXT")


def test_an_excluded_type_is_not_discovered(weftd, peer):
    with published(peer, "hidden", "_secret._tcp"), published(peer, "shown", "_open._tcp"):
        wait_found(weftd, "shown", "_open._tcp")
        assert weftd.instances("_secret._tcp") == set()
        assert "_secret" not in weftd.dump()


def test_a_push_subscriber_sees_them_come_and_go(weftd, peer):
    with weftd.host.inside():
        client = dso.open_tcp(weftd.where).begin()
    with client:
        number = client.subscribe(f"_pushed._tcp.{LAN}.", "PTR")

        def wait_records(count):
            while len(client.records(number)) != count:
                client.receive()

        wait_records(0)
        with published(peer, "pushed", "_pushed._tcp"):
            wait_records(1)
        wait_records(0)


def test_the_registrys_own_names_stay(weftd, peer):
    """A name that was registered, and one of the zone file, cannot be replaced by the LAN."""
    taken = f"taken.{IPP}.{LAN}"
    weftd.nsupdate(f"update add {taken} 60 SRV 0 0 1 n1.nodes.lab.cloud.",
                   f'update add {taken} 60 TXT "of=the-registry"')
    with published(peer, "taken", IPP, 999), published(peer, "zoned", IPP, 999), \
            published(peer, "free", IPP, 998):
        wait_found(weftd, "free", IPP, 998)
        for label in ("taken", "zoned"):
            row = wait_for(lambda: _row(weftd, label, "refused"), f"refusal of {label}")  # noqa: B023
            assert row["why"], row
        assert "SRV belongs to key bench" in _row(weftd, "taken")["why"]
        assert weftd.ask(taken, "TXT") == ['"of=the-registry"']
        assert weftd.ask(taken, "SRV") == ["0 0 1 n1.nodes.lab.cloud."]
        assert weftd.ask(f"zoned.{IPP}.{LAN}", "TXT") == ['"of=the-file"']
        assert weftd.ask(f"zoned.{IPP}.{LAN}", "SRV") == ["0 0 1 n1.nodes.lab.cloud."]
    wait_lost(weftd, "free", IPP)
    assert weftd.ask(taken, "TXT") == ['"of=the-registry"']
    assert weftd.ask(f"zoned.{IPP}.{LAN}", "TXT") == ['"of=the-file"']
    # When they are gone, the LAN's get in.
    weftd.nsupdate(f"update delete {taken}", f"update delete zoned.{IPP}.{LAN}")
    with published(peer, "taken", IPP, 999), published(peer, "zoned", IPP, 999):
        for label in ("taken", "zoned"):
            wait_found(weftd, label, IPP, 999)
            wait_for(lambda: _row(weftd, label, "active"), f"row of {label}")   # noqa: B023
    for label in ("taken", "zoned"):
        wait_lost(weftd, label, IPP)


def _row(weftd, label, state=None):
    """The row of an instance in `weft bridge list`, if it is in that state."""
    return next((row for row in weftd.json("bridge", "list")
                 if row["name"].startswith(f"{label}.") and state in (None, row["state"])), None)


def test_useless_addresses_are_not_discovered(lan, weftd):
    """Those of the peer itself only, or of no use beyond the LAN."""
    bad = ["127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "169.254.1.1"]
    with mdns.Peer(lan.bare[0]) as sender:
        for i, address in enumerate(bad):
            sender.announce(mdns.service(f"bad-{i}", HTTP, 80, f"bad{i}.local", address, ttl=20))
        sender.announce(mdns.service("good", HTTP, 80, "good.local", "10.99.0.210", ttl=20))
        wait_for(lambda: weftd.ask(f"good.{LAN}", "A") == ["10.99.0.210"], "good address")
        for i in range(len(bad)):
            assert weftd.ask(f"bad{i}.{LAN}", "A") == []
            sender.announce(mdns.service(f"bad-{i}", HTTP, 80, f"bad{i}.local", bad[i], ttl=0))
        sender.announce(mdns.service("good", HTTP, 80, "good.local", "10.99.0.210", ttl=0))
        wait_lost(weftd, "good")


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_the_registry_keeps_them_over_a_restart(weftd, peer, way):
    with published(peer, "staying"):
        wait_found(weftd, "staying")
        getattr(weftd, way)()
        weftd.start()
        assert weftd.ask(f"staying.{HTTP}.{LAN}", "SRV") != []
        wait_for(lambda: _row(weftd, "staying", "active"), "its row")
        wait_found(weftd, "staying")
    wait_lost(weftd, "staying")


def test_one_that_ended_while_weftd_was_away_goes_with_its_lease(weftd, peer):
    with published(peer, "orphan"):
        wait_found(weftd, "orphan")
        weftd.kill()
    weftd.start()
    owner = f"orphan.{HTTP}.{LAN}."
    assert owner in weftd.weft("lease", "list").stdout      # and nobody refreshes it
    weftd.weft("lease", "extend", owner, "1")
    wait_lost(weftd, "orphan")


def test_nothing_of_the_link_gets_out(lan, weftd, peer):
    """No name under `.local` is in the zone, or asked of a server (RFC 6762 section 22.1)."""
    with published(peer, "looked-at"), published(peer, "elsewhere", HTTP, 80, "a=b",
                                                 address="10.99.0.211", target="other.local"):
        wait_found(weftd, "looked-at")
        assert wait_found(weftd, "elsewhere").target.to_text() == f"other.{LAN}."
        assert ".local" not in weftd.dump()
        transferred = weftd.dig("AXFR", "lab.cloud", "+tcp")
        assert "looked-at" in transferred and ".local" not in transferred
    local = dns.name.from_text("local.").to_wire()
    for _, from_port, to_port, _, payload in lan_hosts.recorded(lan.pcap):
        assert 53 not in (from_port, to_port) or local not in payload.lower()


def test_hosts_keep_their_names(lan):
    assert [host.avahi.name() for host in lan.hosts[:2]] == ["host1", "host2"]
