# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The registry announces itself on the LAN: hosts without any configuration find it, and so what is
registered there."""

import os

import pytest

import bridging
import lan_hosts
import leases
import pushing
from bridging import HTTP
from conftest import WEFT
from waiting import LIMIT_S, wait_for

pytestmark = bridging.needs()


@pytest.fixture(scope="module")
def lan():
    with lan_hosts.Lan(2) as made:
        made.host(2).resolv_conf.write_text("")
        yield made


@pytest.fixture(scope="module")
def weftd(lan, tmp_path_factory):
    made = bridging.LanWeftd(tmp_path_factory.mktemp("weftd"), lan.host(1))
    leases.weft(made, "fabric", "init", "lab.cloud")
    made.bridge("  - {zone: lab.cloud, advertise: [_none._tcp]}\n",
                {"lab.cloud": "update: {fabric: lab.cloud}"},
                "listen-tls: ['10.99.0.1@853']")
    made.conf.write_text(made.conf.read_text() + pushing.FABRIC)
    made.start()
    made.key_path = made.folder / "admin.key"
    made.key_path.write_text(leases.weft(made, "key", "issue", "admin"))
    yield made
    assert made.stop() == 0 and "Sanitizer" not in made.log(), made.log()


def weft(host, *args):
    """weft on a host that has no configuration at all."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
    return host.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                    env={**env, "XDG_CONFIG_HOME": "/nonexistent", "HOME": "/nonexistent"})


def test_the_registry_is_found_on_the_lan(lan, weftd):
    seen = wait_for(lambda: bridging.browse(lan.host(2), "_weft._tcp"), "_weft._tcp")[0]
    assert seen.port == 53 and seen.address in ("10.99.0.1", "fd99::1"), seen
    shown = leases.weft(weftd, "fabric", "show", "lab.cloud")
    pairs = dict(part.split("=", 1) for part in seen.txt)
    assert pairs["txtvers"] == "1" and pairs["zone"].rstrip(".") == "lab.cloud", pairs
    assert pairs["fabric"].rstrip(".") == "lab.cloud" and pairs["fp"] in shown, (pairs, shown)


def test_the_registry_for_push_is_found_on_the_lan(lan, weftd):
    seen = wait_for(lambda: bridging.browse(lan.host(2), "_dns-push-tls._tcp"), "push")
    assert {one.port for one in seen} == {853}


def test_weft_finds_services_without_configuration(lan, weftd):
    weftd.register("web-1", HTTP, 8080)
    found = wait_for(lambda: [done.stdout for done in [weft(lan.host(2), "browse", "-t",
                                                            f"{HTTP}.lab.cloud")]
                              if "web-1" in done.stdout], "web-1 by weft")
    assert "web-1" in found[0]
    done = weft(lan.host(2), "resolve", f"{HTTP}.lab.cloud")
    assert "n1.nodes.lab.cloud" in done.stdout and "8080" in done.stdout, done


def test_the_zone_is_a_domain_to_browse(lan, weftd):
    for rdtype in ("b", "lb"):
        wait_for(lambda: "lab.cloud" in lan.host(2).run(
            ["dig", "-p", "5353", "@10.99.0.1", "+short", "+time=2", "+tries=1",
             f"{rdtype}._dns-sd._udp.local", "PTR"],      # noqa: B023
            capture_output=True, text=True, check=False).stdout, f"browsing domain {rdtype}")
    assert "lab.cloud" in wait_for(lambda: lan.host(2).run(
        ["avahi-browse", "-D", "-t", "-p"], capture_output=True, text=True, timeout=LIMIT_S,
        check=False).stdout, "domains")


def test_it_is_withdrawn_with_weftd(lan, weftd):
    wait_for(lambda: bridging.browse(lan.host(2), "_weft._tcp"), "_weft._tcp")
    assert weftd.stop() == 0
    wait_for(lambda: bridging.browse(lan.host(2), "_weft._tcp") == [], "end of the registry")
    weftd.start()
    wait_for(lambda: bridging.browse(lan.host(2), "_weft._tcp"), "_weft._tcp again")
