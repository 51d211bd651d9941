# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft top`, on a terminal and without, and `weft stats --watch`."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

import pytest

import leases
from conftest import WEFT
from waiting import LIMIT_S, attempts, wait_for

ENTER, LEAVE = b"\033[?1049h", b"\033[?1049l"


@pytest.fixture
def served(make_weftd):
    """A started weftd with a fabric, and the function that returns its keys by name."""
    weftd, key = leases.fabric(make_weftd)
    return weftd.start(), key


class Screen:
    """`weft top` on a terminal of its own."""

    def __init__(self, weftd, *args, rows=24, columns=80):
        self.terminal, self.inner = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.inner)
        self.output = b""
        self.process = subprocess.Popen([WEFT, "-s", str(weftd.socket), "top", *args],
                                        stdin=self.inner, stdout=self.inner,
                                        stderr=subprocess.PIPE, start_new_session=True)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        while select.select([self.terminal], [], [], 0.02)[0]:
            self.output += os.read(self.terminal, 65536)
        return self.output

    def lines(self):
        """The lines of the last whole screen: what is after the last but one return to the top."""
        screens = self.read().split(b"\033[H")
        return [line.rstrip() for line in re.sub(rb"\033\[[0-9;?]*[A-Za-z]", b"", screens[-2])
                .decode().split("\r\n")] if len(screens) > 2 else []

    def wait_for(self, text):
        return wait_for(lambda: [line for line in self.lines() if text in line], text)

    def press(self, key):
        os.write(self.terminal, key.encode())

    def is_as_before(self):
        return termios.tcgetattr(self.inner) == self.before

    def end(self):
        """Waits for the end. Returns the exit status."""
        for _ in attempts("end of weft top"):
            self.read()
            if self.process.poll() is not None:
                return self.process.returncode

    def close(self):
        self.process.kill()
        self.process.communicate()
        os.close(self.terminal)
        os.close(self.inner)


@pytest.fixture
def make_screen(served):
    screens = []

    def make(*args, **size):
        screens.append(Screen(served[0], *args, **size))
        return screens[-1]

    yield make
    for screen in screens:
        screen.close()


def test_a_screen_shows_what_weftd_does(served, make_screen):
    weftd, key = served
    leases.register(weftd, key("n1"), "web", lease=100)
    screen = make_screen("--interval", "1s")
    screen.wait_for("well  up ")
    assert ENTER in screen.output and not screen.is_as_before()

    def ask():
        weftd.dig("none.lab.cloud", "TXT")
        leases.register(weftd, key("n1"), "web", lease=100)
        lines = screen.lines()
        return any(re.fullmatch(r"TXT +[0-9.]+", line) for line in lines) and any(
            re.fullmatch(r"n1\.keys\.lab\.cloud\. +([0-9.]*[1-9][0-9.]*) +1", line)
            for line in lines) and lines

    lines = wait_for(ask, "rates")
    assert len(lines) == 24
    assert lines[-1].startswith("q quit")
    assert any(re.fullmatch(r"lab\.cloud\. +[0-9.]+ +[0-9.]+ +\d+", line) for line in lines)
    assert any(re.search(r"^rcodes: .*NXDOMAIN [0-9.]+", line) for line in lines)
    screen.press("q")
    assert screen.end() == 0
    assert LEAVE in screen.output and screen.is_as_before()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(make_screen, number):
    screen = make_screen()
    screen.wait_for("well  up ")
    screen.process.send_signal(number)
    assert screen.end() == 0
    assert screen.output.endswith(LEAVE) and screen.is_as_before()


def test_a_stopped_program_gives_the_terminal_back_until_it_goes_on(make_screen):
    screen = make_screen()
    screen.wait_for("well  up ")
    screen.process.send_signal(signal.SIGTSTP)
    wait_for(lambda: screen.read().endswith(LEAVE) and screen.is_as_before(), "terminal as before")
    screen.process.send_signal(signal.SIGCONT)
    wait_for(lambda: screen.read().count(ENTER) == 2, "second screen")
    screen.press("q")
    assert screen.end() == 0
    assert screen.is_as_before()


def test_another_size_is_another_screen(make_screen):
    screen = make_screen("--interval", "1h", rows=24, columns=80)
    screen.wait_for("well  up ")
    for rows, columns in (10, 40), (40, 120), (3, 20), (1, 1):
        screen.resize(rows, columns)
        screen.process.send_signal(signal.SIGWINCH)

        def drawn():
            screen.press("x")
            lines = screen.lines()
            return len(lines) == rows and max(map(len, lines)) <= columns

        wait_for(drawn, f"screen of {rows} lines")


def test_keys_sort(served, make_screen, make_weftd):
    screen = make_screen("--interval", "1h")
    screen.wait_for("well  up ")
    count = len(screen.read())
    for key in "rcnx":
        screen.press(key)
        wait_for(lambda: len(screen.read()) > count, "another screen")
        count = len(screen.output)
    screen.press("Q")
    assert screen.end() == 0


def test_a_weftd_that_ends_is_waited_for(served, make_screen):
    weftd, _ = served
    screen = make_screen("--interval", "1s")
    screen.wait_for("well  up ")
    weftd.kill()
    screen.wait_for("weftd does not answer")
    weftd.start()
    screen.wait_for("q quit   r by requests")
    screen.press("q")
    assert screen.end() == 0
    assert screen.is_as_before()


def test_without_a_terminal_it_shows_one_screen(served):
    weftd, _ = served
    done = weftd.weft("top", "--once")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("weft ") and "\033" not in done.stdout
    assert [line.split()[0] for line in lines if re.match("[A-Z]+ ", line)] == ["ZONE", "KEY",
                                                                               "TYPE"]
    answer = weftd.json("top", "--once", "--interval", "1s")
    assert answer["rates"]["server"]["queries-udp"] == 0
    assert answer["rates"]["zones"][0]["zone"] == "lab.cloud."
    assert answer["status"]["health"] == "well" and 0.9 < answer["seconds"] < 60
    refused = subprocess.run([WEFT, "-s", str(weftd.socket), "top"], capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, timeout=LIMIT_S)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "needs a terminal" in refused.stderr


def test_it_fails_without_a_weftd(tmp_path):
    for args in ["top"], ["top", "--once"], ["stats", "--watch"]:
        done = subprocess.run([WEFT, "-s", str(tmp_path / "none.sock"), *args], timeout=LIMIT_S,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 1
        assert "no weftd answers" in done.stderr
    for args in ["top", "--interval", "0"], ["top", "--interval", "x"], ["stats", "--watch=-1"], \
                ["stats", "--once"], ["top", "--watch"], ["stats", "--watch", "5", "6"]:
        done = subprocess.run([WEFT, "-s", str(tmp_path / "none.sock"), *args], timeout=LIMIT_S,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 2, args


# ---- stats ----

def test_stats_count_requests_by_zone_and_by_key(served):
    weftd, key = served
    before = weftd.json("stats")["zones"][0]["requests"]
    for _ in range(5):
        weftd.dig("ns.lab.cloud", "A")
    weftd.dig("other.cloud", "A")
    leases.register(weftd, key("n1"), "web", lease=100)
    assert weftd.json("stats")["zones"][0]["requests"] == before + 6
    use, = weftd.json("key", "uses")
    assert (use["key"], use["requests"]) == ("n1.keys.lab.cloud.", 1)
    leases.register(weftd, key("n1"), "web", lease=100)
    assert weftd.json("key", "uses")[0]["requests"] == 2


@pytest.mark.parametrize("args", [["--watch"], ["--watch", "1"], ["--watch=1s"]])
def test_stats_are_watched(served, args):
    weftd, _ = served
    with subprocess.Popen([WEFT, "-s", str(weftd.socket), "--json", "stats", *args],
                          stdout=subprocess.PIPE, text=True) as watching:
        try:
            for line in watching.stdout:
                found = json.loads(line)
                assert 0.5 < found["seconds"] < 60 and found["time"].endswith("Z")
                if found["rates"]["server"]["types"].get("MX", 0) > 0:
                    break
                weftd.dig("ns.lab.cloud", "MX")
        finally:
            watching.terminate()
    assert "tcp-connections" not in found["rates"]["server"]
    assert found["rates"]["zones"][0]["requests"] > 0


def test_watched_stats_for_people_are_those_that_changed(served):
    weftd, _ = served
    with subprocess.Popen([WEFT, "-s", str(weftd.socket), "stats", "--watch"], text=True,
                          stdout=subprocess.PIPE) as watching:
        try:
            lines = [watching.stdout.readline()]
            while not any("MX" in line for line in lines):
                weftd.dig("ns.lab.cloud", "MX")
                lines.append(watching.stdout.readline())
        finally:
            watching.terminate()
    assert re.fullmatch(r"\S+Z  a second, over \d+\.\d s\n", lines[0])
    assert not any("tsig-bad" in line for line in lines)
