# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Avahi and D-Bus are killed again and again while services come and go on both sides: in the end
the LAN has what the registry has, and the registry what the LAN has."""

import contextlib
import os
import random

import bridging
import lan_hosts
from bridging import instance, published, serving
from conftest import is_sanitized
from waiting import LIMIT_S, wait_for

pytestmark = bridging.needs()

TYPE = "_http._tcp"
OURS, THEIRS = 12, 8
ROUNDS = int(os.environ.get("WEFT_CHAOS_ROUNDS", "6"))


def register(weftd, number, port):
    """Registers a service, or with no port removes it."""
    name = f"ours-{number}.{TYPE}.lab.cloud"
    lines = [f"update delete {name}", f"update delete {TYPE}.lab.cloud PTR {name}"]
    if port is not None:
        lines += [f"update add {TYPE}.lab.cloud 60 PTR {name}", f"update add {name} 60 TXT x=1",
                  f"update add {name} 60 SRV 0 0 {port} n{number}.lab.cloud",
                  f"update add n{number}.lab.cloud 60 A 10.99.0.{100 + number}"]
    weftd.nsupdate(*lines)


def on_the_lan(host):
    """What a host itself answers of ours, and not what others still have in their caches, of a
    daemon that could not say goodbye: {(name, port)}."""
    found = set()
    for name in [f"ours-{number}" for number in range(OURS)]:
        done = host.run(["dig", f"@{host.address}", "-p", "5353", "+noall", "+answer", "+time=1",
                         "+tries=1", f"{name}.{TYPE}.local", "SRV"], capture_output=True, text=True,
                        check=False, timeout=LIMIT_S)
        found |= {(name, int(line.split()[6])) for line in done.stdout.splitlines()
                  if "\tSRV\t" in line}
    return found


def in_the_registry(weftd):
    """What weftd answers below `into`: {(name, port)}."""
    return {(label.decode(), srv.port) for label in weftd.instances(TYPE)
            for srv in weftd.lookup(instance(label, f"{TYPE}.lan.lab.cloud"), "SRV")[0]}


def test_both_sides_agree_after_any_number_of_kills(tmp_path):
    chance = random.Random(13)
    ours, theirs = {}, {}
    with lan_hosts.Lan(2) as network, serving(tmp_path / "weftd", network.host(1)) as weftd, \
            contextlib.ExitStack() as stack:
        for turn in range(ROUNDS * 4):
            number = chance.randrange(OURS)
            ours[number] = None if ours.get(number) and chance.random() < .4 else 1000 + turn
            register(weftd, number, ours[number])
            number = chance.randrange(THEIRS)
            if number in theirs:
                theirs.pop(number)[0].close()
            else:
                one = stack.enter_context(contextlib.ExitStack())
                one.enter_context(published(network.host(2), f"theirs-{number}", TYPE, 2000 + turn,
                                            is_awaited=False))
                theirs[number] = one, 2000 + turn
            if turn % 4 == 3:
                victim = network.host(1)
                part = victim.bus if chance.random() < .3 else victim.avahi
                part.kill()
                if part is victim.bus:
                    victim.avahi.kill()
                    victim.bus.start()
                victim.avahi.begin()
        network.host(1).avahi.wait()
        wanted_ours = {(f"ours-{number}", port) for number, port in ours.items() if port}
        wanted_theirs = {(f"theirs-{number}", port) for number, (_, port) in theirs.items()}
        limit = 60 if is_sanitized() else 20
        wait_for(lambda: on_the_lan(network.host(1)) == wanted_ours,
                 "the registry's services on the LAN", limit)
        wait_for(lambda: in_the_registry(weftd) == wanted_theirs,
                 "the LAN's services in the registry", limit)
        wait_for(lambda: weftd.json("bridge", "status")["advertised"] == len(wanted_ours),
                 "the figure of those advertised", limit)
        assert not [row for row in weftd.json("bridge", "list") if row["state"] == "pending"]
        assert weftd.stop() == 0
        wait_for(lambda: not on_the_lan(network.host(1)), "the end of the services", limit)
