# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Rules of the LAN bridge for some interfaces, and hosts of one address family."""


import pytest

import bridging
import lan_hosts
from waiting import LIMIT_S, wait_for

pytestmark = pytest.mark.skipif(lan_hosts.missing() != "", reason=f"needs {lan_hosts.missing()}")

OPTIONS = "update: {key: bench}\nservice-view: {enable: yes}"
ZONE = ("$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 10\n@ NS ns\nns A 10.99.0.1\n"
        "n1.nodes A 10.99.0.101\nn2.nodes AAAA fd99::102\n")
BOTH = "mdns: [{zone: lab.cloud, advertise: '*', interface: [eth0, eth1]}]\n"
EACH = ("mdns:\n  - {zone: lab.cloud, advertise: '*', interface: eth0}\n"
        "  - {zone: lab.cloud, advertise: '*', interface: eth1}\n")


class Registry(bridging.OnHost):
    def register(self, label, node="n1"):
        self.nsupdate(f"update add {label}._http._tcp.lab.cloud 60 SRV 0 0 80 {node}.nodes.lab.cloud.")

    def withdraw(self, label):
        self.nsupdate(f"update delete {label}._http._tcp.lab.cloud")


@pytest.fixture
def network():
    """Host 1 is on two networks, each with one other host."""
    with lan_hosts.Lan(3, on={1: [0, 1], 3: [1]}) as made:
        yield made


@pytest.fixture
def on_lan(network, tmp_path):
    weftd = Registry(tmp_path, network.host(1))
    weftd.zone(ZONE)
    yield weftd
    if weftd.is_running():
        assert weftd.stop() == 0
    assert "Sanitizer" not in weftd.log(), weftd.log()


def browse(host, kind="_http._tcp"):
    """The names and transports of the services of a type, as a host sees them."""
    done = host.run(["avahi-browse", "-ptk", kind], capture_output=True, text=True, check=False,
                    timeout=LIMIT_S)
    return {(line.split(";")[3], line.split(";")[2]) for line in done.stdout.splitlines()}


def test_a_rule_for_an_interface_is_about_that_alone(network, on_lan):
    on_lan.configure({"lab.cloud": OPTIONS},
                     more="mdns: {zone: lab.cloud, advertise: '*', interface: eth1}\n").start()
    on_lan.register("web")
    wait_for(lambda: browse(network.host(3)) == {("web", "IPv4")}, "the service at eth1")
    assert browse(network.host(2)) == set()


def test_an_interface_that_is_not_there_is_waited_for(network, on_lan):
    on_lan.configure({"lab.cloud": OPTIONS},
                     more="mdns: {zone: lab.cloud, advertise: '*', interface: eth9}\n").start()
    on_lan.register("web")
    wait_for(lambda: [row["why"] for row in on_lan.json("bridge", "list")] ==
             ["none of its interfaces is there"], "the reason")
    network.host(1).ip("link", "set", "eth1", "down")
    network.host(1).ip("link", "set", "eth1", "name", "eth9")
    network.host(1).ip("link", "set", "eth9", "up")
    wait_for(lambda: ("web", "IPv4") in browse(network.host(3)), "the service at eth9")


@pytest.mark.parametrize("rules", [BOTH, EACH])
def test_what_ends_is_forgotten_at_all_interfaces(network, on_lan, rules):
    on_lan.configure({"lab.cloud": OPTIONS}, more=rules).start()
    on_lan.register("web")
    on_lan.register("more")
    every = {("web", "IPv4"), ("more", "IPv4")}
    for number in (2, 3):
        wait_for(lambda number=number: browse(network.host(number)) == every, "the services")
    wait_for(lambda: [row["state"] for row in on_lan.json("bridge", "list")].count("active") ==
             len(on_lan.json("bridge", "list")), "the end of the probes")
    on_lan.withdraw("web")
    for number in (2, 3):
        wait_for(lambda number=number: browse(network.host(number)) == {("more", "IPv4")},
                 "the end of the service")
    on_lan.withdraw("more")
    on_lan.register("more")
    on_lan.register("web")
    for number in (2, 3):
        wait_for(lambda number=number: browse(network.host(number)) == every, "the services again")
    assert on_lan.stop() == 0
    for number in (2, 3):
        wait_for(lambda number=number: browse(network.host(number)) == set(), "the end of all")


def test_a_service_has_the_transports_of_its_host(network, on_lan):
    on_lan.configure({"lab.cloud": OPTIONS}, more="mdns: {zone: lab.cloud, advertise: '*'}\n")
    on_lan.start()
    on_lan.register("web")
    on_lan.register("six", "n2")
    wait_for(lambda: browse(network.host(2)) == {("web", "IPv4"), ("six", "IPv6")}, "the services")
    on_lan.nsupdate("update add n1.nodes.lab.cloud 60 AAAA fd99::101")
    wait_for(lambda: browse(network.host(2)) >= {("web", "IPv4"), ("web", "IPv6")}, "both")
    on_lan.nsupdate("update delete n1.nodes.lab.cloud A")
    wait_for(lambda: browse(network.host(2)) == {("web", "IPv6"), ("six", "IPv6")}, "the end of IPv4")
    on_lan.nsupdate("update add n1.nodes.lab.cloud 60 A 10.99.0.101")
    wait_for(lambda: browse(network.host(2)) >= {("web", "IPv4"), ("web", "IPv6")}, "both again")
    # weftd itself listens on an IPv4 address alone.
    assert {transport for _, transport in browse(network.host(2), "_weft._tcp")} == {"IPv4"}
