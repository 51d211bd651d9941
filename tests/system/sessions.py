# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO messages (RFC 8490) as octets, and the client's end of a session."""

import socket
import struct
import typing

import wire

DSO = 6 << 11
KEEPALIVE, RETRY_DELAY, PADDING, SUBSCRIBE = 1, 2, 3, 0x40
INFINITE = 0xffffffff
NOTAUTH, DSOTYPENI = 9, 11


class Message(typing.NamedTuple):
    number: int
    flags: int
    tlvs: list              # of (type, octets)

    @property
    def rcode(self):
        return self.flags & 15

    @property
    def is_response(self):
        return bool(self.flags & wire.QR)


def tlv(kind, data=b""):
    return struct.pack("!HH", kind, len(data)) + data


def keepalive(inactivity_ms=15000, keepalive_ms=3600000):
    return tlv(KEEPALIVE, struct.pack("!II", inactivity_ms, keepalive_ms))


def message(number, *tlvs, flags=DSO, counts=(0, 0, 0, 0)):
    return struct.pack("!HH4H", number, flags, *counts) + b"".join(tlvs)


def parse(data):
    """The message, if it has the form that RFC 8490 section 5.4 demands of what a server sends."""
    number, flags, *counts = struct.unpack_from("!HH4H", data)
    assert flags & 0x7ff0 == DSO and counts == [0, 0, 0, 0], data.hex()
    tlvs, at = [], 12
    while at < len(data):
        kind, count = struct.unpack_from("!HH", data, at)
        assert at + 4 + count <= len(data), data.hex()
        tlvs.append((kind, data[at + 4:at + 4 + count]))
        at += 4 + count
    return Message(number, flags, tlvs)


class Session:
    """A connection, on which a session may be established."""

    def __init__(self, where, source=None):
        """Connects to an address and port, or takes a socket that is connected."""
        self.sock = where
        if isinstance(where, tuple):
            self.sock = socket.create_connection(where, timeout=20,
                                                 source_address=source and (source, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, *messages):
        self.sock.sendall(b"".join(map(wire.frame, messages)))

    def read(self):
        return parse(wire.read_frame(self.sock))

    def ask(self, number, *tlvs, **more):
        self.send(message(number, *tlvs, **more))
        got = self.read()
        assert got.is_response and got.number == number
        return got

    def keep(self, number=1, inactivity_ms=15000, keepalive_ms=3600000):
        """Asks for timeouts, which establishes the session. The granted ones."""
        got = self.ask(number, keepalive(inactivity_ms, keepalive_ms))
        assert got.rcode == 0
        (kind, data), = got.tlvs
        assert kind == KEEPALIVE
        return struct.unpack("!II", data)

    def retry_delay(self):
        """The RCODE and the delay in ms of the Retry Delay message, which must come next."""
        got = self.read()
        (kind, data), = got.tlvs
        assert not got.is_response and got.number == 0 and kind == RETRY_DELAY
        return got.rcode, struct.unpack("!I", data)[0]

    def is_aborted(self):
        """Whether the server sends RST, and nothing before it."""
        try:
            return self.sock.recv(1) is None
        except ConnectionResetError:
            return True

    def is_ended(self):
        """Whether the server sends FIN, and nothing before it."""
        return self.sock.recv(1) == b""
