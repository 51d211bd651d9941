# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft backup and weft restore: everything that the store has comes back, as of one moment, and
nothing but a whole backup is ever restored."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest

import leases
import updates
from conftest import SECRET, WEFT, WEFTD, ZONE
from services import SUBTYPE, ZONE as SERVICE_ZONE, options, registration
from waiting import LIMIT_S, wait_for

OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"
KEY = updates.Key("bench.", SECRET, "hmac-sha256")


def restore(weftd, file, *args, check=True, **more):
    done = subprocess.run([WEFT, "-c", str(weftd.conf), "restore", str(file), *args],
                          capture_output=True, text=True, timeout=LIMIT_S, **more)
    assert not check or done.returncode == 0, done.stderr
    return done


def without_times(answer):
    """An answer without what changes as time goes by."""
    if isinstance(answer, list):
        return [without_times(part) for part in answer]
    if isinstance(answer, dict):
        return {name: without_times(part) for name, part in answer.items() if name != "left"}
    return answer


def everything(weftd):
    """What weftd serves and knows, and the time left of each lease."""
    rows = weftd.json("lease", "list")
    shown = [weftd.json("lease", "show", row["name"]) for row in rows]
    return ({"zone": weftd.weft("zone", "dump", "lab.cloud").stdout,
             "leases": without_times(rows), "shown": without_times(shown), "usage": weftd.json("key", "usage"),
             "revoked": weftd.json("key", "list")},
            {row["name"]: row["left"] for row in rows})


@pytest.fixture
def busy(make_weftd):
    """A weftd with all that a store may have: services of two keys with leases, a subtype, one that
    is drained, one that is suspect, a record of an administrator, a revoked key."""
    weftd, key = leases.fabric(
        make_weftd, zone=SERVICE_ZONE,
        lease=options(suspect="reports: 1, within: 1h, then: withdraw, panic: none"))
    weftd.start()

    def register(node, name, lease=1000, **more):
        lines = registration(name, **more)
        assert updates.send(weftd, updates=lines, key=key(node), lease=lease).rcode == "NOERROR"

    register("n1", "web")
    register("n1", "drained", port=81)
    register("n2", "bad", port=82)
    register("n2", "short", port=83, lease=500)
    for node, line in (("n1", f"{SUBTYPE} 60 IN PTR web._http._tcp"),
                       ("n3", "_suspect.bad._http._tcp 30 IN TXT by=n3 x"),
                       ("n1", "n1.nodes 60 IN A 10.0.0.1")):
        assert updates.send(weftd, updates=[line], key=key(node), lease=1000).rcode == "NOERROR"
    weftd.weft("drain", "drained._http._tcp.lab.cloud")
    weftd.weft("key", "revoke", "n9.keys.lab.cloud")
    return weftd, key


def test_everything_comes_back(busy):
    weftd, key = busy
    before, left = everything(weftd)
    backup = weftd.folder / "weft.tar"
    assert weftd.json("backup", str(backup))["zones"] == 1
    assert backup.stat().st_mode & 0o777 == 0o600
    # What happens after the backup is not in it.
    assert updates.send(weftd, updates=registration("late", port=99), key=key("n1")).rcode == "NOERROR"
    weftd.weft("undrain", "drained._http._tcp.lab.cloud")
    weftd.weft("key", "restore", "n9.keys.lab.cloud")
    assert weftd.stop() == 0
    done = restore(weftd, backup, check=False)
    assert done.returncode == 1 and "--force" in done.stderr
    assert "replaced-" in restore(weftd, backup, "--force").stdout
    weftd.start()
    after, left_after = everything(weftd)
    assert after == before
    # While weftd is down no lease runs; a start may give it more time, never less.
    assert all(left_after[name] >= left[name] - 5 for name in left), (left, left_after)
    # Names still belong to their keys.
    reply = updates.send(weftd, updates=registration("web", port=7), key=key("n2"))
    assert reply.rcode == "YXDOMAIN"
    assert updates.send(weftd, updates=registration("web", port=7), key=key("n1")).rcode == "NOERROR"


def test_a_lost_folder_comes_back(busy):
    weftd, _ = busy
    before, _ = everything(weftd)
    backup = weftd.folder / "weft.tar"
    with open(backup, "wb") as out:
        assert subprocess.run([WEFT, "-s", str(weftd.socket), "backup", "-"], stdout=out,
                              timeout=LIMIT_S).returncode == 0
    weftd.kill()
    state = weftd.folder / "state"
    subprocess.run(["rm", "-rf", str(state)], check=True)
    with open(backup, "rb") as file:
        restore(weftd, "-", stdin=file)
    weftd.start()
    assert everything(weftd)[0] == before
    done = subprocess.run([WEFT, "store", "export", "lab.cloud", str(state)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert "in use" in done.stderr + done.stdout


def test_a_backup_is_an_archive_that_tar_knows(weftd, tmp_path):
    weftd.weft("backup", str(tmp_path / "b"))
    names = subprocess.run(["tar", "tf", str(tmp_path / "b")], capture_output=True, text=True,
                           check=True, timeout=LIMIT_S).stdout.split()
    assert names[0] == "weft-backup" and names[-1] == "checksums"
    assert {"format", "lab.cloud.checkpoint", "lab.cloud.base", "notes.checkpoint"} <= set(names)


# ---- while updates go on ----

NNAMES = 20


class Writer:
    """Sets NNAMES names to the same number, in one update each time, and the next number."""

    def __init__(self, weftd):
        self.weftd, self.sent, self.acknowledged, self.wrong = weftd, 0, 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.is_set():
            self.sent += 1
            lines = [line for i in range(NNAMES)
                     for line in (f"c{i} 0 ANY TXT", f"c{i} 60 IN TXT {self.sent}")]
            reply = updates.send(self.weftd, updates=lines, key=KEY)
            if reply.rcode != "NOERROR":
                self.wrong.append(reply)
                return
            self.acknowledged = self.sent

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.wrong == []


def numbers(weftd):
    _, records = updates.transferred(weftd)
    return {rdata for i in range(NNAMES) for _, rdata in records[f"c{i}.lab.cloud."]}


@pytest.mark.limit(600)
def test_a_backup_under_load_is_as_of_one_moment(make_weftd):
    weftd, copy = make_weftd(), make_weftd("copy")
    for one in (weftd, copy):
        one.zone()
        one.configure({"lab.cloud": OPEN})
    weftd.start()
    writer = Writer(weftd)
    try:
        for number in range(6):
            wait_for(lambda: writer.acknowledged > 20 * (number + 1) or writer.wrong, "updates")
            before = writer.acknowledged
            weftd.weft("backup", str(weftd.folder / "b"))
            after = writer.sent
            restore(copy, weftd.folder / "b", "--force")
            copy.start()
            found = numbers(copy)
            assert len(found) == 1, found
            number_found = int(found.pop()[1:])
            assert before <= number_found <= after
            assert copy.stop() == 0
            subprocess.run(["rm", "-rf", str(copy.folder / "state")], check=True)
            (copy.folder / "state").mkdir()
    finally:
        writer.stop()


def test_a_reader_that_does_not_read_holds_up_nobody(make_weftd):
    """The backup is larger than any pipe, and nobody reads it: updates, queries, checkpoints and the
    end of weftd go on."""
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"x{i} TXT {'y' * 200}\n" for i in range(10000)))
    weftd.configure({"lab.cloud": OPEN}).start()
    read, write = os.pipe()
    with subprocess.Popen([WEFT, "-s", str(weftd.socket), "backup", "-"], stdout=write,
                          stderr=subprocess.PIPE, text=True) as slow:
        os.close(write)
        assert os.read(read, 1)
        weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
        assert weftd.dig("a.lab.cloud", "A") == "10.0.0.1\n"
        weftd.weft("zone", "checkpoint")
        weftd.weft("backup", str(weftd.folder / "second"))
        assert slow.poll() is None
        assert weftd.stop() == 0
        assert slow.wait(LIMIT_S) == 1
        slow.stderr.close()
    os.close(read)


@pytest.mark.parametrize("who", ["weftd", "weft"])
def test_a_kill_during_a_backup_leaves_the_old_file(make_weftd, who):
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"x{i} TXT {'y' * 200}\n" for i in range(50000)))
    weftd.configure().start()
    file = weftd.folder / "b"
    weftd.weft("backup", str(file))
    old = file.read_bytes()
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    with subprocess.Popen([WEFT, "-s", str(weftd.socket), "backup", str(file)],
                          stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as client:
        wait_for(lambda: client.poll() is not None or list(weftd.folder.glob("b.*")), "new file")
        (weftd.process if who == "weftd" else client).send_signal(signal.SIGKILL)
        status = client.wait(LIMIT_S)
    if status == 0:     # the backup was complete before the signal came
        assert file.read_bytes() != old
    else:
        assert file.read_bytes() == old
    if who == "weftd":
        assert list(weftd.folder.glob("b.*")) == []
        weftd.process.wait(LIMIT_S)
        weftd.start()
    assert weftd.dig("a.lab.cloud", "A") == "10.0.0.1\n"
    assert weftd.stop() == 0
    restore(weftd, file, "--force")
    weftd.start()


# ---- what is refused ----

def test_only_a_whole_backup_is_restored(weftd, tmp_path):
    file = weftd.folder / "b"
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    weftd.weft("backup", str(file))
    done = restore(weftd, file, "--force", check=False)
    assert done.returncode == 1 and "in use by a weftd" in done.stderr
    weftd.nsupdate("update add b.lab.cloud 60 A 10.0.0.2")
    assert weftd.stop() == 0
    whole = file.read_bytes()
    state = {path.name: path.read_bytes() for path in (weftd.folder / "state").iterdir()}
    spoiled = bytearray(whole)
    spoiled[whole.index(b"lab.cloud.checkpoint") + 700] ^= 1
    for wrong, says in ((whole[:3000], "not complete"), (whole[:-1600], "not complete"),
                        (bytes(spoiled), "damaged"), (b"rubbish" * 100, "not a backup"), (b"", "not complete"),
                        (whole.replace(b"weft backup 1", b"weft backup 2"), "later")):
        (tmp_path / "wrong").write_bytes(wrong)
        done = restore(weftd, tmp_path / "wrong", "--force", check=False)
        assert done.returncode == 1 and says in done.stderr, (says, done.stderr)
        assert str(tmp_path / "wrong") in done.stderr
        now = {path.name: path.read_bytes() for path in (weftd.folder / "state").iterdir()}
        assert now == state
    weftd.start()
    assert weftd.dig("b.lab.cloud", "A") == "10.0.0.2\n"


@pytest.fixture
def foreign(weftd):
    """A copy of the store of a stopped weftd that belongs to another user, who can reach it."""
    weftd.weft("backup", str(weftd.folder / "b"))
    assert weftd.stop() == 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        state = pathlib.Path(folder) / "state"
        shutil.copytree(weftd.folder / "state", state)
        for path in (state, *state.iterdir()):
            os.chown(path, 65534, 65534)
        yield state


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_the_owner_of_the_folder(weftd, foreign):
    restore(weftd, weftd.folder / "b", "--force", "-d", str(foreign))
    kept, = foreign.glob("replaced-*")
    new = [path for path in foreign.iterdir() if path != kept]
    assert {path.name for path in new} >= {"format", "lock", "lab.cloud.checkpoint"}
    assert {path.stat().st_uid for path in [*new, kept]} == {65534}
    assert {path.stat().st_mode & 0o777 for path in new} == {0o600}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be misled by the owner of the folder")
def test_root_follows_no_link_that_the_owner_of_the_folder_has_put_there(weftd, foreign, tmp_path):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "mine").write_text("kept")
    (foreign / "restoring").symlink_to(tmp_path)
    (foreign / "lock").unlink()
    (foreign / "lock").symlink_to(tmp_path / "mine")
    done = restore(weftd, weftd.folder / "b", "--force", "-d", str(foreign), check=False)
    assert done.returncode == 1
    assert (tmp_path / "precious").read_text() == "kept"
    assert (tmp_path / "mine").stat().st_uid == 0


def test_without_a_weftd_there_is_no_backup(weftd, tmp_path):
    assert weftd.stop() == 0
    done = weftd.weft("backup", str(tmp_path / "b"), check=False)
    assert done.returncode == 1 and "no weftd answers" in done.stderr
    assert list(tmp_path.glob("b*")) == []


# ---- dumps ----

def test_a_dump_replaces_its_file_only_when_forced(weftd, tmp_path):
    out = tmp_path / "dump"
    weftd.weft("zone", "dump", "lab.cloud", "-o", str(out))
    first = out.read_text()
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    done = weftd.weft("zone", "dump", "lab.cloud", "-o", str(out), check=False)
    assert done.returncode == 1 and "--force" in done.stderr
    assert out.read_text() == first
    weftd.weft("zone", "dump", "--force", "lab.cloud", "-o", str(out))
    assert "10.0.0.1" in out.read_text()
    assert [path.name for path in tmp_path.glob("dump*")] == ["dump"]


def test_what_is_not_a_file_is_never_replaced(weftd, tmp_path):
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    for arguments in (["backup", str(device)],
                      ["zone", "dump", "--force", "lab.cloud", "-o", str(device)]):
        done = weftd.weft(*arguments, check=False)
        assert done.returncode == 1 and "not a regular file" in done.stderr
        assert device.is_symlink()


# What is taken for a zone file and is not one.

def check(weftd):
    """The status and the messages of weftd -t."""
    done = subprocess.run([WEFTD, "-t", "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    return done.returncode, done.stderr


def test_a_dump_of_a_registry_is_not_loaded_by_mistake(busy):
    weftd, _ = busy
    dump = weftd.weft("zone", "dump", "lab.cloud").stdout
    before = everything(weftd)[0]
    path = weftd.zone(dump)
    done = weftd.weft("zone", "reload", "lab.cloud", check=False)
    assert done.returncode == 1
    assert "weft restore" in done.stderr and f"{path}:1:" in done.stderr
    assert everything(weftd)[0] == before
    status, messages = check(weftd)
    assert status == 1 and "weft restore" in messages
    # Without the line it is a zone file like any other.
    weftd.zone(dump.split("\n", 1)[1])
    assert check(weftd)[0] == 0
    weftd.zone(SERVICE_ZONE)


def test_a_raw_zone_file_is_named(weftd):
    path = weftd.folder / "lab.cloud.zone"
    raw = weftd.folder / "raw"
    subprocess.run(["named-compilezone", "-F", "raw", "-o", str(raw), "lab.cloud", str(path)],
                   check=True, capture_output=True, timeout=LIMIT_S)
    path.write_bytes(raw.read_bytes())
    status, messages = check(weftd)
    assert status == 1
    assert messages.count("\n") == 1 and "named-compilezone -f raw -F text" in messages, messages


def test_a_signed_zone_is_named(weftd):
    folder = weftd.folder
    subprocess.run(["dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "lab.cloud"],
                   check=True, capture_output=True, timeout=LIMIT_S, cwd=folder)
    subprocess.run(["dnssec-signzone", "-S", "-z", "-o", "lab.cloud", "-f", "signed", "lab.cloud.zone"],
                   check=True, capture_output=True, timeout=LIMIT_S, cwd=folder)
    weftd.zone((folder / "signed").read_text())
    status, messages = check(weftd)
    assert status == 0
    assert messages.count("the zone is signed") == 1 and "DS" in messages, messages
    assert weftd.weft("zone", "reload", "lab.cloud").returncode == 0
    assert "the zone is signed" in weftd.log()
    weftd.zone()


def test_a_journal_of_bind_is_named(weftd):
    (weftd.folder / "lab.cloud.zone.jnl").write_bytes(b";BIND LOG V9\n")
    status, messages = check(weftd)
    assert status == 0 and "lab.cloud.zone.jnl" in messages and "rndc sync -clean" in messages
    assert weftd.stop() == 0
    weftd.start()
    weftd.weft("zone", "reload")
    assert "rndc sync -clean" in weftd.log()
