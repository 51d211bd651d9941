# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Where a client finds its registries, and which one answers: client.conf(5), the environment, search
domains, mDNS; with real servers, of which some are gone, silent or not to be trusted."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

import leases
import tls
from mdns_link import host, inside, lan, needs_avahi  # noqa: F401
from loopback import free_address, free_port
from waiting import LIMIT_S, freeze, wait_for

ASKING = pathlib.Path(os.environ.get("BUILDDIR", ".")) / "tests/client/asking"


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
    return {**kept, "XDG_CONFIG_HOME": "/nonexistent", **more}


def ask(*args, env=None, prefix=()):
    """Runs the client. Returns its lines, each a list of words."""
    done = subprocess.run([*prefix, ASKING, *args], capture_output=True, text=True, timeout=LIMIT_S,
                          env=environment(**(env or {})), stdin=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 2), done
    return [line.split(" ") for line in done.stdout.splitlines()]


class Asker:
    """A client that asks each time it is wanted."""

    def __init__(self, *args, times=100, **env):
        self.process = subprocess.Popen(
            [ASKING, "-n", str(times), *args], text=True, bufsize=1, env=environment(**env),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self, is_first=False):
        if not is_first:
            self.process.stdin.write("\n")
        return self.process.stdout.readline().split()

    def close(self):
        """Ends it, and returns the registries."""
        self.process.stdin.close()
        lines = self.process.stdout.read().splitlines()
        assert self.process.wait(LIMIT_S) == 0
        return [line.split(" ") for line in lines]


@pytest.fixture
def asker():
    askers = []

    def start(*args, **more):
        askers.append(Asker(*args, **more))
        return askers[-1]

    yield start
    for a in askers:
        a.process.kill()
        a.process.wait()


def at(weftd):
    return f"{weftd.address}@{weftd.port}"


def started(make_weftd, name):
    weftd = make_weftd(name)
    weftd.zone()
    weftd.configure()
    weftd.start()
    return weftd


# ---- which registry answers ----

def test_the_next_registry_answers_when_one_is_killed_or_stopped(make_weftd, asker):
    one, two = started(make_weftd, "one"), started(make_weftd, "two")
    client = asker("lab.cloud", "SOA", WEFT_REGISTRY=f"{at(one)}, {at(two)}")
    assert client.answer(is_first=True)[4] == at(one)
    freeze(one.process.pid)
    try:
        # Silent: the other one is asked, too, and from then on first.
        assert client.answer()[:3] == ["answer", "NOERROR", "1"]
        assert client.answer()[4] == at(two)
    finally:
        os.kill(one.process.pid, signal.SIGCONT)
    # It is probed beside what is asked of the other.
    wait_for(lambda: client.answer()[4] == at(one), "an answer of the first registry")
    one.kill()
    for _ in range(10):
        assert client.answer()[:3] == ["answer", "NOERROR", "1"]
    registries = client.close()
    assert [(r[1], r[3]) for r in registries] == [(at(two), "well"), (at(one), "failed")]


def test_a_failure_of_all_is_explained(make_weftd):
    weftd = started(make_weftd, "one")
    gone = "{}@{}".format(*free_address())
    lines = ask("example.com", "A", env={"WEFT_REGISTRY": f"{gone} {at(weftd)}"})
    assert lines[0][:2] == ["error", "EHOSTUNREACH"]
    assert f"{gone}: Connection refused; {at(weftd)}: REFUSED" in " ".join(lines[0])


# ---- client.conf ----

def test_a_registry_with_tls_is_verified_by_the_fabric(make_weftd, tmp_path):
    weftd = make_weftd()
    tls.server(weftd)
    weftd.start()
    key = re.search(r"^public\s+(\S+)$", (weftd.folder / "lab.cloud.fabric").read_text(), re.M)[1]
    registry = f"tls://{weftd.address}@{weftd.tls_port}"
    conf = tmp_path / "client.conf"
    conf.write_text(f"registry: {registry}\npublic-key: {key}\n")
    lines = ask("-c", conf, "lab.cloud", "SOA")
    assert lines[0][:3] == ["answer", "NOERROR", "1"]
    assert lines[1][1:] == [f"{weftd.address}@{weftd.tls_port}", "tls", "well", f"{conf}:1"]
    # The file of the fabric has the public key, too; and what is not signed by it is not trusted.
    conf.write_text(f"registry: {registry}\nkey-file: {weftd.folder}/lab.cloud.fabric\n"
                    "key-name: n1\n")
    assert ask("-c", conf, "lab.cloud", "SOA")[0][0] == "answer"
    tls.weft(weftd.folder, "fabric", "init", "other.cloud")
    conf.write_text(f"registry: {registry}\nkey-file: {weftd.folder}/other.cloud.fabric\n"
                    "key-name: n1\n")
    lines = ask("-c", conf, "lab.cloud", "SOA")
    assert lines[0][:2] == ["error", "EPROTO"] and "certificate" in " ".join(lines[0])
    conf.write_text(f"registry: {registry}\n")
    assert ask("-c", conf, "lab.cloud", "SOA")[0][:2] == ["error", "EPROTO"]


def test_an_error_in_a_file_names_its_line(tmp_path):
    conf = tmp_path / "weft/client.conf"
    conf.parent.mkdir()
    conf.write_text("registry: 127.0.0.1\nkey-fil: x\n")
    lines = ask("lab.cloud", "SOA", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert lines[0][:2] == ["invalid", f"{conf}:2:"] and "key-file" in " ".join(lines[0])
    lines = ask("lab.cloud", "SOA", env={"WEFT_REGISTRY": "nowhere@x"})
    assert lines[0][:2] == ["invalid", "WEFT_REGISTRY:"]


# ---- what is found ----

def resolver(host, weftd, zone):
    """Starts weftd at port 53 of the host, which has it as its resolver."""
    weftd.address, weftd.port = "127.0.0.1", 53
    weftd.zone(leases.SOA + zone)
    weftd.configure()
    with host.inside():
        weftd.start()
    (host.etc / "resolv.conf").write_text("search lab.cloud\nnameserver 127.0.0.1\n")


def test_the_search_domain_names_the_registry(host, make_weftd):
    resolver(host, make_weftd(), "ns A 127.0.0.1\n_weft._tcp SRV 0 0 53 ns\n")
    lines = ask("lab.cloud", "SOA", prefix=inside(host))
    assert lines[0][:3] == ["answer", "NOERROR", "1"]
    assert " ".join(lines[1]) == "registry 127.0.0.1@53 udp well SRV _weft._tcp.lab.cloud."


def test_the_resolver_is_the_registry_if_there_is_no_other(host, make_weftd):
    resolver(host, make_weftd(), "ns A 127.0.0.1\n")
    lines = ask("lab.cloud", "SOA", prefix=inside(host))
    assert lines[0][:3] == ["answer", "NOERROR", "1"]
    assert " ".join(lines[1]) == "registry 127.0.0.1@53 udp well /etc/resolv.conf"


def test_hosts_in_a_list_are_resolved(host, make_weftd):
    resolver(host, make_weftd(), "ns A 127.0.0.1\n")
    lines = ask("lab.cloud", "SOA", prefix=inside(host), env={"WEFT_REGISTRY": "tcp://ns.lab.cloud"})
    assert lines[0][:3] == ["answer", "NOERROR", "1"]
    assert " ".join(lines[1]) == "registry 127.0.0.1@53 tcp well WEFT_REGISTRY"


# ---- mDNS ----

@needs_avahi(ASKING)
def test_a_registry_on_the_link_is_found_by_mdns(host, lan, make_weftd, tmp_path):
    resolver(host, make_weftd(), "ns A 127.0.0.1\n")
    # The answers to what is asked at 10.98.0.1 come from there: weftd listens on it, too.
    lan.announce("registry", "_weft._tcp", 53)
    lan.run()
    env = {"DBUS_SYSTEM_BUS_ADDRESS": lan.bus}

    def found():
        return " ".join(ask("lab.cloud", "SOA", prefix=inside(host), env=env)[-1])

    wait_for(lambda: found().endswith("mDNS"), "a registry by mDNS")
    assert found().startswith("registry 10.98.0.1@53 udp ")
    conf = tmp_path / "client.conf"
    conf.write_text("mdns: no\n")
    lines = ask("-c", conf, "lab.cloud", "SOA", prefix=inside(host), env=env)
    assert lines[-1][-1] == "/etc/resolv.conf"


@needs_avahi(ASKING)
def test_without_a_registry_on_the_link_mdns_costs_little(host, lan, make_weftd):
    resolver(host, make_weftd(), "ns A 127.0.0.1\n")
    lan.run()
    lines = ask("lab.cloud", "SOA", prefix=inside(host), env={"DBUS_SYSTEM_BUS_ADDRESS": lan.bus})
    assert lines[0][:3] == ["answer", "NOERROR", "1"]
    assert lines[-1][-1] == "/etc/resolv.conf"
