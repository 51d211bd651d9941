# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS messages as bytes, for tests that compare thousands of answers or send what is no DNS at all.

It is strict where dnspython is lenient: what stands behind the last record, compression in types
that must not have it (RFC 3597 section 4) and records that come twice are errors."""

import functools
import select
import socket
import struct
import time
import typing

import dns.name
import dns.rdatatype

QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN = 0, 1, 2, 3, 4, 5, 6
OPT = 41

# The places of names in rdata: octets before, and whether RFC 1035 let them be compressed.
LAYOUTS = {2: (0, 1, True), 5: (0, 1, True), 6: (0, 2, True), 12: (0, 1, True),
           15: (2, 1, True), 33: (6, 1, False), 39: (0, 1, False), 64: (2, 1, False),
           65: (2, 1, False), 17: (0, 2, False), 18: (2, 1, False), 36: (2, 1, False)}


class Malformed(Exception):
    """A message that breaks the rules of its format."""


class Record(typing.NamedTuple):
    owner: bytes            # uncompressed, lower case
    rdtype: int
    rdclass: int
    ttl: int
    rdata: bytes            # uncompressed, names in lower case

    def __str__(self):
        shown = self.rdata.hex()
        if self.rdtype in LAYOUTS:
            before, _, _ = LAYOUTS[self.rdtype]
            shown = self.rdata[:before].hex() + " " + text(self.rdata[before:])
        return (f"{text(self.owner)} {self.ttl} "
                f"{dns.rdatatype.to_text(dns.rdatatype.RdataType.make(self.rdtype))} {shown}")


class Message(typing.NamedTuple):
    number: int
    flags: int
    question: tuple         # (name as it came, type, class), or None
    answer: list
    authority: list
    additional: list        # without the OPT
    opt: typing.Optional[Record]
    length: int

    @property
    def rcode(self):
        return self.flags & 15 | (self.opt.ttl >> 24 << 4 if self.opt else 0)

    def has(self, flag):
        return bool(self.flags & flag)

    def options(self):
        """The EDNS options as (code, bytes)."""
        found, at = [], 0
        data = self.opt.rdata if self.opt else b""
        while at < len(data):
            code, count = struct.unpack_from("!HH", data, at)
            found.append((code, data[at + 4:at + 4 + count]))
            at += 4 + count
        return found

    def option(self, code):
        return next((data for have, data in self.options() if have == code), None)


@functools.lru_cache(maxsize=200000)
def name(shown):
    """A name from its text, relative to the root."""
    return dns.name.from_text(shown).to_wire()


def text(wire):
    return dns.name.from_wire(wire, 0)[0].to_text()


def parent(wire):
    return wire[wire[0] + 1:] if wire[0] else None


def is_under(wire, above):
    """Whether a name is at or below another; both in lower case."""
    while wire is not None:
        if wire == above:
            return True
        wire = parent(wire)
    return False


def read_name(data, at, may_point=True):
    """The name at an offset, and where it ends."""
    labels, end, least = [], None, at
    while True:
        count = data[at]
        if count >= 0xc0:
            target = (count & 0x3f) << 8 | data[at + 1]
            if not may_point:
                raise Malformed(f"compressed name at {at}")
            if target >= least:
                raise Malformed(f"pointer at {at} to {target}")
            end = at + 2 if end is None else end
            least = at = target
        elif count > 63:
            raise Malformed(f"label type at {at}")
        else:
            labels.append(data[at:at + count + 1])
            at += count + 1
            if count == 0:
                break
    name_ = b"".join(labels)
    if len(name_) > 255:
        raise Malformed("long name")
    return name_, at if end is None else end


def read_rdata(data, at, count, rdtype):
    if rdtype not in LAYOUTS:
        return data[at:at + count]
    before, nnames, may_point = LAYOUTS[rdtype]
    end, pieces = at + count, [data[at:at + before]]
    at += before
    for _ in range(nnames):
        piece, at = read_name(data, at, may_point)
        pieces.append(piece.lower())
    if at > end:
        raise Malformed("name behind its rdata")
    return b"".join(pieces) + data[at:end]


def read_record(data, at):
    owner, at = read_name(data, at)
    rdtype, rdclass, ttl, count = struct.unpack_from("!HHIH", data, at)
    at += 10
    if at + count > len(data):
        raise Malformed("record behind the end")
    rdata = read_rdata(data, at, count, rdtype)
    return Record(owner.lower(), rdtype, rdclass, ttl, rdata), at + count


def parse(data):
    """A message from its bytes."""
    try:
        number, flags, *counts = struct.unpack_from("!HHHHHH", data)
        at, question, opt, sections = 12, None, None, []
        if counts[0] > 1:
            raise Malformed("questions")
        if counts[0]:
            qname, at = read_name(data, at, False)
            question = (qname, *struct.unpack_from("!HH", data, at))
            at += 4
        for count in counts[1:]:
            records = []
            for _ in range(count):
                record, at = read_record(data, at)
                if record.rdtype == OPT:
                    if opt or len(sections) < 2 or record.owner != b"\0":
                        raise Malformed("OPT")
                    opt = record
                else:
                    records.append(record)
            sections.append(records)
    except (IndexError, struct.error) as short:
        raise Malformed(f"short: {short}") from short
    if at != len(data):
        raise Malformed(f"{len(data) - at} octets behind the end")
    return Message(number, flags, question, *sections, opt, len(data))


def opt_record(payload=1232, flags=0, options=(), version=0):
    """The bytes of an OPT record; options are (code, bytes)."""
    rdata = b"".join(struct.pack("!HH", code, len(data)) + data for code, data in options)
    return b"\0" + struct.pack("!HHIH", OPT, payload, version << 16 | flags, len(rdata)) + rdata


def query(qname, rdtype=1, number=0, flags=0, rdclass=1, opt=b"", nopts=None):
    """The bytes of a query; `qname` as bytes or text, `opt` is the additional section."""
    qname = name(qname) if isinstance(qname, str) else qname
    if isinstance(rdtype, str):
        rdtype = dns.rdatatype.from_text(rdtype)
    nopts = (1 if opt else 0) if nopts is None else nopts
    return struct.pack("!HHHHHH", number, flags, 1, 0, 0, nopts) + qname \
        + struct.pack("!HH", rdtype, rdclass) + opt


def udp_socket(where, source=None):
    sock = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        sock.bind((source, 0))
    sock.connect(where)
    return sock


def exchange(where, data, timeout_s=5, source=None):
    """Sends one datagram; the bytes that come back, or None."""
    with udp_socket(where, source) as sock:
        sock.settimeout(timeout_s)
        sock.send(data)
        try:
            return sock.recv(65535)
        except TimeoutError:
            return None


def ask(where, *args, timeout_s=10, source=None, **more):
    """Asks by UDP; the parsed answer."""
    data = exchange(where, query(*args, **more), timeout_s, source)
    assert data is not None, f"no answer from {where}"
    return parse(data)


def ask_tcp(where, *args, timeout_s=10, **more):
    data = query(*args, **more)
    with socket.create_connection(where, timeout=timeout_s) as sock:
        sock.sendall(struct.pack("!H", len(data)) + data)
        with sock.makefile("rb") as stream:
            return parse(stream.read(struct.unpack("!H", stream.read(2))[0]))


def ask_many(where, queries, window=48, limit_s=300):
    """Asks many questions by UDP, `window` in flight; the answers' bytes in the questions' order.

    The message ids are set here: the index of the question."""
    assert len(queries) < 65536
    answers, flying, sent = [None] * len(queries), {}, 0
    end = time.monotonic() + limit_s
    with udp_socket(where) as sock:
        sock.setblocking(False)
        while sent < len(queries) or flying:
            assert time.monotonic() < end, f"{len(flying)} answers of {where} are missing"
            while sent < len(queries) and len(flying) < window:
                sock.send(struct.pack("!H", sent) + queries[sent][2:])
                flying[sent] = time.monotonic()
                sent += 1
            if not select.select([sock], [], [], 2)[0]:
                for number in flying:
                    sock.send(struct.pack("!H", number) + queries[number][2:])
                continue
            data = sock.recv(65535)
            number = struct.unpack_from("!H", data)[0]
            if number in flying:
                del flying[number]
                answers[number] = data
    return answers
