# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft connect: real services on loopback addresses, some of which refuse."""

import signal
import socket
import struct
import subprocess
import threading

import pytest

from loopback import free_address
from serving import TYPE, Listener, Registry
from waiting import LIMIT_S


@pytest.fixture
def registry(make_weftd):
    return Registry(make_weftd)


@pytest.fixture
def listen():
    """Starts listeners; they are gone after the test."""
    listeners = []

    def start(name, kind=Listener):
        listeners.append(kind(name))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()


def serve(registry, listener, name, node, **more):
    registry.register(name, listener.where[1], listener.where[0], node, **more)


def test_input_and_output_are_copied_to_the_end(registry, listen):
    serve(registry, listen("one"), "web-1", "n1")
    text = "hello\n" * 50000
    done = registry.weft("connect", TYPE, input=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "one\n" + text


def test_octets_are_not_changed(registry, listen):
    serve(registry, listen("one"), "web-1", "n1")
    data = bytes(range(256)) * 300
    done = registry.weft("connect", TYPE, input=data, text=False)
    assert done.stdout == b"one\n" + data


def test_an_instance_that_refuses_is_passed_over(registry, listen):
    refusing = free_address()
    registry.register("web-1", refusing[1], refusing[0], "n1", priority=0)
    serve(registry, listen("two"), "web-2", "n2", priority=10)
    done = registry.weft("connect", TYPE, "-v", input="x\n")
    assert (done.returncode, done.stdout) == (0, "two\nx\n")
    assert "connected to web-2 at " in done.stderr


class Resetter(Listener):
    """Resets each connection that it has accepted, when the test wants it."""
    is_wanted = threading.Event()

    def serve(self, peer):
        self.is_wanted.wait(LIMIT_S)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()


def test_a_connection_that_fails_before_any_data_is_replaced(registry, listen):
    resetter = listen("bad", Resetter)
    serve(registry, resetter, "web-1", "n1", priority=0)
    serve(registry, listen("two"), "web-2", "n2", priority=10)
    process = registry.start("connect", TYPE, "-v", stdin=subprocess.PIPE)
    while "connected to web-1 at" not in process.stderr.readline():
        assert process.poll() is None
    resetter.is_wanted.set()
    assert process.stdout.readline() == "two\n"     # nothing was typed before
    output, errors = process.communicate("late\n", timeout=LIMIT_S)
    assert (process.returncode, output) == (0, "late\n")
    assert "trying another instance" in errors and resetter.accepted == 1


class Breaker(Listener):
    """Sends a line, and resets."""

    def serve(self, peer):
        peer.sendall(b"begun\n")
        peer.recv(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()


def test_a_connection_that_fails_after_data_is_an_error(registry, listen):
    other = listen("two")
    serve(registry, listen("bad", Breaker), "web-1", "n1", priority=0)
    serve(registry, other, "web-2", "n2", priority=10)
    process = registry.start("connect", TYPE, stdin=subprocess.PIPE)
    assert process.stdout.readline() == "begun\n"
    process.stdin.write("x")
    process.stdin.flush()
    assert process.wait(LIMIT_S) == 1
    assert "data was exchanged" in process.stderr.read() and other.accepted == 0
    process.communicate()


def test_all_refuse(registry):
    where = free_address()
    registry.register("web-1", where[1], where[0], "n1")
    done = registry.weft("connect", TYPE)
    assert (done.returncode, done.stdout) == (1, "")
    assert where[0] in done.stderr


def test_output_that_cannot_be_written_is_named(registry, listen):
    serve(registry, listen("a"), "web-a", "n1")
    with open("/dev/full", "w") as full:
        process = registry.start("connect", TYPE, stdin=subprocess.DEVNULL, stdout=full)
        errors = process.communicate(timeout=LIMIT_S)[1]
    assert process.returncode == 1
    assert errors.startswith("weft: cannot write to standard output: ")


def test_a_reader_that_goes_ends_it_quietly(registry, listen):
    serve(registry, listen("one"), "web-1", "n1")
    process = registry.start("connect", TYPE, stdin=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    assert process.wait(LIMIT_S) == 0
    assert process.communicate()[1] == ""


SHOW = """\
import os, socket
s = socket.socket(fileno=3)
print(s.recv(100).decode(), end="")
s.sendall(b"hello")
print(s.recv(100).decode())
for name in "FD", "NAME", "TYPE", "HOST", "PORT", "ADDRESS", "STATE", "TXT_path", "TXT_a_b":
    print(os.environ["WEFT_" + name])
print(os.get_blocking(3), sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:4])
raise SystemExit(9)
"""


def test_a_command_gets_the_socket_and_the_instance(registry, listen):
    one = listen("one")
    serve(registry, one, "web-1", "n1", txt='path=/ "a-b=it\'s"')
    done = registry.weft("connect", TYPE, "--", "/usr/bin/python3", "-c", SHOW)
    assert done.returncode == 9, done.stderr
    assert done.stdout.splitlines()[:11] == [
        "one", "hello", "3", "web-1", "_http._tcp", "n1.nodes.lab.cloud", str(one.where[1]),
        one.where[0], "up", "/", "it's"]
    assert done.stdout.splitlines()[11].startswith("True [0, 1, 2, 3")


def test_a_command_that_is_missing(registry, listen):
    serve(registry, listen("one"), "web-1", "n1")
    done = registry.weft("connect", TYPE, "--", "/nowhere/program")
    assert done.returncode == 127 and "/nowhere/program" in done.stderr
    # signals are as a command expects them
    done = registry.weft("connect", TYPE, "--", "sh", "-c", "kill -PIPE $$")
    assert done.returncode == -signal.SIGPIPE


def test_the_same_key_is_the_same_instance(registry, listen):
    for number in range(1, 5):
        serve(registry, listen(f"{number}"), f"web-{number}", f"n{number}")
    for key in "alice", "bob":
        names = {registry.weft("connect", TYPE, "--sticky", key).stdout for _ in range(4)}
        assert len(names) == 1


def test_datagrams(registry):
    where = free_address()
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(where)
        server.settimeout(LIMIT_S)
        registry.register("echo", where[1], where[0], kind="_echo._udp.lab.cloud")

        def echo():
            data, peer = server.recvfrom(1000)
            server.sendto(data.upper(), peer)

        thread = threading.Thread(target=echo)
        thread.start()
        done = registry.weft("connect", "-u", "_echo._udp.lab.cloud", input="ping")
        thread.join()
    assert (done.returncode, done.stdout) == (0, "PING")


def test_a_host_with_a_port(registry, listen):
    one = listen("one")
    done = registry.weft("connect", f"{one.where[0]}:{one.where[1]}", input="x")
    assert (done.returncode, done.stdout) == (0, "one\nx")
