# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft lease`, and the counters of leases in `weft stats`."""

import pytest

import leases
import updates
from waiting import wait_for

WEB = "web._http._tcp.lab.cloud."


@pytest.fixture
def served(make_weftd):
    """A started weftd with a fabric, and the function that returns its keys by name."""
    weftd, key = leases.fabric(make_weftd, lease="{minimum: 1, grace: 0}")
    return weftd.start(), key


def row(weftd, *args):
    found, = weftd.json("lease", "list", *args)
    return found


def test_list_tells_zone_keys_and_time_of_each_lease(served):
    weftd, key = served
    assert weftd.json("lease", "list") == []
    assert weftd.weft("lease", "list").stdout == ""
    leases.register(weftd, key("n1"), "web", lease=(100, 1000))
    leases.register(weftd, key("n2"), "db", lease=50)
    rows = weftd.json("lease", "list")
    assert all(0 < found["left"] <= found["granted"] for found in rows)
    assert all(found["left"] > found["granted"] - 30 for found in rows)
    names = [(found["name"], found["kind"], found["granted"], found["records"]) for found in rows]
    assert names == [("db._http._tcp.lab.cloud.", "records", 50, 3), (WEB, "records", 100, 3),
                     (WEB, "name", 1000, 0)]
    assert [found["key"] for found in rows] == ["n2.keys.lab.cloud.", "n1.keys.lab.cloud.",
                                                "n1.keys.lab.cloud."]
    assert all(found["owner"] == found["key"] and found["zone"] == "lab.cloud." for found in rows)
    lines = weftd.weft("lease", "list").stdout.splitlines()
    assert lines[0].split() == ["name", "zone", "kind", "key", "owner", "granted", "left",
                                "records"]
    assert len(lines) == 4


def test_list_takes_zones_and_names(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    leases.register(weftd, key("n1"), "api", lease=100)
    assert len(weftd.json("lease", "list", "lab.cloud")) == 2
    assert len(weftd.json("lease", "list", "LAB.cloud.")) == 2
    assert row(weftd, "WEB._http._tcp.lab.cloud")["name"] == WEB
    assert row(weftd, WEB)["name"] == WEB
    assert len(weftd.json("lease", "list", WEB, "api._http._tcp.lab.cloud")) == 2
    assert weftd.json("lease", "list", "other._http._tcp.lab.cloud") == []
    for name in "web.example", "a..b":
        refused = weftd.weft("lease", "list", name, check=False)
        assert (refused.returncode, refused.stderr) == (
            1, f"weft: {name} is not in a zone of this weftd\n")


def test_a_zone_below_another_has_leases_of_its_own(make_weftd):
    weftd = leases.open_zone(make_weftd)
    weftd.zone(leases.SOA.replace("lab.cloud", "sub.lab.cloud") + "ns A 127.0.0.1\n",
               "sub.lab.cloud")
    weftd.configure({name: "update: {key: bench}" for name in ("lab.cloud", "sub.lab.cloud")})
    weftd.start()
    updates.send(weftd, updates=["a 60 IN A 10.0.0.1"], lease=100)
    updates.send(weftd, updates=["b 60 IN A 10.0.0.1"], lease=100, zone="sub.lab.cloud",
                 below="sub.lab.cloud.")
    assert row(weftd, "lab.cloud")["name"] == "a.lab.cloud."
    assert row(weftd, "sub.lab.cloud")["name"] == "b.sub.lab.cloud."
    assert row(weftd, "b.sub.lab.cloud")["zone"] == "sub.lab.cloud."
    assert row(weftd, "a.lab.cloud")["owner"] is None
    assert len(weftd.json("lease", "list")) == 2


def test_show_has_the_records(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=(100, 1000), port=8080)
    found = weftd.json("lease", "show", WEB)
    assert (found["name"], found["zone"], found["owner"]) == (WEB, "lab.cloud.",
                                                              "n1.keys.lab.cloud.")
    assert [(lease["kind"], lease["granted"]) for lease in found["leases"]] == [("records", 100),
                                                                               ("name", 1000)]
    records = {(r["name"], r["type"], r["data"], r["ttl"]) for r in found["records"]}
    assert records == {(WEB, "SRV", "0 0 8080 ns.lab.cloud.", 60),
                       (WEB, "TXT", '"a=b"', 60), ("_http._tcp.lab.cloud.", "PTR", WEB, 60)}
    text = weftd.weft("lease", "show", "web._http._tcp.lab.cloud").stdout
    assert "0 0 8080 ns.lab.cloud." in text
    assert "owner  n1.keys.lab.cloud." in text


def test_a_holder_that_signs_nothing_and_odd_octets_are_shown(make_weftd):
    weftd = leases.open_zone(make_weftd)
    weftd.start()
    updates.send(weftd, updates=['a 60 IN TXT "caf\\195\\169 \\"x\\" \\000"',
                                 "a 60 IN TYPE65280 \\#01ff"], lease=100)
    found = weftd.json("lease", "show", "a.lab.cloud")
    assert found["owner"] is None and found["leases"][0]["key"] == "bench."
    assert {(r["type"], r["data"]) for r in found["records"]} == {
        ("TXT", '"caf\\195\\169 \\"x\\" \\000"'), ("TYPE65280", "\\# 2 01ff")}


def test_extend_moves_the_end(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=(2, 10))
    moved = weftd.json("lease", "extend", WEB, "500")
    assert [(found["kind"], found["left"] > 490) for found in moved] == [("records", True),
                                                                        ("name", True)]
    weftd.kill()
    weftd.start()
    assert all(490 < found["left"] <= 500 for found in weftd.json("lease", "list"))
    assert [found["left"] for found in weftd.json("lease", "extend", WEB, "1")][0] == 1
    wait_for(lambda: not leases.is_there(weftd, "web"), "end of the lease")
    assert row(weftd)["kind"] == "name"
    assert row(weftd)["left"] > 480
    weftd.json("lease", "extend", WEB, "600")
    assert row(weftd)["left"] > 590


def test_drop_ends_the_lease_and_frees_the_name(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=(100, 1000))
    assert leases.register(weftd, key("n2"), "web", lease=100, check=False).rcode == "YXDOMAIN"
    before = updates.serial(weftd)
    ended = weftd.json("lease", "drop", WEB)
    assert [(found["kind"], found["state"], "left" in found) for found in ended] == [
        ("records", "dropped", False), ("name", "dropped", False)]
    assert not leases.is_there(weftd, "web")
    assert updates.serial(weftd) == before + 1
    assert weftd.json("lease", "list") == []
    wait_for(lambda: "lease-dropped name=web._http._tcp.lab.cloud.\n" in weftd.log(), "line of it")
    leases.register(weftd, key("n2"), "web", lease=100)
    weftd.kill()
    weftd.start()
    assert row(weftd)["key"] == "n2.keys.lab.cloud."


@pytest.mark.parametrize("args", [("show",), ("extend", "10"), ("drop",)])
def test_a_name_without_lease_is_an_error(served, args):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    command, *more = args
    for name in "static._http._tcp.lab.cloud.", "nobody.lab.cloud":
        refused = weftd.weft("lease", command, name, *more, check=False)
        assert (refused.returncode, refused.stderr) == (1, f"weft: {name} has no lease\n")
    assert len(weftd.json("lease", "list")) == 1


def test_extend_takes_a_duration(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    for text, seconds in ("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600), ("2d", 2 * 86400):
        assert weftd.json("lease", "extend", WEB, text)[0]["left"] == seconds
    assert "1h" in weftd.weft("lease", "extend", WEB, "60m").stdout
    for text in "0", "-1", "1x", "", " 5", "h", "1h30m", "9999w", "99999999999999999999":
        refused = weftd.weft("lease", "extend", "--", WEB, text, check=False)
        assert refused.returncode == 2
        assert f'invalid duration "{text}"' in refused.stderr
    assert weftd.weft("lease", "extend", WEB, check=False).returncode == 2


def test_leases_of_a_parked_zone_are_listed_and_stay(make_weftd):
    weftd = leases.open_zone(make_weftd)
    weftd.start()
    updates.send(weftd, updates=["a 60 IN A 10.0.0.1"], lease=100)
    weftd.zone(leases.SOA.replace("lab.cloud", "other.cloud") + "ns A 127.0.0.1\n", "other.cloud")
    weftd.configure({"other.cloud": "update: {key: bench}"})
    weftd.weft("reload")
    found = wait_for(lambda: [r for r in weftd.json("lease", "list") if r["left"] is None],
                     "parked lease")
    assert found[0]["name"] == "a.lab.cloud."
    for args in ("extend", "a.lab.cloud", "10"), ("drop", "a.lab.cloud"):
        refused = weftd.weft("lease", *args, check=False)
        assert (refused.returncode, refused.stderr) == (
            1, "weft: a.lab.cloud is in a zone that is parked\n")
    assert len(weftd.json("lease", "list", "a.lab.cloud")) == 1


def test_many_leases_are_listed_in_order(make_weftd):
    weftd = leases.open_zone(make_weftd)
    weftd.start()
    for start in range(0, 10000, 500):
        reply = updates.send(weftd, updates=[f"h{i:05} 60 IN A 10.0.0.1"
                                             for i in range(start, start + 500)], lease=1000,
                             tcp=True)
        assert reply.rcode == "NOERROR"
    rows = weftd.json("lease", "list")
    assert [found["name"] for found in rows] == [f"h{i:05}.lab.cloud." for i in range(10000)]


def test_stats_count_leases(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    leases.register(weftd, key("n1"), "web", lease=100)
    leases.register(weftd, key("n1"), "short", lease=1)
    leases.register(weftd, key("n2"), "web", lease=100, check=False)
    wait_for(lambda: weftd.json("stats")["leases"]["expired"] == 1, "expiry")
    assert weftd.json("stats")["leases"] == {
        "granted": 2, "refreshed": 1, "expired": 1, "refused": 1, "dropped": 0, "leases": 1,
        "owners": 1}
    weftd.weft("lease", "drop", WEB)
    found = weftd.json("stats")["leases"]
    assert (found["dropped"], found["leases"], found["owners"]) == (1, 0, 0)
    assert "\nleases:\n  granted    2\n" in weftd.weft("stats").stdout


def test_the_log_tells_what_was_granted(served):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    leases.register(weftd, key("n1"), "db", lease=(100, 1000000))
    leases.register(weftd, key("n1"), "stays")
    leases.register(weftd, key("n2"), "web", lease=100, check=False)
    wait_for(lambda: weftd.log().count(" update client=") == 4, "lines of the log")
    lines = [line for line in weftd.log().splitlines() if " update client=" in line]
    assert lines[0].endswith(' lease=100')
    assert lines[1].endswith(' lease=100/1000000')
    assert "lease=" not in lines[2] and "lease=" not in lines[3]
