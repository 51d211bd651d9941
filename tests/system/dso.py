# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A client of DNS Stateful Operations (RFC 8490) and DNS Push (RFC 8765), by TCP and by TLS.

Three layers. The builders make any message, valid or not. `parse` and `read_push` read what a
server sends, and reject what the RFCs forbid a server to send. A Client follows a session from its
first byte: it knows what it has asked, rejects a message that no rule allows at this point, and
keeps the records of each subscription as the pushed changes make them. Those must be at any time
what a query finds.

Names in changes are uncompressed and in lower case, as in wire.py."""

import contextlib
import itertools
import select
import socket
import ssl
import struct
import typing

import dns.rdatatype

import wire
from waiting import LIMIT_S, attempts
from wire import ANY, IN, NOERROR, Malformed, frame, name, read_name, read_rdata, text

OPCODE = 6
KEEPALIVE, RETRY_DELAY, PADDING = 1, 2, 3
SUBSCRIBE, PUSH, UNSUBSCRIBE, RECONFIRM = 0x40, 0x41, 0x42, 0x43
UNKNOWN = 0xf8f8                        # a type for experiments, of which no server knows
NOTAUTH, DSOTYPENI = 9, 11
SOA, CNAME = 6, 5
TCP_CLOSED = b"\x07"                    # a state of the kernel, after a reset
HEADER, FIRST_TLV = 12, 16              # bytes up to the first TLV, and up to its data
LONGEST_PUSH = 16382                    # RFC 8765 section 6.3.1
LEAST_INTERVAL_MS = 10000               # RFC 8490 section 6.5.2
ENDED = (ConnectionError, EOFError, ssl.SSLError)       # ends of a connection, but not a timeout
REMOVED, COLLECTIVE, LONGEST_TTL = 0xffffffff, 0xfffffffe, 0x7fffffff

# Where names are in the rdata of a change; those of RFC 6762 section 18.14 may be compressed.
LAYOUTS = {2: (0, 1, True), 5: (0, 1, True), 6: (0, 2, True), 12: (0, 1, True), 15: (2, 1, True),
           17: (0, 2, True), 18: (2, 1, True), 21: (2, 1, True), 26: (2, 2, True),
           33: (6, 1, True), 36: (2, 1, True), 39: (0, 1, True), 47: (0, 1, True),
           64: (2, 1, False), 65: (2, 1, False)}
SIZES = {1: 4, 28: 16}

_numbers = itertools.count(1)


def next_id():
    """A message ID from 10,000 to 39,999: tests take others."""
    return next(_numbers) % 30000 + 10000


def number_of(rdtype):
    return rdtype if isinstance(rdtype, int) else int(dns.rdatatype.from_text(rdtype))


# ---- making ----

def tlv(kind, data=b"", length=None):
    """A TLV; `length` may differ from that of the data."""
    return struct.pack("!HH", kind, len(data) if length is None else length) + data


def message(number, *tlvs, rcode=0, response=False, z=0, counts=(0, 0, 0, 0), opcode=OPCODE):
    """A DSO message. `z` are the seven bits that must be zero."""
    flags = response << 15 | opcode << 11 | z << 4 | rcode
    return struct.pack("!HHHHHH", number, flags, *counts) + b"".join(tlvs)


def keepalive_tlv(inactivity_ms=15000, interval_ms=15000):
    return tlv(KEEPALIVE, struct.pack("!II", inactivity_ms, interval_ms))


def keepalive(number, inactivity_ms=15000, interval_ms=15000, *more, **header):
    return message(number, keepalive_tlv(inactivity_ms, interval_ms), *more, **header)


def retry_delay(number=0, delay_ms=1000, **header):
    return message(number, tlv(RETRY_DELAY, struct.pack("!I", delay_ms)), **header)


def question(owner, rdtype, rdclass=IN):
    """Name, type and class; the name is text or bytes."""
    owner = name(owner) if isinstance(owner, str) else owner
    return owner + struct.pack("!HH", number_of(rdtype), rdclass)


def subscribe(number, owner, rdtype="PTR", rdclass=IN, *more, **header):
    return message(number, tlv(SUBSCRIBE, question(owner, rdtype, rdclass)), *more, **header)


def unsubscribe(which, number=0, **header):
    """Ends the subscription `which`; `number` is zero in valid messages."""
    return message(number, tlv(UNSUBSCRIBE, struct.pack("!H", which)), **header)


def reconfirm(owner, rdtype, rdata, rdclass=IN, number=0, **header):
    return message(number, tlv(RECONFIRM, question(owner, rdtype, rdclass) + rdata), **header)


def push(*records, number=0, **header):
    """A PUSH of records as wire.rr makes them."""
    return message(number, tlv(PUSH, b"".join(records)), **header)


# ---- reading ----

class Tlv(typing.NamedTuple):
    kind: int
    data: bytes


class Message(typing.NamedTuple):
    number: int
    is_response: bool
    rcode: int
    tlvs: list
    wire: bytes

    @property
    def primary(self):
        """The type of the first TLV, or None."""
        return self.tlvs[0].kind if self.tlvs else None

    def find(self, kind):
        """The data of all TLVs of a type."""
        return [have.data for have in self.tlvs if have.kind == kind]

    @property
    def delay_ms(self):
        """The delay of the Retry Delay TLV, or None."""
        return struct.unpack("!I", self.find(RETRY_DELAY)[0])[0] if self.find(RETRY_DELAY) else None

    @property
    def timeouts(self):
        """Inactivity timeout and keepalive interval, in milliseconds."""
        return struct.unpack("!II", self.find(KEEPALIVE)[0])


class Change(typing.NamedTuple):
    """A change notification (RFC 8765 section 6.3.1)."""
    what: str               # "add", "remove"; collectively: "rrset", "class", "name"
    owner: bytes
    rdtype: int
    rdclass: int
    ttl: int
    rdata: bytes

    @property
    def key(self):
        return self.owner, self.rdclass, self.rdtype, self.rdata

    def __str__(self):
        return f"{self.what} {text(self.owner)} {self.ttl} {self.rdclass} {self.rdtype} " \
            f"{self.rdata.hex()}"


def is_dso(data):
    return len(data) >= 4 and data[2] >> 3 & 15 == OPCODE


def parse(data):
    """A DSO message from its bytes: header and TLVs, not what is in them."""
    if len(data) < HEADER:
        raise Malformed(f"{len(data)} bytes")
    number, flags, *counts = struct.unpack_from("!HHHHHH", data)
    if flags >> 11 & 15 != OPCODE:
        raise Malformed("not DSO")
    if any(counts):
        raise Malformed(f"counts {counts}")
    if flags & 0x07f0:
        raise Malformed(f"Z bits {flags:04x}")
    at, tlvs = HEADER, []
    while at < len(data):
        if at + 4 > len(data):
            raise Malformed("half a TLV")
        kind, count = struct.unpack_from("!HH", data, at)
        if at + 4 + count > len(data):
            raise Malformed("TLV beyond the end")
        tlvs.append(Tlv(kind, data[at + 4:at + 4 + count]))
        at += 4 + count
    return Message(number, bool(flags & 0x8000), flags & 15, tlvs, data)


def _kind_of(rdtype, rdclass, ttl, count):
    """What a change is, from its fields; the combinations that are not valid are rejected."""
    if ttl == COLLECTIVE:
        if count:
            raise Malformed("collective removal with rdata")
        if rdclass == ANY and rdtype != 0:
            raise Malformed("removal of all classes with a type")
        return "name" if rdclass == ANY else "class" if rdtype == ANY else "rrset"
    if ANY in (rdtype, rdclass):
        raise Malformed("type or class ANY of a record")
    if ttl != REMOVED and ttl > LONGEST_TTL:
        raise Malformed(f"TTL {ttl:08x}")
    return "remove" if ttl == REMOVED else "add"


def read_changes(data, at, end):
    """The changes between two offsets of a message. No pointer may lead into its header."""
    data = b"\xff" * FIRST_TLV + data[FIRST_TLV:]
    changes = []
    try:
        while at < end:
            owner, at = read_name(data, at)
            rdtype, rdclass, ttl, count = struct.unpack_from("!HHIH", data, at)
            at += 10
            if at + count > end:
                raise Malformed("rdata beyond the end")
            what = _kind_of(rdtype, rdclass, ttl, count)
            if what in ("add", "remove") and count != SIZES.get(rdtype, count):
                raise Malformed(f"type {rdtype} with {count} bytes")
            rdata = read_rdata(data, at, count, rdtype, LAYOUTS) if count else b""
            changes.append(Change(what, owner.lower(), rdtype, rdclass, ttl, rdata))
            at += count
    except (IndexError, struct.error) as short:
        raise Malformed(f"short: {short}") from short
    if not changes:
        raise Malformed("PUSH without a change")
    return changes


def read_push(found):
    """The changes of a PUSH."""
    if len(found.wire) > LONGEST_PUSH:
        raise Malformed(f"PUSH of {len(found.wire)} bytes")
    return read_changes(found.wire, FIRST_TLV, FIRST_TLV + len(found.tlvs[0].data))


# ---- the rules of a session ----

class Subscription:
    """What was subscribed, and the records that were pushed: {key: TTL}."""

    def __init__(self, owner, rdtype, rdclass=IN):
        self.owner = (name(owner) if isinstance(owner, str) else owner).lower()
        self.rdtype, self.rdclass = number_of(rdtype), rdclass
        self.records = {}

    @property
    def what(self):
        return self.owner, self.rdtype, self.rdclass

    def covers(self, owner, rdtype, rdclass):
        """Whether it covers a record (RFC 8765 section 6.3.1, last but one paragraph)."""
        return self.owner == owner and self.rdclass in (rdclass, ANY) \
            and (self.rdtype in (rdtype, ANY) or rdtype == CNAME)

    def removed_by(self, change):
        """The keys of the records that a collective removal removes."""
        return [key for key in self.records
                if key[0] == change.owner and change.rdclass in (key[1], ANY)
                and (change.what != "rrset" or change.rdtype == key[2])]

    def select(self, zone):
        """The records that it covers of a zone, {key: TTL}."""
        return {key: ttl for key, ttl in zone.items() if self.covers(key[0], key[2], key[1])}


class Rules:
    """What a server may send, from what the client has sent; the records of each subscription.

    A change without news is rejected where a single subscription covers it: the RFC does not forbid
    it, but a change that is sent twice would be taken for two. Where another subscription of the
    name has ended, a server has to repeat what may have been lost with it."""

    def __init__(self, is_encrypted=False):
        self.is_encrypted = is_encrypted
        self.is_established = False
        self.retry = None               # the Retry Delay message, after which nothing may follow
        self.timeouts = (15000, 15000)
        self.asked = {}                 # message ID: (type, whether padded, Subscription or None)
        self.active = {}                # message ID: Subscription
        self.leaving = {}               # cancelled, but the server may not know yet
        self.early = set()              # cancelled before the response
        self.cancelled = []             # ended by the server: (message ID, RCODE)
        self.pushes = []                # the changes of each PUSH
        self.large = set()              # owners that have records which fit no PUSH: weftd announces
                                        # them by the removal of their RRset

    # What the client sends.

    def sent(self, number, kind, is_padded=False, subscription=None):
        self.asked[number] = kind, is_padded, subscription

    def unsubscribed(self, number):
        if number in self.active:
            self.leaving[number] = self.active.pop(number)
        elif number in self.asked:
            self.early.add(number)

    def settle(self):
        """The server has read what was sent: of what was cancelled nothing more may come."""
        self.leaving.clear()

    # What the server sends.

    def received(self, found):
        """Checks a message and follows it."""
        if self.retry is not None:
            raise Malformed("a message after a Retry Delay message")
        if found.is_response and found.number == 0:
            raise Malformed("response with message ID 0")
        if found.is_response:
            self._response(found)
        elif found.number != 0:
            raise Malformed(f"request {found.primary} from a server")
        elif not self.is_established:
            raise Malformed("unidirectional message without a session")
        else:
            self._unidirectional(found)

    def _response(self, found):
        if found.number in self.active and found.number not in self.asked:
            if found.rcode == NOERROR:
                raise Malformed(f"second response {found.number}")
            self.active.pop(found.number)
            self.cancelled.append((found.number, found.rcode))
            self._check_tlvs(found, SUBSCRIBE, False)
            return
        if found.number not in self.asked:
            raise Malformed(f"response {found.number} to no request")
        kind, is_padded, subscription = self.asked.pop(found.number)
        self._check_tlvs(found, kind, is_padded)
        if found.rcode != NOERROR:
            return
        self.is_established = True
        if kind == KEEPALIVE:
            self._check_timeouts(found)
        if subscription is not None:
            of = self.leaving if found.number in self.early else self.active
            of[found.number] = subscription
            self.early.discard(found.number)

    def _check_tlvs(self, found, kind, is_padded):
        """The TLVs of a response (RFC 8490 sections 5.4.2, 7 and 8.2)."""
        kinds = [have.kind for have in found.tlvs]
        wanted = [KEEPALIVE] if kind == KEEPALIVE and found.rcode == NOERROR else []
        if kinds[:len(wanted)] != wanted:
            raise Malformed(f"response to {kind} with TLVs {kinds}")
        rest = kinds[len(wanted):]
        if any(more not in (PADDING, RETRY_DELAY) for more in rest) or len(set(rest)) != len(rest):
            raise Malformed(f"response to {kind} with TLVs {kinds}")
        if RETRY_DELAY in rest and found.rcode == NOERROR:
            raise Malformed("delay of a success")
        if any(len(data) != 4 for data in found.find(RETRY_DELAY)):
            raise Malformed("length of a Retry Delay TLV")
        if self.is_encrypted and is_padded and PADDING not in rest:
            raise Malformed("response without padding to a padded request")
        if not self.is_encrypted and not is_padded and PADDING in rest:
            raise Malformed("padding in the clear")

    def _check_timeouts(self, found):
        data, = found.find(KEEPALIVE)
        if len(data) != 8:
            raise Malformed("length of a Keepalive TLV")
        if found.timeouts[1] < LEAST_INTERVAL_MS:
            raise Malformed(f"keepalive interval {found.timeouts[1]} ms")
        self.timeouts = found.timeouts

    def _unidirectional(self, found):
        kinds = [have.kind for have in found.tlvs]
        if kinds[1:] not in ([], [PADDING]) or not self.is_encrypted and kinds[1:]:
            raise Malformed(f"TLVs {kinds} from a server")
        if found.primary == PUSH:
            if found.rcode != NOERROR:
                raise Malformed("PUSH with an RCODE")
            changes = read_push(found)
            for change in changes:
                self._apply(change)
            self.pushes.append(changes)
        elif found.primary == KEEPALIVE:
            self._check_timeouts(found)
        elif found.primary == RETRY_DELAY:
            if len(found.tlvs[0].data) != 4:
                raise Malformed("length of a Retry Delay TLV")
            self.retry = found
        else:
            raise Malformed(f"unidirectional {found.primary} from a server")

    def _apply(self, change):
        subscriptions = [*self.active.values(), *self.leaving.values()]
        may_repeat = any(one.owner == change.owner for one in self.leaving.values())
        if change.what in ("add", "remove"):
            hit = [one for one in subscriptions
                   if one.covers(change.owner, change.rdtype, change.rdclass)]
            if not hit:
                raise Malformed(f"not subscribed: {change}")
            known = [one.records.get(change.key) for one in hit]
            if change.what == "add":
                if len(hit) == 1 and known[0] == change.ttl and not may_repeat:
                    raise Malformed(f"known already: {change}")
                for one in hit:
                    one.records[change.key] = change.ttl
                return
            if all(ttl is None for ttl in known) and not may_repeat:
                raise Malformed(f"was not there: {change}")
            for one in hit:
                one.records.pop(change.key, None)
            return
        removed = [(one, key) for one in subscriptions for key in one.removed_by(change)]
        if not removed and not may_repeat and text(change.owner) not in self.large:
            raise Malformed(f"removes nothing: {change}")
        for one, key in removed:
            del one.records[key]


# ---- sessions ----

class Client:
    """A session on a connected socket, plain or TLS. `log` has the messages of both directions as
    (whether it was sent, bytes)."""

    def __init__(self, sock, timeout_s=LIMIT_S):
        self.sock = sock
        self.sock.settimeout(timeout_s)
        self.rules = Rules(not isinstance(sock, socket.socket) or isinstance(sock, ssl.SSLSocket))
        self.log = []
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    # Sending.

    def send(self, *messages):
        """Sends messages at once, as they are."""
        self.log += [(True, data) for data in messages]
        self.sock.sendall(b"".join(map(frame, messages)))

    def keepalive(self, inactivity_ms=15000, interval_ms=15000, *more):
        """Asks for timeouts. Returns the response."""
        number = next_id()
        self.rules.sent(number, KEEPALIVE, any(m[:2] == b"\0\3" for m in more))
        self.send(keepalive(number, inactivity_ms, interval_ms, *more))
        return self.response(number)

    def begin(self):
        """Establishes the session. Returns it."""
        assert self.keepalive(3600000, 3600000).rcode == NOERROR
        return self

    def request(self, data):
        """Sends a DSO request that the rules shall expect an answer to; the response."""
        number, = struct.unpack_from("!H", data)
        kind, = struct.unpack_from("!H", data, HEADER) if len(data) >= FIRST_TLV else (None,)
        self.rules.sent(number, kind)
        self.send(data)
        return self.response(number)

    def expect_subscribed(self, number, owner, rdtype="PTR", rdclass=IN, is_padded=False):
        """A SUBSCRIBE was sent, or is about to be."""
        self.rules.sent(number, SUBSCRIBE, is_padded, Subscription(owner, rdtype, rdclass))
        return number

    def ask_subscribe(self, owner, rdtype="PTR", rdclass=IN, *more, number=None):
        """Sends a SUBSCRIBE without waiting. Returns its message ID."""
        number = next_id() if number is None else number
        self.expect_subscribed(number, owner, rdtype, rdclass, any(m[:2] == b"\0\3" for m in more))
        self.send(subscribe(number, owner, rdtype, rdclass, *more))
        return number

    def subscribe(self, owner, rdtype="PTR", rdclass=IN, *more, number=None):
        """Subscribes, which must succeed. Returns the message ID."""
        number = self.ask_subscribe(owner, rdtype, rdclass, *more, number=number)
        found = self.response(number)
        assert found.rcode == NOERROR, found
        return number

    def refused(self, owner, rdtype="PTR", rdclass=IN):
        """Subscribes, which must fail. Returns the response."""
        found = self.response(self.ask_subscribe(owner, rdtype, rdclass))
        assert found.rcode != NOERROR
        return found

    def unsubscribe(self, number):
        """Ends a subscription, without waiting."""
        self.rules.unsubscribed(number)
        self.send(unsubscribe(number))

    # Receiving.

    def receive(self):
        """The next message: a checked DSO message, or the bytes of another. EOFError at the end."""
        data = self._exactly(struct.unpack("!H", self._exactly(2))[0])
        self.log.append((False, data))
        if not is_dso(data):
            if wire.parse(data).option(11) is not None and self.rules.is_established:
                raise Malformed("edns-tcp-keepalive in a session")
            return data
        found = parse(data)
        self.rules.received(found)
        return found

    def is_ready(self):
        """Whether something can be received without waiting for the server."""
        if self._buffer or getattr(self.sock, "pending", lambda: 0)():
            return True
        return bool(select.select([self.sock], [], [], 0)[0])

    def _receive(self):
        """What comes next. Python does not tell a reset from a FIN without an alert before it: the
        kernel does."""
        try:
            return self.sock.recv(65536)
        except ssl.SSLEOFError:
            if self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) != TCP_CLOSED:
                raise
            raise ConnectionResetError from None

    def _exactly(self, count):
        while len(self._buffer) < count:
            piece = self._receive()
            if not piece:
                raise EOFError(f"{len(self._buffer)} of {count} bytes")
            self._buffer += piece
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def until(self, condition, what):
        """Receives until the condition is true of a message; that message."""
        for _ in attempts(what):
            found = self.receive()
            if condition(found):
                return found

    def response(self, number):
        """Receives up to the response to a DSO request."""
        return self.until(lambda m: isinstance(m, Message) and m.is_response and m.number == number,
                          f"response {number}")

    def answer(self, number):
        """Receives up to the answer to a message that is not DSO; its bytes."""
        return self.until(lambda m: isinstance(m, bytes) and m[:2] == struct.pack("!H", number),
                          f"answer {number}")

    def query(self, qname, rdtype="A", **more):
        """Asks an ordinary question; the parsed answer."""
        number = next_id()
        self.send(wire.query(qname, rdtype, number, **more))
        return wire.parse(self.answer(number))

    def settle(self):
        """Waits until the server has read all that was sent; then what was cancelled is over."""
        self.query(".", "SOA")
        self.rules.settle()

    def until_push(self, condition=lambda changes: True):
        """Receives up to a PUSH of which the condition is true; its changes."""
        self.until(lambda m: isinstance(m, Message) and m.primary == PUSH
                   and condition(self.rules.pushes[-1]), "PUSH")
        return self.rules.pushes[-1]

    def until_records(self, number, count):
        """Receives until a subscription has `count` records; those, {key: TTL}."""
        for _ in attempts(f"{count} records"):
            if len(self.records(number)) == count:
                return self.records(number)
            self.receive()

    def records(self, number):
        """The records of a subscription: none before its response."""
        return {} if number in self.rules.asked else self.rules.active[number].records

    def serial(self, number):
        """The serial that a subscription of SOA knows."""
        (_, _, _, rdata), = self.records(number)
        return struct.unpack("!I", rdata[-20:-16])[0]

    def until_serial(self, number, wanted):
        """Receives until a subscription of SOA knows the serial."""
        for _ in attempts(f"serial {wanted}"):
            if self.records(number) and self.serial(number) == wanted:
                return
            self.receive()

    def is_aborted(self):
        """Whether the server ends the connection by a reset and sends nothing more (RFC 8490
        section 5.3)."""
        assert self._buffer == b""
        try:
            piece = self._receive()
        except ConnectionResetError:
            return True
        assert piece == b"", piece.hex()
        return False

    def is_ended(self):
        """Whether the server ends the connection, in whatever way, and sends nothing more."""
        with contextlib.suppress(ssl.SSLError):
            self.is_aborted()       # fails if the server sends something, or does not end it
        return True

    def until_retry(self):
        """Receives up to the Retry Delay message, which it returns."""
        return self.until(lambda m: isinstance(m, Message) and m.primary == RETRY_DELAY
                          and not m.is_response, "Retry Delay message")


def open_tcp(where, source=None):
    """A client by plain TCP; `source` is an address of its own."""
    sock = socket.create_connection(where, LIMIT_S, (source, 0) if source else None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Client(sock)


# ---- TLS ----

def context(ca=None, certificate=None, key=None, alpn=("dot",), version=None):
    """A context of ssl. Without `ca` the server's certificate is not verified."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = ca is not None
    made.verify_mode = ssl.CERT_REQUIRED if ca else ssl.CERT_NONE
    if ca:
        made.load_verify_locations(ca)
    if certificate:
        made.load_cert_chain(certificate, key)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if version:
        made.minimum_version = made.maximum_version = version
    return made


def open_tls(where, tls=None, server_name=None, session=None, source=None):
    """A client by TLS, after the handshake."""
    sock = socket.create_connection(where, LIMIT_S, (source, 0) if source else None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tls = context() if tls is None else tls
    return Client(tls.wrap_socket(sock, server_hostname=server_name or where[0], session=session,
                                  suppress_ragged_eofs=False))


class Segments:
    """A TLS connection whose records go to TCP in pieces of `size` bytes, or, between `hold` and
    `release`, all at once."""

    def __init__(self, where, tls=None, size=65536):
        self.raw = socket.create_connection(where, LIMIT_S)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.size, self.is_held = size, False
        self.inside, self.outside = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context() if tls is None else tls).wrap_bio(self.inside, self.outside,
                                                                server_hostname=where[0])
        self._do(self.tls.do_handshake)
        self._flush()

    def settimeout(self, seconds):
        self.raw.settimeout(seconds)

    def _flush(self):
        if self.is_held:
            return
        data = self.outside.read()
        for at in range(0, len(data), self.size):
            self.raw.sendall(data[at:at + self.size])

    def _do(self, operation, *args):
        for _ in attempts("progress of TLS"):
            try:
                return operation(*args)
            except ssl.SSLWantReadError:
                self._flush()
                piece = self.raw.recv(65536)
                if not piece:
                    self.inside.write_eof()
                self.inside.write(piece)

    def sendall(self, data):
        """Sends the data as one TLS record, if it fits."""
        self._do(self.tls.write, data)
        self._flush()

    def hold(self):
        self.is_held = True

    def release(self):
        self.is_held = False
        self._flush()

    def recv(self, count):
        try:
            return self._do(self.tls.read, count)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def close(self):
        self.raw.close()
