# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A DNS Push server whose every message is a test's (RFC 8490, RFC 8765): for what no server of ours
does, and what a client must survive. And a client of the command line, followed line by line.

The server has no thread: the test accepts, reads and answers."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import time
import typing

from conftest import WEFT
from loopback import free_address
from waiting import LIMIT_S
from wire import frame, name, read_frame, read_name

QUERY, DSO = 0, 6
KEEPALIVE, RETRY_DELAY, PADDING = 1, 2, 3
SUBSCRIBE, PUSH, UNSUBSCRIBE, RECONFIRM = 0x40, 0x41, 0x42, 0x43
DSOTYPENI, NOTAUTH = 11, 9
A, CNAME, PTR, TXT, AAAA, SRV, ANY = 1, 5, 12, 16, 28, 33, 255
IN = 1
REMOVE, REMOVE_ALL = 0xffffffff, 0xfffffffe     # TTLs


def tlv(kind, data=b""):
    return struct.pack("!HH", kind, len(data)) + data


def dso(number, *tlvs, response=False, rcode=0, counts=(0, 0, 0, 0)):
    flags = (0x8000 if response else 0) | DSO << 11 | rcode
    return struct.pack("!HHHHHH", number, flags, *counts) + b"".join(tlvs)


def keepalive(inactivity_ms=15000, interval_ms=60000):
    return tlv(KEEPALIVE, struct.pack("!II", inactivity_ms, interval_ms))


def retry_delay(delay_ms):
    return tlv(RETRY_DELAY, struct.pack("!I", delay_ms))


def notice(owner, rdtype, ttl, rdata=b"", rdclass=IN):
    owner = name(owner) if isinstance(owner, str) else owner
    return owner + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata)) + rdata


def push(*notices):
    return dso(0, tlv(PUSH, b"".join(notices)))


def srv(port, target, priority=0, weight=0):
    return struct.pack("!HHH", priority, weight, port) + name(target)


def txt(*pairs):
    return b"".join(bytes([len(pair)]) + pair.encode() for pair in pairs) or b"\0"


class Message(typing.NamedTuple):
    number: int
    is_response: bool
    rcode: int
    tlvs: list          # (type, data)

    @property
    def kind(self):
        return self.tlvs[0][0] if self.tlvs else None

    @property
    def data(self):
        return self.tlvs[0][1]

    def question(self):
        """The name, type and class of a SUBSCRIBE."""
        owner, at = read_name(self.data, 0, False)
        return (owner.decode("latin-1").lower(), *struct.unpack_from("!HH", self.data, at))


def parse(data):
    number, flags, *counts = struct.unpack_from("!HHHHHH", data)
    assert flags >> 11 & 15 == DSO and counts == [0, 0, 0, 0], data.hex()
    assert flags & 0x07f0 == 0, "Z bits"
    at, tlvs = 12, []
    while at < len(data):
        kind, count = struct.unpack_from("!HH", data, at)
        tlvs.append((kind, data[at + 4:at + 4 + count]))
        at += 4 + count
    assert at == len(data)
    return Message(number, bool(flags & 0x8000), flags & 15, tlvs)


class Session:
    """One connection of a client."""

    def __init__(self, sock):
        self.sock, self.timeouts = sock, {}
        sock.settimeout(LIMIT_S)

    def send(self, *messages):
        self.sock.sendall(b"".join(frame(message) for message in messages))

    def read(self):
        """The next DSO message; queries, by which a client polls what it may not subscribe to, are
        passed over."""
        while True:
            data = read_frame(self.sock)
            if data[2] >> 3 & 15 != QUERY:
                return parse(data)

    def establish(self, **timeouts):
        """Answers the Keepalive that a session begins with, and later ones likewise."""
        self.timeouts = timeouts
        self.mark()
        return self

    def answer(self, request, *tlvs, rcode=0):
        self.send(dso(request.number, *tlvs, response=True, rcode=rcode))

    def subscription(self):
        """The next SUBSCRIBE; Keepalives before it are answered."""
        while True:
            message = self.read()
            if message.kind == SUBSCRIBE:
                return message
            assert message.kind == KEEPALIVE
            self.answer(message, keepalive(**self.timeouts))

    def mark(self):
        """Answers the Keepalive that follows SUBSCRIBEs: what was sent before is complete."""
        message = self.read()
        assert message.kind == KEEPALIVE and message.number != 0 and not message.is_response
        self.answer(message, keepalive(**self.timeouts))

    def accept(self, *notices, count=1):
        """Accepts `count` SUBSCRIBEs, and sends the records as their initial state."""
        found = [self.subscription() for _ in range(count)]
        for message in found:
            self.answer(message)
        if notices:
            self.send(push(*notices))
        self.mark()
        return found

    def is_aborted(self):
        """Whether the client resets the connection (RFC 8490 section 5.3) before it sends more than
        Keepalives and SUBSCRIBEs."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            return True
        return False

    def is_ended(self):
        """Whether the client closes the connection gracefully."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            return False
        self.sock.close()
        return True

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Server:
    """A listener at an address of its own."""

    def __init__(self, where=None):
        self.where = where or free_address()
        self.listener = None
        self.listen()

    def listen(self):
        self.listener = socket.create_server(self.where)
        self.listener.settimeout(LIMIT_S)

    def accept(self):
        return Session(self.listener.accept()[0])

    def session(self, **timeouts):
        """The next session, established."""
        return self.accept().establish(**timeouts)

    def close(self):
        self.listener.close()

    @property
    def text(self):
        return f"{self.where[0]}@{self.where[1]}"


class Follower:
    """A `weft watch` or `weft subscribe` that runs; its lines are read as they come."""

    def __init__(self, *args, as_json=True, env=None, **more):
        command = [WEFT, *(["--json"] if as_json else []), *args]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(env or {})}, **more)
        self.as_json, self.left = as_json, b""

    def line(self, limit_s=LIMIT_S):
        """The next line; None at the end of the output."""
        end = time.monotonic() + limit_s
        while b"\n" not in self.left:
            ready = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]
            assert ready, f"no line in time, only {self.left!r}"
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return None
            self.left += data
        line, self.left = self.left.split(b"\n", 1)
        return json.loads(line) if self.as_json else line.decode()

    def change(self):
        """The next line that is not about the state of the connection."""
        while True:
            line = self.line()
            if line is None or line["event"] != "state":
                return line

    def state(self, kind):
        """Waits for this state; no change may come before it."""
        while True:
            line = self.line()
            assert line["event"] == "state", line
            if line["state"] == kind:
                return line

    def stop(self, number=signal.SIGINT):
        """Sends the signal. Returns the exit status and what was written to standard error."""
        self.process.send_signal(number)
        return self.end()

    def end(self):
        _, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, errors.decode()

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=LIMIT_S)
