# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge and large numbers: hundreds of services each way, Avahi's limits, and a LAN that
wants to do harm."""

import random
import struct
import time

import pytest

import bridging
import lan_hosts
import mdns
from bridging import HTTP, names, serving, wait_names, wait_seen
from conftest import find
from waiting import wait_for

pytestmark = bridging.needs()

MANY = 250      # each way: the Avahi daemons' work grows with the square (tests/bench/lan)
MANY_MOST_S = 120       # on a busy machine; 10 on others
SOME = 50       # that are removed at once
STATIC = """<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>{name}</name><service><type>_http._tcp</type><port>{port}</port>
<txt-record>n={port}</txt-record></service></service-group>"""
SMALL = "objects-per-client-max=30\nentries-per-entry-group-max=8\nclients-max=4"


def register_many(weftd, labels, port=1000):
    """Registers instances, some hundred in an update."""
    labels = list(labels)
    for at in range(0, len(labels), 100):
        weftd.nsupdate(*(line for i, label in enumerate(labels[at:at + 100], at) for line in (
            f"update add {label}.{HTTP}.lab.cloud 60 SRV 0 0 {port + i} n1.nodes.lab.cloud.",
            f'update add {label}.{HTTP}.lab.cloud 60 TXT "n={i}"')))


def remove_many(weftd, labels):
    labels = list(labels)
    for at in range(0, len(labels), 100):
        weftd.nsupdate(*(f"update delete {label}.{HTTP}.lab.cloud"
                         for label in labels[at:at + 100]))


def answers(weftd):
    """Whether queries and updates are answered in time."""
    begin = time.monotonic()
    weftd.nsupdate("update add ping.lab.cloud 60 A 10.0.0.1")
    assert weftd.ask("ping.lab.cloud", "A") == ["10.0.0.1"]
    weftd.nsupdate("update delete ping.lab.cloud")
    return time.monotonic() - begin < 5


# ---- hundreds ----

def test_hundreds_of_services_go_each_way_at_once(tmp_path):
    ours = [f"ours-{i}" for i in range(MANY)]
    theirs = [f"theirs-{i}" for i in range(MANY)]
    with lan_hosts.Lan(2) as lan, serving(tmp_path / "weftd", lan.host(1)) as weftd:
        peer = lan.host(2)
        for i, label in enumerate(theirs):
            (peer.folder / "services" / f"{label}.service").write_text(
                STATIC.format(name=label, port=2000 + i))
        names(peer, HTTP)
        peer.avahi.stop()
        peer.avahi.begin()
        register_many(weftd, ours)
        assert answers(weftd)
        wait_for(lambda: weftd.instances(HTTP) == {label.encode() for label in theirs},
                 "all discovered", MANY_MOST_S)
        wait_for(lambda: set(names(peer, HTTP)) == {label.encode() for label in ours + theirs},
                 "all on the LAN", MANY_MOST_S)
        wait_names(peer, {*ours, *theirs})
        wait_for(lambda: weftd.bridge_count("advertised") == MANY, "the figure", MANY_MOST_S)
        wait_for(lambda: weftd.bridge_count("discovered") == MANY, "the figure", MANY_MOST_S)
        assert weftd.instances(HTTP, "lab.cloud") == {label.encode() for label in ours}
        # A goodbye is sent once, and Avahi may lose it among hundreds when it has no time to read.
        for i in range(0, MANY, SOME):
            remove_many(weftd, ours[i:i + SOME])
            wait_names(peer, {*ours[i + SOME:], *theirs})
        peer.avahi.stop()
        wait_for(lambda: weftd.instances(HTTP) == set(), "no orphans in the registry", MANY_MOST_S)
        wait_for(lambda: "theirs" not in weftd.dump() and "host2" not in weftd.dump(),
                 "no other records of them")


# ---- Avahi's limits ----

def test_avahis_limits_are_respected_and_explained(tmp_path):
    """Room for 3 clients of 30 objects, and groups of 8 records: too little for 120 services."""
    labels = [f"web-{i}" for i in range(120)]
    with lan_hosts.Lan(2) as lan:
        lan.host(1).avahi.configure(SMALL)
        lan.host(1).avahi.restart()
        with serving(tmp_path / "weftd", lan.host(1), "  - {zone: lab.cloud, advertise: ['*']}\n",
                     server="metrics: 10.99.0.1@9153") as weftd:
            register_many(weftd, labels)
            wait_for(lambda: weftd.bridge_count("refused") > 0, "refused ones")
            wait_for(lambda: weftd.bridge_count("advertised") +
                     weftd.bridge_count("refused") >= len(labels), "all of them in the figures")
            advertised = weftd.bridge_count("advertised")
            assert 20 <= advertised < 120       # several clients were used
            wait_for(lambda: len(set(names(lan.host(2), HTTP))) == advertised, "those that fit")
            # It is explained, where an operator looks.
            why = "objects-per-client-max or clients-max in avahi-daemon.conf(5)"
            assert weftd.bridge_count("no-room") > 0
            assert why in weftd.weft("bridge", "status").stdout
            assert why in weftd.weft("bridge", "list", "--refused").stdout
            refused = [line for line in weftd.log().splitlines()
                       if " bridge: publish-refused " in line and why in line]
            assert 1 <= len(refused) <= 10, refused
            assert all(" name=web-" in line for line in refused), refused
            page = lan.host(2).output(
                "/usr/bin/python3", "-c", "import urllib.request as r; print(r.urlopen("
                "'http://10.99.0.1:9153/metrics').read().decode())")
            assert any(line.startswith("weft_bridge_") and "refused" in line and
                       float(line.split()[-1]) > 0 for line in page.splitlines()), page
            assert answers(weftd)
            # Room that becomes free is used.
            gone = labels[:100]
            remove_many(weftd, gone)
            wait_names(lan.host(2), labels[100:])
            wait_for(lambda: weftd.bridge_count("refused") == 0, "no refused ones")


# ---- harm ----

@pytest.fixture
def lan():
    with lan_hosts.Lan(2, bare=1) as made:
        yield made


@pytest.fixture
def weftd(lan, tmp_path):
    with serving(tmp_path / "weftd", lan.host(1)) as made:
        yield made


def test_thousands_of_names_from_a_peer_are_bounded(lan, weftd):
    weftd.register("sound")
    with mdns.Peer(lan.bare[0]) as sender:
        for i in range(6000):
            sender.announce(mdns.service(f"flood-{i}", f"_t{i % 60}._tcp", 80, f"h{i}.local",
                                         f"10.99.{i >> 8}.{i & 255}", ttl=60))
            if i % 500 == 0:
                assert answers(weftd)
    wait_names(lan.host(2), ["sound"])
    for _ in range(3):
        assert answers(weftd)
        assert weftd.weft("bridge", "status", check=False).returncode in (0, 1)
    assert weftd.bridge_count("discovered") <= 4096
    assert len(weftd.log()) < 300_000
    with bridging.published(lan.host(2), "good"):
        # Harmless services may have no room now; ours are on the LAN all the same.
        wait_names(lan.host(2), ["sound", "good"])


def test_garbage_does_no_harm(lan, weftd):
    weftd.register("sound")
    dice = random.Random(1)
    valid = [struct.pack("!HHHHHH", 0, mdns.RESPONSE, 0, 5, 0, 0) + b"".join(
        mdns.service(f"g{i}", HTTP, 80, strings=["a=b"])) for i in range(8)]
    with mdns.Peer(lan.bare[0]) as sender:
        for i in range(3000):
            payload = bytearray(dice.choice(valid))
            for _ in range(dice.randrange(1, 20)):
                payload[dice.randrange(len(payload))] = dice.randrange(256)
            sender.send(bytes(payload[:dice.randrange(1, len(payload) + 1)]))
            if i % 10 == 0:
                sender.send(dice.randbytes(dice.randrange(1, 1400)))
        # Names that a zone cannot have as they are, or that are longer below another name.
        deep = b"\x3f" + b"x" * 63
        for label in (b"\xff\xfe", b"a\0b", b"\x01", b"x" * 63):
            for target in ("h.local", "lab.cloud", "*.local"):
                sender.announce(mdns.service(label, HTTP, 80, target, ttl=20))
        of_type = mdns.name(f"{HTTP}.local")
        sender.announce([of_type + struct.pack("!HHIH", mdns.PTR, 1, 60, len(deep) * 3 + 12) +
                         deep * 3 + mdns.name(f"{HTTP}.local")[:11] + b"\0"])
    assert answers(weftd)
    wait_seen(lan.host(2), "sound")
    assert weftd.weft("zone", "check", "lab.cloud", check=False).returncode == 0


def test_a_txt_that_flaps_does_not_flap_the_zone(lan, weftd):
    """Hundreds of changes in a second: the registry takes some of them."""
    owner = f"flapping.{HTTP}.lan.lab.cloud"
    with mdns.Peer(lan.bare[0]) as sender:
        sender.announce(mdns.service("flapping", HTTP, 80, strings=["n=0"]))
        wait_for(lambda: weftd.ask(owner, "SRV"), "the service")
        before, begin = weftd.serial(), time.monotonic()
        for i in range(1000):
            sender.announce(mdns.service("flapping", HTTP, 80, strings=[f"n={i}"]))

        def is_last():
            # A cache is not flushed of what is younger than a second: it takes another one.
            sender.announce(mdns.service("flapping", HTTP, 80, strings=["n=last"]))
            return weftd.ask(owner, "TXT") == ['"n=last"']

        wait_for(is_last, "the last one", every_s=0.5)
        took = time.monotonic() - begin
        assert weftd.serial() - before <= 20 + 10 * took
        assert answers(weftd)
        sender.announce(mdns.service("flapping", HTTP, 80, ttl=0, strings=["n=last"]))
    wait_for(lambda: weftd.ask(owner, "SRV") == [], "its end")
    assert find(weftd.json("bridge", "status"), "discovered") == 0
