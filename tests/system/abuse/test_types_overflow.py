# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""One key cannot make a name or an RRset grow without end: what is over a limit is refused, with the
limit's name, by update and by zone file; what an older store has is kept."""

import pytest

import leases
import updates
from waiting import wait_for

OWNER = "n1.nodes"


def types(start, count):
    return [f"{OWNER} 60 IN TYPE{number} \\#" for number in range(start, start + count)]


def refused(weftd, key, lines, why):
    before = weftd.json("stats")["registrar"]["refused-size"]
    reply = updates.send(weftd, updates=lines, key=key, tcp=True)
    assert reply.rcode == "REFUSED" and why in reply.why, reply
    assert weftd.json("stats")["registrar"]["refused-size"] == before + 1
    assert weftd.is_running()


@pytest.fixture
def fabric(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.ZONE)
    weftd.start()
    return weftd, key("n1")


def test_a_name_has_a_hundred_rrsets(fabric):
    weftd, key = fabric
    refused(weftd, key, types(300, 101), "TYPE400 makes more than 100 RRsets at the name "
                                         "(limits: rrsets)")
    assert updates.send(weftd, updates=types(300, 100), key=key, tcp=True).rcode == "NOERROR"
    refused(weftd, key, types(400, 1), "limits: rrsets")
    # What is there can be set again, and replaced.
    assert updates.send(weftd, updates=types(300, 100), key=key, tcp=True).rcode == "NOERROR"
    lines = [f"{OWNER} 0 ANY TYPE300", *types(400, 1)]
    assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"


def test_an_rrset_has_a_thousand_records(fabric):
    weftd, key = fabric
    lines = [f"{OWNER} 60 IN A 10.0.{i // 250}.{i % 250}" for i in range(1001)]
    refused(weftd, key, lines, "A makes more than 1000 records in the RRset (limits: records)")
    assert updates.send(weftd, updates=lines[:1000], key=key, tcp=True).rcode == "NOERROR"
    refused(weftd, key, lines[1000:], "limits: records")
    assert len(updates.lookup(weftd, f"{OWNER}.lab.cloud.", "A")) == 1000


def test_a_name_has_256_kib(fabric):
    weftd, key = fabric
    text = " ".join('"' + "x" * 250 + '"' for _ in range(200))
    for i in range(5):
        lines = [f"{OWNER} 60 IN TYPE{300 + i} \\#" + "00" * 51000, f"{OWNER} 60 IN TXT {i}"]
        assert updates.send(weftd, updates=lines, key=key, tcp=True).rcode == "NOERROR"
    refused(weftd, key, [f"{OWNER} 60 IN TXT {text}"],
            "TXT makes more than 262144 octets at the name (limits: name-size)")


@pytest.mark.parametrize("owner, limits, number", [
    ("fat", "{rrsets: 8}", 9),
    ("fat", "{rrsets: 1000, name-size: 1024}", 86),
])
def test_a_zone_file_is_held_to_the_limits(make_weftd, owner, limits, number):
    weftd = make_weftd()
    first = leases.ZONE.count("\n") + 1
    weftd.zone(leases.ZONE + "".join(f"{owner} TYPE{300 + i} \\# 0\n" for i in range(100)))
    weftd.configure({"lab.cloud": f"limits: {limits}"})
    weftd.start()
    assert f'lab.cloud.zone:{first + number - 1} why="fat' in weftd.log()
    assert "zone-not-served zone=lab.cloud." in weftd.log()
    weftd.stop()
    weftd.conf.write_text(weftd.conf.read_text().replace(limits, "{rrsets: 100}"))
    weftd.start()
    assert weftd.json("zone", "status")[0]["state"] == "served"


def test_a_reload_is_held_to_the_limits(fabric):
    weftd, key = fabric
    assert updates.send(weftd, updates=types(300, 90), key=key, tcp=True).rcode == "NOERROR"
    weftd.zone(leases.ZONE + "".join(f"{OWNER} TYPE{500 + i} \\# 0\n" for i in range(11)))
    weftd.weft("reload", check=False)
    wait_for(lambda: "n1.nodes.lab.cloud. TYPE510 makes more than 100 RRsets at the name "
                     "(limits: rrsets): nothing is merged" in weftd.log(), "error of the reload")
    assert updates.lookup(weftd, f"{OWNER}.lab.cloud.", "TYPE500") == set()
    weftd.zone(leases.ZONE + "".join(f"{OWNER} TYPE{500 + i} \\# 0\n" for i in range(10)))
    weftd.weft("reload")
    wait_for(lambda: updates.lookup(weftd, f"{OWNER}.lab.cloud.", "TYPE509"), "merged file")


def test_limits_take_effect_on_reload(fabric):
    weftd, key = fabric
    text = weftd.conf.read_text()
    for limit in (8, 150, 100):
        weftd.conf.write_text(text.replace("    lease:", f"    limits: {{rrsets: {limit}}}\n    lease:"))
        weftd.weft("reload")
        refused(weftd, key, types(300, limit + 1), f"more than {limit} RRsets")
    assert updates.send(weftd, updates=types(300, 100), key=key, tcp=True).rcode == "NOERROR"


def test_what_the_store_has_is_kept(fabric):
    weftd, key = fabric
    assert updates.send(weftd, updates=types(300, 100), key=key, tcp=True).rcode == "NOERROR"
    text = weftd.conf.read_text()
    weftd.conf.write_text(text.replace("    lease:", "    limits: {rrsets: 8}\n    lease:"))
    for end in (weftd.stop, weftd.kill):
        end()
        weftd.start()
        assert "names-over-limits zone=lab.cloud. count=1 first=n1.nodes.lab.cloud. " \
               'why="more than 8 RRsets' in weftd.log()
        refused(weftd, key, types(400, 1), "more than 8 RRsets")
        assert updates.lookup(weftd, f"{OWNER}.lab.cloud.", "TYPE399")
    lines = [f"{OWNER} 0 ANY ANY"]
    assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"
    assert updates.send(weftd, updates=types(400, 8), key=key).rcode == "NOERROR"
