# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The two layers of a zone: the file that the administrator edits, and what was registered since.
Reload, restart, dump; zones and keys that are added and removed under load."""

import json
import os
import random
import signal
import subprocess
import threading

import pytest

from conftest import SECRET, WEFT, ZONE
from manager import Manager
from updates import Key, exchange, is_newer, lookup, send, serial, transferred, update
from waiting import LIMIT_S, wait_for

OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"
SOA, NS, A, TXT = 6, 2, 1, 16


@pytest.fixture
def served(make_weftd):
    """A weftd whose zone every local client may transfer."""
    weftd = make_weftd()
    weftd.zone()
    return weftd.configure({"lab.cloud": OPEN}, "workers: 4").start()


def reload(weftd, how="command"):
    """Reloads and waits until it is done."""
    if how == "command":
        weftd.weft("zone", "reload")
        return
    before = weftd.log().count("file-merged")
    weftd.process.send_signal(signal.SIGHUP)
    wait_for(lambda: weftd.log().count("file-merged") > before, "merged file")


def restart(weftd):
    weftd.kill()
    weftd.start()


def contents(weftd, zone="lab.cloud"):
    """All records but the SOA's serial."""
    _, records = transferred(weftd, zone)
    return {(owner, rdtype, rdata[:-20] + rdata[-16:] if rdtype == SOA else rdata)
            for owner, found in records.items() for rdtype, rdata in found}


# ---- merging ----

def test_what_a_merge_has_changed_is_said(served):
    before = serial(served)
    served.zone(ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc A 10.0.0.3\n")
    assert served.weft("zone", "reload", "lab.cloud").stdout == \
        f"lab.cloud.: records +3 -0, serial {before} -> {before + 1}\n"
    served.zone(ZONE + "a 90 A 10.0.0.1\nb A 10.0.0.2\n")
    assert send(served, [], ["b 0 NONE A 10.0.0.2"]).rcode == "NOERROR"
    [row] = served.json("zone", "reload")
    assert (row["changed"], row["added"], row["removed"]) == (True, 1, 1)
    assert (row["serial-before"], row["serial"]) == (before + 2, before + 3)
    assert served.weft("zone", "reload").stdout == \
        f"lab.cloud.: nothing changed, serial {before + 3}\n"
    [row] = served.json("zone", "reload")
    assert (row["changed"], row["added"], row["removed"]) == (False, 0, 0)
    assert row["serial-before"] == row["serial"] == before + 3
    wait_for(lambda: f"file-merged zone=lab.cloud. added=1 removed=1 serial-before={before + 2} "
             f"serial={before + 3}" in served.log(), "the numbers in the log")


@pytest.mark.parametrize("how", ["command", "signal"])
def test_the_difference_is_applied_and_what_was_registered_stays(served, how):
    served.zone(ZONE + "a A 10.0.0.1\nb A 10.0.0.2\nc A 10.0.0.3\nc A 10.0.0.4\n")
    reload(served)
    assert send(served, [], ["dyn 60 IN A 192.0.2.1", "b 60 IN A 192.0.2.2",
                             "c 0 NONE A 10.0.0.3", "n1.nodes 0 ANY ANY"]).rcode == "NOERROR"
    before = serial(served)
    served.zone(ZONE + "b A 10.0.0.2\nb A 10.0.0.22\nc 120 A 10.0.0.4\nd A 10.0.0.5\n")
    reload(served, how)
    assert is_newer(serial(served), before)
    assert lookup(served, "a.lab.cloud", "A") == set()
    assert lookup(served, "b.lab.cloud", "A") == {"60 10.0.0.2", "60 10.0.0.22", "60 192.0.2.2"}
    assert lookup(served, "c.lab.cloud", "A") == {"120 10.0.0.4"}
    assert lookup(served, "d.lab.cloud", "A") == {"60 10.0.0.5"}
    assert lookup(served, "dyn.lab.cloud", "A") == {"60 192.0.2.1"}
    # The record is in both files, so the edit does not concern it.
    assert lookup(served, "n1.nodes.lab.cloud", "A") == set()
    whole = transferred(served)
    restart(served)
    assert transferred(served) == whole


def test_of_the_ttls_of_a_set_in_the_file_the_lowest_counts(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "a 90 A 192.0.2.1\na 30 A 192.0.2.2\na 60 A 192.0.2.3\n")
    weftd.configure().start()
    assert lookup(weftd, "a.lab.cloud", "A") == {f"30 192.0.2.{i}" for i in (1, 2, 3)}
    assert "lab.cloud.zone:8 why=\"the TTL differs" in weftd.log()
    assert "lab.cloud.zone:9 why=\"the TTL differs" in weftd.log()


def test_a_file_that_did_not_change_moves_no_serial(served):
    assert send(served, [], ["dyn 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    before = serial(served)
    reload(served)
    served.zone()
    reload(served)
    restart(served)
    assert serial(served) == before


def test_a_record_removed_from_the_file_goes_even_if_it_was_registered_too(served):
    """Such a record is in the zone once, without an owner, so the administrator's removal removes
    it."""
    served.zone(ZONE + "a A 10.0.0.1\na A 10.0.0.2\n")
    reload(served)
    assert send(served, [], ["a 60 IN A 10.0.0.1", "a 60 IN A 10.0.0.3"]).rcode == "NOERROR"
    served.zone(ZONE)
    reload(served)
    assert lookup(served, "a.lab.cloud", "A") == {"60 10.0.0.3"}


def test_what_an_update_deleted_may_leave_the_file_and_come_back(served):
    served.zone(ZONE + "a A 10.0.0.1\n")
    reload(served)
    assert send(served, [], ["a 0 ANY ANY"]).rcode == "NOERROR"
    served.zone(ZONE)
    reload(served)
    assert lookup(served, "a.lab.cloud", "A") == set()
    served.zone(ZONE + "a A 10.0.0.1\n")
    reload(served)
    assert lookup(served, "a.lab.cloud", "A") == {"60 10.0.0.1"}


def test_the_file_s_serial_counts_if_it_is_newer(served):
    def edited(number):
        served.zone(ZONE.replace("hostmaster 1 3600", f"hostmaster {number} {7000 + number}"))
        reload(served)
        soa, = lookup(served, "lab.cloud", "SOA")
        assert f" {7000 + number} " in soa
        return serial(served)

    assert edited(100) == 100
    assert send(served, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    assert serial(served) == 101
    assert edited(101) == 102
    assert edited(50) == 103
    restart(served)
    assert serial(served) == 103


def test_a_cname_registered_where_the_file_gets_other_data_does_not_stay_beside_it(served):
    """Whichever wins: a CNAME is alone at its name, and the dump loads again."""
    assert send(served, [], ["x 60 IN CNAME ns", "y 60 IN A 10.0.0.1",
                             "z 60 IN CNAME ns"]).rcode == "NOERROR"
    served.zone(ZONE + "x A 10.0.0.9\ny CNAME ns\nz CNAME n1.nodes\n")
    served.weft("zone", "reload", check=False)
    _, records = transferred(served)
    for owner in ("x", "y", "z"):
        types = [rdtype for rdtype, _ in records[f"{owner}.lab.cloud."]]
        assert types == [5] or 5 not in types, (owner, types)
    path = served.folder / "dump"
    path.write_text(served.weft("zone", "dump", "lab.cloud").stdout)
    done = subprocess.run(["named-checkzone", "lab.cloud", str(path)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout


def test_the_zone_keeps_an_ns_record_whatever_is_merged(served):
    served.zone(ZONE + "@ NS ns2\nns2 A 127.0.0.1\n")
    reload(served)
    assert send(served, [], ["@ 0 NONE NS ns"]).rcode == "NOERROR"
    served.zone(ZONE)
    reload(served)
    assert lookup(served, "lab.cloud", "NS") != set()


# ---- invalid files ----

@pytest.mark.parametrize("text,line", [
    (ZONE + "bad A 10.0.0.256\n", 7),
    (ZONE.replace("@ NS ns\n", ""), 0),
    (ZONE + "a A 10.0.0.1\na CNAME ns\n", 0),
    (ZONE + "$INCLUDE none.zone\n", 7),
    ("", 0),
])
def test_a_wrong_file_leaves_the_zone_as_it_was(served, text, line):
    assert send(served, [], ["dyn 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    before = transferred(served)
    served.zone(text)
    done = served.weft("zone", "reload", check=False)
    assert done.returncode == 1
    place = f"lab.cloud.zone:{line}:" if line else "lab.cloud.zone:"
    assert place in done.stderr
    logged = f"lab.cloud.zone:{line} why=" if line else "lab.cloud.zone"
    wait_for(lambda: logged in served.log(), "line of the log")
    assert transferred(served) == before
    served.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "config: reload-failed" in served.log(), "second refusal")
    assert transferred(served) == before
    assert send(served, [], ["dyn2 60 IN A 192.0.2.2"]).rcode == "NOERROR"
    # At a start an invalid file is reported, and the zone is what the store has.
    served.kill()
    served.log_path.write_text("")
    served.start()
    assert logged in served.log()
    assert "file-not-merged zone=lab.cloud." in served.log()
    assert served.json("zone", "status")[0]["file-state"] == "refused"
    for owner in ("dyn", "dyn2"):
        assert lookup(served, f"{owner}.lab.cloud", "A"), owner
    served.zone(ZONE + "good A 10.0.0.9\n")
    served.weft("zone", "reload")
    assert served.json("zone", "status")[0]["file-state"] == "served"
    for owner in ("dyn", "dyn2", "good"):
        assert lookup(served, f"{owner}.lab.cloud", "A"), owner


def test_a_missing_file_is_reported(served):
    (served.folder / "lab.cloud.zone").unlink()
    for command in (["zone", "reload"], ["reload"]):
        done = served.weft(*command, check=False)
        assert done.returncode == 1
        assert "lab.cloud.zone: No such file" in done.stderr
        assert done.stderr.count("No such file") == 1
    assert lookup(served, "ns.lab.cloud", "A")


# ---- files changed while weftd was down ----

def test_a_reload_tells_of_wrong_zone_files(served):
    served.zone(ZONE + "bad A 1.2.3\n")
    done = served.weft("reload", check=False)
    assert done.returncode == 1
    assert "lab.cloud.zone:7:" in done.stderr
    served.zone(ZONE + "good A 192.0.2.1\n")
    assert served.weft("reload").stdout == "zone lab.cloud.: the zone file is merged\n"
    assert lookup(served, "good.lab.cloud", "A") == {"60 192.0.2.1"}


@pytest.mark.parametrize("text", ["", "$INCLUDE pipe\n"], ids=["file", "include"])
def test_a_pipe_holds_up_nothing(served, text):
    path = served.folder / "lab.cloud.zone"
    pipe = served.folder / "pipe" if text else path
    if text:
        served.zone(ZONE + text)
    else:
        path.unlink()
    os.mkfifo(pipe)
    done = served.weft("zone", "reload", check=False)
    assert done.returncode == 1
    assert "Invalid argument" in done.stderr and ":0:" not in done.stderr
    assert served.stop() == 0


def test_a_file_changed_while_weftd_was_down_is_merged_at_the_start(served):
    assert send(served, [], ["dyn 60 IN A 192.0.2.1", "n1.nodes 0 ANY ANY"]).rcode == "NOERROR"
    before = serial(served)
    assert served.stop() == 0
    served.zone(ZONE.replace("ns A 127.0.0.1", "ns A 127.0.0.2") + "new A 10.0.0.1\n")
    served.start()
    assert lookup(served, "new.lab.cloud", "A") == {"60 10.0.0.1"}
    assert lookup(served, "ns.lab.cloud", "A") == {"60 127.0.0.2"}
    assert lookup(served, "dyn.lab.cloud", "A") == {"60 192.0.2.1"}
    assert lookup(served, "n1.nodes.lab.cloud", "A") == set()
    assert is_newer(serial(served), before)


def test_an_included_file_that_changed_is_merged_too(make_weftd):
    weftd = make_weftd()
    part = weftd.folder / "part.zone"
    part.write_text("p A 10.0.0.1\n")
    weftd.zone(ZONE + "$INCLUDE part.zone\n")
    weftd.configure({"lab.cloud": OPEN}).start()
    part.write_text("p A 10.0.0.2\n")
    weftd.process.send_signal(signal.SIGHUP)
    wait_for(lambda: lookup(weftd, "p.lab.cloud", "A") == {"60 10.0.0.2"}, "change")
    assert weftd.stop() == 0
    part.write_text("p A 10.0.0.3\n")
    weftd.start()
    assert lookup(weftd, "p.lab.cloud", "A") == {"60 10.0.0.3"}


def test_random_edits_and_updates_give_the_zone_of_a_model(served):
    """The zone is a set of records; an edit is the difference of two files."""
    chance = random.Random(1995)
    file_now, model = set(), set()
    for _ in range(30):
        if chance.random() < 0.5:
            file_next = {(f"r{chance.randint(1, 6)}", f"10.0.0.{chance.randint(1, 4)}")
                         for _ in range(8)}
            served.zone(ZONE + "".join(f"{owner} A {value}\n" for owner, value in file_next))
            model = model - (file_now - file_next) | (file_next - file_now)
            file_now = file_next
            chance.choice([reload, restart])(served)
        else:
            owner, value = f"r{chance.randint(1, 6)}", f"10.0.0.{chance.randint(1, 4)}"
            if chance.random() < 0.6:
                assert send(served, [], [f"{owner} 60 IN A {value}"]).rcode == "NOERROR"
                model = model | {(owner, value)}
            else:
                assert send(served, [], [f"{owner} 0 NONE A {value}"]).rcode == "NOERROR"
                model = model - {(owner, value)}
            if chance.random() < 0.2:
                served.weft("zone", "checkpoint")
        for owner in range(1, 7):
            assert lookup(served, f"r{owner}.lab.cloud", "A") == {
                f"60 {value}" for name, value in model if name == f"r{owner}"}


# ---- dump ----

def test_a_dump_is_the_zone_and_loads_again(served, make_weftd):
    served.zone(ZONE + "*.wild TXT star\nsub NS ns.sub\nns.sub A 192.0.2.1\nm MX 10 n1.nodes\n")
    reload(served)
    assert send(served, [], ["dyn 60 IN A 192.0.2.1", 'q 60 IN TXT "a;b" "c\\"d" "\\200\\000"',
                             "u 60 IN TYPE65400 \\#010203", "h 60 IN HTTPS 1 . alpn=h2",
                             "ns 0 ANY AAAA", "x 0 IN A 192.0.2.9",
                             "ab 60 IN A 10.0.0.1",
                             "_s._tcp 60 IN SRV 1 2 3 ns"]).rcode == "NOERROR"
    copy = make_weftd("copy")
    copy.zone(served.weft("zone", "dump", "lab.cloud").stdout)
    copy.configure({"lab.cloud": OPEN}).start()
    assert transferred(copy) == transferred(served)


# ---- zones and keys that are added and removed ----

class Load:
    """Queries and signed queries from several threads; each must be answered."""

    def __init__(self, weftd, nthreads=3):
        self.weftd, self.failed, self.answered = weftd, [], 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(nthreads)]

    def _run(self, number):
        while not self.stopping.is_set():
            try:
                if lookup(self.weftd, "ns.lab.cloud", "A", tcp=number == 0,
                          timeout_s=20) != {"60 127.0.0.1"}:
                    self.failed.append("another answer")
                self.answered += 1
            except Exception as error:
                self.failed.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def write_key(weftd, key_name, secret=SECRET):
    path = weftd.folder / f"{key_name}.key"
    path.write_text(f'key "{key_name}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n')
    path.chmod(0o600)
    return Key(key_name, secret)


def test_zones_and_keys_come_and_go_without_losing_a_query(served):
    two = ZONE.replace("lab.cloud", "two.cloud")
    served.zone(two, "two.cloud")
    key = write_key(served, "extra")
    with Load(served) as load:
        for number in range(12):
            zones = {"lab.cloud": OPEN}
            if number % 2 == 0:
                zones["two.cloud"] = "update: {key: extra}"
            served.configure(zones, "workers: 4",
                             more="include: [extra.key]\n" if number % 2 == 0 else "")
            served.weft("reload")
            reply = send(served, [], [f"r{number}.two.cloud. 60 IN A 10.0.0.1"], key=None,
                         zone="two.cloud")
            assert reply.rcode == ("REFUSED" if number % 2 == 0 else "NOTAUTH")
            if number % 2 == 0:
                assert send(served, [], [f"r{number}.two.cloud. 60 IN A 10.0.0.1"], key=key,
                            zone="two.cloud").rcode == "NOERROR"
                # The zone was parked, with all its registrations.
                assert all(lookup(served, f"r{i}.two.cloud", "A") for i in range(0, number, 2))
    assert load.failed == []
    assert load.answered > 50


def test_a_zone_that_is_not_configured_for_a_while_keeps_its_records(served):
    served.zone(ZONE.replace("lab.cloud", "two.cloud"), "two.cloud")
    both = {"lab.cloud": OPEN, "two.cloud": OPEN}
    served.configure(both, "workers: 4")
    served.weft("reload")
    assert send(served, [], ["dyn.two.cloud. 60 IN A 10.0.0.1"], zone="two.cloud").rcode == "NOERROR"
    before = serial(served, "two.cloud")
    served.configure({"lab.cloud": OPEN}, "workers: 4")
    served.weft("reload")
    assert served.weft("zone", "list").stdout == "lab.cloud.\n"
    restart(served)
    assert served.weft("zone", "list").stdout == "lab.cloud.\n"
    served.zone(ZONE.replace("lab.cloud", "two.cloud") + "new A 10.0.0.2\n", "two.cloud")
    served.configure(both, "workers: 4")
    served.weft("reload")
    wait_for(lambda: lookup(served, "new.two.cloud", "A"), "merged file")
    assert lookup(served, "dyn.two.cloud", "A") == {"60 10.0.0.1"}
    assert is_newer(serial(served, "two.cloud"), before)
    restart(served)
    assert lookup(served, "dyn.two.cloud", "A") == {"60 10.0.0.1"}


def test_a_key_s_new_secret_counts_after_the_reload(served):
    old = Key()
    new = Key(secret="bmV3LXNlY3JldC1uZXctc2VjcmV0LW5ldy1zZWNyZXQh")
    write_key(served, "bench", new.secret)
    assert send(served, [], ["a 60 IN A 10.0.0.1"], key=old).rcode == "NOERROR"
    served.weft("reload")
    assert send(served, [], ["b 60 IN A 10.0.0.1"], key=new).rcode == "NOERROR"
    wire, _ = old.sign(update())
    assert exchange(served, wire)[3] & 15 == 9


def test_a_file_s_new_path_is_merged(served):
    assert send(served, [], ["dyn 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    (served.folder / "other.zone").write_text(ZONE + "other A 10.0.0.2\n")
    served.conf.write_text(served.conf.read_text().replace("file: lab.cloud.zone",
                                                           "file: other.zone"))
    served.weft("reload")
    wait_for(lambda: lookup(served, "other.lab.cloud", "A"), "merged file")
    assert lookup(served, "dyn.lab.cloud", "A") == {"60 10.0.0.1"}


def test_a_bad_configuration_changes_nothing(served):
    served.zone(ZONE.replace("lab.cloud", "good.cloud"), "good.cloud")
    served.zone(ZONE.replace("lab.cloud", "bad.cloud") + "x A 1\n", "bad.cloud")
    before = served.conf.read_text()
    served.configure({"good.cloud": OPEN, "bad.cloud": OPEN}, "workers: 4")
    with Load(served, 1) as load:
        assert served.weft("reload", check=False).returncode == 1
    assert load.failed == []
    assert "bad.cloud.zone:7 " in served.log()
    assert served.weft("zone", "list").stdout == "lab.cloud.\n"
    assert served.json("status")["zones"] == 1
    # Repaired files are read again, also those that were valid before.
    served.zone(ZONE.replace("lab.cloud", "good.cloud") + "x A 10.0.0.7\n", "good.cloud")
    served.zone(ZONE.replace("lab.cloud", "bad.cloud"), "bad.cloud")
    served.weft("reload")
    wait_for(lambda: lookup(served, "x.good.cloud", "A") == {"60 10.0.0.7"}, "zone as it is now")
    served.conf.write_text(before)
    served.weft("reload")
    assert served.weft("zone", "list").stdout == "lab.cloud.\n"


@pytest.mark.parametrize("text", [ZONE + "bad A 1.2.3\n", None], ids=["invalid", "missing"])
def test_a_reload_with_one_bad_zone_file_applies_nothing(served, text):
    """Neither options nor keys nor the valid files: all stays as it was."""
    served.zone(ZONE.replace("lab.cloud", "two.cloud"), "two.cloud")
    served.configure({"lab.cloud": OPEN, "two.cloud": OPEN}, "workers: 4\nidentity: before")
    served.weft("reload")
    path = served.folder / "lab.cloud.zone"
    path.unlink()
    if text is not None:
        path.write_text(text)
    served.zone(ZONE.replace("lab.cloud", "two.cloud") + "new A 10.0.0.1\n", "two.cloud")
    served.zone(ZONE.replace("lab.cloud", "three.cloud"), "three.cloud")
    write_key(served, "extra")
    served.configure({"lab.cloud": OPEN, "two.cloud": OPEN, "three.cloud": OPEN},
                     "workers: 4\nidentity: after\nlog: {to: other.log}",
                     more="include: [extra.key]\n")
    done = served.weft("reload", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert "lab.cloud.zone:" in done.stderr and "the old one stays in force" in done.stderr
    assert served.dig("id.server", "CH", "TXT") == '"before"\n'
    assert lookup(served, "new.two.cloud", "A") == set()
    assert [zone["zone"] for zone in served.json("zone", "list")] == ["lab.cloud.", "two.cloud."]
    assert not (served.folder / "other.log").exists()
    found = {zone["zone"]: zone["file-state"] for zone in served.json("zone", "status")}
    assert found == {"lab.cloud.": "refused", "two.cloud.": "served"}
    # Mended, all of it is applied and reported.
    served.zone(ZONE)
    told = served.json("reload")
    assert told.pop("ok") is True
    assert {name: told[name] for name in told if told[name]} == {
        "zones-added": ["three.cloud."], "zones-merged": ["two.cloud."], "keys-added": ["extra."],
        "options": ["server.identity", "server.log.to"]}
    assert served.dig("id.server", "CH", "TXT") == '"after"\n'
    assert lookup(served, "new.two.cloud", "A") == {"60 10.0.0.1"}
    assert {zone["file-state"] for zone in served.json("zone", "status")} == {"served"}


def test_a_log_that_cannot_be_opened_is_an_error_of_the_reload(served):
    (served.folder / "folder").mkdir()
    served.configure({"lab.cloud": OPEN}, "workers: 4\nidentity: after\nlog: {to: folder}")
    done = served.weft("reload", check=False)
    assert done.returncode == 1
    assert "folder: Is a directory" in done.stderr
    assert served.dig("id.server", "CH", "TXT") == ""
    assert "reload-failed" in served.log()


def test_a_reload_says_what_is_wrong_and_what_needs_a_restart(served):
    before = served.conf.read_text()
    served.conf.write_text(before + "bogus: 1\nfabric: {name: x, key-file: none}\n")
    done = served.weft("reload", check=False)
    assert done.returncode == 1
    assert f"{served.conf}:" in done.stderr and "unknown option bogus" in done.stderr
    refused = json.loads(served.weft("--json", "reload", check=False).stdout)
    assert refused["ok"] is False
    assert [line.split(": ")[1] for line in refused["errors"]] == [
        "unknown option bogus", "the old one stays in force"]
    served.conf.write_text(before.replace("workers: 4", "workers: 3"))
    assert served.weft("reload").stdout == "server.workers changed: takes effect at a restart\n"
    assert served.weft("reload").stdout == ""
    served.conf.write_text(before)
    served.weft("reload")
    warned = before.replace("    file: lab", "    notify: 127.0.0.1\n    file: lab")
    served.conf.write_text(warned)
    assert served.weft("reload").stdout == (
        "zone lab.cloud. notify changed\n"
        f"{served.conf}:10: warning: notify: NOTIFY is not sent yet\n")


def test_the_service_manager_is_told_what_health_says(served, monkeypatch):
    with Manager(served, monkeypatch) as manager:
        restart(served)
        manager.wait_for("STATUS=serving")
        served.zone(ZONE + "bad A 1.2.3\n")
        served.weft("reload", check=False)
        manager.wait_for("STATUS=unwell: config: the configuration is invalid: the one before it "
                         "is in force; zones: zones are served without the changes of their "
                         "files: lab.cloud.")
        served.zone()
        served.weft("reload")
        manager.wait_for("STATUS=serving")


def test_reloads_of_all_kinds_at_once(make_weftd):
    """Merges run in the background while SIGHUP changes the configuration."""
    weftd = make_weftd()
    many = "".join(f"n{i} A 10.0.0.1\n" for i in range(20000))
    weftd.zone(ZONE)
    weftd.zone(ZONE.replace("lab.cloud", "big.cloud") + many, "big.cloud")
    both = {"lab.cloud": OPEN, "big.cloud": OPEN}
    weftd.configure(both).start()
    for number in range(10):
        commands = [subprocess.Popen([WEFT, "-s", str(weftd.socket), "zone", "reload"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    for _ in range(3)]
        wait_for(lambda: weftd.log().count('command line="zone reload"') >= 3 * number + 3
                 or not weftd.is_running(), "requests")
        assert weftd.is_running(), weftd.process.returncode
        weftd.configure({"lab.cloud": OPEN} if number % 2 == 0 else both)
        weftd.process.send_signal(signal.SIGHUP)
        for command in commands:
            command.wait(LIMIT_S)
    weftd.configure(both)
    weftd.weft("reload")
    assert lookup(weftd, "ns.big.cloud", "A") == {"60 127.0.0.1"}
    assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
