# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the system tests share: a weftd on a free port with a folder of its own.

WEFTD and WEFT name the built programs. Each test process uses loopback addresses of its own, so
tests that run at the same time cannot collide, whatever ports the kernel gives them."""

import collections
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess

import pytest

from loopback import free_address
from waiting import LIMIT_S, wait_for

WEFTD = os.environ.get("WEFTD", "weftd")
WEFT = os.environ.get("WEFT", "weft")
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYiE="

ZONE = """\
$ORIGIN lab.cloud.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 10
@ NS ns
ns A 127.0.0.1
n1.nodes A 127.0.0.1
"""


def find(tree, name):
    """The first value of that name in a tree of dictionaries and lists, or None."""
    if isinstance(tree, dict):
        if name in tree and not isinstance(tree[name], dict):
            return tree[name]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            found = find(part, name)
            if found is not None:
                return found
    return None


class Weftd:
    """One weftd: its folder, its configuration, its process."""

    on = subprocess     # or a host of lan_hosts, on which it runs and is asked

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.address, self.port = free_address()
        self.conf = self.folder / "weftd.conf"
        self.socket = self.folder / "weftd.sock"
        self.log_path = self.folder / "weftd.log"
        self.key_path = self.folder / "bench.key"
        self.key_path.write_text(
            f'key "bench" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')
        self.key_path.chmod(0o600)
        (self.folder / "state").mkdir()
        self.process = None
        self.is_sound = True    # a test that breaks weftd on purpose clears this

    @property
    def where(self):
        """The address and port on which it serves."""
        return self.address, self.port

    def zone(self, text=ZONE, name="lab.cloud"):
        """Writes a zone file."""
        path = self.folder / f"{name}.zone"
        path.write_text(text)
        return path

    def configure(self, zones=None, server="", more=""):
        """Writes the configuration. `zones` maps names to more options of the zone, `server` has
        more options of the server, `more` is appended: all as YAML."""
        lines = ["server:", f'  listen: ["{self.address}@{self.port}"]', "  state-dir: state",
                 "  control: weftd.sock"]
        lines += [] if "workers:" in server else ["  workers: 2"]
        lines += [f"  {line}" for line in server.splitlines()]
        lines += ["key:", "  - key-file: bench.key", "zone:"]
        for name, options in (zones or {"lab.cloud": "update: {key: bench}"}).items():
            lines += [f"  - name: {name}", f"    file: {name}.zone"]
            lines += [f"    {line}" for line in options.splitlines()]
        self.conf.write_text("\n".join(lines) + "\n" + more)
        return self

    def admit_users(self):
        """Lets every user read the key file, and the folder with all that lead to it."""
        for folder in [self.folder, *self.folder.parents]:
            if folder.stat().st_mode & 0o005 != 0o005:
                folder.chmod(folder.stat().st_mode | 0o055)
        self.key_path.chmod(0o644)

    def start(self, *options):
        """Starts weftd, with more options, and waits until it is ready."""
        before = self.log().count(" ready")
        with open(self.log_path, "ab") as log:
            self.process = self.on.Popen([WEFTD, "-c", str(self.conf), *options], stderr=log,
                                         stdin=subprocess.DEVNULL, cwd=self.folder)
        wait_for(lambda: self.log().count(" ready") > before or self.process.poll() is not None,
                 "ready weftd")
        assert self.process.poll() is None, self.log()
        return self

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """Sends the signal and waits for the end. Returns the exit status."""
        if self.is_running():
            self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def kill(self):
        return self.stop(signal.SIGKILL)

    def weft(self, *args, check=True):
        done = subprocess.run([WEFT, "-s", str(self.socket), *args], capture_output=True,
                              text=True, timeout=LIMIT_S)
        assert not check or done.returncode == 0, done.stderr
        return done

    def json(self, *args):
        """The answer of a command in JSON, as Python values. `status` fails if weftd is unwell."""
        return json.loads(self.weft("--json", *args, check=args != ("status",)).stdout)

    def count(self, name):
        """A counter of `weft stats`, wherever it is in the answer."""
        found = find(self.json("stats"), name)
        assert found is not None, name
        return found

    def rss_bytes(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * resource.getpagesize()

    def wrong_views(self):
        """The faults that `weft zone check` finds in the service views of its zones, as text."""
        conf = self.conf.read_text() if self.conf.exists() else ""
        if "service-view:" not in conf and "fabric:" not in conf:
            return ""
        checks = [self.weft("zone", "check", name, check=False)
                  for name in re.findall(r"^  - name: (\S+)\n    file:", conf, re.MULTILINE)]
        return "".join(done.stderr for done in checks
                       if done.returncode != 0 and "there is no" not in done.stderr
                       and "has no service view" not in done.stderr)

    def dig(self, *args):
        """The output of dig; with +short if `args` have no option of dig."""
        args = args if any(arg.startswith("+") for arg in args) else (*args, "+short")
        done = self.on.run(["dig", f"@{self.address}", "-p", str(self.port), "+time=5", "+tries=2",
                            *args], capture_output=True, text=True, timeout=LIMIT_S)
        return done.stdout

    def nsupdate(self, *lines, zone="lab.cloud", key=True, check=True):
        """Sends the update lines as one update, signed."""
        text = "\n".join([f"server {self.address} {self.port}", f"zone {zone}", *lines, "send", ""])
        command = ["nsupdate", *(["-k", str(self.key_path)] if key else [])]
        done = self.on.run(command, input=text, capture_output=True, text=True, timeout=LIMIT_S)
        assert not check or done.returncode == 0, done.stderr
        return done


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): how long the test may take; 300 if not said")
    config.addinivalue_line("markers", "unsanitized: not for builds with sanitizers, which libfaketime hangs")


def pytest_addoption(parser):
    parser.addoption("--sample", type=int, default=1, metavar="N",
                     help="of each file only the first and each N-th test, and all that builds with "
                          "sanitizers leave out")


def is_sanitized():
    found = shutil.which(WEFTD)
    program = pathlib.Path(found).read_bytes() if found else b""
    return b"__asan_init" in program or b"__tsan_init" in program


def pytest_collection_modifyitems(config, items):
    """Leaves out tests that this build cannot run, and those that are not in the sample."""
    must_leave_out, of_file, kept, left = is_sanitized(), collections.Counter(), [], []
    for item in items:
        is_in_sample = of_file[item.path] % config.getoption("sample") == 0
        of_file[item.path] += 1
        if item.get_closest_marker("unsanitized"):
            is_in_sample = not must_leave_out
        (kept if is_in_sample else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    item.has_failed = getattr(item, "has_failed", False) or report.failed


@pytest.fixture(autouse=True)
def tidy(request, tmp_path):
    """Removes the folder of a test that has passed: a weftd takes 32 MiB, and there are thousands."""
    yield
    if not getattr(request.node, "has_failed", False):
        shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(autouse=True)
def limit(request):
    """Fails a test that hangs, so that it does not hold up the others."""
    marker = request.node.get_closest_marker("limit")
    seconds = marker.args[0] if marker else 300

    def end(*_):
        raise TimeoutError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def make_weftd(tmp_path):
    """Makes weftds that are not started yet. After the test, those that still run are stopped:
    their service views must be valid, and each must end with status 0."""
    made = []

    def make(name="weftd"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(Weftd(folder))
        return made[-1]

    yield make
    wrong = [weftd.wrong_views() for weftd in made if weftd.is_sound and weftd.is_running()]
    ends = [(weftd, weftd.stop()) for weftd in made if weftd.is_running()]
    for weftd, status in ends:
        assert status == 0, weftd.log()
    for weftd in made:
        assert "Sanitizer" not in weftd.log(), weftd.log()
    assert not any(wrong), wrong


@pytest.fixture
def weftd(make_weftd):
    """A weftd that serves lab.cloud; the key `bench` may update the zone."""
    server = make_weftd()
    server.zone()
    return server.configure().start()
