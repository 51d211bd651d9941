# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What a start needs, and what it does without."""

import grp
import os
import pwd
import re
import shutil
import subprocess

import pytest

from conftest import WEFTD, ZONE
from manager import Manager
from updates import lookup, send
from waiting import LIMIT_S

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


@pytest.fixture
def manager(two_zones, monkeypatch):
    with Manager(two_zones, monkeypatch) as found:
        yield found


# ---- zone files ----

@pytest.mark.parametrize("text", [TWO + "bad A 1.2.3\n", TWO.replace("@ NS ns\n", ""), "", None],
                         ids=["syntax", "check", "empty", "missing"])
def test_a_zone_whose_file_is_refused_fails_alone(two_zones, manager, text):
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
    manager.wait_for("STATUS=unwell: zones: zones are not served, as their files are refused: "
                     "two.cloud.")
    assert send(two_zones, [], ["a.two.cloud. 60 IN A 10.0.0.1"],
                zone="two.cloud").rcode == "SERVFAIL"
    # Whatever asks for the zone gets an answer.
    for command in (["stats"], ["status"], ["zone", "list"], ["zone", "dump", "two.cloud"], ["zone", "check", "two.cloud"],
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
    two_zones.weft("reload")
    manager.wait_for("STATUS=serving")
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


# ---- access, as the user that weftd becomes ----

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
GROUP = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name


def as_nobody(weftd, more=""):
    """Configures weftd to become nobody, who may use all that it needs."""
    weftd.admit_users()
    shutil.chown(weftd.key_path, group=GROUP)
    weftd.key_path.chmod(0o640)
    shutil.chown(weftd.folder / "state", "nobody")
    shutil.chown(weftd.folder, "nobody")
    weftd.configure({"lab.cloud": OPEN}, "user: nobody" + more)
    return weftd


def checked(weftd):
    """The exit status and the lines of `weftd -t`."""
    done = subprocess.run([WEFTD, "-t", "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=weftd.folder)
    assert done.stdout == ""
    return done.returncode, done.stderr


def run_mending(line):
    """Runs the command that a finding names."""
    subprocess.run(line.split("Mend it by: ")[1].rstrip('"\n'), shell=True, check=True,
                   timeout=LIMIT_S)


@needs_root
def test_what_the_user_cannot_read_is_loud_at_the_start(make_weftd):
    """Not first at a reload, which would fail from then on."""
    weftd = make_weftd()
    weftd.zone()
    as_nobody(weftd)
    weftd.key_path.chmod(0o600)
    status_, found = checked(weftd)
    assert status_ == 1
    assert found == (f"{weftd.key_path}: user nobody cannot read {weftd.key_path}: Permission "
                     f"denied. Mend it by: chgrp {GROUP} {weftd.key_path} && chmod 640 "
                     f"{weftd.key_path}\n")
    weftd.start()
    assert f"error config: file-error at={weftd.key_path} why=\"user nobody cannot read" in \
        weftd.log()
    assert "error start: access-denied files=1" in weftd.log()
    assert lookup(weftd, "ns.lab.cloud", "A")
    run_mending(found)
    assert checked(weftd) == (0, "")
    weftd.weft("reload")


@needs_root
@pytest.mark.parametrize("what", ["zone", "state", "lock", "control", "log", "way"])
def test_each_finding_has_a_command_that_mends_it(make_weftd, what):
    weftd = make_weftd()
    weftd.zone()
    as_nobody(weftd, "\nlog: {to: logs/weftd.log}" if what == "log" else "")
    state = weftd.folder / "state"
    if what == "zone":
        (weftd.folder / "lab.cloud.zone").chmod(0o600)
    elif what == "state":
        shutil.chown(state, "root")
    elif what == "lock":
        (state / "lock").write_text("")
        (state / "other").write_text("")
    elif what == "control":
        shutil.chown(weftd.folder, "root")
    elif what == "log":
        (weftd.folder / "logs").mkdir()
    elif what == "way":
        (weftd.folder / "part").mkdir(0o700)
        weftd.conf.write_text(weftd.conf.read_text() + "include: part/more.conf\n")
        (weftd.folder / "part/more.conf").write_text("store: {history-size: 1M}\n")
    status_, found = checked(weftd)
    assert status_ == 1 and "user nobody cannot" in found, found
    assert found.count("\n") == 1, found
    if what != "way":
        assert re.match(re.escape(str(weftd.conf)) + r":\d+: ", found), found
    run_mending(found)
    assert checked(weftd) == (0, "")
    if what != "log":
        weftd.start()
        weftd.weft("reload")


@needs_root
def test_a_weftd_that_root_did_not_start_names_what_mends_it(make_weftd):
    """As the unit starts it: the first installation fails here."""
    weftd = make_weftd()
    weftd.zone().chmod(0o600)
    as_nobody(weftd)
    weftd.weft("fabric", "init", "lab.cloud", "-f", str(weftd.folder / "lab.cloud.fabric"))
    text = weftd.conf.read_text().replace("  user: nobody\n", "")
    weftd.conf.write_text(text + "fabric: {name: lab.cloud, key-file: lab.cloud.fabric}\n")

    program = shutil.copy(WEFTD, weftd.folder.parent / "program")  # where it was built others may not look

    def start():
        return subprocess.Popen([program, "-c", str(weftd.conf)], stderr=subprocess.PIPE, text=True,
                                user="nobody", group=GROUP, extra_groups=[], cwd=weftd.folder)

    _, found = start().communicate(timeout=LIMIT_S)
    line, = [line for line in found.splitlines() if "Mend it by" in line]
    assert re.search(r"weftd.conf:\d+ why=\"user nobody cannot read .*lab.cloud.fabric", line)
    run_mending(line)
    process = start()
    lines = []
    while not any("ready zones=1" in line for line in lines):
        lines.append(process.stderr.readline())
        assert lines[-1], lines
    process.kill()
    process.communicate(timeout=LIMIT_S)
    line, = [line for line in lines if "Mend it by" in line]
    assert "cannot read" in line and "lab.cloud.zone" in line
    assert any("zone-not-served zone=lab.cloud." in line for line in lines)


@needs_root
def test_without_the_folders_that_it_needs_weftd_does_not_start(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    as_nobody(weftd)
    shutil.chown(weftd.folder, "root")
    with pytest.raises(AssertionError):
        weftd.start()
    assert f"{weftd.conf}:4 why=\"user nobody cannot make files in " in weftd.log()
    assert f"Mend it by: chown nobody:{GROUP} {weftd.folder}" in weftd.log()


@needs_root
def test_names_of_users_and_groups_have_their_line(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="user: no-such-user")
    assert checked(weftd) == (1, f"{weftd.conf}:6: there is no user no-such-user\n")
    weftd.configure(server="control-group: no-such-group")
    assert checked(weftd) == (1, f"{weftd.conf}:6: there is no group no-such-group\n")
    as_nobody(weftd, "\ncontrol-group: daemon")
    assert checked(weftd) == (1, f"{weftd.conf}:7: user nobody is not in the group daemon. "
                                 "Mend it by: usermod -aG daemon nobody\n")


# ---- weftd -t ----

def test_a_configuration_without_zones_is_warned_of(make_weftd):
    weftd = make_weftd()
    weftd.conf.write_text(f"server: {{listen: '{weftd.address}@{weftd.port}'}}\n")
    assert checked(weftd) == (0, f"{weftd.conf}: no zone is configured: all queries are "
                                 "refused\n")


def test_all_errors_of_a_zone_file_are_reported_at_once(make_weftd):
    weftd = make_weftd()
    weftd.configure()
    path = weftd.zone(ZONE + "a A 1.2.3\nb CNAME ns\nb A 127.0.0.1\n")
    assert checked(weftd) == (1, f'{path}:7: "1.2.3" is not an IPv4 address\n'
                                 f"{path}:8: b.lab.cloud.: a CNAME beside other data (RFC 1034 "
                                 "section 3.6.2)\n")
    path = weftd.zone(ZONE + "_s._tcp SRV 0 0 80 no\nc CNAME nowhere\n")
    assert checked(weftd) == (0, f"{path}:7: _s._tcp.lab.cloud.: the SRV leads to "
                                 "no.lab.cloud., which has no address in the zone\n"
                                 f"{path}:8: c.lab.cloud.: the CNAME leads to "
                                 "nowhere.lab.cloud., which is not in the zone\n")


def test_an_address_in_use_comes_with_a_way_to_find_by_what(two_zones, make_weftd):
    two_zones.start()
    other = make_weftd("other")
    other.zone()
    other.address, other.port = two_zones.where
    other.configure()
    with pytest.raises(AssertionError):
        other.start()
    assert "Address already in use; ss -lnup and ss -lntp show" in other.log()
