# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Updates made octet by octet: every form of RFC 2136, right or wrong, signed as RFC 8945 says.

Needs nothing but the standard library to make and sign a message, so that many can be made quickly;
answers are read and verified by dnspython."""

import base64
import hashlib
import hmac
import itertools
import socket
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsig

from conftest import LIMIT_S, SECRET

IN, CH, NONE, ANY = 1, 3, 254, 255
CLASSES = {"IN": IN, "CH": CH, "NONE": NONE, "ANY": ANY}
FUDGE_S = 300
TSIG = 250
HASHES = {"hmac-sha1": hashlib.sha1, "hmac-sha224": hashlib.sha224, "hmac-sha256": hashlib.sha256,
          "hmac-sha384": hashlib.sha384, "hmac-sha512": hashlib.sha512}

_numbers = itertools.count(1)


def next_id():
    return next(_numbers) % 65535 + 1


# ---- octets ----

def name(text):
    """An absolute name, with or without its final dot; no escapes."""
    labels = [label.encode() for label in text.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def rr(owner, rdtype, rdclass=IN, ttl=60, rdata=b""):
    """A record; the owner is text, the type a number, rdata octets."""
    return name(owner) + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata)) + rdata


def opt(payload=4096, options=b""):
    return b"\0" + struct.pack("!HHIH", 41, payload, 0, len(options)) + options


def lease_option(lease):
    """The option of RFC 9664: of one number or two, or of any octets."""
    if isinstance(lease, int):
        lease = (lease,)
    octets = lease if isinstance(lease, bytes) else struct.pack(f"!{len(lease)}I", *lease)
    return struct.pack("!HH", 2, len(octets)) + octets


def update(prerequisites=(), updates=(), zone="lab.cloud", number=None, zone_type=6, zone_class=IN,
           additional=()):
    """An unsigned message."""
    number = next_id() if number is None else number
    additional = list(additional)
    header = struct.pack("!HHHHHH", number, 5 << 11, 1, len(prerequisites), len(updates),
                         len(additional))
    return b"".join([header, name(zone), struct.pack("!HH", zone_type, zone_class),
                     *prerequisites, *updates, *additional])


class Key:
    """A TSIG key: what a message is signed with, and its answer verified."""

    def __init__(self, key_name="bench", secret=SECRET, algorithm="hmac-sha256"):
        self.name, self.secret, self.algorithm = key_name, secret, algorithm
        self.dns = dns.tsig.Key(key_name, secret, algorithm)
        hash_name = "-".join(algorithm.split("-")[:2])
        self.octets = HASHES[hash_name]().digest_size
        if algorithm != hash_name:
            self.octets = int(algorithm.rsplit("-", 1)[1]) // 8
        self.keyed = hmac.new(base64.b64decode(secret), digestmod=HASHES[hash_name])

    def mac(self, message, when, fudge_s, error=0, other=b""):
        digest = self.keyed.copy()
        digest.update(message)
        digest.update(name(self.name.lower()) + struct.pack("!HI", ANY, 0) + name(self.algorithm))
        digest.update(struct.pack("!HIHHH", when >> 32, when & 0xffffffff, fudge_s, error,
                                  len(other)))
        digest.update(other)
        return digest.digest()[:self.octets]

    def record(self, message, mac, when, fudge_s, error=0, other=b"", original=None):
        """The TSIG record itself."""
        original = struct.unpack("!H", message[:2])[0] if original is None else original
        rdata = (name(self.algorithm) + struct.pack("!HIH", when >> 32, when & 0xffffffff, fudge_s)
                 + struct.pack("!H", len(mac)) + mac
                 + struct.pack("!HHH", original, error, len(other)) + other)
        return rr(self.name, TSIG, ANY, 0, rdata)

    def sign(self, message, when=None, fudge_s=FUDGE_S, octets=None):
        """The signed message and its MAC, cut to `octets` if given."""
        when = int(time.time()) if when is None else when
        mac = self.mac(message, when, fudge_s)[:octets]
        return with_record(message, self.record(message, mac, when, fudge_s)), mac


def with_record(message, record):
    """The message with one more additional record."""
    count = struct.unpack("!H", message[10:12])[0] + 1
    return message[:10] + struct.pack("!H", count) + message[12:] + record


BENCH = Key()


# ---- records in text ----

def record(text, below="lab.cloud."):
    """A record from `OWNER TTL CLASS TYPE [RDATA]`; @ is the zone, other owners without a final
    dot are below `below`. Class and rdata may be what no server accepts; rdata that starts with
    \\# is taken as it is, in hexadecimal."""
    owner, ttl, rdclass, rdtype, *rdata = text.split(None, 4)
    rdata = rdata[0] if rdata else None
    if owner == "@":
        owner = "lab.cloud."
    elif not owner.endswith("."):
        owner = f"{owner}.{below}"
    number = dns.rdatatype.from_text(rdtype)
    octets = b""
    if rdata is not None and rdata.startswith("\\#"):
        octets = bytes.fromhex(rdata[2:])
    elif rdata is not None:
        octets = dns.rdata.from_text("IN", number, rdata, origin=dns.name.from_text(below),
                                     relativize=False).to_wire()
    return rr(owner, number, CLASSES[rdclass], int(ttl), octets)


# ---- sending ----

def skip_name(wire, at):
    while wire[at] != 0:
        if wire[at] >= 0xc0:
            return at + 2
        at += wire[at] + 1
    return at + 1


class Signature:
    """The TSIG record of an answer."""

    def __init__(self, wire, at, rdata):
        self.at = at
        end = skip_name(wire, rdata)
        high, low, self.fudge_s, count = struct.unpack_from("!HIHH", wire, end)
        self.when = high << 32 | low
        self.mac = wire[end + 10:end + 10 + count]
        self.original, self.error, count = struct.unpack_from("!HHH", wire, end + 10 + count)
        self.other = wire[len(wire) - count:]


class Reply:
    """An answer taken apart: RCODE as text, code and text of the extended error, the lease that was
    granted (numbers), the signature. With a key the signature must be there, and good unless it tells an error of TSIG."""

    def __init__(self, wire, key=None, mac=b""):
        self.wire = wire
        self.id, self.flags, *counts = struct.unpack("!HHHHHH", wire[:12])
        self.counts = counts
        self.ede, self.why, self.tsig, extended = None, "", None, 0
        self.lease = None
        at = 12
        for _ in range(counts[0]):
            at = skip_name(wire, at) + 4
        for _ in range(sum(counts[1:])):
            start, at = at, skip_name(wire, at)
            rdtype, _, ttl, count = struct.unpack_from("!HHIH", wire, at)
            at += 10
            assert self.tsig is None, "something behind the TSIG record"
            if rdtype == 41:
                extended = ttl >> 24
                self.read_options(wire[at:at + count])
            elif rdtype == TSIG:
                self.tsig = Signature(wire, start, at)
            at += count
        assert at == len(wire)
        self.rcode = dns.rcode.to_text(extended << 4 | self.flags & 15)
        self.is_signed = self.tsig is not None and self.tsig.mac != b""
        if key is not None:
            assert self.is_signed, self
            assert self.tsig.mac == self.right_mac(key, mac), self

    def read_options(self, octets):
        while octets:
            code, count = struct.unpack("!HH", octets[:4])
            if code == 2:
                self.lease = struct.unpack(f"!{count // 4}I", octets[4:4 + count])
            if code == 15:
                self.ede = int.from_bytes(octets[4:6], "big")
                self.why = octets[6:4 + count].decode()
            octets = octets[4 + count:]

    def right_mac(self, key, mac):
        """What the MAC must be (RFC 8945 section 5.3), cut as the answer's is."""
        t = self.tsig
        message = (struct.pack("!HHHHHH", t.original, self.flags, *self.counts[:3],
                               self.counts[3] - 1) + self.wire[12:t.at])
        before = struct.pack("!H", len(mac)) + mac
        return key.mac(before + message, t.when, t.fudge_s, t.error, t.other)[:len(t.mac)]

    def __repr__(self):
        error = f" TSIG error {self.tsig.error}" if self.tsig is not None else ""
        return f"{self.rcode} {self.ede} {self.why!r}{error}"


def frame(wire):
    return struct.pack("!H", len(wire)) + wire


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"{len(data)} of {count} octets")
        data += piece
    return data


def read_frame(sock):
    return read_exactly(sock, struct.unpack("!H", read_exactly(sock, 2))[0])


def exchange(weftd, wire, tcp=False, timeout_s=LIMIT_S):
    """Sends one message from a port of its own, returns the answer's octets."""
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(type=kind) as sock:
        sock.settimeout(timeout_s)
        sock.connect((weftd.address, weftd.port))
        if tcp:
            sock.sendall(frame(wire))
            return read_frame(sock)
        sock.send(wire)
        return sock.recv(65535)


def send(weftd, prerequisites=(), updates=(), tcp=False, key=BENCH, below="lab.cloud.", lease=None,
         when=None, **more):
    """Makes, signs (unless `key` is None) and sends an update; the records are text. `lease` is
    what lease_option takes, `when` the time of the signature."""
    options = b"" if lease is None else lease_option(lease)
    wire = update([record(text, below) for text in prerequisites],
                  [record(text, below) for text in updates], additional=[opt(options=options)],
                  **more)
    mac = b""
    if key is not None:
        wire, mac = key.sign(wire, when)
    return Reply(exchange(weftd, wire, tcp), key, mac)


def lookup(weftd, owner, rdtype, tcp=False, timeout_s=LIMIT_S):
    """What a query finds: a set of texts, `TTL RDATA`."""
    message = dns.message.make_query(owner, rdtype, use_edns=0, payload=1232)
    wire = exchange(weftd, message.to_wire(), tcp, timeout_s)
    answer = dns.message.from_wire(wire, ignore_trailing=False)
    if answer.flags & dns.flags.TC and not tcp:
        return lookup(weftd, owner, rdtype, True, timeout_s)
    wanted = dns.rdatatype.from_text(rdtype)
    return {f"{rrset.ttl} {rdata.to_text()}".strip() for rrset in answer.answer
            if rrset.rdtype == wanted for rdata in rrset}


def serial(weftd, zone="lab.cloud", timeout_s=LIMIT_S):
    """The serial that a query sees."""
    soa, = lookup(weftd, zone, "SOA", timeout_s=timeout_s)
    return int(soa.split()[3])


def transferred(weftd, zone="lab.cloud"):
    """The whole zone by AXFR: its serial, and owner (text): {(type, rdata in octets)}."""
    records, serials = {}, set()
    for message in dns.query.xfr(weftd.address, zone, port=weftd.port, timeout=LIMIT_S,
                                 relativize=False):
        for rrset in message.answer:
            if rrset.rdtype == dns.rdatatype.SOA:
                serials.add(rrset[0].serial)
            records.setdefault(rrset.name.to_text(), set()).update(
                (int(rrset.rdtype), rdata.to_wire()) for rdata in rrset)
    found, = serials
    return found, records


def is_newer(a, b):
    """RFC 1982: a is behind b."""
    return a != b and (a - b) % 2**32 < 2**31
