# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Network namespaces for tests: two hosts, and a cable between them that can be cut. A process or
socket belongs to the namespace in which it is made."""

import contextlib
import ctypes
import itertools
import os
import subprocess

import pytest

CLONE_NEWNET = 0x40000000
HERE, THERE = "10.77.0.1", "10.77.0.2"

_numbers = itertools.count(1)
_libc = ctypes.CDLL(None, use_errno=True)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"


def _enter(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Host:
    """A namespace whose loopback is up."""

    def __init__(self):
        self.name = f"weft-test-{os.getpid()}-{next(_numbers)}"
        done = subprocess.run(["ip", "netns", "add", self.name], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"needs network namespaces: {done.stderr.strip()}")
        self.ip("link", "set", "lo", "up")

    def ip(self, *args):
        run("ip", "-n", self.name, *args)

    @contextlib.contextmanager
    def inside(self):
        """What is started or opened within the context is in the namespace."""
        with open("/proc/thread-self/ns/net") as before, open(f"/run/netns/{self.name}") as of:
            _enter(of.fileno())
            try:
                yield self
            finally:
                _enter(before.fileno())

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)


class Pair:
    """Two hosts with a cable: `here` has the address HERE, `there` has THERE."""

    def __init__(self):
        self.here = Host()
        try:
            self.there = Host()
        except BaseException:
            self.here.close()
            raise
        self.plug()

    def plug(self):
        self.here.ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns",
                     self.there.name)
        for host, address in ((self.here, HERE), (self.there, THERE)):
            host.ip("addr", "add", f"{address}/24", "dev", "cable")
            host.ip("link", "set", "cable", "up")

    def unplug(self):
        """Removes the cable, with the addresses."""
        self.here.ip("link", "del", "cable")

    def set_down(self, is_down=True):
        """The cable does not carry anything while it is down; the addresses stay."""
        self.here.ip("link", "set", "cable", "down" if is_down else "up")

    def close(self):
        self.here.close()
        self.there.close()


@pytest.fixture
def pair():
    made = Pair()
    yield made
    made.close()
