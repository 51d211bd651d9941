# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""src/supervise with real services, by tests/supervise/runner: a supervisor that is killed, started
again, and replaced in place, while its services go on."""

import os
import pathlib
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from waiting import attempts, wait_for

RUNNER = pathlib.Path(os.environ.get("BUILDDIR", "build")) / "tests/supervise/runner"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def marked(folder):
    """The processes that were started by a supervisor of the folder."""
    st = os.stat(folder)
    mark = f"WEFT_SUPERVISED={st.st_dev:x}-{st.st_ino:x}:".encode()
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if any(v.startswith(mark) for v in (entry / "environ").read_bytes().split(b"\0")):
                    found.append(int(entry.name))
            except OSError:
                pass
    return found


class Supervisor:
    def __init__(self, folder, group, units):
        self.folder, self.group = folder, group
        folder.chmod(0o755)
        self.file = folder / "units"
        self.file.write_text("".join(
            f"{name}\t{options}\t{script}\n"
            for name, (options, script) in units.items()))
        self.process, self.lines, self.states = None, [], {}
        self.open()

    def open(self):
        self.lines = []
        self.process = subprocess.Popen(
            [RUNNER, self.folder, self.group, self.file], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, args=(self.process,), daemon=True).start()
        wait_for(lambda: "ready" in self.lines, "ready supervisor")

    def read(self, process):
        for line in process.stdout:
            line = line.rstrip("\n")
            words = line.split(" ", 5)
            if len(words) == 6:
                self.states[words[0]] = words[1:]
            self.lines.append(line)

    def send(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_in(self, name, state):
        return self.states.get(name, [""])[0] == state

    def wait(self, name, state):
        wait_for(lambda: self.is_in(name, state), f"{name} {state}")
        return self.pid(name)

    def pid(self, name):
        """As it is now."""
        count = len(self.lines)
        self.send(f"show {name}")
        wait_for(lambda: any(line.startswith(name + " ") for line in self.lines[count:]), "answer")
        return int(self.states[name][2])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def zombies(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if fields[0] == "Z" and int(fields[1]) == self.process.pid:
                    found.append(int(entry.name))
        return found

    def end(self):
        if self.process.poll() is not None:
            self.open()
        self.send("stop all")
        wait_for(lambda: all(s[0] in ("stopped", "failed") for s in self.states.values()), "end")
        wait_for(lambda: not marked(self.folder), "end of all processes")
        wait_for(lambda: not self.zombies(), "zombies that were waited for")
        self.send("quit")
        assert self.process.wait(30) == 0


@pytest.fixture(params=["groups", "no groups"])
def supervise(request, tmp_path):
    made = []

    def make(folder=tmp_path, **units):
        group = f"weft-{os.getpid()}" if request.param == "groups" else "-"
        made.append(Supervisor(folder, group, units))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.end()


def ask(port):
    """The process that answers. What a dying one has accepted is reset: then again."""
    for _ in attempts("answer"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                return int(answer.read())
        except ConnectionResetError:
            pass
        except urllib.error.URLError as error:
            assert not isinstance(error.reason, ConnectionRefusedError)


@pytest.fixture
def server(tmp_path):
    path = tmp_path / "server.py"
    path.write_text("import os, socket\n"
                    "s = socket.socket(fileno=3)\n"
                    "while True:\n"
                    "    c, _ = s.accept()\n"
                    "    c.recv(1000)\n"
                    "    c.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\n%d' % os.getpid())\n"
                    "    c.close()\n")
    return f"exec python3 {path}"


def test_adopts_after_kill(supervise, server):
    port = free_port()
    s = supervise(web=(f"listen={port},http={port}/", server), idle=("", "exec sleep 1000"),
                  off=("", "exec sleep 1000"))
    s.send("start web")
    s.send("start idle")
    web, idle = s.wait("web", "up"), s.wait("idle", "up")
    assert ask(port) == web
    for _ in range(3):
        s.kill()
        assert ask(port) == web  # without a supervisor
        s.states = {}
        s.open()
        assert s.states["web"][:2] == ["up", "adopted"]
        assert s.states["idle"][:2] == ["up", "adopted"]
        assert s.states["off"][0] == "stopped"
        assert (s.pid("web"), s.pid("idle")) == (web, idle)
        assert "swept 0" in s.lines
        assert ask(port) == web
    # The socket of the killed supervisor was taken back: the service's end closes nothing.
    os.kill(web, signal.SIGKILL)
    again = ask(port)
    assert again != web
    s.wait("web", "up")
    assert s.pid("web") == again


def test_death_without_a_supervisor(supervise):
    s = supervise(a=("", "exec sleep 1000"), b=("", "exec sleep 1000"))
    s.send("start all")
    a, b = s.wait("a", "up"), s.wait("b", "up")
    s.kill()
    os.kill(a, signal.SIGTERM)
    wait_for(lambda: not pathlib.Path(f"/proc/{a}/exe").exists(), "end")
    s.states = {}
    s.open()
    wait_for(lambda: s.is_in("a", "up") and s.pid("a") not in (0, a), "a again")
    assert s.pid("b") == b


def test_end_of_an_adopted_service(supervise):
    s = supervise(a=("times=0", "trap 'exit 7' TERM; while :; do sleep 0.05; done"))
    s.send("start a")
    a = s.wait("a", "up")
    s.kill()
    s.open()
    os.kill(a, signal.SIGTERM)
    s.wait("a", "failed")
    assert s.states["a"][4] == "exit status 7"


def test_upgrade_in_place(supervise, server):
    port = free_port()
    s = supervise(web=(f"listen={port}", server), idle=("", "exec sleep 1000"))
    s.send("start all")
    web, idle = s.wait("web", "up"), s.wait("idle", "up")
    before = s.descriptors()
    for _ in range(3):
        s.lines.clear()
        s.send("upgrade")
        wait_for(lambda: "ready" in s.lines, "ready supervisor")
        assert (s.pid("web"), s.pid("idle")) == (web, idle)
        assert ask(port) == web
    assert s.descriptors() <= before
    os.kill(web, signal.SIGKILL)
    assert ask(port) != web


def test_a_unit_that_is_gone_from_the_file_is_swept(supervise):
    s = supervise(a=("", "sleep 1000 & sleep 1000"), b=("", "exec sleep 1000"))
    s.send("start all")
    s.wait("a", "up")
    b = s.wait("b", "up")
    s.kill()
    s.file.write_text("b\t\texec sleep 1000\n")
    s.states = {}
    s.open()
    wait_for(lambda: marked(s.folder) == [b], "end of a")
    assert not (s.folder / "a.unit").exists()


def test_torn_state(supervise):
    s = supervise(a=("", "exec sleep 1000"))
    s.send("start a")
    a = s.wait("a", "up")
    s.kill()
    whole = (s.folder / "a.unit").read_bytes()
    (s.folder / "a.unit").write_bytes(whole[:len(whole) // 2])
    s.states = {}
    s.open()
    s.send("start a")
    s.wait("a", "up")
    wait_for(lambda: s.pid("a") not in (0, a) and len(marked(s.folder)) == 1, "one of a")


def test_second_supervisor_is_refused(supervise):
    s = supervise(a=("", "exec sleep 1000"))
    done = subprocess.run([RUNNER, s.folder, s.group, s.file], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "another supervisor uses this folder" in done.stderr


def test_another_supervisor_is_left_alone(supervise, tmp_path):
    """Two that have the same settings but for the folder: neither ends what the other runs."""
    pids = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        s = supervise(folder=tmp_path / name, a=("", "exec sleep 1000"))
        s.send("start a")
        pids.append(s.wait("a", "up"))
    s.kill()
    s.open()
    assert "swept 0" in s.lines
    assert [os.path.exists(f"/proc/{pid}") for pid in pids] == [True, True]


def test_kills_leave_nothing(supervise):
    """Services and supervisor are killed in turn: always one of each, and no descriptor more."""
    names = ["a", "b", "c", "d"]
    s = supervise(**{name: ("", "(sleep 1000 &); exec sleep 1000") for name in names})
    s.send("start all")
    for name in names:
        s.wait(name, "up")
    before = s.descriptors()
    for i in range(12):
        name = names[i % 4]
        old = s.pid(name)
        if i % 3 == 2:
            s.kill()
        os.kill(old, signal.SIGKILL)
        if i % 3 == 2:
            s.states = {}
            s.open()
        wait_for(lambda: s.is_in(name, "up") and s.pid(name) not in (0, old), f"{name} again")
        wait_for(lambda: len(marked(s.folder)) == 8, "two processes of each")
    wait_for(lambda: s.descriptors() <= before, "as many descriptors as before")
    wait_for(lambda: not s.zombies(), "no zombies")


def test_log_rotates_and_loses_nothing(supervise):
    s = supervise(a=("size=150000", "exec seq 1 60000"))
    s.send("start a")
    s.wait("a", "stopped")
    log = s.folder / "a.log"
    wait_for(lambda: (s.folder / "a.log.1").exists(), "rotation")
    wait_for(lambda: log.stat().st_size <= 150000, "small file")
    parts = [s.folder / f"a.log.{i}" for i in (3, 2, 1)] + [log]
    text = "".join(p.read_text() for p in parts if p.exists())
    assert text == "".join(f"{i}\n" for i in range(1, 60001))


def test_watchdog(supervise):
    s = supervise(a=("watchdog=100,times=0", "exec sleep 1000"))
    s.send("start a")
    s.wait("a", "failed")
    assert s.states["a"][4].startswith("watchdog: no WATCHDOG=1 within 100 ms")


def test_many_units(supervise):
    names = [f"u{i}" for i in range(100)]
    s = supervise(**{name: ("", "exec sleep 1000") for name in names})
    s.send("start all")
    for name in names:
        wait_for(lambda: s.is_in(name, "up"), name)
    assert len(marked(s.folder)) == 100
    s.kill()
    s.states = {}
    s.open()
    assert all(s.states[name][:2] == ["up", "adopted"] for name in names)
