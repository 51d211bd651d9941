# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge as a part of weftd, for its operator: configuration and its errors, reloads, commands
and metrics, a D-Bus that is away or hangs, and the end of weftd."""

import contextlib
import os
import pathlib
import pwd
import socket
import subprocess
import time
import urllib.request

import pytest

import bridging
import lan_hosts
from conftest import WEFTD
from loopback import free_port
from waiting import LIMIT_S, wait_for


def has_bridge():
    done = subprocess.run(["ldd", WEFTD], capture_output=True, check=False)
    return b"avahi" in done.stdout


pytestmark = pytest.mark.skipif(not has_bridge(), reason="needs a build with Avahi's library")
needs_lan = pytest.mark.skipif(lan_hosts.missing() != "", reason=f"needs {lan_hosts.missing()}")

OPTIONS = "update: {key: bench}\nservice-view: {enable: yes}"
RULE = "mdns:\n  - {zone: lab.cloud, advertise: ['*'], discover: [_ipp._tcp], into: lan.lab.cloud}\n"
ZONE = ("$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 10\n@ NS ns\nns A 10.99.0.1\n"
        "n1.nodes A 10.99.0.101\n")
STOP_MOST_S = 20    # on a busy machine; some 3 s on others


def threads(weftd):
    tasks = pathlib.Path(f"/proc/{weftd.process.pid}/task")
    return [(task / "comm").read_text().strip() for task in tasks.iterdir()]


def events(weftd, event):
    return [line for line in weftd.log().splitlines() if f" bridge: {event}" in line]


@contextlib.contextmanager
def silent_bus(folder):
    """A system bus that takes connections and never answers."""
    path = folder / "bus"
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(path))
        bus.listen(10)
        yield f"unix:path={path}"


@pytest.fixture
def away(monkeypatch, tmp_path):
    """There is no system bus."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")


@pytest.fixture
def served(make_weftd, away):
    """A weftd with a bridge that has no bus."""
    weftd = make_weftd()
    weftd.zone(ZONE)
    return weftd.configure({"lab.cloud": OPTIONS}, more=RULE).start()


# ---- configuration ----

def test_errors_are_reported_with_file_and_line(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(more="mdns:\n  - zone: lab.clod\n  - zone: lab.cloud\n    advertise: http\n"
                         "    discover: [_ipp._tcp]\n")
    before = len(weftd.conf.read_text().splitlines()) - 5
    done = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{weftd.conf}:{before + 4}: advertise: http is not a service type such as _http._tcp",
        f"{weftd.conf}:{before + 5}: discover needs into, the name below which the services of the "
        "LAN are registered",
        f"{weftd.conf}:{before + 2}: there is no zone lab.clod"]


def test_a_reload_with_an_error_changes_nothing(served):
    served.configure({"lab.cloud": OPTIONS}, more="mdns: {zone: lab.cloud, into: x.lab.cloud}\n")
    done = served.weft("reload", check=False)
    assert done.returncode == 1 and "into needs discover" in done.stderr
    assert served.json("bridge", "status")["rules"][0]["into"] == "lan.lab.cloud."


def test_a_rule_is_shown_as_it_is_in_force(served):
    assert served.json("bridge", "status")["rules"] == [
        {"zone": "lab.cloud.", "interfaces": [], "advertise": ["*"], "discover": ["_ipp._tcp"],
         "exclude": [], "into": "lan.lab.cloud.", "host-suffix": "-lab", "announce": True}]


def test_a_reload_begins_and_ends_the_bridge(make_weftd, away):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": OPTIONS}).start()
    assert weftd.json("bridge", "status")["avahi"] == "off"
    assert weftd.json("bridge", "list") == []
    assert "weft-bridge" not in threads(weftd)
    weftd.configure({"lab.cloud": OPTIONS}, more=RULE)
    assert "mdns" in weftd.json("reload")["options"]
    assert weftd.json("bridge", "status")["avahi"] == "away"
    assert "weft-bridge" in threads(weftd)
    weftd.configure({"lab.cloud": OPTIONS})
    weftd.weft("reload")
    assert weftd.json("bridge", "status")["rules"] == []
    assert weftd.stop() == 0


def test_a_zone_goes_with_its_rule(make_weftd, away):
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(ZONE, "other.test")
    both = {"lab.cloud": OPTIONS, "other.test": OPTIONS}
    more = "mdns: [{zone: lab.cloud, advertise: '*'}, {zone: other.test, advertise: '*'}]\n"
    weftd.configure(both, more=more).start()
    for _ in range(3):
        weftd.configure({"lab.cloud": OPTIONS}, more="mdns: {zone: lab.cloud, advertise: '*'}\n")
        weftd.weft("reload")
        weftd.nsupdate("update add a.lab.cloud 60 A 192.0.2.1")
        weftd.configure(both, more=more)
        weftd.weft("reload")
        weftd.nsupdate("update delete a.lab.cloud")
    assert weftd.json("bridge", "status")["rules"][1]["zone"] == "other.test."


# ---- commands, health, metrics ----

def test_without_a_bus_weftd_serves_and_is_unwell(served):
    served.nsupdate("update add web._http._tcp.lab.cloud 60 SRV 0 0 80 n1.nodes.lab.cloud.",
                    'update add web._http._tcp.lab.cloud 60 TXT "a=b"')
    assert "web._http._tcp.lab.cloud." in served.dig("_http._tcp.lab.cloud", "PTR")
    status = served.json("bridge", "status")
    assert (status["avahi"], status["advertised"], status["clients"]) == ("away", 0, 0)
    rows = wait_for(lambda: served.json("bridge", "list"), "the service")
    assert [(row["direction"], row["state"], row["name"], row["lan-name"]) for row in rows] == [
        ("advertise", "pending", "web._http._tcp.lab.cloud.", "web._http._tcp.local.")]
    wait_for(lambda: [reason["reason"] for reason in served.json("status")["reasons"]] == ["lan"],
             "the reason to be unwell")
    wait_for(lambda: events(served, "avahi-away"), "a line of the log")
    assert len(events(served, "avahi-away")) == 1


def test_the_list_has_what_is_wanted(served):
    served.nsupdate("update add web._http._tcp.lab.cloud 60 SRV 0 0 80 n1.nodes.lab.cloud.",
                    'update add web._http._tcp.lab.cloud 60 TXT "a=b"')
    wait_for(lambda: served.json("bridge", "list"), "the service")
    assert len(served.json("bridge", "list", "--advertised")) == 1
    assert len(served.json("bridge", "list", "--advertised", "--discovered")) == 1
    assert served.json("bridge", "list", "--discovered") == []
    assert served.json("bridge", "list", "--refused") == []
    done = served.weft("bridge", "list", "broken", check=False)
    assert done.returncode != 0 and "not one of advertised" in done.stderr
    assert "web._http._tcp.lab.cloud." in served.weft("bridge", "list").stdout


def test_metrics_have_the_bridge(make_weftd, away):
    weftd = make_weftd()
    weftd.zone()
    port = free_port(weftd.address)
    server = f'metrics: ["{weftd.address}@{port}"]'

    def page():
        with urllib.request.urlopen(f"http://{weftd.address}:{port}/metrics", timeout=LIMIT_S) as m:
            return m.read().decode()

    weftd.configure({"lab.cloud": OPTIONS}, server).start()
    assert 'weft_unwell{reason="lan"} 0' in page()
    weftd.configure({"lab.cloud": OPTIONS}, server, RULE)
    weftd.weft("reload")
    assert "\nweft_bridge_avahi_up 0\n" in page() and "\nweft_bridge_advertised 0\n" in page()
    wait_for(lambda: 'weft_unwell{reason="lan"} 1' in page(), "the reason to be unwell")


# ---- the end ----

def test_weftd_ends_while_the_bus_hangs(make_weftd, tmp_path, monkeypatch):
    weftd = make_weftd()
    weftd.zone()
    with silent_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        weftd.configure({"lab.cloud": OPTIONS}, more=RULE).start()
        wait_for(lambda: weftd.json("bridge", "status")["avahi"] == "hangs", "a call that hangs")
        weftd.nsupdate("update add web._http._tcp.lab.cloud 60 SRV 0 0 80 n1.nodes.lab.cloud.")
        assert weftd.json("bridge", "status")["waiting"] > 0
        begin = time.monotonic()
        assert weftd.stop() == 0
        assert time.monotonic() - begin < STOP_MOST_S
    assert len(events(weftd, "thread-left")) == 1


def test_weftd_ends_at_once_without_a_bus(served):
    served.weft("bridge", "status")
    assert served.stop() == 0
    assert events(served, "thread-left") == []


# ---- on a LAN ----

class Registry(bridging.OnHost):
    def register(self, label):
        owner = f"{label}._http._tcp.lab.cloud"
        self.nsupdate(f"update add {owner} 60 SRV 0 0 80 n1.nodes.lab.cloud.",
                      f'update add {owner} 60 TXT "a=b"')

    def states(self):
        return {row["name"].split(".")[0]: row["state"] for row in self.json("bridge", "list")}


@pytest.fixture
def network():
    with lan_hosts.Lan(2) as made:
        yield made


@pytest.fixture
def on_lan(network, tmp_path):
    weftd = Registry(tmp_path, network.host(1))
    weftd.zone(ZONE)
    yield weftd
    if weftd.is_running():
        assert weftd.stop() == 0
    assert "Sanitizer" not in weftd.log(), weftd.log()


def browse(host, kind):
    """The names of the services of a type, as one host sees them."""
    done = host.run(["avahi-browse", "-ptk", kind], capture_output=True, text=True, check=False,
                    timeout=LIMIT_S)
    return {line.split(";")[3] for line in done.stdout.splitlines()}


@needs_lan
def test_it_works_confined_and_as_another_user(network, on_lan):
    on_lan.admit_users()
    for folder in (on_lan.folder, on_lan.folder / "state"):
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    on_lan.configure({"lab.cloud": OPTIONS}, "user: nobody", RULE).start()
    status = pathlib.Path(f"/proc/{on_lan.process.pid}/status").read_text()
    assert "\nSeccomp:\t2\n" in status
    wait_for(lambda: on_lan.json("bridge", "status")["avahi"] == "running", "avahi-daemon")
    on_lan.register("web")
    wait_for(lambda: "web" in browse(network.host(2), "_http._tcp"), "the service on the LAN")
    assert not [line for line in on_lan.log().splitlines() if " bridge: " in line
                and ("error " in line or "warning " in line)]


@needs_lan
def test_a_reload_leaves_alone_what_it_does_not_concern(network, on_lan):
    on_lan.zone(ZONE, "other.test")
    zones = {"lab.cloud": OPTIONS, "other.test": OPTIONS}
    on_lan.configure(zones, more="mdns:\n  - {zone: lab.cloud, advertise: [_http._tcp]}\n").start()
    on_lan.register("web")
    wait_for(lambda: on_lan.states() == {"web": "active"}, "the service")
    since = on_lan.json("bridge", "list")[0]["since"]
    watch = network.host(2).Popen(["avahi-browse", "-pk", "_http._tcp"], stdout=subprocess.PIPE,
                                  text=True)
    while "web" not in watch.stdout.readline():
        pass
    on_lan.configure(zones, more="mdns:\n  - {zone: lab.cloud, advertise: [_http._tcp]}\n"
                                 "  - {zone: other.test, advertise: ['*']}\n")
    on_lan.weft("reload")
    wait_for(lambda: "other.test on host1" in browse(network.host(2), "_weft._tcp")
             or any("other" in name for name in browse(network.host(2), "_weft._tcp")),
             "the other zone")
    assert on_lan.json("bridge", "list")[0]["since"] == since
    watch.terminate()
    assert "-;" not in watch.stdout.read()
    on_lan.configure(zones, more="mdns:\n  - {zone: other.test, advertise: ['*']}\n")
    on_lan.weft("reload")
    wait_for(lambda: "web" not in browse(network.host(2), "_http._tcp"), "the end of the service")


@needs_lan
def test_the_registry_is_announced_with_its_fabric(network, on_lan):
    fabric = on_lan.folder / "lab.cloud.fabric"
    on_lan.weft("fabric", "init", "lab.cloud", "-f", str(fabric))
    public = on_lan.json("fabric", "show", "-f", str(fabric))["public"]
    on_lan.configure({"lab.cloud": "update: {fabric: lab.cloud}"},
                     more="fabric: {name: lab.cloud, key-file: lab.cloud.fabric}\n"
                          "mdns: {zone: lab.cloud}\n").start()

    def resolved():
        return network.host(2).run(["avahi-browse", "-rptk", "_weft._tcp"], capture_output=True,
                                   text=True, check=False, timeout=LIMIT_S).stdout

    wait_for(lambda: "\n=;" in resolved(), "the registry")
    line = next(line for line in resolved().splitlines() if line.startswith("=;"))
    assert ";host1.local;" in line and ";53;" in line
    assert line.split(";")[3] == r"lab\.cloud\032on\032host1"
    for part in ('"zone=lab.cloud."', '"fabric=lab.cloud."', f'"fp={public}"'):
        assert part in line, line


@needs_lan
def test_weftd_ends_while_avahi_hangs(network, on_lan):
    on_lan.configure({"lab.cloud": OPTIONS}, more=RULE).start()
    on_lan.register("web")
    wait_for(lambda: on_lan.states() == {"web": "active"}, "the service")
    network.host(1).avahi.freeze()
    try:
        on_lan.register("more")
        assert on_lan.json("bridge", "list") != []
        begin = time.monotonic()
        assert on_lan.stop() == 0
        assert time.monotonic() - begin < STOP_MOST_S
    finally:
        network.host(1).avahi.thaw()
