# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS messages as octets, made, read, and sent by UDP and TCP: for tests that compare thousands of
answers, send thousands of updates, or send what is not DNS at all.

The reader is strict where dnspython is lenient: octets after the last record, and compression in
types that must not have it (RFC 3597 section 4), are errors."""

import functools
import select
import socket
import struct
import typing

import dns.name
import dns.rdatatype

from waiting import LIMIT_S, attempts

IN, CH, NONE, ANY = 1, 3, 254, 255
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN = 0, 1, 2, 3, 4, 5, 6
OPT, TSIG = 41, 250

# Where names are in rdata: octets before them, how many, whether RFC 1035 let them be compressed.
LAYOUTS = {2: (0, 1, True), 5: (0, 1, True), 6: (0, 2, True), 12: (0, 1, True),
           15: (2, 1, True), 33: (6, 1, False), 39: (0, 1, False), 64: (2, 1, False),
           65: (2, 1, False), 17: (0, 2, False), 18: (2, 1, False), 36: (2, 1, False)}


# ---- reading ----

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
    question: tuple         # (name in its own case, type, class), or None
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
        """The EDNS options as (code, octets)."""
        return read_options(self.opt.rdata) if self.opt else []

    def option(self, code):
        return next((data for have, data in self.options() if have == code), None)


def text(owner):
    return dns.name.from_wire(owner, 0)[0].to_text()


def parent(owner):
    return owner[owner[0] + 1:] if owner[0] else None


def is_under(owner, above):
    """Whether a name is at or below another; both in lower case."""
    while owner is not None:
        if owner == above:
            return True
        owner = parent(owner)
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


def read_rdata(data, at, count, rdtype, layouts=None):
    """The rdata, uncompressed; `layouts` are other rules than those of LAYOUTS."""
    layouts = LAYOUTS if layouts is None else layouts
    if rdtype not in layouts:
        return data[at:at + count]
    before, nnames, may_point = layouts[rdtype]
    end, pieces = at + count, [data[at:at + before]]
    at += before
    for _ in range(nnames):
        piece, at = read_name(data, at, may_point)
        pieces.append(piece.lower())
    if at > end:
        raise Malformed("name beyond its rdata")
    return b"".join(pieces) + data[at:end]


def read_options(data):
    """The options in the rdata of an OPT record, as (code, octets)."""
    found, at = [], 0
    while at < len(data):
        code, count = struct.unpack_from("!HH", data, at)
        found.append((code, data[at + 4:at + 4 + count]))
        at += 4 + count
    return found


def read_record(data, at):
    owner, at = read_name(data, at)
    rdtype, rdclass, ttl, count = struct.unpack_from("!HHIH", data, at)
    at += 10
    if at + count > len(data):
        raise Malformed("record beyond the end")
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
        raise Malformed(f"{len(data) - at} octets after the last record")
    return Message(number, flags, question, *sections, opt, len(data))


# ---- making ----

@functools.lru_cache(maxsize=200000)
def name(shown):
    """A name from its text, relative to the root."""
    return dns.name.from_text(shown).to_wire()


def rr(owner, rdtype, rdclass=IN, ttl=60, rdata=b""):
    """A record; the owner is text, the type a number, rdata octets."""
    return name(owner) + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata)) + rdata


def opt_record(payload=1232, flags=0, options=(), version=0):
    """An OPT record; options are (code, octets)."""
    rdata = b"".join(struct.pack("!HH", code, len(data)) + data for code, data in options)
    return b"\0" + struct.pack("!HHIH", OPT, payload, version << 16 | flags, len(rdata)) + rdata


def query(qname, rdtype=1, number=0, flags=0, rdclass=1, opt=b"", nopts=None):
    """A query; `qname` is octets or text, `opt` the additional section, `nopts` its count."""
    qname = name(qname) if isinstance(qname, str) else qname
    if isinstance(rdtype, str):
        rdtype = dns.rdatatype.from_text(rdtype)
    nopts = (1 if opt else 0) if nopts is None else nopts
    return struct.pack("!HHHHHH", number, flags, 1, 0, 0, nopts) + qname \
        + struct.pack("!HH", rdtype, rdclass) + opt


def with_record(message, record):
    """The message with one more additional record."""
    count = struct.unpack_from("!H", message, 10)[0] + 1
    return message[:10] + struct.pack("!H", count) + message[12:] + record


# ---- TCP ----

def connect(where, timeout_s=20):
    return socket.create_connection(where, timeout=timeout_s)


def frame(message):
    """The message with its length in front (RFC 1035 section 4.2.2)."""
    return struct.pack("!H", len(message)) + message


def read_exactly(sock, count):
    """Reads `count` octets from a socket that has a timeout; EOFError if the peer closes before."""
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"{len(data)} of {count} octets")
        data += piece
    return data


def read_frame(sock):
    """The next message, without its length."""
    return read_exactly(sock, struct.unpack("!H", read_exactly(sock, 2))[0])


def is_closed(sock, within_s):
    """Whether the peer closes the connection in time, without sending anything more."""
    sock.settimeout(within_s)
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def ask_on(sock, *args, **more):
    """Asks on an open connection; the parsed answer."""
    sock.sendall(frame(query(*args, **more)))
    return parse(read_frame(sock))


def exchange_tcp(where, data, timeout_s=LIMIT_S):
    """Sends one message on a connection of its own; the octets of the answer."""
    with connect(where, timeout_s) as sock:
        sock.sendall(frame(data))
        return read_frame(sock)


# ---- UDP, and questions by either ----

def udp_socket(where, source=None):
    sock = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        sock.bind((source, 0))
    sock.connect(where)
    return sock


def exchange(where, data, timeout_s=5, source=None):
    """Sends one datagram; the octets of the answer, or None if there is none in time."""
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
    """Asks by TCP; the parsed answer."""
    return parse(exchange_tcp(where, query(*args, **more), timeout_s))


def ask_many(where, queries, window=48, limit_s=300):
    """Asks many questions by UDP, `window` in flight; the octets of the answers, in the order of
    the questions. Sets the message ids: the index of the question."""
    assert len(queries) < 65536
    answers, flying, sent = [None] * len(queries), set(), 0
    with udp_socket(where) as sock:
        sock.setblocking(False)
        for _ in attempts(f"answers of {where}", limit_s):
            if sent == len(queries) and not flying:
                break
            while sent < len(queries) and len(flying) < window:
                sock.send(struct.pack("!H", sent) + queries[sent][2:])
                flying.add(sent)
                sent += 1
            if not select.select([sock], [], [], 2)[0]:
                for number in flying:
                    sock.send(struct.pack("!H", number) + queries[number][2:])
                continue
            data = sock.recv(65535)
            number = struct.unpack_from("!H", data)[0]
            if number in flying:
                flying.remove(number)
                answers[number] = data
    return answers
