# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What a start needs, and what it does without."""

import pytest

from conftest import ZONE
from updates import lookup, send

OPEN = "update: {key: bench}"
WITH_VIEW = f"{OPEN}\nservice-view: {{enable: yes}}\nlease: {{default: 3600}}"
TWO = ZONE.replace("lab.cloud", "two.cloud")


def rcode(weftd, name):
    """The rcode of an answer, as dig names it."""
    return weftd.dig("+noall", "+comments", name, "A").split("status: ")[1].split(",")[0]


def status(weftd, zone):
    return weftd.json("zone", "status", zone)[0]


@pytest.fixture
def two_zones(make_weftd):
    """A weftd that is not started yet, with the zones lab.cloud and two.cloud."""
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(TWO, "two.cloud")
    return weftd.configure({"lab.cloud": OPEN, "two.cloud": WITH_VIEW})


# ---- zone files ----

@pytest.mark.parametrize("text", [TWO + "bad A 1.2.3\n", TWO.replace("@ NS ns\n", ""), "", None],
                         ids=["syntax", "check", "empty", "missing"])
def test_a_zone_whose_file_is_refused_fails_alone(two_zones, text):
    path = two_zones.folder / "two.cloud.zone"
    path.unlink()
    if text is not None:
        path.write_text(text)
    two_zones.start()
    assert rcode(two_zones, "ns.lab.cloud") == "NOERROR"
    assert rcode(two_zones, "ns.two.cloud") == "SERVFAIL"
    assert "error zone: zone-not-served zone=two.cloud." in two_zones.log()
    assert "two.cloud.zone" in two_zones.log()
    found = status(two_zones, "two.cloud")
    assert (found["state"], found["file-state"]) == ("not served", "refused")
    assert status(two_zones, "lab.cloud")["state"] == "served"
    assert send(two_zones, [], ["a.two.cloud. 60 IN A 10.0.0.1"],
                zone="two.cloud").rcode == "SERVFAIL"
    # Whatever asks for the zone gets an answer.
    for command in (["stats"], ["zone", "dump", "two.cloud"], ["zone", "check", "two.cloud"],
                    ["zone", "checkpoint"], ["drain", "a._s._tcp.two.cloud"], ["lease", "list"],
                    ["zone", "reload"], ["reload"]):
        two_zones.weft(*command, check=False)
    assert two_zones.is_running() and rcode(two_zones, "ns.two.cloud") == "SERVFAIL"
    # Mended, it is served with all that belongs to it.
    path.write_text(TWO)
    two_zones.weft("zone", "reload", "two.cloud")
    assert lookup(two_zones, "ns.two.cloud", "A") == {"60 127.0.0.1"}
    assert status(two_zones, "two.cloud")["state"] == "served"
    assert send(two_zones, [], ["_s._tcp.two.cloud. 60 IN PTR a._s._tcp.two.cloud.",
                                "a._s._tcp.two.cloud. 60 IN SRV 0 0 80 ns.two.cloud.",
                                "a._s._tcp.two.cloud. 60 IN TXT x"],
                zone="two.cloud").rcode == "NOERROR"
    assert lookup(two_zones, "_s._tcp.two.cloud", "SRV")
    two_zones.kill()
    two_zones.start()
    assert lookup(two_zones, "a._s._tcp.two.cloud", "SRV")


@pytest.mark.parametrize("is_missing", [False, True], ids=["invalid", "missing"])
def test_what_the_store_has_is_served_without_the_file(two_zones, is_missing):
    two_zones.start()
    assert send(two_zones, [], ["a.two.cloud. 60 IN A 10.0.0.1"],
                zone="two.cloud").rcode == "NOERROR"
    two_zones.weft("zone", "checkpoint")
    two_zones.kill()
    path = two_zones.folder / "two.cloud.zone"
    if is_missing:
        path.unlink()
    else:
        path.write_text(TWO + "bad A 1.2.3\n")
    two_zones.start()
    for name in ("ns.lab.cloud", "ns.two.cloud", "a.two.cloud"):
        assert rcode(two_zones, name) == "NOERROR", name
    assert "file-not-merged zone=two.cloud." in two_zones.log()
    assert status(two_zones, "two.cloud")["file-state"] == "refused"


def test_stored_changes_wait_for_a_file_that_is_refused(two_zones):
    """The store has changes, but no baseline that they were made to."""
    two_zones.start()
    assert send(two_zones, [], ["a.two.cloud. 60 IN A 10.0.0.1"],
                zone="two.cloud").rcode == "NOERROR"
    two_zones.kill()
    for path in two_zones.folder.glob("state/**/*two.cloud*"):
        path.unlink()
    path = two_zones.folder / "two.cloud.zone"
    path.write_text(TWO + "bad A 1.2.3\n")
    two_zones.start()
    assert rcode(two_zones, "a.two.cloud") == "SERVFAIL"
    two_zones.weft("zone", "checkpoint")
    two_zones.kill()
    two_zones.start()
    assert rcode(two_zones, "a.two.cloud") == "SERVFAIL"
    path.write_text(TWO + "b A 10.0.0.2\n")
    two_zones.weft("zone", "reload")
    for _ in range(2):
        assert lookup(two_zones, "a.two.cloud", "A") == {"60 10.0.0.1"}
        assert lookup(two_zones, "b.two.cloud", "A") == {"60 10.0.0.2"}
        two_zones.kill()
        two_zones.start()


def test_a_configuration_error_still_stops_the_start(two_zones):
    two_zones.conf.write_text(two_zones.conf.read_text() + "nothing: 1\n")
    with pytest.raises(AssertionError):
        two_zones.start()
    assert f"{two_zones.conf}:" in two_zones.log()
