# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The LAN bridge when what it needs is away: the Avahi daemon, the D-Bus, the interface. weftd serves
all along, and all is on the LAN and in the registry again when they are back."""

import time

import pytest

import bridging
import lan_hosts
from bridging import HTTP, published, serving, wait_gone, wait_names, wait_seen
from waiting import wait_for

pytestmark = bridging.needs()

LAN = "lan.lab.cloud"
ANSWER_MOST_S = 5       # on a busy machine; some milliseconds on others
RETURN_MOST_S = 10      # likewise; 2 on others


@pytest.fixture(scope="module")
def lan():
    with lan_hosts.Lan(2) as made:
        yield made


@pytest.fixture(scope="module")
def served(lan, tmp_path_factory):
    """A weftd that advertises `web`, and has `lamp` from host 2."""
    with serving(tmp_path_factory.mktemp("weftd"), lan.host(1)) as made:
        made.register("web")
        with published(lan.host(2), "lamp"):
            wait_whole(lan, made)
            yield made


@pytest.fixture
def weftd(lan, served):
    yield served
    wait_whole(lan, served)


def wait_whole(lan, weftd):
    """Waits until each side has what the other has, and nothing else."""
    wait_names(lan.host(2), ["lamp", "web"])
    wait_seen(lan.host(2), "web", host="n1-lab.local", address="10.99.0.101")
    wait_for(lambda: weftd.instances(HTTP) == {b"lamp"}, "lamp in the registry")
    wait_for(lambda: weftd.ask(f"host2.{LAN}", "A") == ["10.99.0.2"], "its host")


def serves(weftd, label):
    """Whether weftd answers queries and updates, and its control socket, without a delay."""
    begin = time.monotonic()
    weftd.register(label)
    assert weftd.ask(f"{label}.{HTTP}.lab.cloud", "SRV") != []
    weftd.remove(label)
    assert weftd.ask(f"{label}.{HTTP}.lab.cloud", "SRV") == []
    weftd.weft("bridge", "status", check=False)
    weftd.weft("bridge", "list")
    return time.monotonic() - begin < ANSWER_MOST_S


def check_return(begin, what):
    """Bounds and prints the time since a daemon was started again."""
    took = time.monotonic() - begin
    print(f"{what} {took:.2f} s after the start of the daemon")
    assert took < RETURN_MOST_S, what


def is_running(weftd):
    """Whether the bridge has an Avahi daemon."""
    return weftd.json("bridge", "status")["avahi"] == "running"


def test_a_daemon_that_is_absent_at_the_start_is_waited_for(lan, weftd):
    lan.host(1).avahi.stop()
    assert weftd.stop() == 0
    weftd.start()
    assert serves(weftd, "meanwhile")
    assert not is_running(weftd)
    lan.host(1).avahi.start()
    wait_for(lambda: is_running(weftd), "the daemon in the status")


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_daemon_that_is_away_for_a_while_is_waited_for(lan, weftd, way):
    before = weftd.bridge_count("reconnects")
    getattr(lan.host(1).avahi, way)()
    wait_for(lambda: not is_running(weftd), "end of the daemon in the status")
    weftd.register("new", port=81)
    assert serves(weftd, "meanwhile")
    begin = time.monotonic()
    lan.host(1).avahi.start()
    wait_for(lambda: weftd.bridge_count("reconnects") > before, "reconnect in the figures")
    check_return(begin, "connected")
    wait_seen(lan.host(2), "new", port=81)
    check_return(begin, "seen")
    weftd.remove("new")
    wait_gone(lan.host(2), "new")


def test_daemons_that_restart_again_and_again_do_no_harm(lan, weftd):
    for _ in range(3):
        lan.host(1).avahi.kill()
        lan.host(1).avahi.begin()
    lan.host(1).avahi.wait()


def test_what_changed_meanwhile_is_found_out(lan, weftd):
    """Removed and changed in the registry, gone and come on the LAN, while the daemon was away."""
    weftd.register("removed")
    weftd.register("changed", port=1)
    with published(lan.host(2), "ended"):
        wait_names(lan.host(2), ["lamp", "web", "removed", "changed", "ended"])
        wait_for(lambda: weftd.instances(HTTP) == {b"lamp", b"ended"}, "ended")
        lan.host(1).avahi.stop()
        weftd.remove("removed")
        weftd.register("changed", port=2)
    with published(lan.host(2), "begun"):
        lan.host(1).avahi.start()
        wait_names(lan.host(2), ["lamp", "web", "changed", "begun"])
        wait_seen(lan.host(2), "changed", port=2)
        wait_for(lambda: weftd.instances(HTTP) == {b"lamp", b"begun"}, "what is there")
    weftd.remove("changed")


def test_a_daemon_that_hangs_does_not_hold_up_weftd(lan, weftd):
    lan.host(1).avahi.freeze()
    try:
        weftd.register("hung", port=82)
        for i in range(3):
            assert serves(weftd, f"meanwhile-{i}")
    finally:
        lan.host(1).avahi.thaw()
    wait_seen(lan.host(2), "hung", port=82)
    weftd.remove("hung")
    wait_gone(lan.host(2), "hung")


def test_weftd_ends_while_the_daemon_hangs(lan, weftd):
    lan.host(1).avahi.freeze()
    try:
        weftd.register("hung")
        begin = time.monotonic()
        assert weftd.stop() == 0
        assert time.monotonic() - begin < 40    # D-Bus waits 25 s
        weftd.start()                           # nor does it hold up the start
        assert serves(weftd, "meanwhile")
    finally:
        lan.host(1).avahi.thaw()
    wait_seen(lan.host(2), "hung")
    weftd.remove("hung")
    wait_gone(lan.host(2), "hung")


def test_a_reload_does_not_wait_for_a_daemon_that_hangs(lan, weftd):
    lan.host(1).avahi.freeze()
    try:
        weftd.register("hung")
        weftd.bridge(bridging.RULE.replace("['*'], into", "[_http._tcp], into"))
        begin = time.monotonic()
        weftd.weft("reload")
        assert time.monotonic() - begin < ANSWER_MOST_S
        assert serves(weftd, "meanwhile")
    finally:
        lan.host(1).avahi.thaw()
        weftd.bridge()
        weftd.weft("reload")
    wait_seen(lan.host(2), "hung")
    weftd.remove("hung")
    wait_gone(lan.host(2), "hung")


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_bus_that_starts_again_is_found_again(lan, weftd, way):
    host = lan.host(1)
    getattr(host.bus, way)()
    host.avahi.kill()       # ends by itself, too
    assert serves(weftd, "meanwhile")
    weftd.register("new", port=83)
    host.bus.start()
    begin = time.monotonic()
    host.avahi.start()
    wait_seen(lan.host(2), "new", port=83)
    check_return(begin, "seen")
    weftd.remove("new")
    wait_gone(lan.host(2), "new")


def test_an_interface_that_is_down_for_a_while(lan, weftd):
    eth0 = lan.host(1).interfaces[0]
    eth0.down()
    try:
        weftd.weft("bridge", "list")
        weftd.weft("lease", "list")
    finally:
        eth0.up()


@pytest.mark.parametrize("interface", ["", "interface: [eth0], "])
def test_an_interface_that_is_made_again(lan, weftd, interface):
    """It has another index then, and rules have its name."""
    weftd.bridge(bridging.RULE.replace("zone:", f"{interface}zone:"))
    weftd.weft("reload")
    wait_whole(lan, weftd)
    eth0 = lan.host(1).interfaces[0]
    eth0.delete()
    weftd.weft("bridge", "list")
    eth0.create()
    wait_whole(lan, weftd)
    weftd.register("new", port=84)
    wait_seen(lan.host(2), "new", port=84)
    weftd.remove("new")
    wait_gone(lan.host(2), "new")
    weftd.bridge()
    weftd.weft("reload")


def test_an_interface_that_is_not_there_yet_is_waited_for(lan, weftd):
    eth0 = lan.host(1).interfaces[0]
    assert weftd.stop() == 0
    weftd.bridge(bridging.RULE.replace("zone:", "interface: [late0], zone:"))
    weftd.start()
    wait_gone(lan.host(2), "web")
    eth0.rename("late0")
    wait_seen(lan.host(2), "web")
    eth0.rename("eth0")
    weftd.bridge()
    weftd.weft("reload")


def test_a_lan_that_is_cut_is_rejoined(lan, weftd):
    cable = lan.host(2).interfaces[0]
    cable.cut()
    weftd.register("new", port=85)
    cable.join()
    wait_seen(lan.host(2), "new", port=85)
    weftd.remove("new")
    wait_gone(lan.host(2), "new")
