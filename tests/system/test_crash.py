# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""kill -9 at random moments, during updates, checkpoints and reloads: what was acknowledged is
there, nothing is there half, serials never go back, owners are the same, no lease ends early.

WEFT_CRASH_ROUNDS sets the number of restarts; WEFT_CRASH_SEED repeats the seed that a failure
printed."""

import os
import pathlib
import random
import subprocess
import threading

import pytest

import crash_leases
from conftest import WEFT, ZONE
from crash_leases import Nodes
from crash_writer import generation_of, new_writer
from updates import is_newer, lookup, send, serial, transferred
from waiting import LIMIT_S, let_pass, wait_for

ROUNDS = int(os.environ.get("WEFT_CRASH_ROUNDS", "50"))
SEED = int(os.environ.get("WEFT_CRASH_SEED", "0")) or random.randrange(1, 2**32)

# The smallest sizes, so that segments change and checkpoints are written all the time.
STORE = "store: {segment-size: 1M, history-size: 1M, checkpoint-size: 1M}\n"
OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"
NFILE = 20      # records of the zone file that change with each edit


def edit(weftd, number):
    """Replaces the zone file in one step."""
    path = weftd.folder / "lab.cloud.zone.new"
    path.write_text(ZONE + "".join(f"f{i} TXT {number}\n" for i in range(NFILE)))
    path.rename(weftd.folder / "lab.cloud.zone")


def state_of(process):
    """What a hanging process waits for, as text."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    tasks = [f"{task.name}: {(task / 'wchan').read_text()} {(task / 'syscall').read_text()}"
             for task in (folder / "task").iterdir()]
    files = [f"{link.name} -> {os.readlink(link)}" for link in (folder / "fd").iterdir()]
    return (folder / "status").read_text() + "\n".join(tasks + files)


class Disturber:
    """Runs a command of weft again and again until weftd is gone. The command must notice that and
    end."""

    def __init__(self, weftd, what, number):
        self.weftd, self.what, self.number, self.done = weftd, what, number, 0
        self.hanging = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        if self.what is None:
            return
        while not self.stopping.is_set() and self.hanging is None:
            if self.what == "reload":
                self.number += 1
                edit(self.weftd, self.number)
            self._command()

    def _command(self):
        with subprocess.Popen([WEFT, "-s", str(self.weftd.socket), "zone", self.what],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                self.done += process.wait(LIMIT_S) == 0
            except subprocess.TimeoutExpired:
                self.hanging = state_of(process)
                process.kill()

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.hanging is None, self.hanging
        return self.number


def check(weftd, writer, file_number):
    """Compares the zone with what it must be."""
    found, records = transferred(weftd)
    assert writer.wrong == []
    if writer.serial is not None:
        assert found == writer.serial or is_newer(found, writer.serial), (found, writer.serial)
    writer.serial = found
    for one in writer.names.values():
        generation = generation_of(one, records)
        assert generation >= writer.seen.get(one.number, 0), one.owner
        one.settle(generation)
    for i in range(NFILE):
        text = str(file_number).encode()
        assert records[f"f{i}.lab.cloud."] == {(16, bytes([len(text)]) + text)}


def start(weftd, nodes):
    nodes.clock.start()
    weftd.start()


def one_round(weftd, writer, nodes, chance, file_number):
    """Starts weftd, writes, kills it at a random moment. Returns the number of the last edit of the
    file."""
    start(weftd, nodes)
    check(weftd, writer, file_number)
    nodes.check(weftd)
    disturber = Disturber(weftd, chance.choice([None, "checkpoint", "reload"]), file_number)
    try:
        writer.start(weftd)
        nodes.start(weftd)
        let_pass(chance.uniform(0.01, 0.5) * chance.random())
    finally:
        weftd.kill()
        writer.stop()
        nodes.stop()
        number = disturber.stop()
    return number


def segments(weftd):
    """The sorted numbers of the log segments."""
    return sorted(int(path.name[4:]) for path in (weftd.folder / "state").glob("log-*"))


def long_round(weftd, writer, nodes, file_number):
    """A round that lasts, at any speed of the machine, until many updates are acknowledged, a
    checkpoint was written without a command, and the log before it was reclaimed, file by file."""
    start(weftd, nodes)
    check(weftd, writer, file_number)
    nodes.check(weftd)
    acknowledged, newest = writer.nacked, segments(weftd)[-1]
    writer.start(weftd)
    nodes.start(weftd)
    try:
        wait_for(lambda: writer.nacked > acknowledged + 1000, "acknowledged updates")
        wait_for(lambda: segments(weftd)[0] > newest, "log given back")
    finally:
        weftd.kill()
        writer.stop()
        nodes.stop()


@pytest.mark.limit(300 + 6 * ROUNDS)
@pytest.mark.parametrize("workers", [2])
def test_what_was_acknowledged_survives_kill_9(make_weftd, workers):
    print(f"WEFT_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    weftd = make_weftd()
    edit(weftd, 0)
    weftd.zone(crash_leases.ZONE_TEXT, crash_leases.ZONE)
    weftd.configure({"lab.cloud": OPEN, crash_leases.ZONE: crash_leases.OPTIONS},
                    f"workers: {workers}", more=STORE + crash_leases.FABRIC)
    writer, _ = new_writer(seed=SEED)
    nodes = Nodes(weftd, SEED)
    file_number = 0
    for _ in range(ROUNDS):
        file_number = one_round(weftd, writer, nodes, chance, file_number)
        # The log of 500 rounds is long.
        if len(weftd.log()) > 64 << 20:
            weftd.log_path.unlink()
    long_round(weftd, writer, nodes, file_number)
    start(weftd, nodes)
    check(weftd, writer, file_number)
    nodes.check(weftd)
    nodes.wait_for_ends(weftd)
    print(f"rounds={ROUNDS} acknowledged={writer.nacked} edits={file_number} "
          f"leases={nodes.nacked}")
    assert (weftd.folder / "state/lab.cloud.checkpoint").exists()
    # A checkpoint leaves: one segment of history, those that are written and that hold the last
    # commit, one prepared, two for reuse.
    weftd.weft("zone", "checkpoint")
    assert len(segments(weftd)) <= 6, segments(weftd)
    assert weftd.stop() == 0
    done = subprocess.run([WEFT, "store", "check", str(weftd.folder / "state")],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


def test_a_crash_right_after_the_first_start_loses_nothing(make_weftd):
    """The zone's baseline is written after `ready`, and the file may change before the next
    start."""
    weftd = make_weftd()
    many = "".join(f"n{i} A 10.0.0.1\n" for i in range(200000))
    weftd.zone(ZONE + "old A 192.0.2.1\n" + many)
    weftd.configure({"lab.cloud": OPEN}).start()
    assert send(weftd, [], ["dyn 60 IN A 10.0.0.1", "n1 0 ANY ANY"]).rcode == "NOERROR"
    before = serial(weftd)
    weftd.kill()
    weftd.zone(ZONE + "new A 192.0.2.2\n" + many)
    weftd.start()
    assert lookup(weftd, "dyn.lab.cloud", "A") == {"60 10.0.0.1"}
    assert lookup(weftd, "n1.lab.cloud", "A") == set()
    assert lookup(weftd, "new.lab.cloud", "A") == {"60 192.0.2.2"}
    assert lookup(weftd, "old.lab.cloud", "A") == set()
    assert is_newer(serial(weftd), before)
