# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The rules of the LAN bridge: which types go which way on which interface. weftd is on two networks,
with one other host on each."""

import subprocess

import pytest

import bridging
import lan_hosts
from bridging import HTTP, IPP, names, published, wait_gone, wait_names, wait_seen
from conftest import WEFTD
from waiting import LIMIT_S, wait_for

pytestmark = bridging.needs()

SSH = "_ssh._tcp"


@pytest.fixture(scope="module")
def lan():
    with lan_hosts.Lan(3, on={1: [0, 1], 3: [1]}) as made:
        yield made


@pytest.fixture(scope="module")
def served(lan, tmp_path_factory):
    """Has an instance of each of three types; the tests change its rules."""
    with bridging.serving(tmp_path_factory.mktemp("weftd"), lan.host(1), "") as made:
        for label, kind in (("web", HTTP), ("printer", IPP), ("shell", SSH)):
            made.register(label, kind)
        yield made


@pytest.fixture
def weftd(served):
    """Has no rules before and after a test: nothing is left on the LAN or in the zone."""
    yield served
    served.bridge("")
    served.weft("reload")


def apply(weftd, *rules):
    weftd.bridge("".join(f"  - {{zone: lab.cloud, {rule}}}\n" for rule in rules))
    weftd.weft("reload")


def test_without_rules_nothing_is_bridged(lan, weftd):
    with published(lan.host(2), "seen"):
        wait_names(lan.host(2), ["seen"])
        assert "seen" not in weftd.dump()
    assert "weft-bridge" not in weftd.log()


def test_discovery_is_off_unless_a_rule_has_it(lan, weftd):
    apply(weftd, f"advertise: [{HTTP}]")
    with published(lan.host(2), "seen"):
        wait_names(lan.host(2), ["seen", "web"])
        assert "seen" not in weftd.dump()


def test_types_go_where_the_rules_have_them(lan, weftd):
    apply(weftd, f"interface: [eth0], advertise: [{HTTP}, {SSH}], exclude: [{SSH}]",
          f"interface: [eth1], advertise: [{IPP}]")
    wait_seen(lan.host(2), "web", HTTP)
    wait_seen(lan.host(3), "printer", IPP)
    for host, kinds in ((lan.host(2), (IPP, SSH)), (lan.host(3), (HTTP, SSH))):
        for kind in kinds:
            assert names(host, kind) == []
    # Rules that are gone are withdrawn, new ones apply.
    apply(weftd, f"interface: [eth1], advertise: ['*'], exclude: [{IPP}]")
    wait_gone(lan.host(2), "web", HTTP)
    wait_gone(lan.host(3), "printer", IPP)
    wait_seen(lan.host(3), "shell", SSH)
    wait_seen(lan.host(3), "web", HTTP)


def test_only_what_is_on_the_interface_is_discovered(lan, weftd):
    apply(weftd, f"interface: [eth0], discover: [{HTTP}], into: one.lab.cloud",
          "interface: [eth1], discover: ['*'], into: two.lab.cloud")
    with published(lan.host(2), "left"), published(lan.host(2), "left-printer", IPP), \
            published(lan.host(3), "right"), published(lan.host(3), "right-printer", IPP):
        wait_for(lambda: weftd.instances(HTTP, "one.lab.cloud") == {b"left"}, "left")
        wait_for(lambda: weftd.instances(HTTP, "two.lab.cloud") == {b"right"}, "right")
        wait_for(lambda: weftd.instances(IPP, "two.lab.cloud") == {b"right-printer"}, "printer")
        assert weftd.instances(IPP, "one.lab.cloud") == set()
        assert weftd.ask("host3.two.lab.cloud", "A") == ["10.99.1.3"]
        # A rule that is gone takes its records with it; others stay.
        apply(weftd, "interface: [eth1], discover: ['*'], into: two.lab.cloud")
        wait_for(lambda: "one.lab.cloud" not in weftd.dump(), "end of the first rule's records")
        assert weftd.instances(HTTP, "two.lab.cloud") == {b"right"}


def test_what_is_discovered_on_one_lan_is_not_advertised_on_another(lan, weftd):
    """Both directions on both: nothing is found twice, or comes back."""
    apply(weftd, *(f"interface: [{name}], advertise: ['*'], discover: ['*'], into: {into}.lab.cloud"
                   for name, into in (("eth0", "one"), ("eth1", "two"))))
    with published(lan.host(2), "left"), published(lan.host(3), "right"):
        wait_for(lambda: weftd.instances(HTTP, "one.lab.cloud") == {b"left"}, "left")
        wait_for(lambda: weftd.instances(HTTP, "two.lab.cloud") == {b"right"}, "right")
        wait_names(lan.host(2), ["left", "web"])
        wait_names(lan.host(3), ["right", "web"])
        assert weftd.instances(HTTP, "lab.cloud") == {b"web"}


def test_hosts_have_the_suffix(lan, weftd):
    for option, host in (("", "n1-lab"), ("host-suffix: -weft", "n1-weft"), ('host-suffix: ""', "n1")):
        apply(weftd, f"advertise: [{HTTP}], {option}")
        wait_seen(lan.host(2), "web", HTTP, host=f"{host}.local", address="10.99.0.101")


def test_discovered_records_go_to_a_zone_of_their_own(lan, weftd):
    """Whose service view is that of what was discovered."""
    path = weftd.folder / "found.cloud.zone"
    path.write_text("$ORIGIN found.cloud.\n$TTL 60\n@ SOA ns h 1 3600 600 86400 5\n@ NS ns\n"
                    "ns A 10.99.0.1\n")
    weftd.bridge(f"  - {{zone: lab.cloud, discover: ['*', _printer._sub.{IPP}], into: found.cloud}}\n",
                 {"lab.cloud": bridging.OPTIONS, "found.cloud": "service-view: {enable: yes}"})
    weftd.weft("reload")
    pointers = {f"{IPP}.found.cloud": f"far.{IPP}.found.cloud.",
                f"_printer._sub.{IPP}.found.cloud": f"far.{IPP}.found.cloud.",
                "_services._dns-sd._udp.found.cloud": f"{IPP}.found.cloud."}
    with published(lan.host(2), "far", IPP, subtypes=["_printer"]):
        for owner, target in pointers.items():
            wait_for(lambda: target in weftd.ask(owner, "PTR"), owner)           # noqa: B023
        wait_for(lambda: weftd.ask("host2.found.cloud", "A") == ["10.99.0.2"], "address")
        weftd.weft("zone", "check", "found.cloud")
    for owner in pointers:
        wait_for(lambda: weftd.ask(owner, "PTR") == [], f"end of {owner}")      # noqa: B023
    wait_for(lambda: weftd.ask("host2.found.cloud", "A") == [], "end of the host")
    weftd.weft("zone", "check", "found.cloud")


def test_a_rule_is_bounded_by_its_maximum(lan, weftd):
    with published(lan.host(2), "a"), published(lan.host(2), "b"), published(lan.host(2), "c"):
        apply(weftd, f"discover: [{HTTP}], into: lan.lab.cloud, discover-max: 2")
        wait_for(lambda: len(weftd.instances(HTTP)) == 2, "two of three")
        wait_for(lambda: weftd.bridge_count("refused") >= 1, "a refused one")


@pytest.mark.parametrize("rule, message", [
    ("zone: other.cloud, advertise: ['*']", "other.cloud"),
    ("zone: lab.cloud, advertise: [http]", "http"),
    ("zone: lab.cloud, discover: ['*'], into: lan.elsewhere", "lan.elsewhere"),
    ("zone: lab.cloud, discover: ['*'], into: lan.local", "local"),
    ("zone: lab.cloud, discover: ['*']", "into"),
    ("zone: lab.cloud, advertise: ['*'], host-suffix: 'a.b'", "host-suffix"),
    ("advertise: ['*']", "zone"),
])
def test_wrong_rules_are_explained(make_weftd, rule, message):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": bridging.OPTIONS}, "", f"mdns:\n  - {{{rule}}}\n")
    done = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)
    line = len(weftd.conf.read_text().splitlines())
    assert done.returncode == 1 and f"weftd.conf:{line}:" in done.stderr, done.stderr
    assert message in done.stderr
