# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft doctor on a host of its own: what Avahi answers about the same name, registries that are known
only by NS records, and instances of UDP; with a weftd at port 53 as the resolver."""

import json
import os
import pathlib
import shutil
import socket
import subprocess

import pytest

from conftest import WEFT
from mdns_link import host, inside, lan, needs_avahi  # noqa: F401
from waiting import LIMIT_S

pytestmark = pytest.mark.skipif(os.getuid() != 0 or shutil.which("ip") is None,
                                reason="needs root and iproute2")

TYPE = "_http._tcp.lab.cloud"
WEB = f"web-1.{TYPE}"
ZONE = f"""$ORIGIN lab.cloud.
$TTL 60
@ SOA ns h 1 3600 600 86400 10
@ NS ns
ns A 127.0.0.1
n1.nodes A 10.98.0.1
registry A 10.98.0.1
{TYPE}. SRV 0 0 80 n1.nodes
{TYPE}. PTR {WEB}.
{WEB}. SRV 0 0 80 n1.nodes
{WEB}. TXT "id=abc"
u._sip._udp SRV 0 0 5060 n1.nodes
u._sip._udp TXT ""
"""


@pytest.fixture
def served(host, make_weftd):
    """Answers at port 53 of the host, which has it as its resolver."""
    weftd = make_weftd()
    weftd.address, weftd.port = "127.0.0.1", 53
    weftd.zone(ZONE)
    weftd.configure()
    with host.inside():
        weftd.start()
    (host.etc / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (host.etc / "nsswitch.conf").write_text("hosts: files dns\n")
    return weftd


def run(host, *args, bus="unix:path=/nonexistent"):
    return subprocess.run(
        [*inside(host), WEFT, "doctor", *args], capture_output=True, text=True, timeout=LIMIT_S,
        check=False, env={**os.environ, "WEFT_REGISTRY": "", "DBUS_SYSTEM_BUS_ADDRESS": bus,
                          "XDG_CONFIG_HOME": "/nonexistent"})


def doctor(host, name, *more, bus="unix:path=/nonexistent", registry="127.0.0.1"):
    done = run(host, name, "--json", *(["--registry", registry] if registry else []), *more, bus=bus)
    assert done.stderr == "", done.stderr
    answer = json.loads(done.stdout)
    answer["status"] = done.returncode
    answer["row"] = next((hop["answer"] for hop in answer["hops"] if hop["hop"] == "LAN avahi"), "")
    answer["found"] = {finding["what"]: finding["text"] for finding in answer["findings"]
                       if finding["hop"] == "LAN avahi"}
    return answer


# ---- the local link ----

def is_fault(answer, what):
    return [finding["severity"] for finding in answer["findings"]
            if finding["what"] == what] == ["fault"]


@needs_avahi(WEFT)
def test_the_lan_agrees(host, lan, served):
    lan.announce("web-1", "_http._tcp", 80, "id=abc")
    lan.run()
    for name in (WEB, TYPE):
        answer = doctor(host, name, bus=lan.bus)
        assert (answer["row"], answer["found"]) == ("1 instance", {}), answer
    answer = doctor(host, "registry.lab.cloud", bus=lan.bus)
    assert "address" in answer["row"] and answer["found"] == {}, answer


@needs_avahi(WEFT)
def test_the_lan_has_an_instance_at_another_port(host, lan, served):
    lan.announce("WEB-1", "_http._tcp", 81, "id=abc")
    lan.announce("printer", "_http._tcp", 9100)
    lan.run()
    answer = doctor(host, WEB, bus=lan.bus)
    assert answer["found"] == {
        "lan-differs": "has WEB-1 at 10.98.0.1@81, where the registry has 10.98.0.1@80"}
    assert is_fault(answer, "lan-differs") and answer["status"] == 1
    answer = doctor(host, TYPE, bus=lan.bus)
    assert set(answer["found"]) == {"lan-differs", "lan-only"}, answer
    assert answer["found"]["lan-only"] == "has 1 that the registry does not have: printer"
    # Without the same id= it may be another one.
    served.zone(ZONE.replace("id=abc", "id=def").replace("h 1 ", "h 2 "))
    served.weft("zone", "reload", "lab.cloud")
    answer = doctor(host, WEB, bus=lan.bus)
    assert "lan-differs" in answer["found"] and not is_fault(answer, "lan-differs")


@needs_avahi(WEFT)
def test_the_lan_has_an_instance_or_a_host_at_another_address(host, lan, served):
    lan.announce("web-1", "_http._tcp", 80, "id=abc")
    lan.run()
    served.zone(ZONE.replace("10.98.0.1", "10.98.0.7").replace("h 1 ", "h 2 "))
    served.weft("zone", "reload", "lab.cloud")
    answer = doctor(host, WEB, "-t", "3", bus=lan.bus)
    assert answer["found"] == {
        "lan-differs": "has web-1 at 10.98.0.1@80, where the registry has 10.98.0.7@80"}
    answer = doctor(host, "registry.lab.cloud", bus=lan.bus)
    assert answer["found"] == {
        "lan-differs": "has registry at 10.98.0.1, where the registry has 10.98.0.7"}
    assert not is_fault(answer, "lan-differs")


@needs_avahi(WEFT)
def test_a_lan_that_does_not_know_the_name_is_not_a_fault(host, lan, served):
    lan.run()
    for name, what in ((WEB, "service"), (TYPE, "service"), ("n1.nodes.lab.cloud", "host")):
        answer = doctor(host, name, bus=lan.bus)
        assert answer["found"] == {"lan-absent": f"does not know this {what}"}, answer
        assert not is_fault(answer, "lan-absent")


@needs_avahi(WEFT)
def test_without_a_daemon_the_lan_is_not_asked(host, served):
    answer = doctor(host, "n1.nodes.lab.cloud")
    assert (answer["status"], answer["row"], answer["found"]) == (0, "no avahi-daemon here", {})


@needs_avahi(WEFT)
def test_a_bus_that_does_not_answer_does_not_keep_the_doctor(host, served, tmp_path):
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "hanging"))
        bus.listen(8)
        answer = doctor(host, "n1.nodes.lab.cloud", bus=f"unix:path={tmp_path}/hanging")
    assert (answer["status"], answer["row"]) == (0, "no answer in time")
    assert answer["found"] == {"lan-silent": "does not answer in time"}
    # The process that asked is gone.
    hanging = f"DBUS_SYSTEM_BUS_ADDRESS=unix:path={tmp_path}/hanging".encode()
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            assert hanging not in path.read_bytes(), path
        except OSError:
            continue


# ---- registries by NS records ----

def test_the_ns_records_name_the_registry_that_nothing_else_names(host, served):
    answer = doctor(host, "n1.nodes.lab.cloud", registry=None)
    assert (answer["status"], answer["zone"]) == (0, "lab.cloud."), answer
    assert {finding["what"]: finding["text"] for finding in answer["findings"]} == \
        {"delegated": "is known only by the NS records of lab.cloud."}
    assert answer["hops"][0]["hop"] == "registry 127.0.0.1@53" and answer["hops"][0]["ok"]


@pytest.mark.parametrize("zone, text, message", [
    ("lab.cloud", "$ORIGIN lab.cloud.\n@ 9 SOA ns h 1 1 1 1 1\n@ 9 NS ns.elsewhere.\n",
     "the NS records of lab.cloud. lead to no address"),
    ("cloud", "$ORIGIN cloud.\n@ 9 SOA ns h 1 1 1 1 1\n@ 9 NS ns\nns 9 A 127.0.0.1\n",
     'this host\'s resolver finds the name in the public zone "cloud."'),
    ("example.org", "$ORIGIN example.org.\n@ 9 SOA ns h 1 1 1 1 1\n@ 9 NS ns\nns 9 A 127.0.0.1\n",
     "no resolver answers which zone the name is in"),
])
def test_without_a_registry_the_reason_is_named(host, make_weftd, zone, text, message):
    weftd = make_weftd()
    weftd.address, weftd.port = "127.0.0.1", 53
    weftd.zone(text, zone)
    weftd.configure({zone: ""})
    with host.inside():
        weftd.start()
    (host.etc / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    done = run(host, "a.lab.cloud.")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"no registry is known, and {message}; name it with --registry" in done.stderr


def test_a_registry_whose_host_is_unknown_is_named(host, served):
    done = run(host, "a.lab.cloud.", "--registry", "no.lab.cloud")
    assert (done.returncode, done.stdout) == (3, "")
    assert 'no address is found for the host "no.lab.cloud"' in done.stderr


# ---- instances of UDP ----

def test_an_instance_of_udp_is_sent_a_datagram(host, served):
    with host.inside(), socket.socket(type=socket.SOCK_DGRAM) as instance:
        host.ip("addr", "add", "10.98.0.1/32", "dev", "lo")
        answer = doctor(host, "u._sip._udp.lab.cloud")
        assert {"hop": "instance 10.98.0.1@5060", "answer": "Connection refused: n1.nodes.lab.cloud.",
                "ok": False}.items() <= answer["hops"][-1].items(), answer
        assert "cannot be reached: Connection refused" in answer["findings"][-1]["text"]
        instance.bind(("10.98.0.1", 5060))
        answer = doctor(host, "u._sip._udp.lab.cloud")
        assert (answer["status"], answer["hops"][-1]["answer"]) == \
            (0, "no ICMP error: n1.nodes.lab.cloud."), answer
        assert instance.recv(99, socket.MSG_DONTWAIT) == b""
    # Without a route it is not tried for long.
    host.ip("addr", "del", "10.98.0.1/32", "dev", "lo")
    answer = doctor(host, "u._sip._udp.lab.cloud")
    assert "Network is unreachable" in answer["hops"][-1]["answer"], answer


def test_a_host_of_the_list_is_resolved_for_the_resolver(host, served):
    done = subprocess.run(
        [*inside(host), WEFT, "setup-resolver", "unbound", "-d", "lab.cloud", "--registry",
         "ns.lab.cloud@5353, 192.0.2.1"], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "# 127.0.0.1 is ns.lab.cloud, as this was made.\n" in done.stdout
    assert "    stub-addr: 127.0.0.1@5353\n    stub-addr: 192.0.2.1@53\n" in done.stdout
    done = subprocess.run(
        [*inside(host), WEFT, "setup-resolver", "unbound", "-d", "lab.cloud", "--registry",
         "192.0.2.1 no.lab.cloud"], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert '--registry: no address of its own is found for the host "no.lab.cloud"' in done.stderr
