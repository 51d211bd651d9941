# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the kernel gives a test, and what it knows about its connections: addresses and ports that
are free on loopback, and the octets that a TCP connection has not delivered yet. Needs only the
standard library: the benches use it too."""

import itertools
import os
import pathlib
import socket

from waiting import attempts, wait_for

_numbers = itertools.count(1)


def free_port(address="127.0.0.1"):
    """A port that is free at the address for UDP and for TCP."""
    for _ in attempts(f"free port at {address}", 10):
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((address, 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


def free_address():
    """A loopback address that no other test process uses, and a port that is free there."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    number = next(_numbers)
    address = f"127.{100 + worker}.{number // 250 % 250}.{number % 250 + 1}"
    return address, free_port(address)


def _in_proc(place):
    """An IPv4 address and port as /proc/net/tcp writes them."""
    number = int.from_bytes(socket.inet_aton(place[0]), "little")
    return f"{number:08X}:{place[1]:04X}"


def queued(here, there):
    """How many octets the TCP socket at `here` that is connected to `there` has not sent, and how
    many it has not read."""
    wanted = [_in_proc(here), _in_proc(there)]
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == wanted:
            unsent, unread = fields[4].split(":")
            return int(unsent, 16), int(unread, 16)
    raise LookupError(f"no connection from {here} to {there}")


def wait_until_read(sock, every_s=0.02):
    """Waits until the peer has read all that was sent on this TCP connection."""
    here, there = sock.getsockname(), sock.getpeername()
    wait_for(lambda: queued(here, there)[0] == queued(there, here)[1] == 0, "octets read",
             every_s=every_s)


def wait_until_stalled(sock):
    """Waits until the peer of this TCP connection has octets that it cannot send, since we do not
    read."""
    here, there = sock.getsockname(), sock.getpeername()
    wait_for(lambda: queued(there, here)[0] > 0, "stalled sender")
