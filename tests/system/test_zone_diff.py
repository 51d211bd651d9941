# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft zone diff`: what merging a zone file would change, before it is merged. What it shows is what a
reload then does."""

import json
import subprocess

import pytest

import leases
from conftest import WEFT, ZONE
from services import new_served, register
from test_reload import OPEN, contents
from updates import send, serial
from waiting import LIMIT_S


@pytest.fixture
def served(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc TXT x\n")
    return weftd.configure({"lab.cloud": OPEN}).start()


def diff(weftd, text, *args):
    """The lines for a file with that text, sorted; the exit status must fit them."""
    path = weftd.folder / "new.zone"
    path.write_text(text)
    done = weftd.weft(*args, "zone", "diff", "lab.cloud", str(path), check=False)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1 if lines else 0, ""), done
    return lines


@pytest.mark.parametrize("change, lines", [
    ("", []),
    ("d A 10.0.0.4\n", ["+ d.lab.cloud. 60 A 10.0.0.4"]),
    ("-a", ["- a.lab.cloud. 60 A 10.0.0.1"]),
    ("-c TXT x", ["- c.lab.cloud. 60 TXT \"x\""]),
    ("a 90 A 10.0.0.1\n", None),
    ("e 90 A 10.0.0.5\ne AAAA 2001:db8::5\n",
     ["+ e.lab.cloud. 90 A 10.0.0.5", "+ e.lab.cloud. 60 AAAA 2001:db8::5"]),
])
def test_records_that_a_merge_would_change_are_shown(served, change, lines):
    text = ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc TXT x\n"
    if change.startswith("-"):
        text = "".join(line for line in text.splitlines(True)
                       if not line.startswith(change[1:] + (" " if change == "-a" else "\n")))
    elif change.startswith("a 90"):
        text = text.replace("a A 10.0.0.1\n", change)
        lines = ["- a.lab.cloud. 60 A 10.0.0.1", "+ a.lab.cloud. 90 A 10.0.0.1"]
    else:
        text += change
    assert diff(served, text) == lines


def test_what_updates_have_changed_is_respected(served):
    assert send(served, [], ["a 0 ANY A", "dyn 60 IN A 192.0.2.1",
                             "b 60 IN A 192.0.2.2", "f 60 IN A 10.0.0.6"]).rcode == "NOERROR"
    text = ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc TXT x\n"
    assert diff(served, text) == []
    assert diff(served, text.replace("a A 10.0.0.1\n", "")) == []
    assert diff(served, text + "f A 10.0.0.6\n") == []
    assert diff(served, text.replace("b A 10.0.0.2\n", "")) == ["- b.lab.cloud. 60 A 10.0.0.2"]


def test_the_soa_has_the_serial_that_it_would_get(served):
    text = ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc TXT x\n"
    now = serial(served)
    soa = "ns.lab.cloud. hostmaster.lab.cloud. {} {} 600 86400 10"
    assert diff(served, text.replace("SOA ns hostmaster 1 3600", "SOA ns hostmaster 1 7200")) == [
        f"- lab.cloud. 60 SOA {soa.format(now, 3600)}",
        f"+ lab.cloud. 60 SOA {soa.format(now + 1, 7200)}"]
    assert diff(served, text.replace("SOA ns hostmaster 1 ", "SOA ns hostmaster 100 ")) == [
        f"- lab.cloud. 60 SOA {soa.format(now, 3600)}",
        f"+ lab.cloud. 60 SOA {soa.format(100, 3600)}"]
    assert send(served, [], ["dyn 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    assert diff(served, text) == []


def test_the_last_ns_of_the_apex_stays(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "@ NS b\nb A 10.0.0.2\n")
    weftd.configure({"lab.cloud": OPEN}).start()
    assert diff(weftd, ZONE.replace("@ NS ns", "@ NS c") + "b A 10.0.0.2\nc A 10.0.0.3\n") == [
        "- lab.cloud. 60 NS b.lab.cloud.", "+ lab.cloud. 60 NS c.lab.cloud.",
        "- lab.cloud. 60 NS ns.lab.cloud.", "+ c.lab.cloud. 60 A 10.0.0.3"]
    assert send(weftd, [], ["@ 0 NONE NS ns"]).rcode == "NOERROR"
    assert diff(weftd, ZONE + "b A 10.0.0.2\n") == []


def dump(weftd):
    """The records of the zone as the lines of a diff have them, without the SOA."""
    lines = [line.split("\t") for line in weftd.weft("zone", "dump", "lab.cloud").stdout.splitlines()]
    return {f"{owner} {ttl} {rdtype} {rdata}" for owner, ttl, _, rdtype, rdata in lines
            if rdtype != "SOA"}


def test_a_reload_does_what_was_shown(served):
    assert send(served, [], ["b 0 NONE A 10.0.0.2", "dyn 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    text = ZONE + "A A 10.0.0.1\nc 90 TXT x\nd A 10.0.0.4\ndyn A 192.0.2.1\ndyn A 192.0.2.2\n"
    lines, before = diff(served, text), dump(served)
    assert lines == [
        "- a.lab.cloud. 60 A 10.0.0.1", "+ A.lab.cloud. 60 A 10.0.0.1",
        '- c.lab.cloud. 60 TXT "x"', '+ c.lab.cloud. 90 TXT "x"', "+ d.lab.cloud. 60 A 10.0.0.4",
        "+ dyn.lab.cloud. 60 A 192.0.2.2"]
    served.zone(text)
    served.weft("zone", "reload")
    after = dump(served)
    assert set(lines) == {f"- {r}" for r in before - after} | {f"+ {r}" for r in after - before}
    assert diff(served, text) == []


def test_standard_input_and_json(served):
    text = ZONE + "a A 10.0.0.1\nc TXT x\nd A 10.0.0.4\n"

    def run(*args):
        return subprocess.run([WEFT, "-s", str(served.socket), *args], input=text, text=True,
                              capture_output=True, timeout=LIMIT_S)
    done = run("zone", "diff", "lab.cloud", "-")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "- b.lab.cloud. 60 A 10.0.0.2\n+ d.lab.cloud. 60 A 10.0.0.4\n"
    assert json.loads(run("-j", "zone", "diff", "lab.cloud", "-").stdout) == {
        "zone": "lab.cloud.",
        "added": [{"name": "d.lab.cloud.", "ttl": 60, "type": "A", "data": "10.0.0.4"}],
        "removed": [{"name": "b.lab.cloud.", "ttl": 60, "type": "A", "data": "10.0.0.2"}]}
    text = ZONE + "a A 10.0.0.300\n"
    done = run("zone", "diff", "lab.cloud", "-")
    assert done.returncode == 2 and "standard input:7: " in done.stderr, done


def test_trouble_has_a_status_of_its_own(served):
    path = served.folder / "new.zone"
    for text, why in ((ZONE + "a CNAME b\na A 10.0.0.1\n", "CNAME"), ("$TTL 60\na A 10.0.0.1\n", "SOA")):
        path.write_text(text)
        done = served.weft("zone", "diff", "lab.cloud", str(path), check=False)
        assert (done.returncode, done.stdout) == (2, "") and why in done.stderr, done
    path.write_text(ZONE)
    for args in (["other.cloud", str(path)], ["lab.cloud", "no-such-file"]):
        done = served.weft("zone", "diff", *args, check=False)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr, done


def test_a_zone_that_is_not_there_is_no_error_of_the_file(served):
    path = served.zone()
    done = served.weft("zone", "diff", "none.cloud", str(path), check=False)
    assert (done.returncode, done.stderr) == (2, "weft: none.cloud is not a zone of this weftd\n")


def test_a_zone_in_which_keys_own_names_can_be_compared(make_weftd):
    """Its dump is refused as a zone file; here it is read all the same."""
    served = new_served(make_weftd)
    weftd, _ = served
    register(served, "web-1")
    text = (weftd.folder / "lab.cloud.zone").read_text()
    assert diff(weftd, text) == []
    assert diff(weftd, text + "n9.nodes A 10.0.0.9\n") == ["+ n9.nodes.lab.cloud. 60 A 10.0.0.9"]
    weftd.kill()
    weftd.start()
    assert diff(weftd, text) == []
    assert leases.is_there(weftd, "web-1")
