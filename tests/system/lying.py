# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A registry that lies: a server on loopback, UDP and TCP, whose every answer is a test's.

    class Slow(Registry):
        def stream(self, connection, query): ..."""

import contextlib
import socket
import struct
import threading

import wire
from loopback import free_address
from waiting import LIMIT_S
from wire import IN, QR, frame, name, read_frame, rr

PTR, SRV, TXT, CNAME, A = 12, 33, 16, 5, 1
AA = 0x0400


def question(query):
    """The question's octets, its name and its type."""
    end = 12
    while query[end]:
        end += 1 + query[end]
    return query[12:end + 5], query[12:end + 1], int.from_bytes(query[end + 1:end + 3], "big")


def message(query, answers=(), flags=0, asked=None, number=None):
    """An answer to a query; `asked` is another question, `number` another id."""
    asked = question(query)[0] if asked is None else asked
    number = query[:2] if number is None else number
    return number + struct.pack("!HHHHH", QR | AA | flags, 1, len(answers), 0, 0) + asked + \
        b"".join(answers)


def record(owner, rdtype, rdata, ttl=60):
    """A record; `owner` is text or octets."""
    if isinstance(owner, bytes):
        return owner + struct.pack("!HHIH", rdtype, IN, ttl, len(rdata)) + rdata
    return rr(owner, rdtype, IN, ttl, rdata)


class Registry:
    """Answers nothing: subclasses do."""

    def __init__(self):
        self.where = free_address()
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(self.where)
        self.tcp = socket.create_server(self.where)
        self.is_over, self.nasked = False, 0
        self.threads = [threading.Thread(target=run, daemon=True)
                        for run in (self._datagrams, self._connections)]
        for thread in self.threads:
            thread.start()

    def datagram(self, query, client):
        """Takes a query by UDP."""

    def stream(self, connection, query):
        """Takes a query by TCP, in a thread of the connection."""

    @property
    def text(self):
        return f"{self.where[0]}@{self.where[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.udp.sendto(b"", self.where)
        for sock in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(LIMIT_S)
        self.udp.close()
        self.tcp.close()

    def _datagrams(self):
        while not self.is_over:
            with contextlib.suppress(OSError, IndexError):
                query, client = self.udp.recvfrom(65535)
                if self.is_over:
                    return
                self.nasked += 1
                self.datagram(query, client)

    def _connections(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.tcp.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError, EOFError, IndexError, struct.error):
            connection.settimeout(LIMIT_S)
            while not self.is_over:
                self.stream(connection, read_frame(connection))


class Answering(Registry):
    """Answers by UDP and by TCP what `answer` returns: a message, or several."""

    def answer(self, query):
        raise NotImplementedError

    def messages(self, query):
        found = self.answer(query)
        return [found] if isinstance(found, bytes) else found

    def datagram(self, query, client):
        for data in self.messages(query):
            if len(data) > 1200:
                data = message(query, flags=wire.TC)
            self.udp.sendto(data, client)

    def stream(self, connection, query):
        for data in self.messages(query):
            connection.sendall(frame(data))


def srv(port, target):
    return struct.pack("!HHH", 0, 0, port) + name(target)
