# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""When the world is wrong: full and read-only disks; stores that are in use, newer or damaged;
ports that are taken; starting and stopping as a service, without privileges, during updates."""

import os
import pathlib
import pwd
import select
import signal
import socket
import stat
import subprocess
import threading

import pytest

from conftest import WEFTD, ZONE
from crash_writer import generation_of, new_writer
from manager import Manager
from scraping import Scraped
from updates import (BENCH, Reply, exchange, is_newer, lookup, opt, send, serial, signed,
                     transferred, update)
from waiting import LIMIT_S, wait_for
from wire import IN, connect, frame, read_frame, rr

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"
STORE = "store: {segment-size: 1M, history-size: 1M, checkpoint-size: 1M}\n"


def refused(weftd):
    """Starts weftd, which must end with status 1. Returns its messages."""
    done = subprocess.run([WEFTD, "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=weftd.folder)
    assert done.returncode == 1, done.stderr
    assert " ready zones=" not in done.stderr
    return done.stderr


# ---- full disks ----

class Disk:
    """A small file system for the state folder, in the mount namespace of a process that only
    waits; weftd is started in that namespace too."""

    def __init__(self, weftd, mount):
        self.weftd = weftd
        self.state = weftd.folder / "state"
        self.holder = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c",
             f"{mount} {self.state} && echo mounted && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert select.select([self.holder.stdout], [], [], LIMIT_S)[0], "the mount hangs"
        if self.holder.stdout.readline() != "mounted\n":
            why = self.holder.communicate(timeout=LIMIT_S)[1]
            pytest.skip(f"cannot mount: {why}")

    def run(self, *command, **more):
        """Runs a command that sees the file system."""
        return subprocess.run([*self.prefix(), *command], capture_output=True, text=True,
                              timeout=LIMIT_S, check=True, **more)

    def prefix(self):
        return ["nsenter", "-t", str(self.holder.pid), "-m"]

    def wrapper(self):
        """The path of a program that starts weftd in the namespace."""
        path = self.weftd.folder / "weftd-inside"
        path.write_text(f"#!/bin/sh\nexec {' '.join(self.prefix())} {WEFTD} \"$@\"\n")
        path.chmod(0o755)
        return str(path)

    def fill(self):
        """Uses up all free space."""
        self.run("sh", "-c", f"dd if=/dev/zero of={self.state}/ballast bs=4096 status=none; true")

    def free(self):
        self.run("rm", f"{self.state}/ballast")

    def close(self):
        self.holder.stdin.close()
        self.holder.wait(LIMIT_S)
        self.holder.stdout.close()
        self.holder.stderr.close()


@pytest.fixture
def on_disk(make_weftd, monkeypatch):
    """Makes a weftd whose state folder is a file system of its own."""
    disks = []

    def make(mount="mount -t tmpfs -o size=12m none", zone=ZONE, server=""):
        weftd = make_weftd()
        weftd.zone(zone)
        weftd.configure({"lab.cloud": OPEN}, server, more=STORE)
        disks.append(Disk(weftd, mount))
        monkeypatch.setattr("conftest.WEFTD", disks[-1].wrapper())
        return weftd.start(), disks[-1]

    yield make
    for disk in disks:
        if disk.weftd.is_running():
            assert disk.weftd.stop() == 0
        disk.close()


def bulky(number, size=60000):
    """A record of `size` octets."""
    return rr(f"bulk{number}.lab.cloud", 65400, IN, 60, os.urandom(size))


def fill_with_updates(weftd, limit=400):
    """Sends updates until one fails. Returns the numbers of those that were acknowledged, and of
    the one that was not."""
    for number in range(limit):
        message, mac = BENCH.sign(update(updates=[bulky(number)], additional=[opt()]))
        try:
            reply = Reply(exchange(weftd, message, tcp=True), BENCH, mac)
        except EOFError:        # nobody can know whether it is on the disk: no answer
            return list(range(number)), number
        if reply.rcode != "NOERROR":
            assert (reply.rcode, bool(reply.why)) == ("SERVFAIL", True), reply
            return list(range(number)), number
    raise AssertionError("the disk was never full")


LOOP = ("sh -c 'dd if=/dev/zero of=\"$0/../disk.img\" bs=1M count=24 status=none && "
        "mkfs.ext4 -q \"$0/../disk.img\" && mount -o loop \"$0/../disk.img\" \"$0\"'")


@needs_root
def test_a_full_disk_is_a_reason_to_be_unwell(on_disk):
    scraped = Scraped()
    weftd, disk = on_disk(server=scraped.server)
    scraped.wait_for_reasons()
    disk.fill()
    fill_with_updates(weftd)
    reason = wait_for(lambda: scraped.health()[1].get("commits"), "reason")
    assert "No space left on device" in reason and scraped.health()[0] == 503
    shown = weftd.weft("status", check=False)
    assert shown.returncode == 1
    assert "  the last commit to the store failed: No space left" in shown.stdout
    assert scraped.value("weft_commit_failures_total") >= 1
    disk.free()
    wait_for(lambda: send(weftd, [], ["after 60 IN A 10.0.0.1"]).rcode == "NOERROR", "space")
    wait_for(lambda: "commits" not in scraped.health()[1], "end of the reason")


@needs_root
def test_a_disk_that_hangs_is_seen_and_delays_no_scrape(on_disk):
    scraped = Scraped()
    weftd, disk = on_disk(LOOP, server=scraped.server)
    message, mac = signed(["hangs 60 IN A 10.0.0.1"])
    with connect(weftd.where) as sock:
        disk.run("fsfreeze", "-f", str(disk.state))
        try:
            sock.sendall(frame(message))
            reason = wait_for(lambda: scraped.health()[1].get("commits"), "reason")
            assert "the disk does not answer" in reason and scraped.health()[0] == 503
            assert scraped.value("weft_unwell", reason="commits") == 1
            shown = weftd.weft("status", check=False)
            assert shown.returncode == 1 and "the disk does not answer" in shown.stdout
            assert lookup(weftd, "ns.lab.cloud", "A")
        finally:
            disk.run("fsfreeze", "-u", str(disk.state))
        assert Reply(read_frame(sock), BENCH, mac).rcode == "NOERROR"
    scraped.wait_for_reasons()
    wait_for(lambda: scraped.value("weft_commit_duration_seconds_bucket", le="8.388608")
             < scraped.value("weft_commit_duration_seconds_count"), "the commit that took so long")


@needs_root
@pytest.mark.parametrize("mount", ["mount -t tmpfs -o size=12m none", LOOP],
                         ids=["tmpfs", "ext4"])
def test_a_full_disk_refuses_updates_and_loses_nothing(on_disk, mount):
    weftd, disk = on_disk(mount)
    assert send(weftd, [], ["before 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    disk.fill()
    acked, failed = fill_with_updates(weftd)
    now = serial(weftd)
    # Queries are answered, and nothing of the failed update is there.
    assert lookup(weftd, "before.lab.cloud", "A") == {"60 10.0.0.1"}
    assert lookup(weftd, f"bulk{failed}.lab.cloud", "TYPE65400", tcp=True) == set()
    for _ in range(3):
        assert send(weftd, [], [f"again 60 IN TYPE65400 \\#{'00' * 60000}"],
                    tcp=True).rcode == "SERVFAIL"
    assert serial(weftd) == now
    wait_for(lambda: "No space left" in weftd.log(), "reason in the log")
    wait_for(lambda: "result=SERVFAIL" in weftd.log(), "result in the log")
    # When there is space again, updates are taken without a restart.
    disk.free()
    assert send(weftd, [], ["after 60 IN A 10.0.0.2"]).rcode == "NOERROR"
    assert is_newer(serial(weftd), now)
    now = serial(weftd)
    weftd.kill()
    weftd.start()
    found, records = transferred(weftd)
    assert found == now
    assert all(f"bulk{number}.lab.cloud." in records for number in acked)
    assert f"bulk{failed}.lab.cloud." not in records and "again.lab.cloud." not in records
    assert "before.lab.cloud." in records and "after.lab.cloud." in records


@needs_root
def test_a_crash_on_a_full_disk_loses_nothing(on_disk):
    """weftd starts without space too: acknowledged updates are there, new ones wait for space."""
    weftd, disk = on_disk()
    disk.fill()
    acked, failed = fill_with_updates(weftd)
    weftd.kill()
    weftd.start()
    _, records = transferred(weftd)
    assert all(f"bulk{number}.lab.cloud." in records for number in acked)
    assert f"bulk{failed}.lab.cloud." not in records
    disk.free()
    assert send(weftd, [], ["after 60 IN A 10.0.0.2"]).rcode == "NOERROR"
    weftd.kill()
    weftd.start()
    assert lookup(weftd, "after.lab.cloud", "A") == {"60 10.0.0.2"}


@needs_root
def test_a_disk_that_fills_and_empties_under_load(on_disk):
    """Many updates in flight; names whose update got SERVFAIL are unchanged."""
    weftd, disk = on_disk()
    writer, _ = new_writer(32)
    stopping, fills = threading.Event(), []

    def fill_and_free():
        while not stopping.is_set():
            disk.fill()
            fills.append(1)
            stopping.wait(0.3)
            disk.free()
            stopping.wait(0.3)

    filler = threading.Thread(target=fill_and_free)
    filler.start()
    try:
        for _ in range(4):
            begun = len(fills)
            writer.start(weftd)
            wait_for(lambda: len(fills) >= begun + 2, "full disk")
            weftd.kill()
            writer.stop()
            weftd.start()
            # A name whose update was refused still has its previous generation.
            for owner, rcode in [wrong for wrong in writer.wrong if len(wrong) == 2]:
                assert rcode == 2, owner
            writer.wrong = [wrong for wrong in writer.wrong if len(wrong) != 2]
            assert writer.wrong == []
            found, records = transferred(weftd)
            assert found == writer.serial or is_newer(found, writer.serial)
            for one in writer.names.values():
                one.settle(generation_of(one, records))
    finally:
        stopping.set()
        filler.join()
    assert writer.nacked > 100


@needs_root
def test_a_disk_that_turns_read_only(on_disk):
    weftd, disk = on_disk()
    assert send(weftd, [], ["before 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    weftd.kill()
    disk.run("mount", "-o", "remount,ro", str(disk.state))
    # The store can still be read: queries are answered.
    weftd.start()
    assert lookup(weftd, "before.lab.cloud", "A") == {"60 10.0.0.1"}
    reply = send(weftd, [], ["during 60 IN A 10.0.0.2"])
    assert reply.rcode == "SERVFAIL"
    assert reply.why
    wait_for(lambda: "Read-only file system" in weftd.log(), "reason in the log")
    assert lookup(weftd, "during.lab.cloud", "A") == set()
    assert weftd.weft("zone", "checkpoint", check=False).returncode == 1
    disk.run("mount", "-o", "remount,rw", str(disk.state))
    assert send(weftd, [], ["after 60 IN A 10.0.0.3"]).rcode == "NOERROR"
    weftd.kill()
    weftd.start()
    assert lookup(weftd, "during.lab.cloud", "A") == set()
    assert lookup(weftd, "after.lab.cloud", "A") == {"60 10.0.0.3"}


# The file of the loop device has no blocks yet, and the file system that it is on has few left.
SPARSE = ("sh -c 'mkdir \"$0/../under\" && mount -t tmpfs -o size=12m none \"$0/../under\" && "
          "truncate -s 64M \"$0/../under/disk.img\" && mkfs.ext4 -q \"$0/../under/disk.img\" && "
          "mount -o loop \"$0/../under/disk.img\" \"$0\"'")


@needs_root
def test_a_disk_that_fails(on_disk):
    """Writes to parts of the device without blocks succeed, and fail when they are synced."""
    weftd, disk = on_disk(SPARSE)
    disk.run("sh", "-c", f"dd if=/dev/zero of={weftd.folder}/under/ballast bs=4096 status=none;true")
    acked, failed = fill_with_updates(weftd)
    now = serial(weftd)
    for _ in range(3):
        send(weftd, [], [f"again 60 IN TYPE65400 \\#{'00' * 60000}"], tcp=True)
    wait_for(lambda: "updates-failed" in weftd.log(), "reason in the log")
    assert f"store={weftd.folder}/state" in weftd.log()
    # A failed checkpoint is not repeated with each update.
    assert weftd.log().count("checkpoint-failed") <= 2
    assert all(lookup(weftd, f"bulk{number}.lab.cloud", "TYPE65400", tcp=True) for number in acked)
    assert lookup(weftd, f"bulk{failed}.lab.cloud", "TYPE65400", tcp=True) == set()
    assert serial(weftd) == now or is_newer(serial(weftd), now)
    assert weftd.json("status")["zones"] == 1
    assert weftd.stop() == 0


@needs_root
def test_a_merge_on_a_full_disk_leaves_the_zone_as_it_was(on_disk):
    weftd, disk = on_disk(zone=ZONE + "a A 10.0.0.1\n")
    assert send(weftd, [], ["dyn 60 IN A 10.0.0.9"]).rcode == "NOERROR"
    disk.fill()
    weftd.zone(ZONE + "b A 10.0.0.2\n" + "".join(f"x{i} A 10.0.0.1\n" for i in range(20000)))
    done = weftd.weft("zone", "reload", check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert lookup(weftd, "a.lab.cloud", "A") and not lookup(weftd, "b.lab.cloud", "A")
    disk.free()
    weftd.weft("zone", "reload")
    assert lookup(weftd, "b.lab.cloud", "A") and not lookup(weftd, "a.lab.cloud", "A")
    weftd.kill()
    weftd.start()
    assert lookup(weftd, "b.lab.cloud", "A") and not lookup(weftd, "a.lab.cloud", "A")
    assert lookup(weftd, "dyn.lab.cloud", "A")


# ---- stores that are refused ----

def test_two_weftd_on_one_store(weftd, make_weftd):
    other = make_weftd("other")
    other.zone()
    other.configure()
    other.conf.write_text(other.conf.read_text().replace("state-dir: state",
                                                         f"state-dir: {weftd.folder}/state"))
    why = refused(other)
    assert "in use" in why and str(weftd.folder / "state") in why
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"


def registered(weftd):
    """A store with a checkpoint and a log that continues it; its weftd is killed."""
    assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    weftd.weft("zone", "checkpoint")
    for i in range(20):
        assert send(weftd, [], [f"b{i} 60 IN A 10.0.0.2"]).rcode == "NOERROR"
    weftd.kill()
    return weftd.folder / "state"


def contents_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_store_of_a_newer_format(weftd):
    state = registered(weftd)
    path = state / "format"
    good = path.read_text()
    path.write_text(good.replace("weft store 1", "weft store 999"))
    before = contents_of(state)
    why = refused(weftd)
    assert "999" in why and str(state) in why
    assert contents_of(state) == before
    path.write_text(good)
    weftd.start()
    assert lookup(weftd, "b19.lab.cloud", "A")


@pytest.mark.parametrize("pattern", ["format", "*.checkpoint", "log-*"])
def test_a_damaged_store(weftd, pattern):
    """weftd never guesses: it reports what is damaged, changes nothing, and starts when the damage
    is repaired."""
    state = registered(weftd)
    path = sorted(state.glob(pattern), key=lambda path: path.name)[0]
    good = path.read_bytes()
    bad = bytearray(good)
    at = 4096 + 100 if pattern == "log-*" else len(good) // 2 if pattern != "format" else 3
    bad[at] ^= 0x55
    path.write_bytes(bad)
    before = contents_of(state)
    why = refused(weftd)
    assert "damaged" in why or "hole" in why or "lost" in why, why
    assert str(state) in why
    after = contents_of(state)
    assert {name: after[name] for name in before} == before
    path.write_bytes(good)
    weftd.start()
    assert lookup(weftd, "a.lab.cloud", "A") and lookup(weftd, "b19.lab.cloud", "A")


def test_a_log_that_is_gone(weftd):
    state = registered(weftd)
    kept = contents_of(state)
    for path in state.glob("log-*"):
        path.unlink()
    why = refused(weftd)
    assert "lost" in why or "missing" in why, why
    for name, octets in kept.items():
        (state / name).write_bytes(octets)
    weftd.start()
    assert lookup(weftd, "b19.lab.cloud", "A")


def test_a_state_folder_that_cannot_be(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    (weftd.folder / "state").rmdir()
    (weftd.folder / "state").write_text("a file")
    assert str(weftd.folder / "state") in refused(weftd)


# ---- starting ----

@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_that_is_taken_is_named(make_weftd, kind):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    with socket.socket(type=kind) as taker:
        taker.bind(weftd.where)
        if kind == socket.SOCK_STREAM:
            taker.listen()
        why = refused(weftd)
    assert f"{weftd.address}@{weftd.port}" in why and "in use" in why
    weftd.start()


@needs_root
def test_root_becomes_its_user_and_its_files_are_closed(make_weftd):
    weftd = make_weftd()
    nobody = pwd.getpwnam("nobody")
    weftd.zone()
    weftd.admit_users()
    (weftd.folder / "state").rmdir()
    weftd.configure({"lab.cloud": OPEN}, "user: nobody")
    weftd.conf.write_text(weftd.conf.read_text().replace("control: weftd.sock",
                                                         "control: run/weftd.sock"))
    weftd.socket = weftd.folder / "run" / "weftd.sock"
    weftd.start()
    text = pathlib.Path(f"/proc/{weftd.process.pid}/status").read_text()
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(nobody.pw_uid)] * 4
    assert status["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert set(status["Groups"].split()) <= {str(nobody.pw_gid)}
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert int(status[name], 16) & ~(1 << 10) == 0, name
    assert status["NoNewPrivs"] == "1"
    assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    weftd.weft("zone", "checkpoint")
    state = weftd.folder / "state"
    assert stat.S_IMODE(state.stat().st_mode) & 0o077 == 0
    for path in state.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert path.stat().st_uid == nobody.pw_uid, path
    assert stat.S_IMODE(weftd.socket.stat().st_mode) == 0o660
    weftd.zone(ZONE + "new A 10.0.0.2\n")
    weftd.weft("zone", "reload")
    weftd.kill()
    weftd.start()
    assert lookup(weftd, "a.lab.cloud", "A") and lookup(weftd, "new.lab.cloud", "A")


@needs_root
def test_the_user_gets_to_its_folders_and_log(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.admit_users()
    logs = weftd.folder / "logs"
    logs.mkdir()
    weftd.configure(server="user: nobody\nlog: {to: logs/own.log}")
    text = weftd.conf.read_text().replace("state-dir: state", "state-dir: deep/below/state")
    weftd.conf.write_text(text.replace("control: weftd.sock", "control: run/below/weftd.sock"))
    weftd.socket = weftd.folder / "run" / "below" / "weftd.sock"
    done = subprocess.run([WEFTD, "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 1
    assert "user nobody cannot write to" in done.stderr and "own.log: Permission" in done.stderr
    weftd.log_path = own = logs / "own.log"
    own.touch()
    for path in (logs, own):
        os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
    weftd.start()
    assert stat.S_IMODE(weftd.socket.parent.stat().st_mode) == 0o755
    own.rename(logs / "old.log")
    weftd.weft("reload")
    assert ": reload" in own.read_text()
    weftd.log_path = own.rename(logs / "second.log")
    logs.chmod(0o555)
    weftd.weft("reload")
    assert 'own.log why="Permission denied"' in weftd.log()


def test_no_secret_is_ever_logged(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="log: {level: debug}").start()
    secret = weftd.key_path.read_text().split('secret "')[1].split('"')[0]
    assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
    weftd.weft("reload")
    weftd.key_path.write_text(weftd.key_path.read_text().replace("hmac-sha256", "hmac-none"))
    assert weftd.weft("reload", check=False).returncode == 1
    assert secret not in weftd.log()


# ---- the service manager ----

def test_the_service_manager_gets_states_in_order(make_weftd, monkeypatch):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    with Manager(weftd, monkeypatch) as manager:
        weftd.start()
        assert manager.next_state() == "READY=1"
        weftd.process.send_signal(signal.SIGHUP)
        assert manager.next_state() == "RELOADING=1"
        assert manager.next_state() == "READY=1"
        good = weftd.conf.read_text()
        weftd.conf.write_text("wrong: [")
        weftd.process.send_signal(signal.SIGHUP)
        assert manager.next_state() == "RELOADING=1"
        assert manager.next_state() == "READY=1"
        weftd.conf.write_text(good)
        weftd.process.send_signal(signal.SIGTERM)
        assert manager.next_state() == "STOPPING=1"
        assert weftd.process.wait(LIMIT_S) == 0


@needs_root
def test_ready_is_not_sent_before_updates_are_accepted(make_weftd, monkeypatch):
    """The first packets after READY are answered, whatever they are."""
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"n{i} A 10.0.0.1\n" for i in range(20000)))
    weftd.configure()
    with Manager(weftd, monkeypatch) as manager:
        started = threading.Thread(target=weftd.start)
        started.start()
        assert "READY=1" in manager.receive()
        assert send(weftd, [], ["a 60 IN A 10.0.0.1"]).rcode == "NOERROR"
        assert lookup(weftd, "n19999.lab.cloud", "A")
        started.join()


# ---- stopping ----

@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, "command"], ids=str)
def test_stopping_amid_updates_ends_with_0_and_loses_nothing(make_weftd, how):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": OPEN}, more=STORE)
    writer, _ = new_writer(64)
    for _ in range(5):
        weftd.start()
        found, records = transferred(weftd)
        assert writer.wrong == []
        for one in writer.names.values():
            one.settle(generation_of(one, records))
        before = writer.nacked
        writer.start(weftd)
        wait_for(lambda: writer.nacked > before + 100, "acknowledged updates")
        if how == "command":
            weftd.weft("stop")
            assert weftd.process.wait(LIMIT_S) == 0
        else:
            assert weftd.stop(how) == 0
        writer.stop()
        assert "Sanitizer" not in weftd.log()
    assert writer.nacked > 500


def test_a_pipelined_connection_is_drained_at_the_stop(weftd):
    """Updates that were read are answered before the connection is closed; no acknowledged one is
    lost."""
    acked = []
    with connect(weftd.where, LIMIT_S) as sock:
        sock.sendall(b"".join(frame(signed([f"n{i} 60 IN A 10.0.0.1"], number=i + 1)[0])
                              for i in range(300)))
        sock.recv(1, socket.MSG_PEEK)
        weftd.process.send_signal(signal.SIGTERM)
        # A reset is how TCP reports that some of the updates were never read.
        with pytest.raises((EOFError, ConnectionResetError)):
            for _ in range(301):
                answer = read_frame(sock)
                assert answer[3] & 15 == 0
                acked.append(int.from_bytes(answer[:2], "big") - 1)
    assert weftd.process.wait(LIMIT_S) == 0
    assert acked
    weftd.start()
    for number in acked:
        assert lookup(weftd, f"n{number}.lab.cloud", "A"), number
