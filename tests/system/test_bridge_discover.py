# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What another host publishes on the LAN is answered by weftd, and goes with its publisher."""

import signal
import subprocess

import pytest

import lan_hosts
from conftest import WEFTD, Weftd
from waiting import LIMIT_S, wait_for

pytestmark = pytest.mark.skipif(lan_hosts.missing() != "", reason=f"needs {lan_hosts.missing()}")

OPTIONS = "update: {key: bench}\nservice-view: {enable: yes}"
RULE = ("mdns:\n  - {zone: lab.cloud, discover: ['*', _printer._sub._ipp._tcp], "
        "into: lan.lab.cloud}\n")
ZONE = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 10\n@ NS ns\nns A 10.99.0.1\n"


class OnHost(Weftd):
    """A weftd on a host of a LAN, at port 53 of its address."""

    def __init__(self, folder, host):
        super().__init__(folder)
        self.host = host
        self.address, self.port = host.address, 53

    def start(self, *options):
        before = self.log().count(" ready") if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = self.host.Popen([WEFTD, "-c", str(self.conf), *options], stderr=log,
                                           stdin=subprocess.DEVNULL, cwd=self.folder)
        wait_for(lambda: self.log().count(" ready") > before or self.process.poll() is not None,
                 "ready weftd")
        assert self.process.poll() is None, self.log()
        return self

    def answers(self, name, kind):
        return self.host.output("dig", f"@{self.address}", "+short", "+tcp", name, kind).split("\n")

    def answer(self, name, kind):
        return " ".join(self.answers(name, kind)).strip()

    def row(self, name):
        return next((row for row in self.json("bridge", "list") if name in row["name"]), None)


@pytest.fixture
def network():
    with lan_hosts.Lan(2) as made:
        yield made


@pytest.fixture
def on_lan(network, tmp_path):
    weftd = OnHost(tmp_path, network.host(1))
    weftd.zone(ZONE)
    weftd.configure({"lab.cloud": OPTIONS}, more=RULE)
    yield weftd
    if weftd.is_running():
        assert weftd.stop() == 0
    assert "Sanitizer" not in weftd.log(), weftd.log()


def publish(host, *args):
    return host.Popen(["avahi-publish", "-s", *args], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL)


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    process.wait(LIMIT_S)


def test_a_service_comes_and_goes_with_its_publisher(network, on_lan):
    on_lan.start()
    web = publish(network.host(2), "web", "_http._tcp", "80", "path=/")
    wait_for(lambda: on_lan.answer("_http._tcp.lan.lab.cloud", "PTR"), "the service")
    name = "web._http._tcp.lan.lab.cloud"
    assert on_lan.answer(name, "SRV") == "0 0 80 host2.lan.lab.cloud."
    assert on_lan.answer(name, "TXT") == '"path=/"'
    wait_for(lambda: on_lan.answer("host2.lan.lab.cloud", "A") == network.host(2).address,
             "the address")
    wait_for(lambda: "_http._tcp.lan.lab.cloud." in
             on_lan.answers("_services._dns-sd._udp.lan.lab.cloud", "PTR"), "the type")
    for label in ("b", "lb"):
        wait_for(lambda label=label: "lan.lab.cloud." in
                 on_lan.answers(f"{label}._dns-sd._udp.lab.cloud", "PTR"), "the domain")
    assert on_lan.row("web")["state"] == "active"
    end(web)
    wait_for(lambda: not on_lan.answer(name, "SRV"), "the end of the service")
    assert on_lan.answer("_http._tcp.lan.lab.cloud", "PTR") == ""
    wait_for(lambda: on_lan.row("web") is None, "the end of the row")
    assert ".local" not in on_lan.weft("zone", "dump", "lab.cloud").stdout


def test_names_may_have_any_text_and_txt_records_many_strings(network, on_lan):
    on_lan.start()
    strings = [f"k{i}=" + "x" * 200 for i in range(6)]
    label = "Tür 2.OG · 100 %"
    publish(network.host(2), label, "_http._tcp", "80", *strings)
    publish(network.host(2), "é" * 31 + "z", "_http._tcp", "81")
    wait_for(lambda: len(on_lan.answers("_http._tcp.lan.lab.cloud", "PTR")) >= 2, "the services")
    escaped = next(name for name in on_lan.answers("_http._tcp.lan.lab.cloud", "PTR")
                   if "100" in name)
    assert on_lan.answer(escaped, "SRV").endswith("80 host2.lan.lab.cloud.")
    assert on_lan.answer(escaped, "TXT").count('"') == 12


def test_changes_and_subtypes_follow(network, on_lan):
    on_lan.start()
    first = publish(network.host(2), "lp", "_ipp._tcp", "631", "v=1",
                    "--subtype=_printer._sub._ipp._tcp")
    name = "lp._ipp._tcp.lan.lab.cloud"
    wait_for(lambda: on_lan.answer("_printer._sub._ipp._tcp.lan.lab.cloud", "PTR") == f"{name}.",
             "the subtype")
    end(first)
    publish(network.host(2), "lp", "_ipp._tcp", "632", "v=2")
    wait_for(lambda: on_lan.answer(name, "TXT") == '"v=2"', "the new text")
    wait_for(lambda: on_lan.answer(name, "SRV").startswith("0 0 632 "), "the new port")
    wait_for(lambda: not on_lan.answer("_printer._sub._ipp._tcp.lan.lab.cloud", "PTR"),
             "the end of the subtype")


def test_what_is_registered_is_not_replaced(network, on_lan):
    on_lan.start()
    name = "web._http._tcp.lan.lab.cloud"
    on_lan.host.run(["nsupdate", "-k", str(on_lan.key_path)], text=True, check=True,
                    input=f"server {on_lan.address}\nupdate add {name} 60 TXT mine\nsend\n",
                    timeout=LIMIT_S)
    publish(network.host(2), "web", "_http._tcp", "80", "theirs")
    wait_for(lambda: (on_lan.row("web") or {}).get("state") == "refused", "the refusal")
    assert "belongs to the zone's administrator" in on_lan.row("web")["why"]
    assert on_lan.answer(name, "TXT") == '"mine"'
    assert on_lan.answer(name, "SRV") == ""


def test_it_is_the_same_after_a_crash_and_after_avahi_was_away(network, on_lan):
    on_lan.start()
    publish(network.host(2), "web", "_http._tcp", "80", "path=/")
    name = "web._http._tcp.lan.lab.cloud"
    wait_for(lambda: on_lan.answer(name, "SRV"), "the service")
    on_lan.process.kill()
    on_lan.process.wait(LIMIT_S)
    on_lan.start()
    wait_for(lambda: (on_lan.row("web") or {}).get("state") == "active", "the service again")
    assert on_lan.answer(name, "SRV") == "0 0 80 host2.lan.lab.cloud."
    network.host(1).avahi.restart()
    network.host(2).avahi.restart()     # which ends what is published there
    wait_for(lambda: not on_lan.answer(name, "SRV"), "the end of the service")


def test_hundreds_of_services_come_at_once(network, on_lan):
    on_lan.start()
    many = 200
    for i in range(many):
        (network.host(2).folder / "services" / f"s{i}.service").write_text(
            f"<service-group><name>s{i}</name><service><type>_http._tcp</type>"
            f"<port>{1000 + i}</port></service></service-group>")
    network.host(2).avahi.restart()
    wait_for(lambda: sum("_http._tcp" in name for name in
                         on_lan.answers("_http._tcp.lan.lab.cloud", "PTR")) == many, "all")
    wait_for(lambda: sum(row["state"] == "active" for row in on_lan.json("bridge", "list")
                         ) == many, "all rows")


def test_a_zone_of_its_own_has_its_service_view(network, on_lan):
    on_lan.zone(ZONE, "lan.test")
    on_lan.configure({"lab.cloud": OPTIONS, "lan.test": OPTIONS},
                     more="mdns:\n  - {zone: lab.cloud, discover: [_ipp._tcp, "
                          "_printer._sub._ipp._tcp], into: lan.test}\n").start()
    lp = publish(network.host(2), "lp", "_ipp._tcp", "631", "v=1",
                 "--subtype=_printer._sub._ipp._tcp")
    pointers = {"_ipp._tcp.lan.test": "lp._ipp._tcp.lan.test.",
                "_printer._sub._ipp._tcp.lan.test": "lp._ipp._tcp.lan.test.",
                "_services._dns-sd._udp.lan.test": "_ipp._tcp.lan.test."}
    for owner, target in pointers.items():
        wait_for(lambda owner=owner, target=target: on_lan.answer(owner, "PTR") == target, owner)
    on_lan.weft("zone", "check", "lan.test")
    end(lp)
    for owner in pointers:
        wait_for(lambda owner=owner: on_lan.answer(owner, "PTR") == "", f"end of {owner}")
    wait_for(lambda: on_lan.answer("host2.lan.test", "A") == "", "the end of the host")
    on_lan.weft("zone", "check", "lan.test")
