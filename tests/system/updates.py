# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Updates made octet by octet: every form of RFC 2136, valid or not, signed as in RFC 8945; their
answers, with the signature verified; and what queries and transfers find afterwards.

`record` is the one way in which tests describe a record: `OWNER TTL CLASS TYPE [RDATA]`."""

import base64
import hashlib
import hmac
import itertools
import struct
import time

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.tsig

import wire
from conftest import SECRET
from waiting import LIMIT_S
from wire import ANY, CH, IN, NONE, TSIG, name, read_name, read_record, rr, with_record

CLASSES = {"IN": IN, "CH": CH, "NONE": NONE, "ANY": ANY}
FUDGE_S = 300
LEASE, EXTENDED_ERROR = 2, 15      # EDNS options
HASHES = {"hmac-sha1": hashlib.sha1, "hmac-sha224": hashlib.sha224, "hmac-sha256": hashlib.sha256,
          "hmac-sha384": hashlib.sha384, "hmac-sha512": hashlib.sha512}

_numbers = itertools.count(1)


def next_id():
    return next(_numbers) % 65535 + 1


# ---- messages ----

def opt(payload=4096, lease=None):
    """An OPT record; `lease` is the number or the two of RFC 9664, or any octets."""
    if lease is None:
        return wire.opt_record(payload)
    if isinstance(lease, int):
        lease = (lease,)
    octets = lease if isinstance(lease, bytes) else struct.pack(f"!{len(lease)}I", *lease)
    return wire.opt_record(payload, options=[(LEASE, octets)])


def update(prerequisites=(), updates=(), zone="lab.cloud", number=None, zone_type=6, zone_class=IN,
           additional=()):
    """An unsigned update; its records are octets."""
    number = next_id() if number is None else number
    additional = list(additional)
    header = struct.pack("!HHHHHH", number, 5 << 11, 1, len(prerequisites), len(updates),
                         len(additional))
    return b"".join([header, name(zone), struct.pack("!HH", zone_type, zone_class),
                     *prerequisites, *updates, *additional])


class Key:
    """A TSIG key: signs messages and verifies their answers."""

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
        """The TSIG record with a given MAC."""
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


BENCH = Key()


# ---- records in text ----

def record(text, below="lab.cloud."):
    """A record from `OWNER TTL CLASS TYPE [RDATA]`. @ is the zone; other owners without a final dot
    are below `below`. Class and rdata may be invalid; rdata that starts with \\# is taken
    literally, in hexadecimal."""
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

class Signature:
    """The TSIG record of an answer, which begins at `at`."""

    def __init__(self, at, rdata):
        self.at = at
        _, end = read_name(rdata, 0, False)
        high, low, self.fudge_s, count = struct.unpack_from("!HIHH", rdata, end)
        self.when = high << 32 | low
        self.mac = rdata[end + 10:end + 10 + count]
        self.original, self.error, count = struct.unpack_from("!HHH", rdata, end + 10 + count)
        self.other = rdata[len(rdata) - count:]


class Reply:
    """An answer taken apart: RCODE as text, code and text of the extended error, the granted lease
    (numbers), the signature. With a key the answer must be signed, and the MAC must be right."""

    def __init__(self, data, key=None, mac=b""):
        self.wire = data
        self.id, self.flags, *self.counts = struct.unpack("!HHHHHH", data[:12])
        self.ede, self.why, self.tsig, extended = None, "", None, 0
        self.lease = None
        at = 12
        for _ in range(self.counts[0]):
            at = read_name(data, at)[1] + 4
        for _ in range(sum(self.counts[1:])):
            start = at
            found, at = read_record(data, at)
            assert self.tsig is None, "a record after the TSIG record"
            if found.rdtype == wire.OPT:
                extended = found.ttl >> 24
                self._read_options(found.rdata)
            elif found.rdtype == TSIG:
                self.tsig = Signature(start, found.rdata)
        assert at == len(data)
        self.rcode = dns.rcode.to_text(extended << 4 | self.flags & 15)
        self.is_signed = self.tsig is not None and self.tsig.mac != b""
        if key is not None:
            assert self.is_signed, self
            assert self.tsig.mac == self._right_mac(key, mac), self

    def _read_options(self, rdata):
        for code, octets in wire.read_options(rdata):
            if code == LEASE:
                self.lease = struct.unpack(f"!{len(octets) // 4}I", octets)
            if code == EXTENDED_ERROR:
                self.ede = int.from_bytes(octets[:2], "big")
                self.why = octets[2:].decode()

    def _right_mac(self, key, mac):
        """What the MAC must be (RFC 8945 section 5.3), as short as the answer's."""
        t = self.tsig
        message = (struct.pack("!HHHHHH", t.original, self.flags, *self.counts[:3],
                               self.counts[3] - 1) + self.wire[12:t.at])
        before = struct.pack("!H", len(mac)) + mac
        return key.mac(before + message, t.when, t.fudge_s, t.error, t.other)[:len(t.mac)]

    def __repr__(self):
        error = f" TSIG error {self.tsig.error}" if self.tsig is not None else ""
        return f"{self.rcode} {self.ede} {self.why!r}{error}"


def exchange(weftd, data, tcp=False, timeout_s=LIMIT_S):
    """Sends one message from a port of its own; the octets of the answer."""
    if tcp:
        return wire.exchange_tcp(weftd.where, data, timeout_s)
    answer = wire.exchange(weftd.where, data, timeout_s)
    if answer is None:
        raise TimeoutError(f"no answer after {timeout_s} s")
    return answer


def signed(lines, prerequisites=(), key=BENCH, below="lab.cloud.", lease=None, when=None, **more):
    """An update and its MAC: the records are text, `lease` is what opt() takes, `when` the time of
    the signature. Without a key the update is unsigned and the MAC empty."""
    message = update([record(text, below) for text in prerequisites],
                     [record(text, below) for text in lines], additional=[opt(lease=lease)], **more)
    return (message, b"") if key is None else key.sign(message, when)


def send(weftd, prerequisites=(), updates=(), tcp=False, key=BENCH, **more):
    """Sends an update of records in text; `more` is what signed() takes."""
    message, mac = signed(updates, prerequisites, key, **more)
    return Reply(exchange(weftd, message, tcp), key, mac)


def lookup(weftd, owner, rdtype, tcp=False, timeout_s=LIMIT_S):
    """The records that a query finds: a set of texts, `TTL RDATA`."""
    message = dns.message.make_query(owner, rdtype, use_edns=0, payload=1232)
    data = exchange(weftd, message.to_wire(), tcp, timeout_s)
    answer = dns.message.from_wire(data, ignore_trailing=False)
    if answer.flags & dns.flags.TC and not tcp:
        return lookup(weftd, owner, rdtype, True, timeout_s)
    wanted = dns.rdatatype.from_text(rdtype)
    return {f"{rrset.ttl} {rdata.to_text()}".strip() for rrset in answer.answer
            if rrset.rdtype == wanted for rdata in rrset}


def serial(weftd, zone="lab.cloud", timeout_s=LIMIT_S):
    """The serial of the zone, by a query."""
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
    """Whether serial a follows b (RFC 1982)."""
    return a != b and (a - b) % 2**32 < 2**31
