# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A log that nobody reads holds up no update, query, transfer, command or end of weftd; what is
missing in it is counted and reported."""

import fcntl
import os
import subprocess

import pytest

import updates
from conftest import WEFTD
from waiting import attempts, wait_for

F_SETPIPE_SZ = 1031


def start(weftd, log, ready=True):
    weftd.process = subprocess.Popen([WEFTD, "-c", str(weftd.conf)], stderr=log, stdout=log,
                                     stdin=subprocess.DEVNULL, cwd=weftd.folder)
    if ready:
        wait_for(lambda: weftd.socket.exists() and
                 weftd.weft("status", check=False).returncode == 0, "status")


@pytest.fixture
def pipe():
    ends = list(os.pipe())
    fcntl.fcntl(ends[1], F_SETPIPE_SZ, 4096)
    yield ends
    for end in ends:
        os.close(end)


def dropped_lines(weftd):
    return weftd.json("stats")["log"]["dropped"]


def fill(weftd, key):
    """Causes more lines than fit anywhere, of a thousand octets each. Each update is answered."""
    for number in attempts("dropped lines", 240):
        lines = [f"{'y' * 60}.{'z' * 60}.{number}.{i} 60 IN A 10.0.0.1" for i in range(6)]
        assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"
        if number % 200 == 199 and dropped_lines(weftd) > 0:
            return


def test_a_log_that_nobody_reads_holds_up_nothing(make_weftd, pipe):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"})
    start(weftd, pipe[1])
    key = updates.Key()
    fill(weftd, key)
    assert updates.send(weftd, updates=["www 60 IN A 10.0.0.1"], key=key).rcode == "NOERROR"
    assert weftd.dig("www.lab.cloud", "A") == "10.0.0.1\n"
    assert "www.lab.cloud." in weftd.dig("lab.cloud", "AXFR", "+tcp")
    assert weftd.dig("www.lab.cloud", "A") == "10.0.0.1\n"
    weftd.weft("reload")
    # The reader goes on, and reads how much it has missed.
    dropped, got = dropped_lines(weftd), b""
    os.set_blocking(pipe[0], False)

    def read():
        nonlocal got
        try:
            got += os.read(pipe[0], 1 << 20)
        except BlockingIOError:
            pass
        return b"log: dropped count=" in got
    wait_for(read, "line about dropped lines")
    assert int(got.rpartition(b"count=")[2].split()[0]) >= dropped > 0
    assert weftd.stop() == 0


def test_sigterm_ends_weftd_whose_log_nobody_reads(make_weftd, pipe):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    start(weftd, pipe[1])
    fill(weftd, updates.Key())
    assert weftd.stop() == 0


def test_a_start_that_fails_ends_though_nobody_reads_why(make_weftd, pipe):
    weftd = make_weftd()
    weftd.conf.write_text("nonsense: 1\n" * 1000)
    os.set_blocking(pipe[1], False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(pipe[1], b"x" * 512)
    os.set_blocking(pipe[1], True)
    start(weftd, pipe[1], ready=False)
    assert weftd.process.wait(60) == 1
