# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A writer with many updates in flight that knows exactly what must be there afterwards.

Each name has a generation. An update takes the name from one generation to the next: it deletes
everything at the name and at its peer, and adds records that contain the new generation; every
seventh generation only deletes. One update of a name is in flight at a time. So at any moment a
name has, as a whole, either the generation that was acknowledged last or the one in flight."""

import random
import selectors
import socket
import struct
import threading

from updates import BENCH, is_newer, lookup, serial
from waiting import attempts
from wire import ANY, IN, name

A, SRV, TXT, PRIVATE = 1, 33, 16, 65400
TYPES = (A, TXT, SRV, PRIVATE)
NAMES_PER_SOCKET = 16
NAMES_MAX = 512          # a message id has the name and, above it, the generation


def is_absent(generation):
    """Whether the generation is the one without any record."""
    return generation % 7 == 0


def records_of(generation):
    """Type and rdata of the records at the name."""
    number = struct.pack("!I", generation)
    return ((A, number), (TXT, b"\4" + number), (SRV, number + b"\0\1" + name("ns.lab.cloud")),
            (PRIVATE, number))


class Name:
    """A name and its peer: the acknowledged generation and the one in flight."""

    def __init__(self, number):
        self.number = number
        self.owner, self.peer = f"w{number}.lab.cloud.", f"p{number}.lab.cloud."
        self.acked = 0
        self.sent = 0
        self.newest = 0         # no generation is used twice, whether it was applied or not
        zone = name("lab.cloud") + struct.pack("!HH", 6, IN)
        owner, peer = name(self.owner), name(self.peer)
        gone = struct.pack("!HHIH", 255, ANY, 0, 0)
        self.head, self.gone = zone, [owner + gone, peer + gone]
        self.owner_wire, self.peer_wire = owner, peer

    @property
    def is_in_flight(self):
        return self.sent != self.acked

    def next_update(self):
        """The signed update to the next generation. Its message id has the generation too, so that
        two that only delete are not the same message, not even within a second."""
        self.newest += 1
        self.sent = self.newest
        records = list(self.gone)
        if not is_absent(self.sent):
            for rdtype, rdata in records_of(self.sent):
                records.append(self.owner_wire
                               + struct.pack("!HHIH", rdtype, IN, 60, len(rdata)) + rdata)
            number = struct.pack("!I", self.sent)
            records.append(self.peer_wire + struct.pack("!HHIH", TXT, IN, 60, 5) + b"\4" + number)
        header = struct.pack("!HHHHHH", self.sent % 128 * NAMES_MAX + self.number, 5 << 11, 1, 0, len(records), 0)
        return BENCH.sign(b"".join([header, self.head, *records]))[0]

    def settle(self, generation):
        """Continues from the generation that was found after a crash."""
        self.acked = self.sent = generation


class Writer:
    """Keeps all names in flight from one thread, until weftd is gone and all its answers are read.
    Another thread queries: what it has seen must be there later too."""

    def __init__(self, names, chance):
        self.names = {one.number: one for one in names}
        self.chance = chance
        self.nacked = 0
        self.serial = None      # the newest that a query saw
        self.seen = {}          # number of a name: the newest generation that a query saw
        self.wrong = []
        self.threads = []
        self.stopping = threading.Event()

    def start(self, weftd):
        self.stopping.clear()
        self.threads = [threading.Thread(target=run, args=(weftd,), daemon=True)
                        for run in (self._write, self._watch)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Stops the threads, after weftd has ended; answers that it had sent still count."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _write(self, weftd):
        socks, selector = [], selectors.DefaultSelector()
        numbers = sorted(self.names)
        for first in range(0, len(numbers), NAMES_PER_SOCKET):
            sock = socket.socket(type=socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(weftd.where)
            selector.register(sock, selectors.EVENT_READ)
            socks.append(sock)
            for number in numbers[first:first + NAMES_PER_SOCKET]:
                self._send(sock, self.names[number])
        while not self.stopping.is_set():
            for key, _ in selector.select(0.05):
                self._read(key.fileobj, True)
        for sock in socks:
            self._read(sock, False)
            sock.close()

    @staticmethod
    def _send(sock, one):
        try:
            sock.send(one.next_update())
        except OSError:
            pass                # weftd is gone

    def _read(self, sock, goes_on):
        for _ in attempts("end of the answers"):
            try:
                answer = sock.recv(65535)
            except BlockingIOError:
                return
            except OSError:
                if not goes_on:
                    continue    # an error is reported once; datagrams may follow it
                return
            one = self.names[struct.unpack_from("!H", answer)[0] % NAMES_MAX]
            if answer[3] & 15 != 0:
                self.wrong.append((one.owner, answer[3] & 15))
                continue
            one.acked = one.sent
            self.nacked += 1
            if goes_on:
                self._send(sock, one)

    def _watch(self, weftd):
        while not self.stopping.wait(0.005):
            try:
                self._look(weftd)
            except OSError:
                return

    def _look(self, weftd):
        """Looks up the serial and the generation of one name, and records both."""
        now = serial(weftd, timeout_s=0.5)
        if self.serial is not None and now != self.serial and not is_newer(now, self.serial):
            self.wrong.append(f"serial {now} after {self.serial}")
        self.serial = now
        one = self.names[self.chance.choice(list(self.names))]
        found = lookup(weftd, one.owner, "A", timeout_s=0.5)
        for text in found:
            generation = int.from_bytes(socket.inet_aton(text.split()[1]), "big")
            if generation < self.seen.get(one.number, 0):
                self.wrong.append((one.owner, generation, self.seen[one.number]))
            self.seen[one.number] = generation


def new_writer(nnames=64, seed=None):
    """A writer, and the seed of its random choices."""
    seed = random.randrange(2**32) if seed is None else seed
    assert nnames < NAMES_MAX
    return Writer([Name(number) for number in range(1, nnames + 1)], random.Random(seed)), seed


def generation_of(one, records):
    """The generation of a name according to the records of the zone, owner: {(type, rdata)}. Fails
    if only a part of it is there."""
    there, peer = records.get(one.owner, set()), records.get(one.peer, set())
    if not there and not peer:
        for generation in (one.sent, one.acked):
            if is_absent(generation):
                return generation
        raise AssertionError(f"{one.owner} is gone: acknowledged {one.acked}, sent {one.sent}")
    for generation in {one.acked, one.sent}:
        if is_absent(generation):
            continue
        number = struct.pack("!I", generation)
        if there == set(records_of(generation)) and peer == {(TXT, b"\4" + number)}:
            return generation
    raise AssertionError(f"{one.owner}: acknowledged {one.acked}, sent {one.sent}, there "
                         f"{sorted(there)} and {sorted(peer)}")
